"""Building a loan history from month ends that a ledger has already aged."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl

from cfscore.outcomes._faults import FaultLog, OnBad, set_aside, without_loans
from cfscore.outcomes._history import LoanHistory
from cfscore.outcomes._loan_history import (
    booked_loans,
    check_loan_names,
    with_compensated_as_lost,
)
from cfscore.outcomes._month_ends import finish_months, month_grid
from cfscore.outcomes._months_on_book import last_month_end, month_index, month_index_of
from cfscore.outcomes._options import check_choice, check_date, check_zone
from cfscore.outcomes._records import LOANS, check_loans
from cfscore.outcomes._tables import ColumnSpec, TableSpec, read_tables

__all__ = ["loan_history_from_months"]

_MONTHS = TableSpec(
    "months",
    {
        "loan_id": ColumnSpec("key"),
        "month_end": ColumnSpec("date"),
        "dpd": ColumnSpec("whole"),
        "max_dpd": ColumnSpec("whole", is_required=False),
        "balance": ColumnSpec("amount", is_required=False),
    },
)


def loan_history_from_months(
    loans: Any,
    months: Any,
    *,
    snapshot: datetime.date,
    time_zone: str = "Asia/Shanghai",
    on_bad: OnBad = "strict",
) -> LoanHistory:
    """Return the history of loans whose days past due are known at month ends.

    Parameters
    ----------
    loans : table
        As for :func:`loan_history`.
    months : table
        One row per loan and month end: ``loan_id``, ``month_end``, ``dpd`` (days past
        due at its close) and, optionally, ``max_dpd`` (most on any day of the month,
        else ``dpd``) and ``balance`` (principal outstanding). Required from the month
        after disbursement to the last complete month, or to the month before the loan
        was closed or written off.
    snapshot : datetime.date
        Day up to whose close the facts are known; later months are left out.
    time_zone : str, default "Asia/Shanghai"
        Zone in which an instant has its calendar day.
    on_bad : {"strict", "quarantine"}, default "strict"
        Whether faulty records refuse the tables, or set their loans aside.

    Returns
    -------
    LoanHistory
        Without instalments. Months after a loan was closed have 0 days past due; months
        after it was written off keep those of its last row.

    Raises
    ------
    UsageError
        When an option is not an allowed value.
    InputError
        When something is no table.
    SchemaError
        When columns are missing or of a wrong type; all are listed.
    RecordFaultError
        With ``on_bad="strict"``, when records contradict each other. Its ``counts``
        list all faults: those of the loans as in :func:`loan_history`, and for the
        months ``NULL_KEY``, ``NULL_VALUE``, ``DUPLICATE_KEY``, ``NEGATIVE``,
        ``NOT_FINITE``, ``UNKNOWN_LOAN``, ``BEFORE_DISBURSAL``, ``NOT_MONTH_END``,
        ``BELOW_DPD`` (a month's most is less than its last) and ``MONTH_GAP`` (one per
        month that is not there; it must never pass for a month without arrears).

    Examples
    --------
    >>> from datetime import date
    >>> history = loan_history_from_months(
    ...     {"loan_id": ["A"], "disbursed_at": [date(2025, 1, 10)]},
    ...     {
    ...         "loan_id": ["A", "A"],
    ...         "month_end": [date(2025, 2, 28), date(2025, 3, 31)],
    ...         "dpd": [18, 0],
    ...     },
    ...     snapshot=date(2025, 3, 31),
    ... )
    >>> history.months["ever_max_dpd"].to_list()
    [0, 18, 18]
    """
    check_date("snapshot", snapshot)
    check_choice("on_bad", on_bad, ("strict", "quarantine"))
    book, known = read_tables(
        [(LOANS, loans), (_MONTHS, months)], check_zone(time_zone)
    )
    check_loan_names(book)
    log = FaultLog(book["loan_id"].dtype)
    check_loans(book, log)
    _check_months(known, book, log)
    known = known.filter(pl.col("month_end") <= snapshot)
    _check_gaps(book, known, snapshot, log)
    faults = log.settle(on_bad)
    aside = set_aside(book, faults)
    book, known = without_loans(book, faults), without_loans(known, faults)
    booked = booked_loans(with_compensated_as_lost(book), None, snapshot)
    grid = _filled(month_grid(booked, snapshot), known, booked)
    return LoanHistory(
        snapshot=snapshot,
        loans=booked,
        months=finish_months(grid, booked),
        instalments=None,
        quarantined=faults,
        set_aside=aside,
        n_not_booked=book.height - booked.height,
    )


def _check_months(months: pl.DataFrame, loans: pl.DataFrame, log: FaultLog) -> None:
    def check(column: str, code: str, is_faulty: pl.Expr) -> None:
        log.check("months", column, code, months, is_faulty)

    loan, end, dpd = pl.col("loan_id"), pl.col("month_end"), pl.col("dpd")
    check("loan_id", "NULL_KEY", loan.is_null())
    check("month_end", "NULL_KEY", end.is_null())
    repeats = pl.struct("loan_id", "month_end").is_duplicated()
    check(
        "month_end", "DUPLICATE_KEY", repeats & loan.is_not_null() & end.is_not_null()
    )
    check("month_end", "NOT_MONTH_END", end != end.dt.month_end())
    check("dpd", "NULL_VALUE", dpd.is_null())
    check("dpd", "NEGATIVE", dpd < 0)
    if "max_dpd" in months.columns:
        check("max_dpd", "NULL_VALUE", pl.col("max_dpd").is_null())
        check("max_dpd", "BELOW_DPD", pl.col("max_dpd") < dpd)
    if "balance" in months.columns:
        check("balance", "NULL_VALUE", pl.col("balance").is_null())
        check("balance", "NEGATIVE", pl.col("balance") < 0.0)
        check("balance", "NOT_FINITE", pl.col("balance").is_infinite())
    _check_against_loans(months, loans, log)


def _check_against_loans(
    months: pl.DataFrame, loans: pl.DataFrame, log: FaultLog
) -> None:
    known = months.drop_nulls(["loan_id", "month_end"])
    orphans = known.join(loans, on="loan_id", how="anti")
    log.add("months", "loan_id", "UNKNOWN_LOAN", orphans["loan_id"])
    first = loans.select("loan_id", "disbursed_at").unique("loan_id")
    is_early = pl.col("month_end") < pl.col("disbursed_at")
    dated = known.join(first, on="loan_id")
    log.check("months", "month_end", "BEFORE_DISBURSAL", dated, is_early)


def _check_gaps(
    loans: pl.DataFrame, months: pl.DataFrame, snapshot: datetime.date, log: FaultLog
) -> None:
    """Note each month between disbursement and the last one known that is not there."""
    booked = booked_loans(loans.drop_nulls("loan_id"), None, snapshot)
    booked = booked.filter(pl.col("exclusion").is_null()).unique("loan_id")
    last = pl.lit(month_index_of(last_month_end(snapshot)), pl.Int32)
    before_end = [month_index(pl.col(c)) - 1 for c in ("closed_on", "written_off_on")]
    until = booked.select(
        "loan_id", pl.min_horizontal(last, *before_end).alias("last_needed")
    )
    needed = (
        month_grid(booked, snapshot)
        .filter(pl.col("mob") >= 1)
        .join(until, on="loan_id")
        .filter(month_index(pl.col("month_end")) <= pl.col("last_needed"))
    )
    missing = needed.join(months, on=["loan_id", "month_end"], how="anti")
    log.add("months", "month_end", "MONTH_GAP", missing["loan_id"])


def _filled(
    grid: pl.DataFrame, months: pl.DataFrame, loans: pl.DataFrame
) -> pl.DataFrame:
    """Return the grid with the known months, and what follows for the others."""
    if "balance" not in months.columns:
        months = months.with_columns(balance=pl.lit(None, pl.Float64))
    if "max_dpd" not in months.columns:
        months = months.with_columns(max_dpd=pl.col("dpd"))
    ends = loans.select("loan_id", "closed_on", "written_off_on")
    is_settled = (
        pl.col("written_off_on").is_null()
        & (pl.col("closed_on") <= pl.col("month_end"))
    ).fill_null(value=False)
    dpd = pl.when(is_settled).then(0).otherwise(pl.col("dpd"))
    dpd = dpd.forward_fill().over("loan_id").fill_null(0).cast(pl.Int32)
    balance = pl.when(is_settled).then(0.0).otherwise(pl.col("balance"))
    return (
        grid.join(months, on=["loan_id", "month_end"], how="left")
        .join(ends, on="loan_id", how="left")
        .sort("loan_id", "mob")
        .with_columns(dpd=dpd, balance=balance.forward_fill().over("loan_id"))
        .with_columns(
            pl.max_horizontal("dpd", "max_dpd").cast(pl.Int32).alias("max_dpd")
        )
        .drop("closed_on", "written_off_on")
    )
