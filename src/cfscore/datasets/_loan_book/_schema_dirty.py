"""Table of the rows that are dirty on purpose."""

from __future__ import annotations

from cfscore.datasets._loan_book._invariant import INVARIANTS
from cfscore.datasets._loan_book._table import (
    TableInfo,
    attribute,
    key,
    measure,
    reference,
)

__all__ = ["DIRTY_ROWS"]

DIRTY_ROWS = TableInfo(
    name="dirty_rows",
    meaning="One row of another table that breaks one invariant on purpose.",
    key=("table", "row"),
    columns=(
        key("table", "Which table."),
        measure("row", "int64", "", "Position in its file, from 0."),
        attribute("code", "Which invariant.", levels=tuple(INVARIANTS)),
        attribute(
            "column",
            "Column that is spoilt.",
            missing="Where the row itself is: a duplicate.",
        ),
        reference("customer_id", "Whose row."),
    ),
)
