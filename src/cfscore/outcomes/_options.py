"""Options: checks of keyword arguments, with the message a wrong one deserves."""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Iterable
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cfscore.exceptions import UsageError

__all__ = [
    "check_choice",
    "check_date",
    "check_names",
    "check_number",
    "check_whole",
    "check_zone",
]

T = TypeVar("T")


def check_choice(name: str, value: T, allowed: Collection[T]) -> T:
    """Return an option that must be one of a few words.

    Raises
    ------
    UsageError
        When it is none of them.
    """
    if value not in allowed:
        listed = ", ".join(repr(word) for word in allowed)
        msg = f"{name} must be one of {listed}; got {value!r}."
        raise UsageError(msg)
    return value


def check_whole(name: str, value: int, least: int, most: int | None = None) -> int:
    """Return an option that must be a whole number in a range, both ends included.

    Raises
    ------
    UsageError
        When it is not.
    """
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or value < least or (most is not None and value > most):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        msg = f"{name} must be a whole number {bounds}, got {value!r}."
        raise UsageError(msg)
    return value


def check_number(name: str, value: float, low: float, high: float = math.inf) -> float:
    """Return an option that must be a finite number in ``[low, high]``.

    Raises
    ------
    UsageError
        When it is not.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:
        bounds = f"of at least {low:g}" if high == math.inf else f"{low:g}..{high:g}"
        msg = f"{name} must be a number {bounds}, got {value!r}."
        raise UsageError(msg)
    return float(value)


def check_date(name: str, value: datetime.date) -> datetime.date:
    """Return an option that must be a calendar date.

    Raises
    ------
    UsageError
        When it is not a ``datetime.date``, or is a ``datetime``.
    """
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        msg = f"{name} must be a datetime.date, got {type(value).__name__}."
        raise UsageError(msg, hint="Whole days count; pass moment.date().")
    return value


def check_zone(time_zone: str) -> str:
    """Return the name of a time zone that exists.

    Raises
    ------
    UsageError
        When it does not.
    """
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        msg = f"time_zone must be the name of a time zone, got {time_zone!r}."
        raise UsageError(msg, hint="For example 'Asia/Shanghai' or 'UTC'.") from None
    return time_zone


def check_names(
    name: str, values: str | Iterable[str], known: Collection[str]
) -> tuple[str, ...]:
    """Return names that must all be known, once each; a single text is one name.

    Raises
    ------
    UsageError
        When a name is unknown or stands twice.
    """
    names = (values,) if isinstance(values, str) else tuple(values)
    wrong = sorted({str(value) for value in names if value not in known})
    if wrong or len(set(names)) != len(names):
        found = f"unknown: {', '.join(wrong)}" if wrong else "one stands twice"
        listed = ", ".join(sorted(known)) or "none"
        msg = f"{name} must be distinct names out of {listed}; {found}."
        raise UsageError(msg)
    return names
