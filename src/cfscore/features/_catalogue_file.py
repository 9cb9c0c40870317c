"""Catalogue file: features as TOML, every key checked, and expanded where asked.

A file has ``[code_tables.x]``, ``[sources.x]``, ``[[features]]`` and
``[[combinations]]``, whose keys are the arguments of ``CodeTable``, ``Source``,
``FeatureSpec`` and ``Combination``. Three things are written otherwise: windows are
texts (``"30d"``, ``"6m"``), sources and code tables are named, and a derived column is
a table with its ``kind``. A feature with ``each = {k = [1, 2]}`` stands for one
feature per value (of several lists: per combination; ``[{k = 1, m = 2}, ...]`` says
which), with ``{k}`` replaced wherever it stands; ``[parameters]`` are replaced
likewise in the whole file and may be overridden by the caller.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from cfscore.exceptions import UsageError
from cfscore.features._attach import Attach
from cfscore.features._catalogue import FeatureCatalogue
from cfscore.features._code_table import Attributes, CodeTable
from cfscore.features._combination import Combination
from cfscore.features._derivation import KINDS, Derivation, Lookup
from cfscore.features._settlement import Settlement
from cfscore.features._source import Flag, Resolution, Source
from cfscore.features._spec import FeatureSpec
from cfscore.features._spelling import spelling_hint
from cfscore.features._window import Window, WindowUnit
from cfscore.plan import read_toml, read_typed

__all__ = ["load_catalogue"]

T = TypeVar("T")

_Words = Literal["ascending", "descending"]


@dataclass(frozen=True)
class _CodeTable:
    version: str
    rows: Mapping[str, Attributes]
    overrides: Mapping[str, Mapping[str, Attributes]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Source:
    key: str | tuple[str, ...]
    event_time: str | None = None
    available_at: str | None = None
    resolution: Resolution = "instant"
    time_zone: str = "Asia/Shanghai"
    table: str | None = None
    absent: Literal["NOT_APPLICABLE", "NO_HIT", "NOTHING"] = "NOT_APPLICABLE"
    hit: str | None = None
    within: str | None = None
    attach: tuple[Attach | Settlement, ...] = ()
    derive: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    consent: Flag | None = None
    outage: Flag | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Feature:
    source: str
    aggregation: str
    column: str | tuple[str, ...] | None = None
    windows: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    part: Mapping[str, Any] | None = None
    against: str | None = None
    denominator: str | None = None
    by: str | tuple[str, ...] = ()
    elapsed_in: WindowUnit = "days"
    text: bool = False
    direction: _Words | None = None
    unit: str = ""
    description: str = ""
    legal_basis: str | None = None


@dataclass(frozen=True)
class _Combination:
    name: str
    operation: Literal["ratio", "difference", "sum", "product"]
    left: str
    right: str
    factor: float = 1.0
    direction: _Words | None = None
    unit: str = ""
    description: str = ""
    legal_basis: str | None = None


@dataclass(frozen=True)
class _File:
    name: str
    version: str
    sources: Mapping[str, _Source]
    features: tuple[_Feature, ...]
    combinations: tuple[_Combination, ...] = ()
    code_tables: Mapping[str, _CodeTable] = field(default_factory=dict)
    description: str = ""


def load_catalogue(
    path: str | os.PathLike[str], parameters: Mapping[str, Any] | None = None
) -> FeatureCatalogue:
    """Return the features that a TOML file describes.

    Parameters
    ----------
    path : str or path
        UTF-8 TOML file.
    parameters : mapping of str to value, optional
        In the place of the defaults in the file's ``[parameters]``.

    Returns
    -------
    FeatureCatalogue
        With name and version of the file.

    Raises
    ------
    UsageError
        When the file cannot be read, a key is unknown, missing or of a wrong type
        (the likely spelling is suggested), or a definition is refused.
    """
    table = read_toml(path)
    try:
        return _catalogue(table, parameters or {})
    except UsageError as error:
        msg = f"{Path(path).name!r}: {error.args[0]}"
        raise UsageError(msg, code=error.code, hint=error.hint) from error


def _catalogue(
    table: dict[str, Any], parameters: Mapping[str, Any]
) -> FeatureCatalogue:
    defaults = table.pop("parameters", {})
    for name in parameters:
        if name not in defaults:
            msg = f"There is no parameter {name!r}."
            raise UsageError(msg, hint=spelling_hint(name, defaults))
    table = _replaced(table, {**defaults, **parameters})
    for kind in ("features", "combinations"):
        table[kind] = [row for one in table.get(kind, ()) for row in _expanded(one)]
    file = read_typed(_File, table)
    code_tables = {
        name: _built(f"code_tables.{name}", CodeTable, name=name, **_given(found))
        for name, found in file.code_tables.items()
    }
    sources: dict[str, Source] = {}
    for name, found in file.sources.items():
        sources[name] = _source(name, found, sources, code_tables)
    specs = [_feature(i, found, sources) for i, found in enumerate(file.features)]
    combinations = [
        _built(f"combinations[{i}]", Combination, **_given(found))
        for i, found in enumerate(file.combinations)
    ]
    return FeatureCatalogue((*specs, *combinations), file.name, file.version)


def _expanded(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one row per combination of the values in ``each``, or per entry of it."""
    each = row.get("each", {})
    plain = {name: value for name, value in row.items() if name != "each"}
    if isinstance(each, list):
        yield from (_replaced(plain, words) for words in each)
        return
    for values in itertools.product(*each.values()):
        yield _replaced(plain, dict(zip(each, values, strict=True)))


