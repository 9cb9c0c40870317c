"""Building a loan history from dated records: loans, instalments and repayments."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl

from cfscore.exceptions import SchemaError
from cfscore.outcomes._balance import balance_steps
from cfscore.outcomes._days_past_due import arrears_spells
from cfscore.outcomes._faults import FaultLog, OnBad, set_aside, without_loans
from cfscore.outcomes._history import RESERVED_NAMES, LoanHistory
from cfscore.outcomes._month_ends import daily_months, finish_months, month_grid
from cfscore.outcomes._options import check_choice, check_date, check_zone
from cfscore.outcomes._records import (
    INSTALMENTS,
    LOANS,
    REPAYMENTS,
    check_instalments,
    check_loans,
    check_repayments,
)
from cfscore.outcomes._settlement import NEVER, known_repayments, settle
from cfscore.outcomes._settlement_rules import SettlementRules
from cfscore.outcomes._tables import read_tables

__all__ = [
    "booked_loans",
    "check_loan_names",
    "loan_history",
    "with_compensated_as_lost",
]

_USUAL_RULES = SettlementRules()


def loan_history(
    loans: Any,
    instalments: Any,
    repayments: Any,
    *,
    snapshot: datetime.date,
    rules: SettlementRules = _USUAL_RULES,
    time_zone: str = "Asia/Shanghai",
    on_bad: OnBad = "strict",
) -> LoanHistory:
    """Return the history of loans up to a snapshot, from their dated records.

    Parameters
    ----------
    loans : table
        One row per loan: ``loan_id``, ``disbursed_at`` and, optionally, ``principal``
        (else the sum of the instalments'), ``status`` (one of ``LOAN_STATUSES``),
        ``closed_at``, ``writeoff_at``, ``exclusion`` (one of ``EXCLUSIONS``; null for
        most) and any other columns, such as ``customer_id`` or ``product``, which are
        kept. A cancelled loan needs no date and no instalments. Any frame, Arrow table,
        mapping of columns, list of dicts, or path of Parquet files.
    instalments, repayments : table
        As for :func:`days_past_due`. Repayments after the snapshot, or available only
        after it, are not known and do not count.
    snapshot : datetime.date
        Day up to whose close the facts are known.
    rules : SettlementRules, optional
        Which instalment a repayment pays, and when it is fully paid; by default oldest
        first, within 1 currency unit.
    time_zone : str, default "Asia/Shanghai"
        Zone in which an instant has its calendar day.
    on_bad : {"strict", "quarantine"}, default "strict"
        Whether faulty records refuse the tables, or set their loans aside. Those are
        listed in ``quarantined`` and labelled ``excluded``.

    Returns
    -------
    LoanHistory
        Loans, month ends and instalments as known at the snapshot.

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
        list all faults by table, column and code: ``NULL_KEY``, ``NULL_VALUE``,
        ``DUPLICATE_KEY`` (each row that shares its key), ``NEGATIVE``, ``NOT_FINITE``,
        ``UNKNOWN_STATUS``, ``STATUS_DATE`` (a status without its date, or a date
        against it),
        ``DATE_ORDER``, ``BEFORE_DISBURSAL``, ``UNKNOWN_LOAN``, ``NO_INSTALMENTS``,
        ``PRINCIPAL_SUM`` (instalments do not add up to the loan's principal within
        0.01), ``ABOVE_AMOUNT``, ``REPAID_TOO_MUCH`` and ``UNKNOWN_INSTALMENT``.

    Notes
    -----
    A loan that was closed without being written off owes nothing from that day on, so
    that one settled early, without the interest of its later instalments, does not
    seem to fall into arrears. A loan that was written off stays unpaid; so does one
    that is ``compensated``, closed by its guarantor, unless the rules count the
    guarantor as a payer.

    Examples
    --------
    >>> from datetime import date
    >>> history = loan_history(
    ...     {"loan_id": ["A"], "disbursed_at": [date(2025, 1, 10)]},
    ...     {
    ...         "loan_id": ["A", "A"],
    ...         "seq": [1, 2],
    ...         "due_date": [date(2025, 2, 10), date(2025, 3, 10)],
    ...         "due_principal": [100.0, 100.0],
    ...     },
    ...     {"loan_id": ["A"], "paid_at": [date(2025, 3, 20)], "amount": [100.0]},
    ...     snapshot=date(2025, 4, 30),
    ... )
    >>> months = history.months
    >>> months["mob"].to_list(), months["dpd"].to_list(), months["max_dpd"].to_list()
    ([0, 1, 2, 3], [0, 18, 21, 51], [0, 18, 37, 51])
    >>> months["balance"].to_list()
    [200.0, 200.0, 100.0, 100.0]
    """
    check_date("snapshot", snapshot)
    check_choice("on_bad", on_bad, ("strict", "quarantine"))
    tables = [(LOANS, loans), (INSTALMENTS, instalments), (REPAYMENTS, repayments)]
    book, dues, paid = read_tables(tables, check_zone(time_zone))
    check_loan_names(book)
    log = FaultLog(book["loan_id"].dtype)
    check_loans(book, log)
    check_instalments(dues, book, log)
    check_repayments(paid, dues, book, log, rules)
    faults = log.settle(on_bad)
    aside = set_aside(book, faults)
    book, dues, paid = (without_loans(table, faults) for table in (book, dues, paid))
    booked = booked_loans(_as_lost(book, rules), dues, snapshot)
    dues = dues.join(booked, on="loan_id", how="semi")
    paid = known_repayments(paid, snapshot, rules.payers)
    settled = settle(dues, paid, rules)
    booked, settled = _with_last_days(booked, settled)
    months = daily_months(
        month_grid(booked, snapshot), settled, balance_steps(booked, dues, paid)
    )
    return LoanHistory(
        snapshot=snapshot,
        loans=booked,
        months=finish_months(months, booked),
        instalments=settled.drop("asks_for_money"),
        quarantined=faults,
        set_aside=aside,
        n_not_booked=book.height - booked.height,
    )


def _as_lost(loans: pl.DataFrame, rules: SettlementRules) -> pl.DataFrame:
    """Return the loans, those of which the guarantor's payment does not count lost."""
    return loans if "guarantor" in rules.payers else with_compensated_as_lost(loans)


def with_compensated_as_lost(loans: pl.DataFrame) -> pl.DataFrame:
    """Return the loans, those that a guarantor closed written off on that day."""
    if "status" not in loans.columns or "closed_at" not in loans.columns:
        return loans
    closed = pl.when(pl.col("status") == "compensated").then(pl.col("closed_at"))
    dates = [pl.col("writeoff_at")] if "writeoff_at" in loans.columns else []
    return loans.with_columns(writeoff_at=pl.min_horizontal(*dates, closed))


def check_loan_names(loans: pl.DataFrame) -> None:
    """Refuse columns of the loans table whose names are given to results.

    Raises
    ------
    SchemaError
        When there are such columns; all are listed.
    """
    description = "is a name that is given to results; rename it"
    faults = [
        (f"loans.{name}", "RESERVED_NAME", description)
        for name in loans.columns
        if name in RESERVED_NAMES
    ]
    if faults:
        raise SchemaError(faults)


def booked_loans(
    loans: pl.DataFrame, instalments: pl.DataFrame | None, snapshot: datetime.date
) -> pl.DataFrame:
    """Return the loans as they were at the snapshot, with the columns of the history.

    Parameters
    ----------
    loans : polars.DataFrame
        Checked records.
    instalments : polars.DataFrame or None
        To add up the principal where the loans do not state it.
    snapshot : datetime.date
        Loans disbursed later are left out; later ends are not known.
    """
    late = pl.col("disbursed_at") > snapshot
    loans = loans.filter(~late.fill_null(value=False))
    if "principal" not in loans.columns:
        loans = _with_principal(loans, instalments)
    return loans.select(
        "loan_id",
        pl.col("disbursed_at").alias("booked_on"),
        "principal",
        _known_date(loans, "closed_at", snapshot).alias("closed_on"),
        _known_date(loans, "writeoff_at", snapshot).alias("written_off_on"),
        _exclusion(loans).alias("exclusion"),
        pl.exclude(*LOANS.columns),
    ).sort("loan_id")


def _with_principal(
    loans: pl.DataFrame, instalments: pl.DataFrame | None
) -> pl.DataFrame:
    if instalments is None:
        return loans.with_columns(principal=pl.lit(None, pl.Float64))
    sums = instalments.group_by("loan_id").agg(
        pl.col("due_principal").sum().alias("principal")
    )
    return loans.join(sums, on="loan_id", how="left")


def _known_date(loans: pl.DataFrame, name: str, snapshot: datetime.date) -> pl.Expr:
    if name not in loans.columns:
        return pl.lit(None, pl.Date)
    return pl.when(pl.col(name) <= snapshot).then(pl.col(name))


def _exclusion(loans: pl.DataFrame) -> pl.Expr:
    reason = (
        pl.col("exclusion") if "exclusion" in loans.columns else pl.lit(None, pl.String)
    )
    if "status" not in loans.columns:
        return reason
    is_cancelled = pl.col("status") == "cancelled"
    return reason.fill_null(pl.when(is_cancelled).then(pl.lit("cancelled")))


def _with_last_days(
    loans: pl.DataFrame, settled: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return loans with the day of the last payment, and instalments that ended by it.

    A loan that paid all is closed on that day where no other is stated. One that was
    closed otherwise than by a write-off owes nothing from that day on.
    """
    cleared = (
        arrears_spells(settled)
        .group_by("loan_id")
        .agg(pl.col("cleared_on").max())
        .with_columns(
            pl.when(pl.col("cleared_on") < NEVER)
            .then(pl.col("cleared_on"))
            .alias("cleared_on")
        )
    )
    loans = (
        loans.join(cleared, on="loan_id", how="left")
        .with_columns(pl.col("closed_on").fill_null(pl.col("cleared_on")))
        .drop("cleared_on")
    )
    settled_on = pl.when(pl.col("written_off_on").is_null()).then(pl.col("closed_on"))
    ends = loans.select("loan_id", settled_on.alias("settled_on"))
    return loans, (
        settled.join(ends, on="loan_id", how="left")
        .with_columns(pl.min_horizontal("paid_on", "settled_on").alias("paid_on"))
        .drop("settled_on")
        .sort("loan_id", "seq")
    )
