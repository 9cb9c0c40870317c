"""Parquet source: row groups, read as a stream of batches of bounded size."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cfscore.exceptions import InputError, SchemaError
from cfscore.reading._fingerprint import fingerprint_of
from cfscore.reading._hive import constant_column, partition_of
from cfscore.reading._options import ReadOptions
from cfscore.reading._parquet_footer import (
    Chunk,
    read_chunks,
    refuse_missing_checksums,
)
from cfscore.reading._parquet_layout import ChunkLayout, decoded_pieces
from cfscore.reading._source import Source, units_of_stretches
from cfscore.reading._unit import InputBlock, WorkUnit

__all__ = ["ParquetSource", "open_parquet"]

_BUFFER_BYTES = 1 << 18


@dataclass(frozen=True, eq=False)
class ParquetSource(Source):
    """A Parquet file.

    Parameters
    ----------
    path, schema, n_rows, options, fingerprint, notes
        See ``Source``.
    metadata : pyarrow.parquet.FileMetaData
        Its footer.
    partition : tuple of (str, str or None)
        Columns and values from the names of its folders.
    """

    layout: ClassVar[str] = "parquet"

    metadata: Any
    partition: tuple[tuple[str, str | None], ...]

    def units(self, index: int) -> list[WorkUnit]:
        """Return row groups; small ones together, empty ones left out."""
        n_groups = self.metadata.num_row_groups
        sizes = [self.metadata.row_group(i).num_rows for i in range(n_groups)]
        return units_of_stretches(self, index, sizes)

    def read(
        self,
        unit: WorkUnit,
        columns: Sequence[str],
        batch_rows: int,
        encoded: Collection[str],
    ) -> Iterator[InputBlock]:
        """Yield batches; a page whose checksum is wrong refuses the file."""
        constants = {name: value for name, value in self.partition if name in columns}
        # Rows are counted by what is read, so one column is read at the least.
        stored = [name for name in columns if name not in constants] or [
            self.schema.names[0]
        ]
        groups = self._chunks[unit.start : unit.stop]
        layout = ChunkLayout(groups, unit.n_rows or 0, self.schema)
        repeated = [name for name in stored if layout.has_repeated_texts(name)]
        limit = self.options.bounds.max_batch_bytes
        decoded = set(repeated).difference(encoded)
        row = unit.first_row
        with self._open(repeated) as file:
            for batch in file.iter_batches(
                batch_size=min(batch_rows, layout.batch_rows(stored, limit)),
                row_groups=range(unit.start, unit.stop),
                columns=stored,
            ):
                batch.validate(full=True)
                for piece in decoded_pieces(batch, decoded, self.schema, limit):
                    whole = _with_constants(piece, columns, constants)
                    rows = np.arange(row, row + piece.num_rows)
                    row += piece.num_rows
                    yield InputBlock(whole, rows)
        if row - unit.first_row != unit.n_rows:
            msg = f"{self.path.name!r} does not hold the rows that its footer says."
            raise InputError(msg, code="UNREADABLE")

    @cached_property
    def _chunks(self) -> list[list[Chunk]]:
        return read_chunks(self.path)

    def _open(self, repeated: list[str]) -> Any:
        # Streams the column chunks of a row group, where Arrow's defaults would hold
        # them all: 113 MB instead of 579 MB for two million rows of 30 columns.
        return pq.ParquetFile(
            self.path,
            metadata=self.metadata,
            read_dictionary=repeated,
            page_checksum_verification=True,
            pre_buffer=False,
            buffer_size=_BUFFER_BYTES,
        )


def open_parquet(path: Path, options: ReadOptions) -> ParquetSource:
    """Return a Parquet file's footer.

    Parameters
    ----------
    path : Path
        The file.
    options : ReadOptions
        Bounds, and whether every page needs a checksum.

    Raises
    ------
    InputError
        When a page has no checksum and must have one; code ``NO_CHECKSUM``.
    SchemaError
        When a column of the file has the name of a partition.
    """
    fingerprint = fingerprint_of(path)
    with pq.ParquetFile(path) as file:
        schema, metadata = file.schema_arrow.remove_metadata(), file.metadata
    partition = partition_of(path)
    clashing = [name for name, _ in partition if name in schema.names]
    if clashing:
        found = "is a column of the file and a part of the name of its folder"
        raise SchemaError([(name, "PARTITION_CLASH", found) for name in clashing])
    if options.require_checksums:
        refuse_missing_checksums(path, chain.from_iterable(read_chunks(path)))
    for name, _ in partition:
        schema = schema.append(pa.field(name, pa.string()))
    return ParquetSource(
        path=path,
        schema=schema,
        n_rows=metadata.num_rows,
        options=options,
        fingerprint=fingerprint,
        notes=(),
        metadata=metadata,
        partition=partition,
    )


def _with_constants(
    batch: Any, columns: Sequence[str], constants: dict[str, str | None]
) -> Any:
    """Return the wanted columns in the wanted order, those of the partition among."""
    n_rows = batch.num_rows
    arrays = [
        constant_column(constants[name], n_rows)
        if name in constants
        else batch.column(name)
        for name in columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
