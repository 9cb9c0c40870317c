"""Fault log: what is wrong with raw records, by table, column, code and loan."""

from __future__ import annotations

from typing import Literal

import polars as pl

from cfscore.exceptions import RecordFaultError

__all__ = ["FaultLog", "OnBad", "set_aside", "without_loans"]

#: What to do about faulty records: refuse the tables, or set their loans aside.
OnBad = Literal["strict", "quarantine"]

_HINT = (
    "Correct the records, or set their loans aside, counted, with on_bad='quarantine'."
)


class FaultLog:
    """Faults of a set of raw tables, collected before any is acted upon.

    Parameters
    ----------
    loan_id_type : polars data type
        Type of the loan ids.
    """

    def __init__(self, loan_id_type: pl.DataType) -> None:
        self._loan_id_type = loan_id_type
        self._found: list[pl.DataFrame] = []

    def check(
        self,
        table: str,
        column: str,
        code: str,
        frame: pl.DataFrame,
        is_faulty: pl.Expr,
    ) -> None:
        """Note the rows of a frame for which an expression is true; null is not."""
        self.add(table, column, code, frame.filter(is_faulty)["loan_id"])

    def add(self, table: str, column: str, code: str, loan_ids: pl.Series) -> None:
        """Note one faulty record per loan id; the id is null where it is not known."""
        if loan_ids.is_empty():
            return
        self._found.append(
            pl.DataFrame({"loan_id": loan_ids.cast(self._loan_id_type)}).select(
                "loan_id",
                pl.lit(table).alias("table"),
                pl.lit(column).alias("column"),
                pl.lit(code).alias("code"),
            )
        )

    def frame(self) -> pl.DataFrame:
        """Return one row per faulty record: loan_id, table, column, code."""
        schema = {
            "loan_id": self._loan_id_type,
            "table": pl.String(),
            "column": pl.String(),
            "code": pl.String(),
        }
        return pl.concat([pl.DataFrame(schema=schema), *self._found])

    def settle(self, on_bad: OnBad) -> pl.DataFrame:
        """Return the faults where they are to be set aside.

        Raises
        ------
        RecordFaultError
            When there are faults and they are not; all are listed with counts.
        """
        faults = self.frame()
        if on_bad == "strict" and not faults.is_empty():
            counted = faults.group_by("table", "column", "code").len().rows()
            counts = {(table, column, code): n for table, column, code, n in counted}
            raise RecordFaultError(counts, hint=_HINT)
        return faults


def set_aside(loans: pl.DataFrame, faults: pl.DataFrame) -> pl.Series:
    """Return the ids of the loans that have faults, in order."""
    known = loans.select("loan_id").drop_nulls().unique()
    return known.join(faults, on="loan_id", how="semi")["loan_id"].sort()


def without_loans(frame: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Return a table without the loans that have faults, and without null keys."""
    known = frame.filter(pl.col("loan_id").is_not_null())
    return known.join(faults.drop_nulls("loan_id"), on="loan_id", how="anti")
