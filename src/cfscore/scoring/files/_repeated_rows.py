"""Repeated rows: kept columns that an earlier row of the output has as well.

They are counted in the finished output, not while it is written: so the count is the
same after a resumed run. Rows are told apart by 64-bit hashes of their kept cells: of
10 million different rows two have the same hash with a probability of 3 in a million.
Hashes of many rows go to files first, by their highest bits, so that memory does not
grow with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cfscore._kernels.text_hash import mix_texts
from cfscore.exceptions import OutputError
from cfscore.tables import valid_mask
from cfscore.writing import CsvFormat, Layout

__all__ = ["count_repeated_rows"]

Hashes = NDArray[np.uint64]

#: Rows whose hashes are sorted at a time: 2 MB of them.
_ROWS_AT_A_TIME = 1 << 18
_MOST_FILES = 256
_BATCH_ROWS = 1 << 16
_CSV_BLOCK = 1 << 20
_HASH_BITS = 64


def count_repeated_rows(
    files: Sequence[Path],
    layout: Layout,
    columns: Sequence[str],
    csv: CsvFormat,
    n_rows: int,
    scratch: Path,
) -> int:
    """Return how many rows have the cells of an earlier row in all given columns.

    Parameters
    ----------
    files : sequence of Path
        The output, in order.
    layout : {"parquet", "csv", "arrow"}
        Its layout.
    columns : sequence of str
        Kept columns, at least one.
    csv : CsvFormat
        How CSV is written.
    n_rows : int
        Rows of the output.
    scratch : Path
        Folder for files of hashes, which are removed in the end: 8 bytes a row.

    Raises
    ------
    OutputError
        When the output cannot be read back, or hashes cannot be written.
    """
    n_bits = min(-(-n_rows // _ROWS_AT_A_TIME), _MOST_FILES).bit_length() - 1
    try:
        with ExitStack() as opened:
            places = [
                opened.enter_context(TemporaryFile(dir=scratch))
                for _ in range(1 << max(0, n_bits))
            ]
            n_different = 0
            for file in files:
                for hashes in _row_hashes(file, layout, columns, csv):
                    _sort_out(hashes, places)
            for place in places:
                place.seek(0)
                n_different += len(np.unique(np.fromfile(place, np.uint64)))
    except (OSError, pa.ArrowException) as error:
        msg = f"What was written cannot be read back ({type(error).__name__})."
        raise OutputError(msg, hint="Run it again.") from None
    return n_rows - n_different


def _sort_out(hashes: Hashes, places: Sequence[Any]) -> None:
    """Append each hash of a batch once to the file of its highest bits."""
    ascending = np.unique(hashes)
    n_bits = len(places).bit_length() - 1
    if n_bits == 0:
        places[0].write(ascending)
        return
    highest = ascending >> np.uint64(_HASH_BITS - n_bits)
    ends = np.searchsorted(highest, np.arange(1, len(places) + 1, dtype=np.uint64))
    start = 0
    for place, end in zip(places, ends.tolist(), strict=True):
        place.write(ascending[start:end])
        start = end


def _row_hashes(
    file: Path, layout: Layout, columns: Sequence[str], csv: CsvFormat
) -> Iterator[Hashes]:
    for batch in _BATCHES[layout](file, list(columns), csv):
        hashes = np.zeros(batch.num_rows, np.uint64)
        for column in batch.columns:
            _mix_column(column, hashes)
        yield hashes


def _mix_column(column: Any, hashes: Hashes) -> None:
    column = pc.cast(_as_text(column), pa.large_binary())
    _, ends, data = column.buffers()
    offsets = np.zeros(1, np.int64)
    if ends is not None:
        offsets = np.frombuffer(ends, np.int64)[column.offset :][: len(column) + 1]
    texts = np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8)
    valid = valid_mask(column)
    if valid is None:
        valid = np.ones(len(column), np.bool_)
    mix_texts(offsets, texts, valid.view(np.uint8), hashes)


def _as_text(column: Any) -> Any:
    """Return a column of any type as text or bytes."""
    types = pa.types
    is_bytes = types.is_binary, types.is_large_binary, types.is_fixed_size_binary
    if any(check(column.type) for check in is_bytes):
        return column
    try:
        return pc.cast(column, pa.string())
    except pa.ArrowNotImplementedError:  # durations
        cells = [None if cell is None else str(cell) for cell in column.to_pylist()]
        return pa.array(cells, pa.string())


def _parquet_batches(file: Path, columns: list[str], _: CsvFormat) -> Iterator[Any]:
    with pq.ParquetFile(file) as opened:
        yield from opened.iter_batches(_BATCH_ROWS, columns=columns)


def _arrow_batches(file: Path, columns: list[str], _: CsvFormat) -> Iterator[Any]:
    with pa.OSFile(str(file)) as opened:
        reader = pa.ipc.open_file(opened)
        for i in range(reader.num_record_batches):
            yield reader.get_batch(i).select(columns)


def _csv_batches(file: Path, columns: list[str], csv: CsvFormat) -> Iterator[Any]:
    encoding = "utf-8" if csv.encoding == "utf-8-sig" else csv.encoding
    with pa_csv.open_csv(
        file,
        read_options=pa_csv.ReadOptions(
            encoding=encoding, block_size=_CSV_BLOCK, use_threads=False
        ),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            include_columns=columns,
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    ) as reader:
        yield from reader


_BATCHES = {
    "parquet": _parquet_batches,
    "arrow": _arrow_batches,
    "csv": _csv_batches,
}
