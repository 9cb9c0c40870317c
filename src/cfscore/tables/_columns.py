"""Column batch: any table, converted once into named contiguous columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError

__all__ = [
    "FAULT_CODES",
    "CategoryColumn",
    "Column",
    "ColumnBatch",
    "NumericColumn",
    "RowFaults",
]

#: Row fault codes by name; 0 means "no fault". Numbers are part of the file format.
FAULT_CODES: dict[str, int] = {
    "NOT_A_NUMBER": 1,
    "NOT_A_BOOLEAN": 2,
    "INT_LOSSY": 3,
    "NOT_FINITE": 4,
    "MISSING": 5,
    "SPECIAL": 6,
    "UNSEEN": 7,
    "UNSUPPORTED_VALUE": 8,
    "ENCODING": 9,
    "RAGGED": 10,
    "NUL_BYTE": 11,
    "CELL_TOO_LARGE": 12,
    "ID_LOSSY": 13,
}


@dataclass(frozen=True, eq=False)
class NumericColumn:
    """Numbers of one column.

    Parameters
    ----------
    values : array of shape (n_rows,), float64, C-contiguous
        NaN means missing; ``+inf`` and ``-inf`` are values.
    """

    values: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.values)


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """Category keys of one column, each distinct text once.

    Parameters
    ----------
    codes : array of shape (n_rows,), int32, C-contiguous
        Index into ``keys``; -1 means missing.
    keys : tuple of str
        Distinct texts; not necessarily all used, order without meaning.
    """

    codes: NDArray[np.int32]
    keys: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)


Column = NumericColumn | CategoryColumn


@dataclass(frozen=True, eq=False)
class RowFaults:
    """Cells that could not be read, by row and by column.

    Parameters
    ----------
    status : array of shape (n_rows,), uint8
        First fault code of the row in column order (see ``FAULT_CODES``), 0 if none.
    counts : mapping of (column, fault name) to int
        Faulty cells.
    """

    status: NDArray[np.uint8]
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def n_bad_rows(self) -> int:
        """Rows with at least one fault."""
        return int(np.count_nonzero(self.status))


@dataclass(frozen=True, eq=False)
class ColumnBatch:
    """A table as named columns of equal length, in schema order.

    Parameters
    ----------
    n_rows : int
        Number of rows.
    columns : mapping of str to NumericColumn or CategoryColumn
        One entry per schema field, in schema order.
    faults : RowFaults or None
        Unreadable cells; None when there are none. A faulty numeric cell holds NaN,
        a faulty category cell holds code -1.
    widened : tuple of str
        Numeric columns that were given in single or half precision: their values are
        exact, but may have been rounded where they come from.
    """

    n_rows: int
    columns: Mapping[str, Column]
    faults: RowFaults | None = None
    widened: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that all columns have ``n_rows`` rows."""
        for name, column in self.columns.items():
            if len(column) != self.n_rows:
                msg = f"Column {name!r} has {len(column)} rows, not {self.n_rows}."
                raise UsageError(msg)
