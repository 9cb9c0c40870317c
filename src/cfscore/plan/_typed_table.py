"""Typed table: a TOML table checked against a dataclass, key by key.

A configuration is written by a person, so an unknown key, a wrong type and a missing
key are refused with the full path of the key and, where one is close, the spelling
that was probably meant. Nothing is converted but an integer where a number is asked.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from cfscore.exceptions import CfscoreError, UsageError

__all__ = ["read_toml", "read_typed"]

T = TypeVar("T")

_PLURALS = {str: "texts", int: "integers", float: "numbers", bool: "booleans"}
_NAMES = {
    str: "text",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    datetime.date: "a date",
    datetime.datetime: "a date and time",
    type(None): "nothing",
}


def read_toml(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the content of a TOML file.

    Parameters
    ----------
    path : str or path
        A UTF-8 file.

    Returns
    -------
    dict of str to value
        Tables as dict, arrays as list.

    Raises
    ------
    UsageError
        When the file is missing, unreadable, not UTF-8 or not TOML.
    """
    file = Path(path)
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        msg = f"{str(path)!r} cannot be read: {error.strerror}."
        raise UsageError(msg, code="CONFIG", hint="Check the path.") from error
    except UnicodeDecodeError as error:
        msg = f"{file.name!r} is not UTF-8 text."
        raise UsageError(msg, code="CONFIG", hint="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        msg = f"{file.name!r} is not valid TOML: {error}."
        raise UsageError(msg, code="CONFIG") from error


def read_typed(kind: type[T], table: Mapping[str, Any], path: str = "") -> T:
    """Return a dataclass filled from a table, every key and type checked.

    Parameters
    ----------
    kind : dataclass
        Its fields are the allowed keys; a field without default must be given.
        Understood are text, numbers, booleans, dates, ``Literal``, ``X | Y``,
        ``tuple[X, ...]``, ``Mapping[str, X]``, other dataclasses and ``Any``.
    table : mapping of str to value
        What was read from the file.
    path : str
        Key of this table in the file, for messages; empty at the top.

    Returns
    -------
    instance of ``kind``
        The dataclass checks itself beyond types.

    Raises
    ------
    UsageError
        Naming the full path of the key that is unknown, missing or of a wrong type.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Holdout:
    ...     share: float
    ...     seed: int = 0
    >>> read_typed(Holdout, {"share": 1})
    Holdout(share=1.0, seed=0)
    >>> read_typed(Holdout, {"share": 0.3, "sed": 1}, "split")
    Traceback (most recent call last):
        ...
    cfscore.exceptions.UsageError: Unknown key 'split.sed'. Did you mean 'seed'?
    """
    fields = {f.name: f for f in dataclasses.fields(typing.cast(Any, kind)) if f.init}
    _refuse_unknown(table, fields, path)
    missing = [
        _join(path, name)
        for name, field in fields.items()
        if name not in table and _is_required(field)
    ]
    if missing:
        msg = f"Missing key(s): {', '.join(map(repr, missing))}."
        raise UsageError(msg, code="CONFIG")
    hints = typing.get_type_hints(kind)
    values = {
        name: _convert(value, hints[name], _join(path, name))
        for name, value in table.items()
    }
    return _build(kind, values, path)


def _build(kind: type[T], values: dict[str, Any], path: str) -> T:
    """Call the constructor; what it refuses is told with the path."""
    try:
        return kind(**values)
    except CfscoreError as error:
        where = f"[{path}] " if path else ""
        msg = f"{where}{error.args[0]}"
        raise UsageError(msg, code="CONFIG", hint=error.hint) from error


def _refuse_unknown(
    table: Mapping[str, Any], fields: Mapping[str, object], path: str
) -> None:
    unknown = [name for name in table if name not in fields]
    if not unknown:
        return
    listed = ", ".join(repr(_join(path, name)) for name in unknown)
    close = get_close_matches(unknown[0], fields, n=1)
    hint = (
        f"Did you mean {close[0]!r}?"
        if close
        else f"Known here: {', '.join(sorted(fields))}."
    )
    keys = "key" if len(unknown) == 1 else "keys"
    msg = f"Unknown {keys} {listed}."
    raise UsageError(msg, code="CONFIG", hint=hint)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return (
        field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    )


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _convert(value: Any, wanted: Any, path: str) -> Any:
    """Return ``value`` as the wanted type, or refuse it by its path."""
    if wanted is Any:
        return value
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return _convert_union(value, wanted, path)
    if not _fits(value, wanted):
        raise _mismatch(value, wanted, path)
    if origin is tuple:
        element = get_args(wanted)[0]
        return tuple(
            _convert(item, element, f"{path}[{i}]") for i, item in enumerate(value)
        )
    if origin is not None and _is_mapping(origin):
        element = get_args(wanted)[1]
        return {k: _convert(v, element, _join(path, k)) for k, v in value.items()}
    if dataclasses.is_dataclass(wanted):
        return read_typed(typing.cast(Any, wanted), value, path)
    return float(value) if wanted is float else value


def _convert_union(value: Any, wanted: Any, path: str) -> Any:
    """Return ``value`` as the first alternative that takes all of it."""
    fitting = [kind for kind in get_args(wanted) if _fits(value, kind)]
    if not fitting:
        raise _mismatch(value, wanted, path)
    for kind in fitting[:-1]:
        try:
            return _convert(value, kind, path)
        except UsageError:
            continue
    return _convert(value, fitting[-1], path)


def _is_mapping(origin: Any) -> bool:
    """Return whether a generic's origin is a mapping."""
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _fits(value: Any, wanted: Any) -> bool:
    """Return whether a value has the outer shape of a type."""
    origin = get_origin(wanted)
    if wanted is Any:
        return True
    if origin is Literal:
        return value in get_args(wanted) and not isinstance(value, bool)
    if origin is tuple:
        return isinstance(value, list | tuple)
    if dataclasses.is_dataclass(wanted) or _is_mapping(origin):
        return isinstance(value, Mapping)
    if wanted in (int, float):
        allowed = (int,) if wanted is int else (int, float)
        return isinstance(value, allowed) and not isinstance(value, bool)
    return type(value) is wanted


def _mismatch(value: Any, wanted: Any, path: str) -> UsageError:
    msg = f"Key {path!r} must be {describe(wanted)}; found {_found(value)}."
    literals = [str(choice) for choice in _choices(wanted)]
    close = get_close_matches(value, literals, n=1) if isinstance(value, str) else []
    hint = f"Did you mean {close[0]!r}?" if close else None
    return UsageError(msg, code="CONFIG", hint=hint)


def _choices(wanted: Any) -> tuple[Any, ...]:
    """Return the literal values a type allows."""
    if get_origin(wanted) is Literal:
        return get_args(wanted)
    if get_origin(wanted) in (Union, types.UnionType):
        return tuple(c for kind in get_args(wanted) for c in _choices(kind))
    return ()


def describe(wanted: Any) -> str:
    """Return a type in words.

    Examples
    --------
    >>> describe(tuple[str, ...])
    'a list of texts'
    >>> describe(int | None)
    'an integer'
    """
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        kinds = _alternatives(wanted)
        return " or ".join(dict.fromkeys(describe(kind) for kind in kinds))
    if origin is Literal:
        return "one of " + ", ".join(repr(choice) for choice in get_args(wanted))
    if origin is tuple:
        return f"a list of {_plural(get_args(wanted)[0])}"
    if dataclasses.is_dataclass(wanted) or _is_mapping(origin):
        return "a table"
    return _NAMES.get(wanted, "a value")


def _alternatives(wanted: Any) -> list[Any]:
    """Return the types of a union that a reader need be told: a number may be whole."""
    kinds = [kind for kind in get_args(wanted) if kind is not type(None)]
    return [kind for kind in kinds if kind is not int or float not in kinds]


def _plural(wanted: Any) -> str:
    if get_origin(wanted) in (Union, types.UnionType):
        return " or ".join(_plural(kind) for kind in _alternatives(wanted))
    if get_origin(wanted) is tuple:
        return f"lists of {_plural(get_args(wanted)[0])}"
    if dataclasses.is_dataclass(wanted):
        return "tables"
    return _PLURALS.get(wanted, "values")


def _found(value: Any) -> str:
    """Return what a value is, in words; short text is quoted."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else "a long text"
    return _NAMES.get(type(value), type(value).__name__)
