"""Sample split: development and hold-out by customer, out of time by date."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from cfscore.exceptions import RecordFaultError
from cfscore.outcomes._label import Labels
from cfscore.outcomes._options import check_date, check_number, check_whole, check_zone
from cfscore.outcomes._tables import ColumnSpec, TableSpec, read_tables

__all__ = ["SAMPLES", "LabelledSamples", "hold_out_customers", "split_samples"]

#: Samples in the order in which they are shown.
SAMPLES = ("development", "holdout", "out_of_time")

# Bads that a stable scorecard and a judgement out of time need, as a rule of thumb.
_FEW_BADS = {"development": 500, "out_of_time": 100}


@dataclass(frozen=True, eq=False)
class LabelledSamples:
    """Labelled loans, each in one sample.

    Parameters
    ----------
    frame : polars.DataFrame
        The rows that were given, in their order, and ``sample``: one of
        :data:`SAMPLES`, or null for loans that are neither good nor bad.
    table : polars.DataFrame
        One row per sample: ``sample``, ``n_loans``, ``n_customers``, ``n_bad``,
        ``bad_rate`` (null without loans), ``first`` and ``last`` (dates).
    n_shared_customers : int
        Customers with loans both in development and out of time; such repeats make an
        out-of-time result look somewhat better than new customers would.
    remarks : tuple of str
        Samples with fewer bads than the rule of thumb asks for.
    """

    frame: pl.DataFrame
    table: pl.DataFrame
    n_shared_customers: int
    remarks: tuple[str, ...]


def split_samples(
    labels: Any,
    *,
    out_of_time_from: datetime.date,
    holdout: float = 0.3,
    seed: int = 0,
    customer: str = "customer_id",
    time: str = "booked_on",
    time_zone: str = "Asia/Shanghai",
) -> LabelledSamples:
    """Return labelled loans in development, hold-out and out-of-time samples.

    Parameters
    ----------
    labels : Labels or table
        Labels of :func:`label`, or any table with ``y`` and the named columns.
    out_of_time_from : datetime.date
        Loans from this day on are out of time; those before are developed on, or held
        out.
    holdout : float, default 0.3
        Share of the customers to hold out, from 0 to 1.
    seed : int, default 0
        Which customers; at least 0.
    customer, time : str
        Columns that hold the customer and the day of the loan.
    time_zone : str, default "Asia/Shanghai"
        Zone in which an instant has its calendar day.

    Returns
    -------
    LabelledSamples
        The rows with their sample, and what each sample holds.

    Raises
    ------
    UsageError
        When an option is not an allowed value.
    SchemaError
        When a column is missing or of a wrong type.
    RecordFaultError
        When a customer or day of a good or bad loan is null (``NULL_KEY``,
        ``NULL_VALUE``), or an outcome is neither 0, 1 nor null (``NOT_BINARY``).

    Notes
    -----
    A customer is held out, or not, by a hash of seed and key: with all loans, on every
    machine, and whatever other rows the table has. The share of customers held out is
    therefore ``holdout`` but for chance.

    Examples
    --------
    >>> from datetime import date
    >>> split = split_samples(
    ...     {
    ...         "customer_id": ["a", "a", "b", "c"],
    ...         "booked_on": [date(2025, month, 5) for month in (1, 2, 1, 7)],
    ...         "y": [0, 1, 0, None],
    ...     },
    ...     out_of_time_from=date(2025, 2, 1),
    ...     holdout=0.0,
    ... )
    >>> split.frame["sample"].to_list()
    ['development', 'out_of_time', 'development', None]
    >>> split.n_shared_customers
    1
    """
    check_date("out_of_time_from", out_of_time_from)
    check_number("holdout", holdout, 0.0, 1.0)
    check_whole("seed", seed, 0)
    columns = {
        customer: ColumnSpec("key"),
        time: ColumnSpec("date"),
        "y": ColumnSpec("whole"),
    }
    source = labels.frame if isinstance(labels, Labels) else labels
    spec = TableSpec("labels", columns, keeps_others=True)
    (frame,) = read_tables([(spec, source)], check_zone(time_zone))
    _check(frame, customer, time)
    held_out = list(
        hold_out_customers(frame[customer].drop_nulls(), holdout=holdout, seed=seed)
    )
    sample = (
        pl.when(pl.col("y").is_null())
        .then(None)
        .when(pl.col(time) >= out_of_time_from)
        .then(pl.lit("out_of_time"))
        .when(pl.col(customer).is_in(held_out))
        .then(pl.lit("holdout"))
        .otherwise(pl.lit("development"))
    )
    frame = frame.with_columns(sample.alias("sample"))
    table = _sample_table(frame, customer, time)
    return LabelledSamples(
        frame=frame,
        table=table,
        n_shared_customers=_n_shared(frame, customer),
        remarks=_remarks(table),
    )


def _check(frame: pl.DataFrame, customer: str, time: str) -> None:
    known = frame.filter(pl.col("y").is_not_null())
    counts = {
        ("labels", customer, "NULL_KEY"): known[customer].null_count(),
        ("labels", time, "NULL_VALUE"): known[time].null_count(),
        ("labels", "y", "NOT_BINARY"): known.filter(~pl.col("y").is_in([0, 1])).height,
    }
    found = {key: n for key, n in counts.items() if n}
    if found:
        raise RecordFaultError(found)


def hold_out_customers(
    customers: Iterable[Hashable], *, holdout: float, seed: int = 0
) -> set[Hashable]:
    """Return the customers that are held out, each with all that is theirs.

    Parameters
    ----------
    customers : iterable
        Their keys, in any order, repeated or not.
    holdout : float
        Share to hold out, from 0 to 1.
    seed : int, default 0
        Which ones; at least 0.

    Returns
    -------
    set
        Keys of those that are held out.

    Raises
    ------
    UsageError
        When an option is not an allowed value.

    Notes
    -----
    A hash of seed and key decides, so that a customer is on the same side on every
    machine, whatever other customers there are.

    Examples
    --------
    >>> sorted(hold_out_customers("abcdefgh", holdout=0.3, seed=4))
    ['a', 'b']
    """
    check_number("holdout", holdout, 0.0, 1.0)
    check_whole("seed", seed, 0)
    return {key for key in set(customers) if _draw(seed, key) < holdout}


def _draw(seed: int, key: object) -> float:
    """Return a number in [0, 1) that follows from seed and key."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:6]) / 2**48


