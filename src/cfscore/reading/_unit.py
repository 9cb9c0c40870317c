"""Work unit and input block: what is read in one go, and what comes of it.

A run is cut into units before anything is scored. The cut depends on the files alone,
never on threads or batch sizes, so that parts of a run can be repeated alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["UNREAD_CODES", "InputBlock", "RowReject", "WorkUnit"]

#: Names of ``FAULT_CODES`` that a row has which could not be read.
UNREAD_CODES = ("RAGGED", "ENCODING", "NUL_BYTE", "CELL_TOO_LARGE", "ID_LOSSY")


@dataclass(frozen=True)
class WorkUnit:
    """A stretch of one source whose rows follow each other.

    Parameters
    ----------
    source : int
        Position of the source in the run.
    path : Path
        Its file; ``Path("-")`` is standard input.
    layout : {"parquet", "arrow", "arrow_stream", "csv"}
        Its format.
    part : int
        Position of the unit in the source, from 0.
    start, stop : int
        The stretch ``[start, stop)``: row groups of Parquet, record batches of an Arrow
        file, bytes of plain CSV (cut between records). ``0, 0`` is all of a source that
        can only be read from its beginning: compressed CSV, UTF-16, Arrow streams.
    first_row : int
        1-based number of the unit's first data row in its source.
    n_rows : int or None
        Data rows in the unit, rejected ones included; None where unknown.
    """

    source: int
    path: Path
    layout: str
    part: int
    start: int
    stop: int
    first_row: int
    n_rows: int | None


@dataclass(frozen=True, order=True)
class RowReject:
    """One reason why the reader could not read one row.

    Parameters
    ----------
    row : int
        1-based number of the data row in its source.
    column : str or None
        The column; None where the fault is the row's (its number of cells).
    code : str
        One of ``UNREAD_CODES``.
    """

    row: int
    column: str | None
    code: str


@dataclass(frozen=True, eq=False)
class InputBlock:
    """Consecutive rows of one unit: those that could be read, and the others' faults.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        The wanted columns, in the wanted order, of the rows that could be read. Columns
        of CSV are text, empty cells and null tokens null; columns of Parquet and Arrow
        have the type of the file, validated in full.
    rows : array of shape (batch.num_rows,), int64
        1-based number of each row in its source, ascending.
    rejects : tuple of RowReject
        By row, ascending; one entry per reason, so a row may have several. Rows here
        are not in ``batch``.
    unread : InputBlock or None
        The cells that could be read of rows that could not, those with a fault null:
        columns as in ``batch``, no rejects. Rows of another number of cells have none.
    """

    batch: pa.RecordBatch
    rows: NDArray[np.int64]
    rejects: tuple[RowReject, ...] = ()
    unread: InputBlock | None = None

    def __post_init__(self) -> None:
        """Check that every row of the batch has its number."""
        assert len(self.rows) == self.batch.num_rows

    @property
    def n_rejected(self) -> int:
        """Rows that could not be read."""
        return len({reject.row for reject in self.rejects})

    @property
    def n_rows(self) -> int:
        """Rows of the source that the block accounts for."""
        return len(self.rows) + self.n_rejected

    def pieces(self, batch_rows: int) -> Iterator[InputBlock]:
        """Yield the block in pieces that account for at most ``batch_rows`` rows."""
        n_rows = self.n_rows
        if n_rows == 0:
            return
        if n_rows <= batch_rows:
            yield self
            return
        first = min(self.rows[:1].tolist() + [r.row for r in self.rejects[:1]])
        rejected = np.array([reject.row for reject in self.rejects], np.int64)
        for start in range(first, first + n_rows, batch_rows):
            window = (start, start + batch_rows)
            a, b = np.searchsorted(rejected, window).tolist()
            unread = None if self.unread is None else self.unread._rows_in(window)
            read = self._rows_in(window)
            yield InputBlock(read.batch, read.rows, self.rejects[a:b], unread)

    def _rows_in(self, window: tuple[int, int]) -> InputBlock:
        low, high = np.searchsorted(self.rows, window).tolist()
        return InputBlock(self.batch.slice(low, high - low), self.rows[low:high])
