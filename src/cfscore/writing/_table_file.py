"""Table file: tables appended to one Parquet, CSV or Arrow file, always the same way.

Rows are cut anew into row groups of one size, so that the bytes of a file depend on its
rows alone, not on how many of them came at a time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cfscore.writing._csv_text import CsvFormat, csv_fields, csv_lines
from cfscore.writing._sink import HashedFile

__all__ = ["ROW_GROUP_ROWS", "SUFFIXES", "Layout", "TableFile", "open_table_file"]

Layout = Literal["parquet", "csv", "arrow"]

SUFFIXES: dict[str, Layout] = {".parquet": "parquet", ".csv": "csv", ".arrow": "arrow"}
ROW_GROUP_ROWS = 1 << 17

#: Rows of CSV that are formatted at a time: their texts are many times their size.
_CSV_ROWS = 1 << 14


class TableFile(AbstractContextManager["TableFile"]):
    """A file of one layout that takes tables of one schema.

    Left on an error, it is abandoned: what was written is no file of its layout.

    Parameters
    ----------
    sink : HashedFile
        Where to write; closed and on the disk when the block ends well.
    schema : pyarrow.Schema
        Names and types of the columns.
    row_group_rows : int
        Rows that are written at a time.
    """

    def __init__(
        self, sink: HashedFile, schema: Any, row_group_rows: int = ROW_GROUP_ROWS
    ) -> None:
        self.sink = sink
        self.schema = schema
        self.n_rows = 0
        self._row_group_rows = row_group_rows
        self._waiting: list[Any] = []
        self._n_waiting = 0

    def append(self, table: Any) -> None:
        """Append the rows of a table."""
        self.n_rows += table.num_rows
        self._waiting.append(table)
        self._n_waiting += table.num_rows
        if self._n_waiting >= self._row_group_rows:
            self._write_groups()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left and end the file, or abandon it."""
        try:
            if error is None:
                self._end()
        finally:
            self.sink.abandon()  # changes nothing about a file that has its end
        if error is not None:
            self._drop()

    def _end(self) -> None:
        if self._n_waiting:
            self._write(pa.concat_tables(self._waiting).combine_chunks())
        self._finish()
        self.sink.close()

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

    @abstractmethod
    def _write(self, rows: Any) -> None:
        """Write one row group, its columns of one chunk each."""

    @abstractmethod
    def _finish(self) -> None:
        """Write what ends the file."""

    def _drop(self) -> None:
        """Let go of the writer of an abandoned file."""


class _ParquetFile(TableFile, ABC):
    """Parquet with page checksums, of fixed version and compression."""

    def __init__(self, sink: HashedFile, schema: Any, row_group_rows: int) -> None:
        super().__init__(sink, schema, row_group_rows)
        self._writer = pq.ParquetWriter(
            sink,
            schema,
            version="2.6",
            compression="snappy",
            # Scores are nearly all different: a dictionary of them is dropped half-way,
            # after it has cost three times what all the rest does.
            use_dictionary=[f.name for f in schema if not _is_float(f.type)],
            write_page_checksum=True,
            store_schema=False,
        )

    def _write(self, rows: Any) -> None:
        self._writer.write_table(rows, row_group_size=len(rows))

    def _finish(self) -> None:
        self._writer.close()

    def _drop(self) -> None:
        self._writer.close()


class _ArrowFile(TableFile):
    """Arrow IPC file, uncompressed, one record batch a row group."""

    def __init__(self, sink: HashedFile, schema: Any, row_group_rows: int) -> None:
        super().__init__(sink, _decoded(schema), row_group_rows)
        self._writer = pa.ipc.new_file(sink, self.schema)

    def _write(self, rows: Any) -> None:
        columns = [_settled(_one_chunk(column)) for column in rows.columns]
        self._writer.write_batch(
            pa.RecordBatch.from_arrays(columns, schema=self.schema)
        )

    def _finish(self) -> None:
        self._writer.close()

    def _drop(self) -> None:
        self._writer.close()


class _CsvFile(TableFile):
    """CSV with a header line."""

    def __init__(
        self, sink: HashedFile, schema: Any, row_group_rows: int, form: CsvFormat
    ) -> None:
        super().__init__(sink, schema, min(row_group_rows, _CSV_ROWS))
        self._form = form
        sink.write(form.prefix)
        sink.write(form.encode(csv_fields(schema.names, form)))

    def _write(self, rows: Any) -> None:
        columns = [_one_chunk(column) for column in rows.columns]
        self.sink.write(self._form.encode(csv_lines(columns, self._form)))

    def _finish(self) -> None:
        """Nothing: CSV has no end of its own."""


def open_table_file(
    sink: HashedFile,
    schema: Any,
    layout: Layout,
    *,
    csv: CsvFormat | None = None,
    row_group_rows: int = ROW_GROUP_ROWS,
) -> TableFile:
    """Begin a file of a layout.

    Parameters
    ----------
    sink : HashedFile
        Where to write; abandoned if the file cannot be begun.
    schema : pyarrow.Schema
        Names and types of the columns.
    layout : {"parquet", "csv", "arrow"}
        Layout.
    csv : CsvFormat, optional
        How CSV is written.
    row_group_rows : int
        Rows that are written at a time.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    begin: dict[Layout, Callable[[], TableFile]] = {
        "parquet": lambda: _ParquetFile(sink, schema, row_group_rows),
        "arrow": lambda: _ArrowFile(sink, schema, row_group_rows),
        "csv": lambda: _CsvFile(sink, schema, row_group_rows, csv or CsvFormat()),
    }
    with ExitStack() as on_failure:
        on_failure.callback(sink.abandon)
        file = begin[layout]()
        on_failure.pop_all()
    return file


def _is_float(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind))


def _decoded(schema: Any) -> Any:
    """Return a schema with the values' type in place of dictionaries."""
    fields = [
        field.with_type(field.type.value_type)
        if pa.types.is_dictionary(field.type)
        else field
        for field in schema
    ]
    return pa.schema(fields)


def _settled(column: Any) -> Any:
    """Return a column in new buffers, with zeros where it is null.

    Arrow files hold buffers as they are, and a slice of a larger one, or what chance
    left under a null, would differ from batch size to batch size.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.null_count == 0:
        return pa.concat_arrays([column, column.slice(0, 0)])
    blank = pa.nulls(len(column), column.type)
    return pc.replace_with_mask(blank, pc.is_valid(column), pc.drop_null(column))


def _one_chunk(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
