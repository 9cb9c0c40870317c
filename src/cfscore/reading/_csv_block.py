"""CSV block: whole records become columns of text, faulty rows become rejects.

Arrow's tokenizer cuts the cells, every one as text. What it would refuse the file for
is found by row: a wrong number of cells, bytes that are not text, NUL bytes, huge
cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from cfscore.reading._csv_records import Dialect, RecordBlock
from cfscore.reading._options import ReadOptions
from cfscore.reading._row_filter import without_rows
from cfscore.reading._unit import InputBlock, RowReject
from cfscore.tables import bool_view

__all__ = ["CsvBlockReader"]

_BYTE_ORDER_MARK = "\ufeff".encode()
_NUL = b"\0"


class CsvBlockReader:
    """Reads some columns of record blocks.

    Parameters
    ----------
    names : sequence of str
        All columns of the file.
    columns : sequence of str
        The wanted ones.
    dialect : Dialect
        Delimiter, quote and escape.
    encoding : {"utf-8", "gb18030"}
        Of the blocks.
    options : ReadOptions
        Null tokens and bounds.
    """

    def __init__(
        self,
        names: Sequence[str],
        columns: Sequence[str],
        dialect: Dialect,
        encoding: str,
        options: ReadOptions,
    ) -> None:
        self._names = list(names)
        self._columns = list(columns)
        self._dialect = dialect
        self._encoding = encoding
        self._max_cell_bytes = options.bounds.max_cell_bytes
        self._as_text = self._convert_options(pa.string(), options.csv.null_tokens)
        self._as_bytes = self._convert_options(pa.binary(), options.csv.null_tokens)

    def _convert_options(self, kind: Any, tokens: Sequence[str]) -> Any:
        return pa_csv.ConvertOptions(
            check_utf8=False,  # checked for all cells at once
            column_types=dict.fromkeys(self._names, kind),
            include_columns=self._columns or self._names[:1],
            null_values=["", *tokens],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )

    def read(self, block: RecordBlock, first_row: int) -> InputBlock:
        """Return the rows of a block, the first of which is number ``first_row``."""
        data: Any = block.data
        if self._encoding == "gb18030":
            data = _utf8_from_gb18030(data)
        if bytes(data[:3]) == _BYTE_ORDER_MARK:
            data = b"\n" + bytes(data)  # Arrow would drop it: in a cell it is data
        is_text = _is_utf8(data)
        table, ragged = self._tokenize(
            data, self._as_text if is_text else self._as_bytes
        )
        assert table.num_rows + len(ragged) == block.n_records
        rows = np.arange(first_row, first_row + block.n_records)
        kept = np.ones(block.n_records, np.bool_)
        kept[ragged - 1] = False
        batch = _single_batch(table)
        rejects = tuple(RowReject(row, None, "RAGGED") for row in rows[~kept].tolist())
        read = InputBlock(batch, rows[kept], rejects)
        if not is_text or block.has_nul or self._has_large_column(batch):
            read = self._without_faulty_cells(read, is_text)
        return self._selected(read)

    def _tokenize(self, data: Any, convert: Any) -> tuple[Any, NDArray[np.int64]]:
        """Return the table and the 1-based numbers of the rows left out of it."""
        ragged: list[int] = []

        def skip(row: Any) -> str:
            ragged.append(row.number)
            return "skip"

        table = pa_csv.read_csv(
            pa.BufferReader(data),
            read_options=pa_csv.ReadOptions(
                column_names=self._names,
                use_threads=False,  # else rows have no numbers
                block_size=len(data) + 1,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._dialect.delimiter,
                quote_char=self._dialect.quote or False,
                double_quote=True,
                escape_char=self._dialect.escape or False,
                newlines_in_values=False,  # nothing to cut: one block of Arrow's
                invalid_row_handler=skip,
            ),
            convert_options=convert,
        )
        return table, np.array(ragged, np.int64)

    def _has_large_column(self, batch: Any) -> bool:
        """Tell whether any cell can be too large, by the bytes of all together."""
        held = (column.buffers()[2] for column in batch.columns)
        return any(
            data is not None and data.size > self._max_cell_bytes for data in held
        )

    def _without_faulty_cells(self, block: InputBlock, is_text: bool) -> InputBlock:
        faults = []
        for name, column in zip(
            block.batch.schema.names, block.batch.columns, strict=True
        ):
            for code, mask in self._cell_faults(column, is_text):
                rows = block.rows[mask].tolist()
                faults += [RowReject(row, name, code) for row in rows]
        return without_rows(block, faults)

    def _cell_faults(
        self, column: Any, is_text: bool
    ) -> list[tuple[str, NDArray[np.bool_]]]:
        faults = []
        if not is_text and not _is_utf8_column(column):
            faults.append(("ENCODING", _not_utf8(column)))
        data = column.buffers()[2]
        if data is not None and data.size > self._max_cell_bytes:
            lengths = np.diff(_offsets(column))
            faults.append(("CELL_TOO_LARGE", lengths > self._max_cell_bytes))
        if data is not None and _NUL in data.to_pybytes():
            as_bytes = column.cast(pa.binary())
            holds_nul = pc.match_substring(as_bytes, _NUL.decode())
            faults.append(("NUL_BYTE", bool_view(holds_nul)))
        return [(code, mask) for code, mask in faults if mask.any()]

    def _selected(self, block: InputBlock) -> InputBlock:
        """Return the wanted columns, as text."""
        unread = None if block.unread is None else self._selected(block.unread)
        schema = pa.schema([(name, pa.string()) for name in self._columns])
        held = block.batch
        columns = [held.column(name).cast(pa.string()) for name in self._columns]
        if not columns:
            return InputBlock(held.select([]), block.rows, block.rejects)
        batch = pa.RecordBatch.from_arrays(columns, schema=schema)
        return InputBlock(batch, block.rows, block.rejects, unread)


def _utf8_from_gb18030(data: memoryview) -> bytes:
    """Return UTF-8; bytes that are not GB18030 stay, and are not UTF-8 either.

    Only a lead byte without its trail can be left over, and what follows it is below
    0x80: no such pair is UTF-8.
    """
    text = str(data, "gb18030", "surrogateescape")
    return text.encode("utf-8", "surrogateescape")


def _is_utf8(data: Any) -> bool:
    """Check all cells at once: 0.1 ns a byte."""
    offsets = pa.py_buffer(np.array([0, len(data)], np.int32))
    buffers = [None, offsets, pa.py_buffer(data)]
    return _validates(pa.Array.from_buffers(pa.string(), 1, buffers))


def _validates(array: Any) -> bool:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_utf8_column(column: Any) -> bool:
    as_text = pa.Array.from_buffers(pa.string(), len(column), column.buffers())
    return _validates(as_text)


def _not_utf8(column: Any) -> NDArray[np.bool_]:
    """Return True where a cell is not UTF-8, looking at every cell."""
    faulty = np.zeros(len(column), np.bool_)
    offsets = _offsets(column).tolist()
    data = memoryview(column.buffers()[2])
    for row in range(len(column)):
        try:
            str(data[offsets[row] : offsets[row + 1]], "utf-8")
        except UnicodeDecodeError:
            faulty[row] = True
    return faulty


def _offsets(column: Any) -> NDArray[np.int32]:
    """Return the positions of the cells of text or bytes; the array is no slice."""
    return np.frombuffer(column.buffers()[1], np.int32, count=len(column) + 1)


def _single_batch(table: Any) -> Any:
    batches = table.combine_chunks().to_batches()
    if batches:
        return batches[0]
    arrays = [pa.nulls(0, field.type) for field in table.schema]
    return pa.RecordBatch.from_arrays(arrays, schema=table.schema)
