"""Month ends: the grid of loans and months, and what happened on it."""

from __future__ import annotations

import datetime

import polars as pl

from cfscore.outcomes._bucket import WORST_BUCKET, bucket_expr
from cfscore.outcomes._days_past_due import arrears_spells, dpd_on
from cfscore.outcomes._months_on_book import (
    last_month_end,
    month_end_calendar,
    month_index,
    month_index_of,
)
from cfscore.outcomes._settlement import NEVER
from cfscore.outcomes._step_lookup import last_at_or_before

__all__ = ["daily_months", "finish_months", "month_grid"]


def month_grid(loans: pl.DataFrame, snapshot: datetime.date) -> pl.DataFrame:
    """Return one row per loan and complete month, from the month of disbursement.

    Parameters
    ----------
    loans : polars.DataFrame
        With ``loan_id`` and ``booked_on``; loans without a date have no row.
    snapshot : datetime.date
        The month that holds it counts when it is its last day.

    Returns
    -------
    polars.DataFrame
        ``loan_id``, ``month_end``, ``mob``, in order.
    """
    last = month_index_of(last_month_end(snapshot))
    booked = loans.select("loan_id", "booked_on").drop_nulls()
    first = month_index(pl.col("booked_on"))
    booked = booked.with_columns(first.alias("first")).filter(pl.col("first") <= last)
    calendar = month_end_calendar(min(booked["first"].to_list(), default=last), last)
    return (
        booked.with_columns(
            pl.int_ranges("first", last + 1, dtype=pl.Int32).alias("month_index")
        )
        .explode("month_index")
        .join(calendar, on="month_index", how="left")
        .with_columns((pl.col("month_index") - pl.col("first")).alias("mob"))
        .select("loan_id", "month_end", "mob")
        .sort("loan_id", "mob")
    )


def daily_months(
    grid: pl.DataFrame, settled: pl.DataFrame, principal_steps: pl.DataFrame
) -> pl.DataFrame:
    """Return the grid with days past due and balance, from dated records.

    Parameters
    ----------
    grid : polars.DataFrame
        As from ``month_grid``.
    settled : polars.DataFrame
        As from ``settle``.
    principal_steps : polars.DataFrame
        ``loan_id``, ``date``, ``balance``: principal outstanding from that day on.

    Returns
    -------
    polars.DataFrame
        With ``dpd``, ``max_dpd`` and ``balance`` added.

    Notes
    -----
    Days past due rise by one a day and fall only on a day on which an oldest unpaid
    instalment is cleared. The most of a month is therefore reached at its end or on the
    eve of such a day. An instalment that was never the oldest unpaid one is cleared
    together with an older one and changes no maximum.
    """
    asked = grid.rename({"month_end": "date"})
    at_end = dpd_on(settled, asked).drop("bucket")
    with_balance = last_at_or_before(
        at_end, principal_steps, by=["loan_id"], on="date"
    ).rename({"date": "month_end"})
    eve = pl.col("cleared_on") - pl.duration(days=1)
    eves = (
        arrears_spells(settled)
        .filter(pl.col("cleared_on") < NEVER)
        .select(
            "loan_id",
            eve.dt.month_end().alias("month_end"),
            (eve - pl.col("due_date")).dt.total_days().cast(pl.Int32).alias("eve_dpd"),
        )
        .group_by("loan_id", "month_end")
        .agg(pl.col("eve_dpd").max())
    )
    highest = pl.max_horizontal("dpd", "eve_dpd")
    return (
        with_balance.join(eves, on=["loan_id", "month_end"], how="left")
        .with_columns(highest.alias("max_dpd"))
        .drop("eve_dpd")
    )


def finish_months(months: pl.DataFrame, loans: pl.DataFrame) -> pl.DataFrame:
    """Return months with what follows from days past due and the loans' last days.

    Parameters
    ----------
    months : polars.DataFrame
        ``loan_id``, ``month_end``, ``mob``, ``dpd``, ``max_dpd``, ``balance``.
    loans : polars.DataFrame
        ``loan_id``, ``closed_on``, ``written_off_on``.

    Returns
    -------
    polars.DataFrame
        The columns of :attr:`LoanHistory.months`, in order of loan and month.
    """
    ends = loans.select("loan_id", "closed_on", "written_off_on")
    end = pl.col("month_end")
    written_off = (pl.col("written_off_on") <= end).fill_null(value=False)
    closed = (pl.col("closed_on") <= end).fill_null(value=False)
    worst = pl.lit(WORST_BUCKET, pl.Int8)
    return (
        months.join(ends, on="loan_id", how="left")
        .sort("loan_id", "mob")
        .with_columns(written_off=written_off, on_book=~(written_off | closed))
        .select(
            "loan_id",
            "month_end",
            "mob",
            "dpd",
            "max_dpd",
            pl.col("max_dpd").cum_max().over("loan_id").alias("ever_max_dpd"),
            pl.when("written_off")
            .then(worst)
            .otherwise(bucket_expr(pl.col("dpd")))
            .alias("bucket"),
            "balance",
            "on_book",
            "written_off",
        )
    )
