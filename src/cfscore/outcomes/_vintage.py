"""Vintage: the share of each cohort's loans that is bad, by age."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cfscore.outcomes._cohort import COHORTS, Cohort, cohort_of
from cfscore.outcomes._delinquency import MEASURES, Measure, is_delinquent
from cfscore.outcomes._history import LoanHistory, counted_loans, loan_columns
from cfscore.outcomes._months_on_book import last_month_end, month_index, month_index_of
from cfscore.outcomes._options import check_choice, check_whole

__all__ = ["VintageCurves", "vintage"]

_RATES = {"count": "bad_rate", "balance": "bad_balance_rate"}


@dataclass(frozen=True, eq=False)
class VintageCurves:
    """Share of bads by cohort and months on book.

    Parameters
    ----------
    dpd : int
        Days past due from which a loan is bad.
    measure : {"ever", "current"}
        Whether it counts once it was, or while it is.
    by : tuple of str
        Columns of the loans by which cohorts are split.
    frame : polars.DataFrame
        One row per cohort and age, from 1 to the highest age that any cohort has
        reached: ``cohort``, the columns of ``by``, ``mob``, ``n_loans`` and
        ``booked_amount`` (all of the cohort, at every age), ``n_bad``, ``bad_balance``,
        ``bad_rate`` and ``bad_balance_rate``. The last four are null at ages that not
        all of the cohort has reached.
    """

    dpd: int
    measure: Measure
    by: tuple[str, ...]
    frame: pl.DataFrame

    def table(self, weight: Literal["count", "balance"] = "count") -> pl.DataFrame:
        """Return the curves as a triangle: a row per cohort, a column per age.

        Parameters
        ----------
        weight : {"count", "balance"}, default "count"
            Share of the loans, or of the amount booked.

        Returns
        -------
        polars.DataFrame
            ``cohort``, the columns of ``by``, ``n_loans`` and one column ``"1"``,
            ``"2"``, ... per age; null where the cohort has not reached it.

        Raises
        ------
        UsageError
            When ``weight`` is neither of the two words.
        """
        rate = _RATES[check_choice("weight", weight, tuple(_RATES))]
        keys = ["cohort", *self.by]
        ages = self.frame["mob"].unique().sort().to_list()
        return (
            self.frame.group_by(*keys, "n_loans")
            .agg(
                pl.col(rate).filter(pl.col("mob") == age).first().alias(str(age))
                for age in ages
            )
            .sort(keys)
        )


def vintage(
    history: LoanHistory,
    *,
    dpd: int = 30,
    measure: Measure = "ever",
    cohort: Cohort = "month",
    by: str | Iterable[str] = (),
) -> VintageCurves:
    """Return vintage curves; higher is riskier, 0..1.

    Parameters
    ----------
    history : LoanHistory
        Loans and month ends up to a snapshot.
    dpd : int, default 30
        Days past due from which a loan is bad, at least 1.
    measure : {"ever", "current"}, default "ever"
        ``ever`` curves never fall; ``current`` ones may.
    cohort : {"month", "quarter", "year"}, default "month"
        Period of booking of one curve.
    by : str or iterable of str, default ()
        Further columns of the loans, such as the grade, by which cohorts are split.

    Returns
    -------
    VintageCurves
        One row per cohort and age.

    Raises
    ------
    UsageError
        When an option is not an allowed value.

    Notes
    -----
    ``V(c, m) = bad by month on book m / booked in cohort c``. The denominator is all
    loans (or the amount) booked in the cohort, whatever became of them: loans that were
    settled or written off stay in it, and a loan counts once, not once a month. An age
    that the youngest loan of the cohort has not reached is missing, not a copy of the
    age before. Excluded loans are left out.

    The balance of a loan that is ever bad is that of the first month end at which it
    is, so that the curve never falls; a loan whose balance is not known makes the
    balance of its cohort unknown from then on.

    Examples
    --------
    >>> from datetime import date
    >>> from cfscore.outcomes import loan_history_from_months
    >>> ends = [date(2025, 2, 28), date(2025, 3, 31)]
    >>> history = loan_history_from_months(
    ...     {
    ...         "loan_id": ["A", "B", "C"],
    ...         "disbursed_at": [
    ...             date(2025, 1, 10),
    ...             date(2025, 1, 20),
    ...             date(2025, 2, 5),
    ...         ],
    ...     },
    ...     {
    ...         "loan_id": ["A", "A", "B", "B", "C"],
    ...         "month_end": [*ends, *ends, ends[1]],
    ...         "dpd": [40, 0, 0, 0, 0],
    ...     },
    ...     snapshot=date(2025, 3, 31),
    ... )
    >>> vintage(history).table().rows()
    [('2025-01', 2, 0.5, 0.5), ('2025-02', 1, 0.0, None)]
    """
    check_whole("dpd", dpd, 1)
    check_choice("measure", measure, MEASURES)
    check_choice("cohort", cohort, COHORTS)
    split = loan_columns(history, by)
    keys = ["cohort", *split]
    loans = (
        counted_loans(history)
        .drop_nulls("booked_on")
        .with_columns(cohort_of(pl.col("booked_on"), cohort).alias("cohort"))
        .select("loan_id", "booked_on", "principal", *keys)
    )
    cells = pl.concat(
        [
            _empty_cells(loans, keys, month_index_of(last_month_end(history.snapshot))),
            _bads_by_age(
                history.months, loans, keys, is_delinquent(dpd, measure), measure
            ),
        ],
        how="diagonal",
    )
    frame = _curves(cells, keys, measure)
    return VintageCurves(dpd=dpd, measure=measure, by=tuple(split), frame=frame)


def _empty_cells(loans: pl.DataFrame, keys: list[str], last_month: int) -> pl.DataFrame:
    """Return a row per cohort and age, and the age that all of it has reached."""
    booked = month_index(pl.col("booked_on"))
    cohorts = loans.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("n_loans"),
        pl.when(pl.col("principal").is_not_null().all())
        .then(pl.col("principal").sum())
        .alias("booked_amount"),
        (last_month - booked.max()).cast(pl.Int32).alias("reached"),
    )
    highest = max(cohorts["reached"].to_list(), default=0)
    ages = pl.DataFrame({"mob": range(1, highest + 1)}, schema={"mob": pl.Int32})
    return cohorts.join(ages, how="cross")


def _bads_by_age(
    months: pl.DataFrame,
    loans: pl.DataFrame,
    keys: list[str],
    is_bad: pl.Expr,
    measure: Measure,
) -> pl.DataFrame:
    """Return the bads per cohort and age; of ``ever`` those that are new at the age."""
    bads = (
        months.filter(is_bad)
        .join(loans.select("loan_id", *keys), on="loan_id")
        .sort("mob")
    )
    if measure == "ever":
        bads = bads.unique("loan_id", keep="first", maintain_order=True)
        bads = bads.with_columns(
            pl.max_horizontal("mob", pl.lit(1, pl.Int32)).alias("mob")
        )
    return (
        bads.filter(pl.col("mob") >= 1)
        .group_by(*keys, "mob")
        .agg(
            pl.len().cast(pl.Int64).alias("n_bad"),
            pl.col("balance").sum().alias("bad_balance"),
            pl.col("balance").is_null().sum().cast(pl.Int64).alias("n_unknown"),
        )
    )


def _curves(cells: pl.DataFrame, keys: list[str], measure: Measure) -> pl.DataFrame:
    """Return cells added up: counts, rates, and nulls where the cohort is too young."""
    cohort_columns = ["n_loans", "booked_amount", "reached"]
    bad_columns = ["n_bad", "bad_balance", "n_unknown"]
    frame = (
        cells.group_by(*keys, "mob")
        .agg(pl.col(cohort_columns).max(), pl.col(bad_columns).sum())
        .filter(pl.col("n_loans").is_not_null())
        .sort(*keys, "mob")
    )
    if measure == "ever":
        frame = frame.with_columns(pl.col(bad_columns).cum_sum().over(keys))
    is_reached = pl.col("mob") <= pl.col("reached")
    is_known = is_reached & (pl.col("n_unknown") == 0)
    return (
        frame.with_columns(
            pl.when(is_reached).then("n_bad").alias("n_bad"),
            pl.when(is_known).then("bad_balance").alias("bad_balance"),
        )
        .with_columns(
            (pl.col("n_bad") / pl.col("n_loans")).alias("bad_rate"),
            (pl.col("bad_balance") / pl.col("booked_amount")).alias("bad_balance_rate"),
        )
        .drop("reached", "n_unknown")
    )
