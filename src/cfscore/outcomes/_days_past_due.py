"""Days past due: the age of the oldest instalment that is not fully paid."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import polars as pl

from cfscore.exceptions import UsageError
from cfscore.outcomes._bucket import bucket_expr
from cfscore.outcomes._faults import FaultLog
from cfscore.outcomes._options import check_date, check_zone
from cfscore.outcomes._records import (
    INSTALMENTS,
    REPAYMENTS,
    check_instalments,
    check_repayments,
)
from cfscore.outcomes._settlement import NEVER, known_repayments, settle
from cfscore.outcomes._settlement_rules import SettlementRules
from cfscore.outcomes._step_lookup import next_after
from cfscore.outcomes._tables import read_tables

__all__ = ["arrears_spells", "days_past_due", "dpd_on"]

_USUAL_RULES = SettlementRules()


def days_past_due(
    instalments: Any,
    repayments: Any,
    *,
    at: datetime.date | Iterable[datetime.date],
    rules: SettlementRules = _USUAL_RULES,
    time_zone: str = "Asia/Shanghai",
) -> pl.DataFrame:
    """Return the days past due of each loan at the close of given days.

    Parameters
    ----------
    instalments : table
        One row per instalment: ``loan_id``, ``seq`` (whole number, in order of the due
        dates), ``due_date``, ``due_principal`` and, optionally, ``due_interest`` and
        ``due_fee`` in currency units. Any frame, Arrow table, mapping of columns, list
        of dicts, or path of Parquet files.
    repayments : table
        One row per repayment: ``loan_id``, ``paid_at``, ``amount`` > 0 and, optionally,
        ``repayment_id``, ``available_at``, ``seq``, ``principal``, ``penalty`` (the
        part that pays no instalment) and ``payer``. A refund of returned goods is a
        repayment by the ``merchant``.
    at : datetime.date or iterable of them
        Days of observation. Repayments of the day itself count, as far as they were
        available on it.
    rules : SettlementRules, optional
        Which instalment a repayment pays, and when it is fully paid; by default oldest
        first, within 1 currency unit.
    time_zone : str, default "Asia/Shanghai"
        Zone in which an instant has its calendar day.

    Returns
    -------
    polars.DataFrame
        One row per loan and day, in that order: ``loan_id``, ``date``, ``dpd`` (int32)
        and ``bucket`` (int8, 0..7).

    Raises
    ------
    UsageError
        When an option is not an allowed value.
    SchemaError
        When columns are missing or of a wrong type; all are listed.
    RecordFaultError
        When records contradict each other; all are listed with counts.

    Notes
    -----
    ``DPD(t) = t - due date`` of the oldest instalment that is not fully paid at the
    close of day ``t``, else 0; it is 0 on the due day itself.

    Examples
    --------
    >>> from datetime import date
    >>> due = [date(2025, 2, 10), date(2025, 3, 10), date(2025, 4, 10)]
    >>> instalments = {
    ...     "loan_id": ["A"] * 3,
    ...     "seq": [1, 2, 3],
    ...     "due_date": due,
    ...     "due_principal": [100.0] * 3,
    ... }
    >>> repayments = {
    ...     "loan_id": ["A", "A"],
    ...     "paid_at": [date(2025, 2, 10), date(2025, 3, 25)],
    ...     "amount": [100.0, 100.0],
    ... }
    >>> days = [date(2025, 3, 20), date(2025, 3, 31), date(2025, 5, 31)]
    >>> days_past_due(instalments, repayments, at=days)["dpd"].to_list()
    [10, 0, 51]
    """
    days = _days(at)
    dues, paid = read_tables(
        [(INSTALMENTS, instalments), (REPAYMENTS, repayments)], check_zone(time_zone)
    )
    log = FaultLog(dues["loan_id"].dtype)
    check_instalments(dues, None, log)
    check_repayments(paid, dues, dues.select("loan_id"), log, rules)
    log.settle("strict")
    known = known_repayments(_as_it_became_known(paid), days[-1], rules.payers)
    dates = pl.DataFrame({"date": days})
    asked = dues.select("loan_id").unique().join(dates, how="cross")
    return dpd_on(settle(dues, known, rules), asked)


def _as_it_became_known(repayments: pl.DataFrame) -> pl.DataFrame:
    """Return the repayments dated by the day on which the lender could know them."""
    dates = [name for name in ("paid_at", "available_at") if name in repayments.columns]
    return repayments.with_columns(paid_at=pl.max_horizontal(dates))


def _days(at: datetime.date | Iterable[datetime.date]) -> list[datetime.date]:
    given = [at] if isinstance(at, datetime.date) else list(at)
    days = sorted({check_date("at", day) for day in given})
    if not days:
        msg = "at must hold at least one date."
        raise UsageError(msg)
    return days


def arrears_spells(settled: pl.DataFrame) -> pl.DataFrame:
    """Return when each instalment ceased to be the oldest unpaid one of its loan.

    Parameters
    ----------
    settled : polars.DataFrame
        As from ``settle``.

    Returns
    -------
    polars.DataFrame
        ``loan_id``, ``due_date`` and ``cleared_on``, the first day at whose close this
        instalment and all before it are fully paid; NEVER where some are not.
        Instalments that ask for nothing are left out.
    """
    paid_on = pl.col("paid_on").fill_null(NEVER)
    cleared_on = paid_on.cum_max().over("loan_id")
    asking = settled.filter("asks_for_money")
    return asking.select("loan_id", "due_date", cleared_on.alias("cleared_on"))


def dpd_on(settled: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Return days past due and bucket at the close of asked days.

    Parameters
    ----------
    settled : polars.DataFrame
        As from ``settle``.
    asked : polars.DataFrame
        ``loan_id`` and ``date``, and other columns, which are kept.
    """
    spells = arrears_spells(settled).rename({"cleared_on": "date"})
    found = next_after(asked, spells, by=["loan_id"], on="date")
    days = (pl.col("date") - pl.col("due_date")).dt.total_days().cast(pl.Int32)
    dpd = pl.max_horizontal(days.fill_null(0), pl.lit(0, pl.Int32))
    return found.with_columns(dpd=dpd, bucket=bucket_expr(dpd)).drop("due_date")
