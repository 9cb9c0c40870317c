"""Reading back: some columns of a file that was just written, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pq

from cfscore.writing._csv_text import CsvFormat, names_as_written
from cfscore.writing._layout import Layout

__all__ = ["Piece", "read_back"]

#: Returns record batches.
Piece = Callable[[], Iterable[Any]]

_BATCH_ROWS = 1 << 14
_BUFFER_BYTES = 1 << 18
#: Bytes of CSV that are read at a time; a longer line needs more, up to the second.
_CSV_BYTES, _MOST_CSV_BYTES = 1 << 19, (1 << 31) - 1
#: A file whose GB18030 becomes UTF-8 grows to this many times its size at the most.
_CSV_GROWTH = 2


def read_back(
    path: Path, layout: Layout, columns: Sequence[str], form: CsvFormat
) -> Iterator[Piece]:
    """Yield pieces of a file, in the order of the rows.

    The pieces are drawn in one thread, and may be called in any: what takes long is
    done when they are.

    Parameters
    ----------
    path : Path
        A file that was written by this package.
    layout : {"parquet", "csv", "arrow"}
        Its layout.
    columns : sequence of str
        Names; of CSV, every cell comes as text, a missing one as the empty text.
    form : CsvFormat
        How CSV was written.

    Yields
    ------
    callable
        Returns record batches of the columns, the rows of a row group at the most.
    """
    if layout == "parquet":
        metadata = pq.read_metadata(path)
        for i in range(metadata.num_row_groups):
            yield partial(_row_group, path, metadata, i, list(columns))
        return
    batches = _arrow(path, columns) if layout == "arrow" else _csv(path, columns, form)
    for batch in batches:
        yield partial(iter, [batch])


def _row_group(
    path: Path, metadata: Any, position: int, columns: list[str]
) -> Iterator[Any]:
    # Streamed, where Arrow's defaults would hold whole columns.
    with pq.ParquetFile(
        path, metadata=metadata, pre_buffer=False, buffer_size=_BUFFER_BYTES
    ) as file:
        batches = file.iter_batches(
            _BATCH_ROWS, row_groups=[position], columns=columns, use_threads=False
        )
        for batch in batches:
            yield batch.select(columns)


def _arrow(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    with pa.OSFile(str(path)) as file:
        with pa_ipc.open_file(file) as reader:
            schema = reader.schema
        positions = sorted(schema.get_field_index(name) for name in columns)
        options = pa_ipc.IpcReadOptions(included_fields=positions, use_threads=False)
        with pa_ipc.open_file(file, options=options) as reader:
            for i in range(reader.num_record_batches):
                yield reader.get_batch(i).select(list(columns))


def _csv(path: Path, columns: Sequence[str], form: CsvFormat) -> Iterator[Any]:
    n_bytes = _CSV_BYTES
    n_rows = 0  # that were yielded before a line turned out to be longer
    is_whole = False
    while not is_whole:
        n_before = 0
        try:
            for batch in _csv_batches(path, columns, form, n_bytes):
                n_known = min(batch.num_rows, max(0, n_rows - n_before))
                n_before += batch.num_rows
                if n_known < batch.num_rows:
                    yield batch.slice(n_known)
            is_whole = True
        except pa.ArrowInvalid:
            if n_bytes >= min(_CSV_GROWTH * path.stat().st_size, _MOST_CSV_BYTES):
                raise
            n_rows = max(n_rows, n_before)
            n_bytes = min(n_bytes * 8, _MOST_CSV_BYTES)


def _csv_batches(
    path: Path, columns: Sequence[str], form: CsvFormat, n_bytes: int
) -> Iterator[Any]:
    encoding = "gb18030" if form.encoding == "gb18030" else "utf-8"
    names = names_as_written(columns, form)
    with pa_csv.open_csv(
        path,
        read_options=pa_csv.ReadOptions(
            use_threads=False, block_size=n_bytes, encoding=encoding
        ),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=names,
            strings_can_be_null=False,
        ),
    ) as reader:
        yield from reader
