"""CSV text: Arrow columns as lines, numbers by their shortest text, missing as nothing.

Columns are formatted whole, by Arrow: cell by cell in Python, a million rows would take
as long as scoring them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cfscore.exceptions import UsageError

__all__ = [
    "CsvFormat",
    "csv_fields",
    "csv_lines",
    "has_csv_text",
    "names_as_written",
]

Encoding = Literal["utf-8", "utf-8-sig", "gb18030"]
_ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")

#: Arrow and ``repr`` write the same digits; within these limits also the same text,
#: whole numbers apart, which Arrow writes without ".0".
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-4, 1e10

_NEEDS_QUOTES = '[",\r\n]'
#: A cell that a spreadsheet takes for a formula (CWE-1236).
_FORMULA = "^[=+\\-@\t\r]"

_TEXT = pa.large_string()


def _text_column(texts: Sequence[str | None]) -> Any:
    """Return texts as an Arrow column; from buffers, as ``pa.array`` imports pandas."""
    encoded = [(text or "").encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    valid = _mask(np.array([text is not None for text in texts], np.bool_))
    characters = pa.py_buffer(b"".join(encoded))
    buffers = [valid.buffers()[1], pa.py_buffer(offsets), characters]
    return pa.Array.from_buffers(_TEXT, len(texts), buffers)


def _mask(values: NDArray[np.bool_]) -> Any:
    bits = pa.py_buffer(np.packbits(values, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, bits])


_NULL, _NOTHING, _COMMA, _LINE_FEED, _QUOTE, _EMPTY, _APOSTROPHE, _POINT_ZERO = (
    _text_column([None, "", ",", "\n", '"', '""', "'", ".0"])
)


@dataclass(frozen=True)
class CsvFormat:
    """How CSV is written: comma, line feed, quotes where a cell needs them.

    Parameters
    ----------
    encoding : {"utf-8", "utf-8-sig", "gb18030"}, default "utf-8"
        Without and with byte order mark, or the Chinese national standard; Excel needs
        one of the latter two for Chinese.
    excel_safe : bool, default False
        Whether a text cell that a spreadsheet would take for a formula (it begins with
        ``=``, ``+``, ``-``, ``@``, tab or carriage return) gets a ``'`` in front.

    Raises
    ------
    UsageError
        When the encoding is another one.
    """

    encoding: Encoding = "utf-8"
    excel_safe: bool = False

    def __post_init__(self) -> None:
        """Check the encoding."""
        if self.encoding not in _ENCODINGS:
            msg = f"CSV is written in {', '.join(_ENCODINGS)}, not {self.encoding!r}."
            raise UsageError(msg)

    @property
    def prefix(self) -> bytes:
        """What the file begins with: a byte order mark or nothing."""
        return b"\xef\xbb\xbf" if self.encoding == "utf-8-sig" else b""

    def encode(self, lines: memoryview) -> bytes | memoryview:
        """Return UTF-8 text in the encoding."""
        if self.encoding == "gb18030":
            return str(lines, "utf-8").encode("gb18030")
        return lines


def csv_lines(columns: Sequence[Any], form: CsvFormat) -> memoryview:
    """Return the lines of equally long columns, as UTF-8, each with its line feed.

    Parameters
    ----------
    columns : sequence of pyarrow.Array
        Numbers, booleans, texts, dates and times, or dictionaries of texts.
    form : CsvFormat
        Whether formulas are disarmed.
    """
    cells = [_cells(column, form) for column in columns]
    if len(cells) == 1:
        # A line of one missing cell would be an empty line, which readers skip.
        cells = [pc.fill_null(cells[0], _EMPTY)]
    lines = pc.binary_join_element_wise(
        *cells, _COMMA, null_handling="replace", null_replacement=""
    )
    ended = pc.binary_join_element_wise(lines, _NOTHING, _LINE_FEED)
    return _text_bytes(ended)


def csv_fields(texts: Sequence[str | None], form: CsvFormat) -> memoryview:
    """Return one line of texts, None as nothing."""
    return csv_lines([_text_column([text]) for text in texts], form)


def names_as_written(names: Iterable[str], form: CsvFormat) -> list[str]:
    """Return column names as the header line has them, for whoever reads it."""
    if not form.excel_safe:
        return list(names)
    found: list[str] = _disarmed(_text_column(list(names))).to_pylist()
    return found


def has_csv_text(kind: Any) -> bool:
    """Return whether a column of a type can be written: its cells have a text."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return False
    if pa.types.is_timestamp(kind) and not _is_known_zone(kind):
        return False
    is_plain = pa.types.is_primitive(kind) or pa.types.is_decimal(kind)
    return is_plain or _is_text(kind) or pa.types.is_null(kind)


