"""Clock of the loan book: instants in seconds, local days and calendar months.

Inside the generator an instant is int64 seconds since 1970-01-01 UTC, a day int64 days
since 1970-01-01 in Asia/Shanghai, which has no summer time, and a month int64 months
since January 1970.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._calendar import MACRO_SHOCK_AT

__all__ = [
    "DAY",
    "HOUR",
    "SNAPSHOT",
    "SNAPSHOT_AT",
    "add_months",
    "day_start",
    "is_shocked_day",
    "local_day",
    "month_of_day",
    "month_of_year",
    "month_start",
    "weekday",
]

#: When the tables were extracted: nothing in them was known later. Loans paid out
#: before April 2026 have had their twelve months on book by then, later ones not.
SNAPSHOT_AT = datetime(2027, 4, 1, tzinfo=UTC)
SNAPSHOT = int(SNAPSHOT_AT.timestamp())

HOUR = 3600
DAY = 86_400
_UTC_OFFSET = 8 * HOUR

Integers = NDArray[np.int64]


def local_day(instant: Integers) -> Integers:
    """Return the local calendar day of each instant."""
    return np.asarray((instant + _UTC_OFFSET) // DAY)


def day_start(day: Integers) -> Integers:
    """Return the instant at which each local day begins."""
    return np.asarray(day * DAY - _UTC_OFFSET)


def month_of_day(day: Integers) -> Integers:
    """Return the month of each day."""
    return _cast(day, "datetime64[D]", "datetime64[M]")


def month_start(month: Integers) -> Integers:
    """Return the first day of each month."""
    return _cast(month, "datetime64[M]", "datetime64[D]")


def month_of_year(month: Integers) -> Integers:
    """Return 1 for January to 12 for December."""
    return np.asarray(month % 12 + 1)


def weekday(day: Integers) -> Integers:
    """Return 0 for Monday to 6 for Sunday."""
    return np.asarray((day + 3) % 7)


def add_months(day: Integers, n: Integers | int) -> Integers:
    """Return the same day of the month n months later, or the last one there is."""
    month = month_of_day(day)
    day_of_month = day - month_start(month)
    last = month_start(month + n + 1) - 1
    return np.minimum(month_start(month + n) + day_of_month, last)


def is_shocked_day(day: Integers) -> NDArray[np.bool_]:
    """Return whether each day lies at or after the macro shock."""
    return np.asarray(day_start(day) >= int(MACRO_SHOCK_AT.timestamp()))


def _cast(values: Any, unit: str, to: str) -> Integers:
    return np.asarray(values, dtype=np.int64).astype(unit).astype(to).astype(np.int64)
