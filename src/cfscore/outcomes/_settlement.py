"""Settlement: the day on which each instalment was fully paid.

Amounts are added as whole numbers of 0.0001, so that no sum depends on the order of
its parts.
"""

from __future__ import annotations

import datetime

import polars as pl

from cfscore.outcomes._records import due_total, paid_to_schedule
from cfscore.outcomes._settlement_rules import SettlementRules
from cfscore.outcomes._step_lookup import next_at_or_after

__all__ = ["NEVER", "UNITS", "in_units", "known_repayments", "settle"]

#: Day on which what is unpaid will have been paid, later than any snapshot.
NEVER = datetime.date(9999, 12, 31)

#: Units of money per unit of currency.
UNITS = 10_000


def in_units(amount: pl.Expr) -> pl.Expr:
    """Return an amount as a whole number of 0.0001."""
    return (amount * UNITS).round().cast(pl.Int64)


def known_repayments(
    repayments: pl.DataFrame, until: datetime.date, payers: tuple[str, ...]
) -> pl.DataFrame:
    """Return the repayments that are known on a day and count as the borrower's.

    Parameters
    ----------
    repayments : polars.DataFrame
        As read.
    until : datetime.date
        A repayment is known when it was made, and available, on this day or before.
    payers : tuple of str
        Whose repayments count, where the table says who paid.
    """
    is_known = pl.col("paid_at") <= until
    if "available_at" in repayments.columns:
        available = pl.col("available_at").fill_null(pl.col("paid_at"))
        is_known &= available <= until
    if "payer" in repayments.columns:
        is_known &= pl.col("payer").is_in(payers) | pl.col("payer").is_null()
    return repayments.filter(is_known)


def settle(
    instalments: pl.DataFrame, repayments: pl.DataFrame, rules: SettlementRules
) -> pl.DataFrame:
    """Return the instalments with the day on which each was fully paid.

    Parameters
    ----------
    instalments, repayments : polars.DataFrame
        Checked records.
    rules : SettlementRules
        Which instalment a repayment pays, and when it is fully paid.

    Returns
    -------
    polars.DataFrame
        Columns ``loan_id``, ``seq``, ``due_date``, ``paid_on`` and ``asks_for_money``,
        in order of loan and number. ``paid_on`` is null where the instalment is not
        fully paid; where none up to it asks for more than the tolerance, it is the due
        date.
    """
    spare = round(rules.tolerance * UNITS)
    by = ["loan_id"] if rules.allocation == "oldest_first" else ["loan_id", "seq"]
    due = instalments.sort("loan_id", "seq").select(
        "loan_id", "seq", "due_date", in_units(due_total(instalments)).alias("due")
    )
    needed = pl.col("due").cum_sum().over(by) - spare
    due = due.with_columns(needed.alias("reached"))
    days = (
        repayments.group_by([*by, "paid_at"])
        .agg(in_units(paid_to_schedule(repayments)).sum().alias("paid"))
        .filter(pl.col("paid") > 0)
        .sort([*by, "paid_at"])
        .with_columns(pl.col("paid").cum_sum().over(by).alias("reached"))
        .select(*by, "reached", pl.col("paid_at").alias("paid_on"))
    )
    paid = next_at_or_after(due, days, by=by, on="reached")
    nothing_due = pl.col("reached") <= 0
    paid_on = pl.when(nothing_due).then("due_date").otherwise("paid_on")
    return paid.select(
        "loan_id",
        "seq",
        "due_date",
        paid_on.alias("paid_on"),
        (~nothing_due).alias("asks_for_money"),
    ).sort("loan_id", "seq")
