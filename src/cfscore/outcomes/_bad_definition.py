"""Bad definition: the bucket and window that roll rates and vintages speak for."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cfscore.outcomes._bucket import BUCKETS, WORST_BUCKET, first_day_of_bucket
from cfscore.outcomes._definition import LabelDefinition
from cfscore.outcomes._history import LoanHistory
from cfscore.outcomes._options import check_number, check_whole
from cfscore.outcomes._roll_rate import RollRates, roll_rate
from cfscore.outcomes._vintage import VintageCurves, vintage

__all__ = ["BadDefinition", "choose_bad_definition", "maturity_table"]

_GOOD_DPD = 5


@dataclass(frozen=True, eq=False)
class BadDefinition:
    """A choice of what is bad, with its evidence.

    Parameters
    ----------
    definition : LabelDefinition or None
        The choice; None where the history does not speak for one, see ``remarks``.
    bucket : int or None
        First bucket of which most loans roll to a worse one.
    window_months : int or None
        Age from which the vintages are flat.
    rolls : RollRates
        Monthly moves between the buckets, by count.
    curves : VintageCurves or None
        Ever so many days past due as the bucket begins with; None without a bucket.
    maturity : polars.DataFrame or None
        One row per age: ``mob``, ``n_loans`` and ``n_bad`` of the cohorts that have
        reached it, ``bad_rate`` and ``increment``, the share of ``n_bad`` that the same
        cohorts did not have a month before (null without bads).
    remarks : tuple of str
        What speaks against the choice, or is missing for one.
    """

    definition: LabelDefinition | None
    bucket: int | None
    window_months: int | None
    rolls: RollRates
    curves: VintageCurves | None
    maturity: pl.DataFrame | None
    remarks: tuple[str, ...]


def choose_bad_definition(
    history: LoanHistory,
    *,
    min_worse: float = 0.5,
    max_cure: float = 0.25,
    max_increment: float = 0.05,
    flat_months: int = 3,
    min_cases: int = 30,
) -> BadDefinition:
    """Return the bad definition that the history speaks for, with the evidence.

    Parameters
    ----------
    history : LoanHistory
        Loans and month ends up to a snapshot, of one product as a rule.
    min_worse : float, default 0.5
        Bad begins with the first bucket of which more than this share rolls to a worse
        one within a month.
    max_cure : float, default 0.25
        A bucket that returns to M0 more often is remarked upon.
    max_increment : float, default 0.05
        A vintage is flat where a further month adds less than this share of its level.
    flat_months : int, default 3
        Further months that must be known, and must all add less, for the performance
        window to end; at least 1.
    min_cases : int, default 30
        Starting loans of a bucket, and bads at an age, with fewer of which they are not
        considered; at least 1.

    Returns
    -------
    BadDefinition
        The choice, its evidence and remarks.

    Raises
    ------
    UsageError
        When an option is not an allowed value.

    Notes
    -----
    The choice is a proposal. Whoever signs it looks at the rolls and the curves, and at
    what the product and the number of bads allow.
    """
    check_number("min_worse", min_worse, 0.0, 1.0)
    check_number("max_cure", max_cure, 0.0, 1.0)
    check_number("max_increment", max_increment, 0.0, 1.0)
    check_whole("flat_months", flat_months, 1)
    check_whole("min_cases", min_cases, 1)
    rolls = roll_rate(history)
    bucket = _bad_bucket(rolls, min_worse, min_cases)
    if bucket is None:
        remark = (
            f"No bucket with {min_cases} loans rolls to worse in over {min_worse:g}."
        )
        return BadDefinition(None, None, None, rolls, None, None, (remark,))
    dpd = first_day_of_bucket(bucket)
    curves = vintage(history, dpd=dpd)
    maturity = maturity_table(curves)
    window = _flat_from(maturity, max_increment, flat_months, min_cases)
    definition = None
    if window is not None:
        good_dpd = min(_GOOD_DPD, dpd - 1)
        definition = LabelDefinition(dpd, window_months=window, good_dpd=good_dpd)
    return BadDefinition(
        definition=definition,
        bucket=bucket,
        window_months=window,
        rolls=rolls,
        curves=curves,
        maturity=maturity,
        remarks=_remarks(rolls, bucket, window, max_cure, flat_months),
    )


def _bad_bucket(rolls: RollRates, min_worse: float, min_cases: int) -> int | None:
    for bucket in range(1, WORST_BUCKET):
        if rolls.totals[bucket] >= min_cases and rolls.worse[bucket] > min_worse:
            return bucket
    return None


def maturity_table(curves: VintageCurves) -> pl.DataFrame:
    """Return the curves of all cohorts as one, with what each further month added.

    Parameters
    ----------
    curves : VintageCurves
        Curves of the measure ``ever``.

    Returns
    -------
    polars.DataFrame
        ``mob``, ``n_loans``, ``n_bad``, ``bad_rate`` and ``increment``, as in
        :class:`BadDefinition`. Level and increment of an age are of the same cohorts,
        those that have reached it.
    """
    keys = ["cohort", *curves.by]
    before = pl.col("n_bad").shift().over(keys).fill_null(0).alias("before")
    return (
        curves.frame.with_columns(before)
        .drop_nulls("n_bad")
        .group_by("mob")
        .agg(pl.col("n_loans", "n_bad", "before").sum())
        .sort("mob")
        .select(
            "mob",
            "n_loans",
            "n_bad",
            (pl.col("n_bad") / pl.col("n_loans")).alias("bad_rate"),
            pl.when(pl.col("n_bad") > 0)
            .then((pl.col("n_bad") - pl.col("before")) / pl.col("n_bad"))
            .alias("increment"),
        )
    )


def _flat_from(
    maturity: pl.DataFrame, max_increment: float, flat_months: int, min_cases: int
) -> int | None:
    """Return the first age after which all known months add little, if there is one."""
    known = maturity.filter(pl.col("n_bad") >= min_cases)
    ages, increments = known["mob"].to_list(), known["increment"].to_list()
    n_flat = 0
    while n_flat < len(ages) and increments[-1 - n_flat] < max_increment:
        n_flat += 1
    if n_flat < flat_months:
        return None
    return int(ages[-n_flat]) - 1 or None


def _remarks(
    rolls: RollRates,
    bucket: int,
    window: int | None,
    max_cure: float,
    flat_months: int,
) -> tuple[str, ...]:
    remarks = []
    cure = float(rolls.cure[bucket - 1])
    if cure > max_cure:
        remarks.append(
            f"{BUCKETS[bucket]} returns to M0 in {cure:.3f} of the months, more than "
            f"{max_cure:g}."
        )
    if window is None:
        remarks.append(
            f"The vintages are not flat over {flat_months} further month(s): no window."
        )
    return tuple(remarks)