def _replaced(value: Any, words: Mapping[str, Any]) -> Any:
    """Return a value in which ``{word}`` is replaced, in keys and texts."""
    if isinstance(value, Mapping):
        return {_replaced(k, words): _replaced(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [_replaced(item, words) for item in value]
    if not isinstance(value, str):
        return value
    for word, replacement in words.items():
        if value == f"{{{word}}}":
            return replacement
        value = value.replace(f"{{{word}}}", str(replacement))
    return value


def _source(
    name: str,
    found: _Source,
    sources: Mapping[str, Source],
    code_tables: Mapping[str, CodeTable],
) -> Source:
    path = f"sources.{name}"
    given = _given(found)
    given["within"] = _named(found.within, sources, f"{path}.within")
    given["absent"] = None if found.absent == "NOTHING" else found.absent
    given["derive"] = tuple(
        _derivation(f"{path}.derive", column, table, code_tables)
        for column, table in found.derive.items()
    )
    return _built(path, Source, name=name, **given)


def _derivation(
    path: str,
    column: str,
    table: Mapping[str, Any],
    code_tables: Mapping[str, CodeTable],
) -> Derivation:
    kind = KINDS.get(str(table.get("kind")))
    if kind is None:
        msg = f"Key '{path}.{column}.kind' must be one of {', '.join(KINDS)}."
        raise UsageError(msg, code="CONFIG")
    given = {k: v for k, v in table.items() if k != "kind"} | {"name": column}
    if kind is Lookup:
        code_table = _named(given.get("table"), code_tables, f"{path}.{column}.table")
        given["table"] = {} if code_table is None else _given(code_table)
    return read_typed(kind, given, f"{path}.{column}")


def _feature(i: int, found: _Feature, sources: Mapping[str, Source]) -> FeatureSpec:
    path = f"features[{i}]"
    given = _given(found)
    given["source"] = _named(found.source, sources, f"{path}.source")
    given["windows"] = tuple(Window.parse(text) for text in found.windows)
    given["against"] = None if found.against is None else Window.parse(found.against)
    return _built(found.name or path, FeatureSpec, **given)


def _given(found: Any) -> dict[str, Any]:
    return {f.name: getattr(found, f.name) for f in fields(found)}


def _named(name: str | None, known: Mapping[str, T], path: str) -> T | None:
    if name is None:
        return None
    if name not in known:
        msg = f"Key {path!r} names {name!r}, which is not defined before."
        raise UsageError(msg, code="CONFIG", hint=spelling_hint(name, known))
    return known[name]


def _built(path: str, kind: type[T], **given: Any) -> T:
    """Return an object; what it refuses is told with its place in the file."""
    try:
        return kind(**given)
    except UsageError as error:
        msg = f"[{path}] {error.args[0]}"
        raise UsageError(msg, code=error.code, hint=error.hint) from error
