"""Grammar of LightGBM's model text: numbers, ``key=value`` lines and their refusal.

What is accepted is what LightGBM writes: plain decimal integers, and numbers as C's
``%g`` prints finite ones. Nothing of a text is echoed but the names of its keys.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from cfscore.exceptions import CompileError

__all__ = [
    "FLOAT",
    "MAX_INT32",
    "Place",
    "key_values",
    "read_float",
    "read_floats",
    "read_int",
    "read_ints",
    "require",
]

MAX_INT32: Final = 2**31 - 1

#: One finite number; the possessive digits keep a refusal linear in the text.
FLOAT: Final = r"-?[0-9]{1,25}+(?:\.[0-9]{1,25}+)?+(?:[eE][+-]?[0-9]{1,3}+)?+"
_INT: Final = r"-?[0-9]{1,10}+"
_ONE_INT: Final = re.compile(_INT)
_ONE_FLOAT: Final = re.compile(FLOAT)
_INTS: Final = re.compile(rf"{_INT}(?: {_INT})*+")
_FLOATS: Final = re.compile(rf"{FLOAT}(?: {FLOAT})*+")
_BOUND: Final = rf"(?:{FLOAT}|inf)"
_BOUNDS: Final = re.compile(rf"{_BOUND}(?: {_BOUND})*+")

_LONGEST_NAME: Final = 40
_MOST_NAMES: Final = 5


@dataclass(frozen=True)
class Place:
    """A place in a model text, and how a fault there is told.

    Parameters
    ----------
    name : str
        Section or tree, and key.
    code : str
        Code of the errors of this section.
    """

    name: str
    code: str

    def at(self, key: str) -> Place:
        """Return the place of a key."""
        return replace(self, name=f"{self.name}, {key}")

    def refuse(
        self, fault: str, *, code: str | None = None, hint: str | None = None
    ) -> NoReturn:
        """Refuse the text for a fault at this place.

        Raises
        ------
        CompileError
            Always.
        """
        msg = f"LightGBM model text, {self.name}: {fault}."
        raise CompileError(msg, code=code or self.code, hint=hint) from None


def key_values(
    lines: Iterable[str], known: frozenset[str], place: Place
) -> dict[str, str]:
    """Return the values of ``key=value`` lines, each key known and there once.

    Raises
    ------
    CompileError
        When a line has no ``=``, or a key is unknown or repeated.
    """
    found: dict[str, str] = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if not equals:
            place.refuse("a line is not of the form key=value")
        if key not in known:
            place.refuse(f"unknown key {_cut(key)}")
        if key in found:
            place.refuse(f"{key} is given twice")
        found[key] = value
    return found


def require(found: Iterable[str], needed: frozenset[str], place: Place) -> None:
    """Refuse a text that lacks a key.

    Raises
    ------
    CompileError
        With the first keys that are missing.
    """
    missing = sorted(needed.difference(found))[:_MOST_NAMES]
    if missing:
        place.refuse(f"{', '.join(missing)} missing")


def read_int(text: str, place: Place, *, low: int = 0, high: int = MAX_INT32) -> int:
    """Return one integer within bounds.

    Raises
    ------
    CompileError
        When the text is anything else.
    """
    value = int(text) if _ONE_INT.fullmatch(text) else low - 1
    if not low <= value <= high:
        place.refuse(f"expected an integer between {low} and {high}")
    return value


def read_float(text: str, place: Place) -> float:
    """Return one finite number.

    Raises
    ------
    CompileError
        When the text is anything else.
    """
    value = float(text) if _ONE_FLOAT.fullmatch(text) else math.nan
    if not math.isfinite(value):
        place.refuse("expected a finite decimal number")
    return value


def read_ints(
    text: str, n: int, place: Place, *, low: int = 0, high: int = MAX_INT32
) -> list[int]:
    """Return ``n`` integers within bounds, separated by single blanks.

    Raises
    ------
    CompileError
        When the text holds anything else.
    """
    if not _has_entries(text, n, place):
        return []
    if not _INTS.fullmatch(text):
        place.refuse("expected integers, one blank between two")
    values = list(map(int, text.split(" ")))
    if min(values) < low or max(values) > high:
        place.refuse(f"expected integers between {low} and {high}")
    return values


def read_floats(
    text: str, n: int, place: Place, *, or_inf: bool = False
) -> list[float]:
    """Return ``n`` finite numbers, separated by single blanks.

    With ``or_inf`` a number may be the word ``inf``.

    Raises
    ------
    CompileError
        When the text holds anything else.
    """
    if not _has_entries(text, n, place):
        return []
    if not (_BOUNDS if or_inf else _FLOATS).fullmatch(text):
        place.refuse("expected finite decimal numbers, one blank between two")
    values = list(map(float, text.split(" ")))
    n_infinite = n - sum(map(math.isfinite, values))
    if n_infinite != text.count("inf"):
        place.refuse("a number is beyond float64")
    return values


def _has_entries(text: str, n: int, place: Place) -> bool:
    found = text.count(" ") + 1 if text else 0
    if found != n:
        place.refuse(f"expected {n} entries, found {found}")
    return n > 0


def _cut(name: str) -> str:
    shown = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."
    return ascii(shown)
