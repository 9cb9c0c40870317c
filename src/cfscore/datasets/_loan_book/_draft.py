"""Draft: rows of one table of one block, as numbers, before they become Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.datasets._arrow import (
    boolean_array,
    fixed_text_array,
    level_array,
    number_array,
)
from cfscore.datasets._dictionary import ColumnInfo, arrow_schema
from cfscore.datasets._loan_book._name import TEXT_LEVELS, TOKEN_PREFIXES, row_tokens
from cfscore.datasets._loan_book._table import TableInfo

__all__ = ["UNKNOWN_CODE", "Draft", "draft_table", "to_arrow"]

#: Text of a planted code that no code table knows; its number is that of the levels.
UNKNOWN_CODE = "?"

_MICROSECONDS = 1_000_000
_NUMBER_TYPES = {
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "double": np.float64,
    "date32[day]": np.int32,
}


@dataclass(frozen=True, eq=False)
class Draft:
    """Rows of one table, in the order of their customers.

    Parameters
    ----------
    table : TableInfo
        Which table.
    columns : mapping of str to array of shape (n,)
        Every column but ``customer_id``. A text column holds the numbers of its
        levels, of its tokens, or its letters as shape (n, width); an instant is in
        seconds, a date in days.
    missing : mapping of str to array of shape (n,), bool
        Cells that are null, of the columns that have any.
    owner : array of shape (n,), int64
        Customer of the row, counted from the start of the book.
    fault : array of shape (n,), int8
        Planted fault of the row, 0 where it is clean.
    """

    table: TableInfo
    columns: Mapping[str, NDArray[np.generic]]
    missing: Mapping[str, NDArray[np.bool_]]
    owner: NDArray[np.int64]
    fault: NDArray[np.int8]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.owner.size

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Draft:
        """Return the rows at these positions or of this mask."""
        return replace(
            self,
            columns={name: values[rows] for name, values in self.columns.items()},
            missing={name: mask[rows] for name, mask in self.missing.items()},
            owner=self.owner[rows],
            fault=self.fault[rows],
        )


def draft_table(
    table: TableInfo,
    owner: NDArray[np.int64],
    columns: Mapping[str, NDArray[np.generic]],
    missing: Mapping[str, NDArray[np.bool_]] | None = None,
) -> Draft:
    """Return a clean draft after checking that it has the columns of the table."""
    assert {*columns, "customer_id"} == {*table.column_names}, table.name
    assert all(len(values) == owner.size for values in columns.values()), table.name
    fault = np.zeros(owner.size, dtype=np.int8)
    return Draft(table, columns, dict(missing or {}), owner, fault)


def to_arrow(draft: Draft, seed: int) -> pa.Table:
    """Return the rows as an Arrow table with the schema of the table."""
    values = {**draft.columns, "customer_id": draft.owner}
    arrays = [
        _column(column, values[column.name], draft.missing.get(column.name), seed)
        for column in draft.table.columns
    ]
    return pa.Table.from_arrays(arrays, schema=draft.table.schema)


def _column(
    column: ColumnInfo,
    values: NDArray[np.generic],
    is_missing: NDArray[np.bool_] | None,
    seed: int,
) -> pa.Array:
    if column.arrow_type == "string":
        return _text(column, values, is_missing, seed)
    if column.arrow_type == "bool":
        return boolean_array(np.asarray(values, dtype=np.bool_), is_missing)
    arrow_type = arrow_schema((column,)).field(0).type
    if pa.types.is_timestamp(arrow_type):
        instants = values.astype(np.int64) * _MICROSECONDS
        return number_array(instants, arrow_type, is_missing)
    kind = _NUMBER_TYPES[column.arrow_type]
    return number_array(values.astype(kind), arrow_type, is_missing)


def _text(
    column: ColumnInfo,
    values: NDArray[np.generic],
    is_missing: NDArray[np.bool_] | None,
    seed: int,
) -> pa.Array:
    if values.ndim == 2:
        return fixed_text_array(values.astype(np.uint8), is_missing)
    numbers = values.astype(np.int64)
    if column.name in TOKEN_PREFIXES:
        return fixed_text_array(row_tokens(column.name, numbers, seed), is_missing)
    levels = column.levels or TEXT_LEVELS[column.name]
    codes = numbers if is_missing is None else np.where(is_missing, -1, numbers)
    return level_array(codes, [*levels, UNKNOWN_CODE])
