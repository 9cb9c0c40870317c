"""Repeated rows: kept columns that an earlier row of the output has as well.

They are counted in the finished output, not while it is written: so the count is the
same after a resumed run. Rows are told apart by 64-bit hashes of their kept cells: of
10 million different rows two have the same hash with a probability of 3 in a million.
Hashes of many rows go to files first, by their highest bits, so that memory does not
grow with the rows up to 67 million of them, and by a 256th of their hashes beyond.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cfscore._kernels.text_hash import mix_texts
from cfscore.exceptions import OutputError
from cfscore.reading import UNREAD_CODES
from cfscore.scoring.files._ordered import ordered_map
from cfscore.scoring.files._tally import Tally
from cfscore.tables import FAULT_CODES, fixed_view, pack_mask, valid_mask
from cfscore.writing import CsvFormat, Layout, Piece, read_back

__all__ = ["count_repeated_rows"]

Hashes = NDArray[np.uint64]

#: Rows whose hashes are sorted at a time: 2 MB of them.
_ROWS_AT_A_TIME = 1 << 18
_MOST_FILES = 256
_HASH_BITS = 64
_NOTHING = np.empty(0, np.uint8)


def count_repeated_rows(
    files: Sequence[Path],
    layout: Layout,
    columns: Sequence[str],
    csv: CsvFormat,
    total: Tally,
    scratch: Path,
    threads: int,
) -> int:
    """Return how many rows have the cells of an earlier row in all given columns.

    Rows that could not be read may lack cells, and are passed over.

    Parameters
    ----------
    files : sequence of Path
        The output, in order.
    layout : {"parquet", "csv", "arrow"}
        Its layout. In CSV, a missing cell and an empty text are the same.
    columns : sequence of str
        Kept columns, at least one.
    csv : CsvFormat
        How CSV is written.
    total : Tally
        Counts of all rows of the output.
    scratch : Path
        Folder for files of hashes, which are removed in the end: 8 bytes a row.
    threads : int
        Threads that read and hash.

    Raises
    ------
    OutputError
        When the output cannot be read back, or hashes cannot be written.
    """
    unread = {FAULT_CODES[fault] for _, fault in total.faults if fault in UNREAD_CODES}
    names = [*columns, *(["status"] if unread else [])]

    def hashes_of(piece: Piece) -> list[Hashes]:
        return list(map(_row_hashes, _read_rows(piece(), unread)))

    read = (read_back(file, layout, names, csv) for file in files)
    pieces = chain.from_iterable(read)
    try:
        with closing(ordered_map(hashes_of, pieces, threads)) as found:
            hashes = chain.from_iterable(found)
            return _count_repeated(hashes, total.n_rows, scratch)
    except (OSError, pa.ArrowException) as error:
        msg = f"What was written cannot be read back ({type(error).__name__})."
        raise OutputError(msg, hint="Run it again.") from None


def _count_repeated(hashes: Iterable[Hashes], n_rows: int, scratch: Path) -> int:
    """Return how many hashes occur earlier.

    Parameters
    ----------
    hashes : iterable of arrays
        Some at a time.
    n_rows : int
        How many they are at the most.
    scratch : Path
        Folder for files.
    """
    n_files = min(max(1, -(-n_rows // _ROWS_AT_A_TIME)), _MOST_FILES)
    n_all, n_different = 0, 0
    with ExitStack() as opened:
        places = [
            opened.enter_context(TemporaryFile(dir=scratch))
            for _ in range(1 << (n_files - 1).bit_length())
        ]
        for some in hashes:
            n_all += len(some)
            _sort_out(_different(some), places)
        for place in places:
            place.seek(0)
            n_different += len(_different(np.fromfile(place, np.uint64)))
    return n_all - n_different


def _different(hashes: Hashes) -> Hashes:
    """Return hashes in ascending order, each once.

    Sorted in place: ``numpy.unique`` fills a hash table, 12 times as slow here.
    """
    hashes.sort()
    is_new = np.ones(len(hashes), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_new[1:])
    return hashes if is_new.all() else hashes[is_new]


def _sort_out(ascending: Hashes, places: Sequence[Any]) -> None:
    """Append each hash to the file of its highest bits."""
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


def _read_rows(batches: Iterable[Any], unread: Collection[int]) -> Iterator[Any]:
    """Yield batches without the rows of some status, which is then the last column."""
    if not unread:
        yield from batches
        return
    for batch in batches:
        status = pc.cast(batch.column(batch.num_columns - 1), pa.uint8())
        is_read = ~np.isin(fixed_view(status, np.dtype(np.uint8)), list(unread))
        kept = batch.select(range(batch.num_columns - 1))
        yield kept if is_read.all() else kept.filter(pack_mask(is_read))


def _row_hashes(batch: Any) -> Hashes:
    hashes = np.zeros(batch.num_rows, np.uint64)
    for column in batch.columns:
        texts = _as_text(column)
        valid = valid_mask(texts)
        offsets, data = _buffers(texts)
        held = _NOTHING if valid is None else valid.view(np.uint8)
        mix_texts(offsets, data, held, hashes)
    return hashes


def _as_text(column: Any) -> Any:
    """Return a column of any type as text or bytes, a text for each of its values."""
    types, kind = pa.types, column.type
    is_held_so: Sequence[Callable[[Any], bool]] = (
        types.is_string,
        types.is_large_string,
        types.is_binary,
        types.is_large_binary,
    )
    if any(check(kind) for check in is_held_so):
        return column
    if types.is_fixed_size_binary(kind):
        return pc.cast(column, pa.binary())
    if types.is_interval(kind):
        held = (pa.binary(kind.bit_width // 8), len(column), column.buffers())
        column = pa.Array.from_buffers(*held, offset=column.offset)
        return pc.cast(column, pa.binary())
    if types.is_temporal(kind):  # as numbers, as not every zone is known everywhere
        column = column.view(f"int{kind.bit_width}")
    return pc.cast(column, pa.string())


def _buffers(texts: Any) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Return where each text starts and the last one ends, and the bytes of all."""
    is_large = texts.type in (pa.large_string(), pa.large_binary())
    width = np.dtype(np.int64 if is_large else np.int32)
    if len(texts) == 0:
        return np.zeros(1, width), _NOTHING
    _, ends, data = texts.buffers()
    start = texts.offset * width.itemsize
    offsets = np.frombuffer(ends, width, count=len(texts) + 1, offset=start)
    return offsets, np.frombuffer(data, np.uint8) if data else _NOTHING