def _sample_table(frame: pl.DataFrame, customer: str, time: str) -> pl.DataFrame:
    n_loans, n_bad = pl.len().cast(pl.Int64), pl.col("y").sum().cast(pl.Int64)
    found = frame.group_by("sample").agg(
        n_loans.alias("n_loans"),
        pl.col(customer).n_unique().cast(pl.Int64).alias("n_customers"),
        n_bad.alias("n_bad"),
        pl.col("y").mean().alias("bad_rate"),
        pl.col(time).min().alias("first"),
        pl.col(time).max().alias("last"),
    )
    order = pl.DataFrame({"sample": SAMPLES, "place": range(len(SAMPLES))})
    counted = pl.col("n_loans", "n_customers", "n_bad").fill_null(0)
    listed = order.join(found, on="sample", how="left").sort("place").drop("place")
    return listed.with_columns(counted)


def _n_shared(frame: pl.DataFrame, customer: str) -> int:
    developed = frame.filter(pl.col("sample") == "development").select(customer)
    later = frame.filter(pl.col("sample") == "out_of_time").select(customer).unique()
    return later.join(developed, on=customer, how="semi").height


def _remarks(table: pl.DataFrame) -> tuple[str, ...]:
    n_bad = dict(table.select("sample", "n_bad").iter_rows())
    return tuple(
        f"{sample} has {n_bad[sample]} bad(s); a stable result asks for {few} or more."
        for sample, few in _FEW_BADS.items()
        if n_bad[sample] < few
    )
