"""Label: good, bad, indeterminate, immature or excluded, and how many are each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from cfscore.outcomes._definition import LabelDefinition
from cfscore.outcomes._delinquency import is_delinquent
from cfscore.outcomes._history import LoanHistory
from cfscore.outcomes._payment_default import payment_defaults_of

__all__ = ["LABELS", "Labels", "label"]

#: What a loan can be.
LABELS = ("good", "bad", "indeterminate", "immature", "excluded")

_DEFAULT_DPD = 90
_FIRST_PAYMENT_DPD = 30
# Columns of the history that are no property of the loan when it was granted.
_NOT_TOLD = ("closed_on", "written_off_on", "exclusion")
_TOLD = (
    "label",
    "reason",
    "y",
    "window_end",
    "max_dpd",
    "is_default_90",
    "is_first_payment_default",
)
_FAULTY = "faulty_records"
_FIRST_PAYMENT = "first_payment_default"
_USUAL = LabelDefinition()


@dataclass(frozen=True, eq=False)
class Labels:
    """One label per loan, and the waterfall from all loans to the sample.

    Parameters
    ----------
    definition : LabelDefinition
        What good and bad mean.
    frame : polars.DataFrame
        One row per loan, in order of ``loan_id``: ``booked_on``, the further columns of
        the loans, ``label`` (one of :data:`LABELS`), ``reason`` (why it is excluded,
        else null), ``y`` (int8: 1 = bad, 0 = good, null for the others), ``window_end``
        (last day that counts), ``max_dpd`` (the days past due that were judged; of an
        immature loan, those so far), ``is_default_90`` (ever 90+, or written off,
        within the window; null for immature and excluded loans) and
        ``is_first_payment_default`` (30 days past due on the first instalment; null
        where not known).
    waterfall : polars.DataFrame
        From all loans to the sample, in order: ``step``, ``n_loans``, ``share`` (of all
        loans) and ``n_left`` (after taking the step's loans away).
    n_immature_bad : int
        Immature loans that have reached the bad limit already. They are no bads yet:
        those of their age that will be good are not known, and counting the one
        without the other overstates the bad rate.
    """

    definition: LabelDefinition
    frame: pl.DataFrame
    waterfall: pl.DataFrame
    n_immature_bad: int

    @property
    def counts(self) -> dict[str, int]:
        """Number of loans per label; all labels are there."""
        found = dict(self.frame.group_by("label").len().iter_rows())
        return {name: found.get(name, 0) for name in LABELS}

    @property
    def bad_rate(self) -> float:
        """Bads over goods and bads, 0..1; NaN without any."""
        counts = self.counts
        n_known = counts["good"] + counts["bad"]
        return counts["bad"] / n_known if n_known else math.nan

    @property
    def sample(self) -> pl.DataFrame:
        """The rows of good and bad loans, to develop and to validate on."""
        return self.frame.filter(pl.col("y").is_not_null())


def label(history: LoanHistory, *, definition: LabelDefinition = _USUAL) -> Labels:
    """Return each loan as good, bad, indeterminate, immature or excluded.

    Parameters
    ----------
    history : LoanHistory
        Loans and month ends up to a snapshot.
    definition : LabelDefinition, default ever 30+ within 12 months on book
        What good and bad mean.

    Returns
    -------
    Labels
        One label per loan and the counts of each step.

    Raises
    ------
    UsageError
        When first-payment defaults are to be excluded and the history has no
        instalments.

    Notes
    -----
    The first rule that applies decides:

    1. *excluded*: faulty records, a reason in the loans table, or a first-payment
       default where those are to be excluded;
    2. *immature*: the month end of age ``window_months`` is after the snapshot,
       whatever has happened so far, so that no age or state is over-represented;
    3. *bad*: ``bad_dpd`` or more days past due, or written off;
    4. *good*: ``good_dpd`` or fewer, early settled loans included;
    5. *indeterminate*: the rest.

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
    >>> labels = label(history, definition=LabelDefinition(30, window_months=2))
    >>> labels.frame["label"].to_list(), labels.frame["y"].to_list()
    (['bad', 'good', 'immature'], [1, 0, None])
    >>> labels.waterfall.rows()[-1]
    ('bad', 1, 0.3333333333333333, 0)
    """
    judged = _judged(history, definition)
    is_immature = pl.col("label") == "immature"
    n_immature_bad = judged.filter(is_immature & pl.col("is_bad")).height
    frame = pl.concat([judged, _set_aside(history)], how="diagonal")
    further = [
        name
        for name in history.loans.columns
        if name not in ("loan_id", "booked_on", *_NOT_TOLD)
    ]
    return Labels(
        definition=definition,
        frame=frame.with_columns(_outcome().alias("y"))
        .select("loan_id", "booked_on", *further, *_TOLD)
        .sort("loan_id"),
        waterfall=_waterfall(frame, history.n_not_booked),
        n_immature_bad=n_immature_bad,
    )


def _judged(history: LoanHistory, definition: LabelDefinition) -> pl.DataFrame:
    """Return the loans with all that decides on their label, and the label."""
    window = definition.window_months
    days = "ever_max_dpd" if definition.measure == "ever" else "dpd"
    state = (
        history.months.filter(pl.col("mob") <= window)
        .sort("loan_id", "mob")
        .group_by("loan_id")
        .agg(
            (pl.col("mob").last() == window).alias("is_mature"),
            pl.col(days).last().alias("max_dpd"),
            is_delinquent(definition.bad_dpd, definition.measure)
            .last()
            .alias("is_bad"),
            is_delinquent(_DEFAULT_DPD, "ever").last().alias("is_default_90"),
        )
    )
    window_end = pl.col("booked_on").dt.month_start().dt.offset_by(f"{window}mo")
    judged = (
        history.loans.join(state, on="loan_id", how="left")
        .join(_first_payment_defaults(history, definition), on="loan_id", how="left")
        .with_columns(
            pl.col("is_mature", "is_bad").fill_null(value=False),
            window_end=window_end.dt.month_end(),
            reason=_reason(definition),
        )
    )
    is_judged = pl.col("label").is_in(["good", "bad", "indeterminate"])
    return judged.with_columns(_label(definition).alias("label")).with_columns(
        pl.when(is_judged).then("is_default_90").alias("is_default_90")
    )


def _first_payment_defaults(
    history: LoanHistory, definition: LabelDefinition
) -> pl.DataFrame:
    if history.instalments is None and definition.first_payment_default == "keep":
        unknown = pl.lit(None, pl.Boolean).alias("is_first_payment_default")
        return history.loans.select("loan_id", unknown)
    failed = payment_defaults_of(history, 1, _FIRST_PAYMENT_DPD)
    return failed.rename({"is_payment_default": "is_first_payment_default"})


def _reason(definition: LabelDefinition) -> pl.Expr:
    if definition.first_payment_default == "keep":
        return pl.col("exclusion")
    failed = pl.when("is_first_payment_default").then(pl.lit(_FIRST_PAYMENT))
    return pl.coalesce("exclusion", failed)


def _label(definition: LabelDefinition) -> pl.Expr:
    return (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit("excluded"))
        .when(~pl.col("is_mature"))
        .then(pl.lit("immature"))
        .when("is_bad")
        .then(pl.lit("bad"))
        .when(pl.col("max_dpd") <= definition.good_dpd)
        .then(pl.lit("good"))
        .otherwise(pl.lit("indeterminate"))
    )


def _outcome() -> pl.Expr:
    return (
        pl.when(pl.col("label") == "bad")
        .then(1)
        .when(pl.col("label") == "good")
        .then(0)
        .cast(pl.Int8)
    )


def _set_aside(history: LoanHistory) -> pl.DataFrame:
    """Return the loans with faulty records, of which nothing else is known."""
    return pl.DataFrame({"loan_id": history.set_aside}).with_columns(
        label=pl.lit("excluded"), reason=pl.lit(_FAULTY)
    )


def _waterfall(frame: pl.DataFrame, n_not_booked: int) -> pl.DataFrame:
    counts = dict(frame.group_by("label").len().iter_rows())
    excluded = frame.filter(pl.col("label") == "excluded")
    reasons = excluded.group_by("reason").len().sort("reason").iter_rows()
    removed = [("not booked at the snapshot", n_not_booked)]
    removed += [(f"excluded: {reason}", n) for reason, n in reasons]
    names = ("immature", "indeterminate", "good", "bad")
    removed += [(name, counts.get(name, 0)) for name in names]
    n_all = frame.height + n_not_booked
    steps = [("all loans", n_all), *removed]
    n_left = [n_all - sum(n for _, n in removed[:i]) for i in range(len(steps))]
    return pl.DataFrame(
        {
            "step": [step for step, _ in steps],
            "n_loans": [n for _, n in steps],
            "share": [n / n_all if n_all else None for _, n in steps],
            "n_left": n_left,
        },
        schema={
            "step": pl.String,
            "n_loans": pl.Int64,
            "share": pl.Float64,
            "n_left": pl.Int64,
        },
    )