def _cells(column: Any, form: CsvFormat) -> Any:
    """Return a column as the texts of its cells, quoted where needed."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        texts = _texts(column.dictionary, form)
        return pc.take(texts, column.indices)
    if pa.types.is_float64(kind):
        return _floats(column)
    if _is_text(kind) or pa.types.is_null(kind):
        return _texts(column, form)
    return pc.cast(column, _TEXT)


def _is_known_zone(kind: Any) -> bool:
    try:
        pc.cast(pa.nulls(1, kind), _TEXT)
    except pa.ArrowInvalid:
        return False
    return True


def _is_text(kind: Any) -> bool:
    return kind in (pa.string(), _TEXT, pa.string_view())


def _texts(column: Any, form: CsvFormat) -> Any:
    texts = pc.cast(column, _TEXT)
    if form.excel_safe:
        texts = _disarmed(texts)
    needs_quotes = pc.match_substring_regex(texts, _NEEDS_QUOTES)
    if not pc.any(needs_quotes).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    quoted = pc.binary_join_element_wise(_QUOTE, doubled, _QUOTE, _NOTHING)
    return pc.if_else(needs_quotes, quoted, texts)


def _disarmed(texts: Any) -> Any:
    is_formula = pc.match_substring_regex(texts, _FORMULA)
    if not pc.any(is_formula).as_py():
        return texts
    marked = pc.binary_join_element_wise(_APOSTROPHE, texts, _NOTHING)
    return pc.if_else(is_formula, marked, texts)


def _floats(column: Any) -> Any:
    """Return the shortest texts that read back, as ``repr`` writes them."""
    values = np.frombuffer(column.buffers()[1], np.float64)
    values = values[column.offset : column.offset + len(column)]
    texts = pc.cast(column, _TEXT)
    is_missing = np.isnan(values)
    if is_missing.any():
        texts = pc.if_else(_mask(is_missing), _NULL, texts)
    size = np.abs(values)
    is_plain = (size >= _SMALLEST_PLAIN) & (size < _LARGEST_PLAIN)
    is_whole = is_plain & (values == np.trunc(values))
    if is_whole.any():
        with_point = pc.binary_join_element_wise(texts, _POINT_ZERO, _NOTHING)
        texts = pc.if_else(_mask(is_whole), with_point, texts)
    is_odd = ~is_plain & ~is_missing
    if is_odd.any():
        odd = _text_column(list(map(repr, values[is_odd].tolist())))
        texts = pc.replace_with_mask(texts, _mask(is_odd), odd)
    return texts if column.null_count == 0 else _null_where(column, texts)


def _null_where(column: Any, texts: Any) -> Any:
    """Return texts that are null where a column is; under a null may stand any bits."""
    return pc.if_else(pc.is_valid(column), texts, _NULL)


def _text_bytes(texts: Any) -> memoryview:
    """Return the characters of a column of texts without nulls, one after another."""
    _, offsets, characters = texts.buffers()
    if characters is None:
        return memoryview(b"")
    places = np.frombuffer(offsets, np.int64)[texts.offset :]
    return memoryview(characters)[places[0] : places[len(texts)]]
