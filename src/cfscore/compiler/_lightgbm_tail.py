"""What follows the trees in LightGBM's model text: parameters and categories."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NoReturn

from cfscore.compiler._lightgbm_grammar import Place

__all__ = ["Category", "Tail", "read_tail"]

#: A category as ``pandas_categorical`` lists it.
Category = str | int | float | bool

_AFTER_TREES: Final = Place("after the trees", "TAIL")
_IMPORTANCES: Final = Place("feature_importances", "TAIL")
_PARAMETERS: Final = Place("parameters", "TAIL")
_PANDAS: Final = Place("pandas_categorical", "TAIL")
_IMPORTANCE: Final = re.compile(r"[0-9]{1,20}")
_PARAMETER: Final = re.compile(r"\[([A-Za-z0-9_]{1,64}): (.*)\]")
_CATEGORIES_KEY: Final = "pandas_categorical:"
_LONGEST_NUMBER: Final = 32


@dataclass(frozen=True)
class Tail:
    """What the text says after its trees.

    Parameters
    ----------
    parameters : mapping of str to str
        Training parameters; empty where the text has none.
    pandas_categorical : tuple of tuple, or None
        Categories of the training frame's category columns, in column order; None
        where the text does not say.
    """

    parameters: Mapping[str, str]
    pandas_categorical: tuple[tuple[Category, ...], ...] | None


def read_tail(text: str, feature_names: Sequence[str]) -> Tail:
    """Read the lines after ``end of trees``.

    Raises
    ------
    CompileError
        Code ``TAIL``.
    """
    lines = [line for line in text.split("\n") if line]
    if not lines or lines.pop(0) != "feature_importances:":
        _AFTER_TREES.refuse("feature_importances: missing")
    importances, lines = _until(lines, ("parameters:", "parser:", _CATEGORIES_KEY))
    _check_importances(importances, set(feature_names))
    parameters: dict[str, str] = {}
    if lines and lines[0] == "parameters:":
        block, lines = _block(lines, "parameters")
        parameters = _read_parameters(block)
    if lines and lines[0] == "parser:":
        _, lines = _block(lines, "parser")
    categories = None
    if lines and lines[0].startswith(_CATEGORIES_KEY):
        categories = _read_categories(lines.pop(0).removeprefix(_CATEGORIES_KEY))
    if lines:
        fault = f"{len(lines)} unexpected line(s) at the end"
        hint = "A file holds one model, as LightGBM wrote it."
        _AFTER_TREES.refuse(fault, hint=hint)
    return Tail(MappingProxyType(parameters), categories)


def _until(lines: list[str], starts: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Split lines before the first that starts a section."""
    for position, line in enumerate(lines):
        if line.startswith(starts):
            return lines[:position], lines[position:]
    return lines, []


def _block(lines: list[str], section: str) -> tuple[list[str], list[str]]:
    """Return the lines of a section with an end of its own, and those after it."""
    end = f"end of {section}"
    if end not in lines:
        _AFTER_TREES.refuse(f"'{end}' missing")
    position = lines.index(end)
    return lines[1:position], lines[position + 1 :]


def _check_importances(lines: Sequence[str], names: set[str]) -> None:
    for line in lines:
        name, equals, count = line.rpartition("=")
        if not equals or name not in names or not _IMPORTANCE.fullmatch(count):
            fault = "expected lines of a feature's name, '=' and a number"
            _IMPORTANCES.refuse(fault)
        names.remove(name)


def _read_parameters(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        match = _PARAMETER.fullmatch(line)
        if match is None:
            _PARAMETERS.refuse("a line is not of the form [key: value]")
        if match[1] in found:
            _PARAMETERS.refuse(f"{match[1]} is given twice")
        found[match[1]] = match[2]
    return found


class _RefusedJSON(ValueError):
    """A number that no category is."""


def _read_categories(text: str) -> tuple[tuple[Category, ...], ...] | None:
    fault = "expected null or a JSON list of lists of texts, numbers and booleans"
    try:
        value = json.loads(
            text, parse_int=_integer, parse_float=_number, parse_constant=_constant
        )
    except (ValueError, RecursionError):
        _PANDAS.refuse(fault)
    if value is None:
        return None
    if not isinstance(value, list) or not all(map(_is_category_list, value)):
        _PANDAS.refuse(fault)
    return tuple(map(tuple, value))


def _is_category_list(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str | int | float) for item in value
    )


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _RefusedJSON
    return int(text)


def _number(text: str) -> float:
    value = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    if not math.isfinite(value):
        raise _RefusedJSON
    return value


def _constant(text: str) -> NoReturn:
    raise _RefusedJSON
