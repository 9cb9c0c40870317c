"""Roll rate: the chance to move from one delinquency bucket to another."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cfscore.exceptions import InputError
from cfscore.outcomes._bucket import WORST_BUCKET, bucket_expr, bucket_names
from cfscore.outcomes._history import LoanHistory, counted_loans
from cfscore.outcomes._months_on_book import month_index, month_index_of
from cfscore.outcomes._options import check_choice, check_date, check_whole

__all__ = ["RollRates", "historical_roll_rate", "roll_rate"]


@dataclass(frozen=True, eq=False)
class RollRates:
    """Moves between delinquency buckets, and the rates that follow from them.

    Parameters
    ----------
    counts : array of shape (n_buckets, n_buckets), float64
        Loans, or their balance, in bucket ``i`` (row) that were in bucket ``j``
        (column) afterwards. Bucket 0 is first, the last one is open: M0, M1, ..., M3+.
    weight : {"count", "balance"}, default "count"
        What the entries are.

    Raises
    ------
    InputError
        When the matrix is not square with two rows at least, or an entry is negative or
        not finite.

    Examples
    --------
    >>> rolls = RollRates([[900, 60, 0], [70, 20, 30], [10, 5, 85]])
    >>> rolls.buckets
    ('M0', 'M1', 'M2+')
    >>> rolls.worse.tolist(), rolls.chain
    ([0.0625, 0.25], 0.015625)
    """

    counts: NDArray[np.float64]
    weight: Literal["count", "balance"] = "count"

    def __post_init__(self) -> None:
        """Check the matrix and keep a copy that cannot be changed."""
        counts = np.array(self.counts, dtype=np.float64)
        if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or len(counts) < 2:
            msg = f"counts must be a square matrix, got shape {counts.shape}."
            raise InputError(msg, code="SHAPE")
        n_wrong = int(np.count_nonzero(~(np.isfinite(counts) & (counts >= 0.0))))
        if n_wrong:
            msg = f"counts has {n_wrong} negative or infinite entries."
            raise InputError(msg, code="COUNTS")
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)

    @property
    def buckets(self) -> tuple[str, ...]:
        """Names of the buckets; the last one is open."""
        return bucket_names(len(self.counts) - 1)

    @property
    def totals(self) -> NDArray[np.float64]:
        """Loans (or balance) that started in each bucket, shape (n_buckets,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def rates(self) -> NDArray[np.float64]:
        """``P(bucket j afterwards | bucket i)``; a row without loans is NaN."""
        totals = self.totals
        return self.counts / np.where(totals > 0.0, totals, np.nan)[:, np.newaxis]

    @property
    def worse(self) -> NDArray[np.float64]:
        """Chance to roll to any worse bucket, of all buckets but the last."""
        return np.array(
            [self.rates[i, i + 1 :].sum() for i in range(len(self.counts) - 1)]
        )

    @property
    def cure(self) -> NDArray[np.float64]:
        """Chance to be in bucket 0 afterwards, of all buckets but the first."""
        return self.rates[1:, 0]

    @property
    def chain(self) -> float:
        """Product of the rolls to worse: the chance to go straight to the end."""
        return float(np.prod(self.worse))

    def table(self) -> pl.DataFrame:
        """Return the rates as a table.

        Returns
        -------
        polars.DataFrame
            One row per starting bucket: ``bucket``, ``total``, one column per bucket
            afterwards, ``cure``, ``same`` and ``worse``; null where nothing started
            there, or the notion does not apply.
        """
        rates = self.rates
        nan = [np.nan]
        columns = {
            "total": self.totals,
            **{name: rates[:, j] for j, name in enumerate(self.buckets)},
            "cure": np.r_[nan, self.cure],
            "same": np.diag(rates),
            "worse": np.r_[self.worse, nan],
        }
        frame = pl.DataFrame({"bucket": self.buckets, **columns})
        return frame.with_columns(pl.exclude("bucket").fill_nan(None))


def roll_rate(
    history: LoanHistory,
    *,
    worst: int = WORST_BUCKET,
    weight: Literal["count", "balance"] = "count",
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> RollRates:
    """Return the rates at which loans move between buckets from month to month.

    Parameters
    ----------
    history : LoanHistory
        Loans and month ends up to a snapshot.
    worst : int, default 7
        Last bucket, from 1 to 7; it holds all later ones, as 3 makes ``M3+``.
    weight : {"count", "balance"}, default "count"
        Whether each loan counts as 1 or as the balance that it starts with.
    since, until : datetime.date, optional
        First and last day of the months in which a move ends; None takes all.

    Returns
    -------
    RollRates
        Counts and rates.

    Raises
    ------
    UsageError
        When an option is not an allowed value.
    InputError
        When balances are asked for, and some are not known.

    Notes
    -----
    A move starts at a month end at which the loan is on book, and ends at the next one.
    A loan that was settled in between ends in M0, one that was written off in the last
    bucket; neither starts another move, so that closed loans do not thin the rates.
    Excluded loans are left out.

    Examples
    --------
    >>> from datetime import date
    >>> from cfscore.outcomes import loan_history_from_months
    >>> ends = [date(2025, 2, 28), date(2025, 3, 31)]
    >>> history = loan_history_from_months(
    ...     {"loan_id": ["A", "B"], "disbursed_at": [date(2025, 1, 10)] * 2},
    ...     {
    ...         "loan_id": ["A", "A", "B", "B"],
    ...         "month_end": [*ends, *ends],
    ...         "dpd": [20, 48, 20, 0],
    ...     },
    ...     snapshot=date(2025, 3, 31),
    ... )
    >>> roll_rate(history, worst=2).counts.tolist()
    [[0.0, 2.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    check_whole("worst", worst, 1, WORST_BUCKET)
    check_choice("weight", weight, ("count", "balance"))
    end = pl.col("month_end")
    is_wanted = pl.lit(value=True)
    if since is not None:
        is_wanted &= end >= check_date("since", since)
    if until is not None:
        is_wanted &= end <= check_date("until", until)
    bucket = pl.min_horizontal("bucket", pl.lit(worst, pl.Int8))
    moves = (
        _counted_months(history)
        .with_columns(bucket=bucket)
        .with_columns(
            pl.col("bucket", "on_book", "balance")
            .shift()
            .over("loan_id")
            .name.prefix("from_")
        )
        .filter(pl.col("from_on_book") & is_wanted)
        .select("from_bucket", "bucket", pl.col("from_balance").alias("balance"))
    )
    return _rolls(moves, worst, weight)


def historical_roll_rate(
    history: LoanHistory,
    *,
    at: datetime.date,
    months: int = 12,
    worst: int = WORST_BUCKET,
    weight: Literal["count", "balance"] = "count",
) -> RollRates:
    """Return how the worst bucket before a month end compares with the worst after it.

    Parameters
    ----------
    history : LoanHistory
        Loans and month ends up to a snapshot.
    at : datetime.date
        Any day of the month at whose end is observed.
    months : int, default 12
        Months before and after, at least 1. The month of ``at`` is the last before.
    worst : int, default 7
        Last bucket, from 1 to 7.
    weight : {"count", "balance"}, default "count"
        Whether each loan counts as 1 or as its balance at the observation.

    Returns
    -------
    RollRates
        Worst bucket before (row) and after (column), of the loans on book at the
        observation that have all months on both sides.

    Raises
    ------
    UsageError
        When an option is not an allowed value.
    InputError
        When balances are asked for, and some are not known.

    Notes
    -----
    The worst bucket of a month is that of its most days past due, daily where the
    history is.

    References
    ----------
    Siddiqi, N. (2017), Intelligent Credit Scoring, 2nd edition, chapter 4 (roll rate
    analysis).
    """
    check_date("at", at)
    check_whole("months", months, 1)
    check_whole("worst", worst, 1, WORST_BUCKET)
    check_choice("weight", weight, ("count", "balance"))
    lag = month_index(pl.col("month_end")) - month_index_of(at)
    bucket = pl.max_horizontal("bucket", bucket_expr(pl.col("max_dpd")))
    is_before = pl.col("lag").is_between(1 - months, 0)
    is_after = pl.col("lag").is_between(1, months)
    moves = (
        _counted_months(history)
        .with_columns(lag=lag, bucket=pl.min_horizontal(bucket, pl.lit(worst, pl.Int8)))
        .group_by("loan_id")
        .agg(
            pl.col("bucket").filter(is_before).max().alias("from_bucket"),
            pl.col("bucket").filter(is_after).max(),
            pl.col("on_book", "balance").filter(pl.col("lag") == 0).first(),
            (is_before | is_after).sum().alias("n_months"),
        )
        .filter(pl.col("on_book") & (pl.col("n_months") == 2 * months))
    )
    return _rolls(moves, worst, weight)


def _counted_months(history: LoanHistory) -> pl.DataFrame:
    counted = counted_loans(history).select("loan_id")
    return history.months.join(counted, on="loan_id", how="semi").sort("loan_id", "mob")


def _rolls(
    moves: pl.DataFrame, worst: int, weight: Literal["count", "balance"]
) -> RollRates:
    if weight == "balance":
        n_unknown = moves["balance"].null_count()
        if n_unknown:
            msg = f"The balance is not known at the start of {n_unknown} move(s)."
            raise InputError(msg, code="MISSING", hint="Use weight='count'.")
    amount = pl.len() if weight == "count" else pl.col("balance").sum()
    cells = moves.group_by("from_bucket", "bucket").agg(amount.alias("amount"))
    counts = np.zeros((worst + 1, worst + 1))
    for row, column, value in cells.iter_rows():
        counts[row, column] = value
    return RollRates(counts, weight)
