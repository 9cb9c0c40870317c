"""Balance: the principal outstanding of each loan from day to day."""

from __future__ import annotations

import polars as pl

from cfscore.outcomes._records import due_total, paid_to_schedule
from cfscore.outcomes._settlement import UNITS, in_units
from cfscore.outcomes._step_lookup import next_at_or_after

__all__ = ["balance_steps"]


def balance_steps(
    loans: pl.DataFrame, instalments: pl.DataFrame, repayments: pl.DataFrame
) -> pl.DataFrame:
    """Return the principal outstanding from each day on which it changes.

    Parameters
    ----------
    loans : polars.DataFrame
        ``loan_id``, ``booked_on``, ``closed_on``, ``written_off_on``.
    instalments, repayments : polars.DataFrame
        Checked records. Where the repayments have ``principal``, that is what they
        repay; else each covers fee, interest and principal of the oldest instalment
        that is not fully paid, in this order, and then those of the next.

    Returns
    -------
    polars.DataFrame
        ``loan_id``, ``date``, ``balance`` (currency units), in order; the first row of
        a loan is its day of disbursement, and its balance is 0 from the day on which
        it was closed without being written off.
    """
    scheduled = instalments.group_by("loan_id").agg(
        in_units(pl.col("due_principal")).sum().alias("scheduled")
    )
    repaid = (
        _recorded_principal(repayments)
        if "principal" in repayments.columns
        else _principal_by_order(instalments, repayments)
    )
    start = loans.select("loan_id", pl.col("booked_on").alias("date")).with_columns(
        repaid=pl.lit(0, pl.Int64)
    )
    steps = (
        pl.concat([start, repaid.select("loan_id", "date", "repaid")])
        .join(scheduled, on="loan_id")
        .join(loans.select("loan_id", "closed_on", "written_off_on"), on="loan_id")
    )
    left = pl.max_horizontal(pl.col("scheduled") - pl.col("repaid"), pl.lit(0))
    return (
        pl.concat([steps, _closings(steps)])
        .with_columns(
            pl.when(_is_settled(pl.col("date"))).then(0).otherwise(left).alias("left")
        )
        .select("loan_id", "date", (pl.col("left") / UNITS).alias("balance"))
        .sort("loan_id", "date", maintain_order=True)
    )


def _is_settled(day: pl.Expr) -> pl.Expr:
    is_settled = pl.col("written_off_on").is_null() & (pl.col("closed_on") <= day)
    return is_settled.fill_null(value=False)


def _closings(steps: pl.DataFrame) -> pl.DataFrame:
    """Return one further row per closed loan, on the day on which it was closed."""
    closed = steps.filter(
        pl.col("closed_on").is_not_null() & pl.col("written_off_on").is_null()
    ).unique("loan_id")
    return closed.with_columns(date=pl.col("closed_on"))


def _recorded_principal(repayments: pl.DataFrame) -> pl.DataFrame:
    """Return the principal repaid so far by day, as the repayments state it."""
    return (
        repayments.group_by("loan_id", pl.col("paid_at").alias("date"))
        .agg(in_units(pl.col("principal").fill_null(0.0)).sum().alias("repaid"))
        .sort("loan_id", "date")
        .with_columns(pl.col("repaid").cum_sum().over("loan_id"))
    )


def _principal_by_order(
    instalments: pl.DataFrame, repayments: pl.DataFrame
) -> pl.DataFrame:
    """Return the principal repaid so far by day, oldest instalment first."""
    paid = (
        repayments.group_by("loan_id", pl.col("paid_at").alias("date"))
        .agg(in_units(paid_to_schedule(repayments)).sum().alias("paid"))
        .sort("loan_id", "date")
        .with_columns(pl.col("paid").cum_sum().over("loan_id"))
    )
    due = (
        instalments.sort("loan_id", "seq")
        .select(
            "loan_id",
            in_units(due_total(instalments)).alias("due"),
            in_units(pl.col("due_principal")).alias("due_principal"),
        )
        .with_columns(
            pl.col("due").cum_sum().over("loan_id").alias("paid"),
            pl.col("due_principal").cum_sum().over("loan_id").alias("repaid_after"),
        )
    )
    # `paid` is now the total after which the instalment is fully paid. Principal comes
    # last in it: what the total lacks is principal, as far as there is so much.
    reached = next_at_or_after(
        paid.with_columns(total=pl.col("paid")),
        due.select(
            "loan_id", "paid", "due_principal", "repaid_after", due_after=pl.col("paid")
        ),
        by=["loan_id"],
        on="paid",
    )
    lacking = pl.min_horizontal(
        pl.col("due_after") - pl.col("total"), pl.col("due_principal")
    )
    all_of_it = due.group_by("loan_id").agg(pl.col("due_principal").sum().alias("all"))
    return reached.join(all_of_it, on="loan_id").select(
        "loan_id",
        "date",
        (pl.col("repaid_after") - lacking).fill_null(pl.col("all")).alias("repaid"),
    )
