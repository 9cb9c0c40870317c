"""Loan history: what each loan was like at every month end up to a snapshot."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from cfscore.exceptions import SchemaError
from cfscore.outcomes._options import check_date, check_names

__all__ = ["RESERVED_NAMES", "LoanHistory", "counted_loans", "loan_columns"]

_LOAN_COLUMNS = (
    "loan_id",
    "booked_on",
    "principal",
    "closed_on",
    "written_off_on",
    "exclusion",
)
_MONTH_COLUMNS = (
    "loan_id",
    "month_end",
    "mob",
    "dpd",
    "max_dpd",
    "ever_max_dpd",
    "bucket",
    "balance",
    "on_book",
    "written_off",
)

#: Names that the history and the tables made of it give columns themselves; the loans
#: table may not have them.
RESERVED_NAMES = frozenset(
    {
        "booked_on",
        "closed_on",
        "cohort",
        "is_default_90",
        "is_delinquent",
        "is_first_payment_default",
        "is_payment_default",
        "label",
        "max_dpd",
        "mob",
        "reason",
        "sample",
        "window_end",
        "written_off_on",
        "y",
    }
)


@dataclass(frozen=True, eq=False, repr=False)
class LoanHistory:
    """Loans and their month ends, as labels, vintages and roll rates read them.

    Made by :func:`loan_history` or :func:`loan_history_from_months`.

    Parameters
    ----------
    snapshot : datetime.date
        Day up to whose close the facts are known.
    loans : polars.DataFrame
        One row per loan: ``loan_id``, ``booked_on``, ``principal`` (amount booked),
        ``closed_on``, ``written_off_on`` (or compensated by a guarantor; both null
        where it has not happened by the snapshot), ``exclusion`` (reason, or null), and
        the further columns of the loans table.
    months : polars.DataFrame
        One row per loan and month end, from that of the month of disbursement (``mob``
        0) to the last complete month: ``loan_id``, ``month_end``, ``mob``, ``dpd``
        (days past due at its close), ``max_dpd`` (most on any day of the month),
        ``ever_max_dpd`` (most on any day so far), ``bucket`` (of ``dpd``; 7 once
        written off), ``balance`` (principal outstanding; null where not known),
        ``on_book`` (False once closed or written off) and ``written_off``. Loans that
        left the book keep their rows.
    instalments : polars.DataFrame or None
        ``loan_id``, ``seq``, ``due_date``, ``paid_on`` (null while not fully paid);
        None where the history was made from month ends.
    quarantined : polars.DataFrame
        One row per faulty record that was set aside: ``loan_id`` (null where not
        known), ``table``, ``column``, ``code``.
    set_aside : polars.Series
        Ids of the loans that have such records; they are not in ``loans``.
    n_not_booked : int, default 0
        Loans that were disbursed after the snapshot; they are left out.

    Raises
    ------
    SchemaError
        When a frame lacks a column.

    Notes
    -----
    Where daily records are known, "ever" counts every day; from month ends it counts
    month ends, unless they come with the most days past due of each month.
    """

    snapshot: datetime.date
    loans: pl.DataFrame
    months: pl.DataFrame
    instalments: pl.DataFrame | None
    quarantined: pl.DataFrame
    set_aside: pl.Series
    n_not_booked: int = 0

    def __post_init__(self) -> None:
        """Check the columns."""
        check_date("snapshot", self.snapshot)
        faults = [
            (f"{table}.{name}", "MISSING_COLUMN", "is missing")
            for table, frame, names in (
                ("loans", self.loans, _LOAN_COLUMNS),
                ("months", self.months, _MONTH_COLUMNS),
            )
            for name in names
            if name not in frame.columns
        ]
        if faults:
            raise SchemaError(faults)

    def __repr__(self) -> str:
        """Return counts and the snapshot; no row of any table."""
        return (
            f"{type(self).__name__}({self.loans.height} loans, {self.months.height} "
            f"month ends, {self.set_aside.len()} set aside, snapshot {self.snapshot})"
        )

    def filter(self, predicate: pl.Expr) -> LoanHistory:
        """Return the history of some of the loans, such as those of one product.

        Parameters
        ----------
        predicate : polars.Expr
            True for the loans to keep, an expression of the columns of ``loans``.

        Returns
        -------
        LoanHistory
            Without the quarantined loans and the count of those not booked yet, of
            which it is not known whether they belong.
        """
        loans = self.loans.filter(predicate)
        keys = loans.select("loan_id")
        return replace(
            self,
            loans=loans,
            months=self.months.join(keys, on="loan_id", how="semi"),
            instalments=None
            if self.instalments is None
            else self.instalments.join(keys, on="loan_id", how="semi"),
            quarantined=self.quarantined.clear(),
            set_aside=self.set_aside.clear(),
            n_not_booked=0,
        )


def counted_loans(history: LoanHistory) -> pl.DataFrame:
    """Return the loans that are not excluded: the accounts that rates count."""
    return history.loans.filter(pl.col("exclusion").is_null())


def loan_columns(history: LoanHistory, by: str | Iterable[str]) -> list[str]:
    """Return names of columns of the loans by which a table is to be split.

    Raises
    ------
    UsageError
        When one is no further column of ``history.loans``.
    """
    further = [name for name in history.loans.columns if name not in _LOAN_COLUMNS]
    return list(check_names("by", by, further))
