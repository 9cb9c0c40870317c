"""Delinquency of an age: ever or currently x days past due at y months on book."""

from __future__ import annotations

from typing import Literal

import polars as pl

from cfscore.outcomes._history import LoanHistory, counted_loans
from cfscore.outcomes._options import check_choice, check_whole

__all__ = ["MEASURES", "Measure", "delinquency_at", "is_delinquent"]

#: ``ever``: at any time up to the age; ``current``: at that month end.
Measure = Literal["ever", "current"]

MEASURES: tuple[Measure, ...] = ("ever", "current")


def is_delinquent(dpd: int, measure: Measure) -> pl.Expr:
    """Return whether a loan is so delinquent at a month end of its history.

    A loan that was written off is, whatever its days past due.
    """
    days = pl.col("ever_max_dpd" if measure == "ever" else "dpd")
    return (days >= dpd) | pl.col("written_off")


def delinquency_at(
    history: LoanHistory, *, dpd: int = 30, mob: int = 6, measure: Measure = "ever"
) -> pl.DataFrame:
    """Return which loans are ever or currently x days past due at y months on book.

    Parameters
    ----------
    history : LoanHistory
        Loans and month ends.
    dpd : int, default 30
        Days past due, at least 1: "30+".
    mob : int, default 6
        Months on book, at least 0.
    measure : {"ever", "current"}, default "ever"
        ``ever`` counts every day up to the month end of that age, ``current`` that
        month end alone. A loan that was written off counts as delinquent from then on.

    Returns
    -------
    polars.DataFrame
        One row per loan that is not excluded: ``loan_id`` and ``is_delinquent``, null
        where the loan has not reached that age.

    Raises
    ------
    UsageError
        When an option is not an allowed value.

    Examples
    --------
    >>> from datetime import date
    >>> from cfscore.outcomes import loan_history_from_months
    >>> history = loan_history_from_months(
    ...     {"loan_id": ["A", "B"], "disbursed_at": [date(2025, 1, 10)] * 2},
    ...     {
    ...         "loan_id": ["A", "A", "B", "B"],
    ...         "month_end": [date(2025, 2, 28), date(2025, 3, 31)] * 2,
    ...         "dpd": [40, 0, 0, 0],
    ...     },
    ...     snapshot=date(2025, 3, 31),
    ... )
    >>> delinquency_at(history, dpd=30, mob=2)["is_delinquent"].to_list()
    [True, False]
    >>> delinquency_at(history, dpd=30, mob=3)["is_delinquent"].to_list()
    [None, None]
    """
    check_whole("dpd", dpd, 1)
    check_whole("mob", mob, 0)
    check_choice("measure", measure, MEASURES)
    at_age = history.months.filter(pl.col("mob") == mob).select(
        "loan_id", is_delinquent(dpd, measure).alias("is_delinquent")
    )
    loans = counted_loans(history).select("loan_id")
    return loans.join(at_age, on="loan_id", how="left").sort("loan_id")
