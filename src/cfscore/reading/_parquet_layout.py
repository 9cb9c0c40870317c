"""Parquet layout: how many rows of a row group fit into a bounded batch.

A footer tells what a column takes in the file, which for repeated texts is next to
nothing: five million rows of one text of 8 KB are 30 KB stored and 40 GB read. Repeated
texts are therefore read as dictionaries and decoded piece by piece.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from cfscore.reading._parquet_footer import Chunk
from cfscore.tables import fixed_view, is_text, valid_mask

__all__ = ["ChunkLayout", "decoded_pieces"]

_MOST_BATCH_ROWS = 131_072
_CELL_BYTES = 8
# A text stored plainly takes its bytes and four more for its length.
_FEWEST_PLAIN_BYTES = 12
# Texts as differences to the text before: nothing tells their size before reading.
_MOST_PREFIX_ROWS = 1_024


class ChunkLayout:
    """How the columns of some row groups are stored.

    Parameters
    ----------
    groups : sequence of (sequence of Chunk)
        The columns of each row group.
    n_rows : int
        Rows of all of them.
    schema : pyarrow.Schema
        Types of the columns.
    """

    def __init__(
        self, groups: Sequence[Sequence[Chunk]], n_rows: int, schema: pa.Schema
    ) -> None:
        self._schema = schema
        self._n_rows = max(n_rows, 1)
        self._chunks: dict[str, list[Chunk]] = {}
        for group in groups:
            for chunk in group:
                self._chunks.setdefault(chunk.name, []).append(chunk)

    def has_repeated_texts(self, name: str) -> bool:
        """Return whether a column holds few different texts, stored once each."""
        chunks = self._chunks.get(name, [])
        return (
            is_text(self._schema.field(name).type)
            and any(chunk.has_dictionary for chunk in chunks)
            and self._bytes_per_row(name) < _FEWEST_PLAIN_BYTES
        )

    def batch_rows(self, names: Sequence[str], max_bytes: int) -> int:
        """Return how many rows of some columns to read at a time."""
        row_bytes = sum(max(_CELL_BYTES, self._bytes_per_row(name)) for name in names)
        chunks = (chunk for name in names for chunk in self._chunks.get(name, []))
        has_prefixes = any(chunk.has_prefixes for chunk in chunks)
        most = _MOST_PREFIX_ROWS if has_prefixes else _MOST_BATCH_ROWS
        return max(1, min(most, int(max_bytes / row_bytes)))

    def _bytes_per_row(self, name: str) -> float:
        n_bytes = sum(chunk.n_bytes for chunk in self._chunks.get(name, []))
        return n_bytes / self._n_rows


def decoded_pieces(
    batch: Any, names: Collection[str], schema: pa.Schema, max_bytes: int
) -> Iterator[Any]:
    """Yield a batch with some dictionary columns decoded, in pieces of bounded size.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        A batch.
    names : collection of str
        Columns to decode into their type in ``schema``.
    schema : pyarrow.Schema
        Types by name.
    max_bytes : int
        Most bytes of decoded text of a piece that has more than one row.
    """
    if not names:
        yield batch
        return
    sizes = sum((_text_sizes(batch.column(name)) for name in names), start=0)
    ends = np.cumsum(sizes)
    start = 0
    while start < batch.num_rows:
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + max_bytes, "right")))
        piece = batch.slice(start, stop - start)
        yield _decoded(piece, names, schema)
        start = stop


def _text_sizes(column: Any) -> Any:
    """Return the bytes of each row's text, 0 for null."""
    dictionary = column.dictionary
    wide = pa.types.is_large_string(dictionary.type)
    dtype = np.dtype(np.int64 if wide else np.int32)
    offsets = np.frombuffer(dictionary.buffers()[1], dtype)[dictionary.offset :]
    lengths = np.diff(offsets[: len(dictionary) + 1]).astype(np.int64)
    codes = fixed_view(column.indices, np.dtype(np.int32))
    valid = valid_mask(column.indices)
    if valid is None:
        return lengths[codes]
    return np.where(valid, np.append(lengths, 0)[np.where(valid, codes, 0)], 0)


def _decoded(batch: Any, names: Collection[str], schema: pa.Schema) -> Any:
    columns = [
        column.dictionary_decode().cast(schema.field(name).type)
        if name in names
        else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
