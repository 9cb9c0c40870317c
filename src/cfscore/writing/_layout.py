"""Layout: the formats of a file that tables are written to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any, Literal

import pyarrow as pa

from cfscore.writing import _table_file
from cfscore.writing._arrow_file import ArrowFile
from cfscore.writing._csv_file import CsvFile
from cfscore.writing._csv_text import CsvFormat, has_csv_text
from cfscore.writing._parquet_file import ParquetFile
from cfscore.writing._sink import HashedFile
from cfscore.writing._table_file import Stretch, TableFile

__all__ = ["SUFFIXES", "Layout", "open_table_file", "unwritable_columns"]

Layout = Literal["parquet", "csv", "arrow"]

SUFFIXES: dict[str, Layout] = {".parquet": "parquet", ".csv": "csv", ".arrow": "arrow"}


def unwritable_columns(
    columns: Iterable[tuple[str, Any]], layout: Layout
) -> list[tuple[str, str, str]]:
    """Return as schema faults the columns, by name and type, that a layout cannot hold.

    Parameters
    ----------
    columns : iterable of (str, pyarrow.DataType)
        Columns to write.
    layout : {"parquet", "csv", "arrow"}
        Layout.

    Returns
    -------
    list of (str, str, str)
        Name, code and text of each fault, as ``SchemaError`` takes them.
    """
    return [
        (name, "UNSUPPORTED_TYPE", f"of type {kind} {fault}")
        for name, kind in columns
        if (fault := _fault(kind, layout))
    ]


def _fault(kind: Any, layout: Layout) -> str | None:
    if layout == "csv" and not has_csv_text(kind):
        return "has no text in CSV"
    if layout == "parquet" and pa.types.is_interval(kind):
        return "has no form in Parquet"
    return None


def open_table_file(
    sink: HashedFile,
    schema: Any,
    layout: Layout,
    *,
    csv: CsvFormat | None = None,
    row_group_rows: int | None = None,
    stretches: Sequence[Stretch] = (),
) -> TableFile:
    """Begin a file of a layout, or go on with one from its last checkpoint.

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
    row_group_rows : int, optional
        Rows that are written at a time; ``ROW_GROUP_ROWS`` when omitted.
    stretches : sequence of Stretch
        What the sink holds already, from its first checkpoint to its last.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    size = row_group_rows or _table_file.ROW_GROUP_ROWS
    begin: dict[Layout, Callable[[], TableFile]] = {
        "parquet": lambda: ParquetFile(sink, schema, size, stretches),
        "arrow": lambda: ArrowFile(sink, schema, size),
        "csv": lambda: CsvFile(sink, schema, size, csv or CsvFormat()),
    }
    with ExitStack() as on_failure:
        on_failure.callback(sink.abandon)
        file = begin[layout]()
        on_failure.pop_all()
    return file
