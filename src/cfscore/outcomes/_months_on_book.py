"""Months on book: the age of a loan at a month end, counted in calendar months."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from cfscore.exceptions import InputError

__all__ = [
    "last_month_end",
    "month_end_calendar",
    "month_index",
    "month_index_of",
    "months_on_book",
]

_ONE_DAY = datetime.timedelta(days=1)


def months_on_book(booked_on: ArrayLike, at: ArrayLike) -> NDArray[np.int64]:
    """Return the months on book (MOB); larger is older.

    Parameters
    ----------
    booked_on : array of dates, or one
        Day of disbursement.
    at : array of dates, or one; broadcast against ``booked_on``
        Day of observation, as a rule a month end.

    Returns
    -------
    array of the common shape, int64
        Calendar months from the month of disbursement to that of ``at``: 0 at the end
        of the month of disbursement, negative before it.

    Raises
    ------
    InputError
        When a value is missing or no date.

    Notes
    -----
    ``12 * (year difference) + (month difference)``; the day of the month plays no part.

    Examples
    --------
    >>> months_on_book(
    ...     "2025-01-31", ["2025-01-31", "2025-02-28", "2026-01-31"]
    ... ).tolist()
    [0, 1, 12]
    """
    booked, observed = _months("booked_on", booked_on), _months("at", at)
    return np.asarray((observed - booked).astype(np.int64))


def _months(name: str, dates: ArrayLike) -> NDArray[np.datetime64]:
    try:
        days = np.asarray(dates, dtype="datetime64[D]")
    except (TypeError, ValueError):
        # numpy's text quotes the value, which may be a customer's.
        msg = f"{name} must hold dates."
        hint = "Pass datetime.date, numpy datetime64 or text like '2025-01-31'."
        raise InputError(msg, code="NOT_A_DATE", hint=hint) from None
    n_missing = int(np.count_nonzero(np.isnat(days)))
    if n_missing:
        msg = f"{name} has {n_missing} missing value(s) in {days.size}."
        raise InputError(msg, code="MISSING")
    return days.astype("datetime64[M]")


def month_index(day: pl.Expr) -> pl.Expr:
    """Return a column of dates as months since year 0."""
    return 12 * day.dt.year().cast(pl.Int32) + day.dt.month().cast(pl.Int32)


def month_index_of(day: datetime.date) -> int:
    """Return a date as months since year 0, as ``month_index``."""
    return 12 * day.year + day.month


def last_month_end(day: datetime.date) -> datetime.date:
    """Return the last month end on or before a day.

    Examples
    --------
    >>> last_month_end(datetime.date(2025, 3, 30)).isoformat()
    '2025-02-28'
    >>> last_month_end(datetime.date(2025, 3, 31)).isoformat()
    '2025-03-31'
    """
    return (day + _ONE_DAY).replace(day=1) - _ONE_DAY


def month_end_calendar(first_index: int, last_index: int) -> pl.DataFrame:
    """Return the month ends of a range of months, both included.

    Returns
    -------
    polars.DataFrame
        Columns ``month_index`` (int32) and ``month_end`` (date).
    """
    indices = range(first_index, last_index + 1)
    starts = [divmod(index, 12) for index in indices]  # first day of the next month
    return pl.DataFrame(
        {
            "month_index": list(indices),
            "month_end": [datetime.date(y, m + 1, 1) - _ONE_DAY for y, m in starts],
        },
        schema={"month_index": pl.Int32, "month_end": pl.Date},
    )
