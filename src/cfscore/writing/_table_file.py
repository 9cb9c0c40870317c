"""Table file: tables appended to one file of a layout, always the same way.

Rows are cut anew into row groups of one size, so that the bytes of a file depend on its
rows alone, not on how many of them came at a time. A checkpoint ends a row group early,
and is a place from which another process can go on.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pyarrow as pa

from cfscore.writing._sink import Sink

__all__ = ["ROW_GROUP_ROWS", "Stretch", "TableFile", "one_chunk"]

ROW_GROUP_ROWS = 1 << 17


@dataclass(frozen=True)
class Stretch:
    """What was written from one checkpoint to the next.

    Parameters
    ----------
    start : int
        Where in the file it begins.
    footer : bytes
        What describes it in the end of the file; empty in layouts without any.
    """

    start: int
    footer: bytes


class TableFile(AbstractContextManager["TableFile"]):
    """A file of one layout that takes tables of one schema.

    Left on an error, it is abandoned: what was written is no file of its layout.

    Parameters
    ----------
    sink : Sink
        Where to write; closed and on the disk when the block ends well.
    schema : pyarrow.Schema
        Names and types of the columns.
    row_group_rows : int
        Rows that are written at a time.
    """

    def __init__(
        self, sink: Sink, schema: Any, row_group_rows: int = ROW_GROUP_ROWS
    ) -> None:
        self.sink = sink
        self.schema = schema
        self.n_rows = 0
        self._row_group_rows = row_group_rows
        self._waiting: list[Any] = []
        self._n_waiting = 0
        self._start = sink.n_bytes

    def append(self, table: Any) -> None:
        """Append the rows of a table."""
        self.n_rows += table.num_rows
        self._waiting.append(table)
        self._n_waiting += table.num_rows
        if self._n_waiting >= self._row_group_rows:
            self._write_groups()

    def checkpoint(self) -> Stretch:
        """Flush all rows to the disk, and return what another process needs of it."""
        self._write_waiting()
        stretch = Stretch(self._start, self._describe())
        self.sink.sync()
        self._start = self.sink.n_bytes
        return stretch

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left and end the file, or abandon it."""
        try:
            if error is None:
                self._write_waiting()
                self._finish()
                self.sink.close()
        finally:
            self.sink.abandon()  # changes nothing about a file that has its end
        if error is not None:
            self._drop()

    def _write_groups(self) -> None:
        """Write all whole row groups of what is waiting."""
        rows = pa.concat_tables(self._waiting)
        size = self._row_group_rows
        n_whole = rows.num_rows // size * size
        for start in range(0, n_whole, size):
            # One chunk a column: where a page ends would depend on the chunks else.
            self._write(rows.slice(start, size).combine_chunks())
        self._waiting = [rows.slice(n_whole)]
        self._n_waiting = rows.num_rows - n_whole

    def _write_waiting(self) -> None:
        if self._n_waiting:
            self._write(pa.concat_tables(self._waiting).combine_chunks())
        self._waiting, self._n_waiting = [], 0

    @abstractmethod
    def _write(self, rows: Any) -> None:
        """Write one row group, its columns of one chunk each."""

    @abstractmethod
    def _finish(self) -> None:
        """Write what ends the file."""

    def _describe(self) -> bytes:
        """Return what describes the row groups since the last checkpoint."""
        return b""

    def _drop(self) -> None:
        """Let go of the writer of an abandoned file."""


def one_chunk(column: Any) -> Any:
    """Return a chunked column as one array."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
