"""Payment default: failure on the first or second instalment (FPD, SPD)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from cfscore.exceptions import UsageError
from cfscore.outcomes._cohort import COHORTS, Cohort, cohort_of
from cfscore.outcomes._history import LoanHistory, counted_loans, loan_columns
from cfscore.outcomes._options import check_choice, check_whole

__all__ = ["PaymentDefaults", "payment_default", "payment_defaults_of"]


@dataclass(frozen=True, eq=False)
class PaymentDefaults:
    """Loans that failed on an instalment, and their share by cohort.

    Parameters
    ----------
    instalment : int
        Which instalment: 1 = first-payment default, 2 = second-payment default.
    dpd : int
        Days past due that are a failure.
    loans : polars.DataFrame
        One row per loan that is not excluded: ``loan_id``, ``cohort``, the columns it
        was split by, and ``is_payment_default``, null where it is too early to tell or
        the loan has no such instalment.
    table : polars.DataFrame
        One row per cohort, in order: ``cohort``, the columns it was split by,
        ``n_loans`` (those of which it is known: the denominator), ``n_too_early`` (or
        without such an instalment), ``n_defaults`` and ``rate``, null where
        ``n_loans`` is 0.
    """

    instalment: int
    dpd: int
    loans: pl.DataFrame
    table: pl.DataFrame

    @property
    def rate(self) -> float:
        """Share of defaults among all loans of which it is known; NaN without any."""
        n_loans, n_defaults = self.table.select("n_loans", "n_defaults").sum().row(0)
        return n_defaults / n_loans if n_loans else math.nan


def payment_default(
    history: LoanHistory,
    *,
    instalment: int = 1,
    dpd: int = 30,
    cohort: Cohort = "month",
    by: str | Iterable[str] = (),
) -> PaymentDefaults:
    """Return the loans that failed on their first, second or later instalment.

    Parameters
    ----------
    history : LoanHistory
        Made by :func:`loan_history`.
    instalment : int, default 1
        Which instalment, in order: 1 gives FPD, 2 gives SPD.
    dpd : int, default 30
        Days past due that are a failure, at least 1: FPD30.
    cohort : {"month", "quarter", "year"}, default "month"
        Period of booking of one row.
    by : str or iterable of str, default ()
        Further columns of the loans by which the table is split.

    Returns
    -------
    PaymentDefaults
        Per loan, and as shares by cohort.

    Raises
    ------
    UsageError
        When an option is not an allowed value, or the history has no instalments.

    Notes
    -----
    A loan fails on an instalment when that was not fully paid at the close of the day
    ``due date + dpd``, and all before it were within as many days: no loan is both a
    first- and a second-payment default. Of loans with ``due date + dpd`` after the
    snapshot it is not known; they are in no denominator.

    Examples
    --------
    >>> from datetime import date
    >>> from cfscore.outcomes import loan_history
    >>> history = loan_history(
    ...     {"loan_id": ["A", "B"], "disbursed_at": [date(2025, 1, 10)] * 2},
    ...     {
    ...         "loan_id": ["A", "B"],
    ...         "seq": [1, 1],
    ...         "due_date": [date(2025, 2, 10)] * 2,
    ...         "due_principal": [100.0] * 2,
    ...     },
    ...     {"loan_id": ["A"], "paid_at": [date(2025, 2, 9)], "amount": [100.0]},
    ...     snapshot=date(2025, 3, 12),
    ... )
    >>> payment_default(history).rate
    0.5
    """
    check_whole("instalment", instalment, 1)
    check_whole("dpd", dpd, 1)
    check_choice("cohort", cohort, COHORTS)
    split = loan_columns(history, by)
    failed = payment_defaults_of(history, instalment, dpd)
    loans = (
        counted_loans(history)
        .select(
            "loan_id", cohort_of(pl.col("booked_on"), cohort).alias("cohort"), *split
        )
        .join(failed, on="loan_id", how="left")
    )
    is_default = pl.col("is_payment_default")
    table = (
        loans.group_by("cohort", *split)
        .agg(
            is_default.is_not_null().sum().cast(pl.Int64).alias("n_loans"),
            is_default.is_null().sum().cast(pl.Int64).alias("n_too_early"),
            is_default.sum().cast(pl.Int64).alias("n_defaults"),
        )
        .sort("cohort", *split)
        .with_columns(
            pl.when(pl.col("n_loans") > 0)
            .then(pl.col("n_defaults") / pl.col("n_loans"))
            .alias("rate")
        )
    )
    return PaymentDefaults(
        instalment=instalment, dpd=dpd, loans=loans.sort("loan_id"), table=table
    )


def payment_defaults_of(
    history: LoanHistory, instalment: int, dpd: int
) -> pl.DataFrame:
    """Return ``loan_id`` and ``is_payment_default`` of loans with such an instalment.

    Raises
    ------
    UsageError
        When the history has no instalments.
    """
    if history.instalments is None:
        msg = "The history has no instalments, so that no payment default is known."
        hint = "Make it with loan_history from instalments and repayments."
        raise UsageError(msg, hint=hint)
    limit = pl.col("due_date") + pl.duration(days=dpd)
    is_late = pl.col("paid_on").fill_null(pl.date(9999, 12, 31)) > limit
    number = pl.col("seq").cum_count().over("loan_id")
    judged = history.instalments.sort("loan_id", "seq").with_columns(
        number=number, is_late=is_late, is_known=limit <= history.snapshot
    )
    judged = judged.filter(pl.col("number") <= instalment)
    last = pl.col("number") == instalment
    failed_now = pl.col("is_late").filter(last).first()
    failed_before = pl.col("is_late").filter(~last).any()
    is_known = pl.col("is_known").filter(last).first()
    return (
        judged.group_by("loan_id")
        .agg(
            pl.when(is_known)
            .then(failed_now & ~failed_before)
            .alias("is_payment_default")
        )
        .sort("loan_id")
    )
