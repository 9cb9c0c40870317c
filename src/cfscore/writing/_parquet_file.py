"""Parquet file: with page checksums, of fixed version and compression."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cfscore.writing._parquet_footer import MAGIC, Piece, join_footers
from cfscore.writing._sink import Sink
from cfscore.writing._table_file import Stretch, TableFile

__all__ = ["ParquetFile"]


class ParquetFile(TableFile):
    """A Parquet file, written by one writer of Arrow from checkpoint to checkpoint.

    Parameters
    ----------
    sink, schema, row_group_rows
        See ``TableFile``.
    stretches : sequence of Stretch
        What the sink holds already.
    """

    def __init__(
        self,
        sink: Sink,
        schema: Any,
        row_group_rows: int,
        stretches: Sequence[Stretch],
    ) -> None:
        super().__init__(sink, schema, row_group_rows)
        self._stretches = list(stretches)
        self._begin()

    def checkpoint(self) -> Stretch:
        """Flush all rows to the disk, and return what another process needs of it."""
        stretch = super().checkpoint()
        self._stretches.append(stretch)
        self._begin()
        return stretch

    def _begin(self) -> None:
        self._body = _Body(self.sink, self._start)
        self._writer = pq.ParquetWriter(
            self._body,
            self.schema,
            version="2.6",
            compression="snappy",
            # Scores are nearly all different: a dictionary of them is dropped half-way,
            # after it has cost three times what all the rest does.
            use_dictionary=[f.name for f in self.schema if not _is_float(f.type)],
            write_page_checksum=True,
            store_schema=False,
        )

    def _write(self, rows: Any) -> None:
        self._writer.write_table(rows, row_group_size=len(rows))

    def _describe(self) -> bytes:
        return self._end_writer()

    def _finish(self) -> None:
        last = Stretch(self._start, self._end_writer())
        self.sink.write(join_footers(list(map(_piece, [*self._stretches, last]))))

    def _end_writer(self) -> bytes:
        """End the writer, and return what it wants to write after its last page."""
        self._body.is_ended = True
        self._writer.close()
        return bytes(self._body.footer)

    def _drop(self) -> None:
        self._writer.close()


class _Body(io.RawIOBase):
    """Passes on what one writer writes, but for what only the whole file has.

    Parameters
    ----------
    sink : Sink
        The file.
    start : int
        Where in it the writer begins: its first bytes are those of a file only at 0.

    Attributes
    ----------
    is_ended : bool
        Whether all pages are written; what follows goes to ``footer``.
    """

    def __init__(self, sink: Sink, start: int) -> None:
        super().__init__()
        self.is_ended = False
        self.footer = bytearray()
        self._sink = sink
        self._n_skipped = len(MAGIC) if start else 0

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on."""
        view = memoryview(data)
        if self.is_ended:
            self.footer += view
            return view.nbytes
        n_skipped = min(self._n_skipped, view.nbytes)
        self._n_skipped -= n_skipped
        if n_skipped < view.nbytes:
            self._sink.write(view[n_skipped:])
        return view.nbytes


def _piece(stretch: Stretch) -> Piece:
    """Return a stretch with by how much its places are moved."""
    return max(0, stretch.start - len(MAGIC)), stretch.footer


def _is_float(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind))
