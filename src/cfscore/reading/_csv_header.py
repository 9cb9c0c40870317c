"""CSV header: delimiter, column names, and what the first lines say against them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from cfscore.exceptions import InputError, SchemaError
from cfscore.reading._csv_encoding import (
    GB18030_MARK,
    UTF8_MARK,
    refuse_wrong_encoding,
)
from cfscore.reading._csv_records import Dialect
from cfscore.reading._csv_text import CsvText, read_bytes
from cfscore.reading._options import ReadOptions

__all__ = ["Header", "read_header"]

_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "vertical bar"}
_SAMPLE_BYTES = 1 << 18
_SAMPLE_ROWS = 200


@dataclass(frozen=True)
class Header:
    """What the first lines of a CSV file say.

    Parameters
    ----------
    names : tuple of str
        Column names.
    dialect : Dialect
        With the delimiter declared or detected.
    data_start : int
        Position in the text where the line after the header starts.
    """

    names: tuple[str, ...]
    dialect: Dialect
    data_start: int


def read_header(text: CsvText, options: ReadOptions, delimiter: str) -> Header:
    """Return the header of a CSV text.

    Parameters
    ----------
    text : CsvText
        The text.
    options : ReadOptions
        Quote, escape and bounds.
    delimiter : str
        The declared delimiter, or ``"auto"``.

    Raises
    ------
    InputError
        When there is no header, it is too long, it or the first lines do not decode,
        or delimiter and lines do not go together.
    SchemaError
        When names are empty or repeated; all are listed.
    """
    limit = options.bounds.max_header_bytes
    encoding = "utf-8" if text.is_utf16 else text.encoding
    dialect = Dialect(delimiter, options.csv.quote, options.csv.escape)
    for n_bytes in (_SAMPLE_BYTES, limit + _SAMPLE_BYTES):  # few headers are long
        sample = _sample(text, n_bytes)
        lines = _Lines(text.path, sample, encoding)
        if delimiter == "auto":
            found = _detected_delimiter(text.path, lines, dialect)
            dialect = replace(dialect, delimiter=found)
        names, header_bytes = lines.header(dialect)
        if names or not sample.is_cut:
            break
    refuse_wrong_encoding(text.path, encoding, sample.data)
    if header_bytes > limit or (sample.is_cut and not names):
        found = f"has a header of more than {limit} bytes"
        raise _refused(text.path, found, "HEADER_TOO_LARGE", "Raise max_header_bytes.")
    if not names:
        raise _refused(text.path, "has no header", "EMPTY")
    _check_delimiter(text.path, names, delimiter)
    _check_names(text.path, names, options.bounds.max_columns)
    _refuse_trailing_delimiter(text.path, names, lines.rows(dialect))
    return Header(tuple(names), dialect, len(sample.mark) + header_bytes)


@dataclass(frozen=True)
class _Sample:
    """First bytes of a text, without its byte order mark."""

    mark: bytes
    data: bytes
    is_cut: bool


def _sample(text: CsvText, n_bytes: int) -> _Sample:
    pieces, left = [], n_bytes
    with text.open() as stream:
        while left > 0 and (data := read_bytes(stream, left)):
            pieces.append(data)
            left -= len(data)
    data = b"".join(pieces)
    marks = (GB18030_MARK if text.encoding == "gb18030" else UTF8_MARK, b"")
    mark = next(mark for mark in marks if data.startswith(mark))
    return _Sample(mark, data[len(mark) :], is_cut=left == 0)


class _Lines:
    """The lines of a sample, as records of a dialect."""

    def __init__(self, path: Path, sample: _Sample, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self._lines = sample.data.splitlines(keepends=True)
        if sample.is_cut:
            self._lines = self._lines[:-1]  # which may be a part of a line

    def header(self, dialect: Dialect) -> tuple[list[str], int]:
        """Return the first record and the bytes up to its end."""
        used = 0

        def decoded() -> Iterator[str]:
            nonlocal used
            for line in self._lines:
                used += len(line)
                yield self._decode(line)

        try:
            return next(filter(None, _reader(decoded(), dialect)), []), used
        except csv.Error:
            found = "has a header whose quotes do not close where a cell ends"
            raise _refused(self._path, found, "UNCLOSED_QUOTE") from None

    def rows(self, dialect: Dialect) -> list[list[str]]:
        """Return the first records after the header; the data are checked elsewhere."""
        text = (line.decode(self._encoding, "replace") for line in self._lines)
        rows: list[list[str]] = []
        with suppress(csv.Error):  # found again, with its line, when data are cut
            rows.extend(islice(filter(None, _reader(text, dialect)), _SAMPLE_ROWS + 1))
        return rows[1:]

    def _decode(self, line: bytes) -> str:
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            found = f"has a header that is not {self._encoding.upper()}"
            hint = "Declare the encoding, or auto."
            raise _refused(self._path, found, "ENCODING", hint) from None


def _reader(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        escapechar=dialect.escape,
        strict=True,
    )


def _detected_delimiter(path: Path, lines: _Lines, dialect: Dialect) -> str:
    """Return the delimiter that cuts header and first rows into as many cells each."""
    widths = {}
    for sign in _DELIMITERS:
        if sign in (dialect.quote, dialect.escape):
            continue
        tried = replace(dialect, delimiter=sign)
        n_cells = len(lines.header(tried)[0])
        if n_cells > 1 and all(len(row) == n_cells for row in lines.rows(tried)):
            widths[sign] = n_cells
    if len(widths) > 1:
        found = " and ".join(_DELIMITERS[sign] for sign in widths)
        found = f"has lines that {found} cut alike"
        raise _refused(path, found, "DELIMITER", "Declare the delimiter.")
    return next(iter(widths), ",")


def _check_delimiter(path: Path, names: list[str], delimiter: str) -> None:
    if len(names) > 1:
        return
    others = [name for s, name in _DELIMITERS.items() if s in names[0]]
    if others:
        used = _DELIMITERS.get(delimiter, repr(delimiter))
        found = f"has one column by {used}, and its header holds {others[0]} signs"
        hint = f"Declare the delimiter: {others[0]}."
        raise _refused(path, found, "DELIMITER", hint)


def _check_names(path: Path, names: list[str], limit: int) -> None:
    if len(names) > limit:
        found = f"has {len(names)} columns, more than the {limit} allowed"
        raise _refused(path, found, "TOO_MANY_COLUMNS", "Raise max_columns.")
    empty = [i for i, name in enumerate(names, 1) if not name.strip()]
    faults = [(f"number {i}", "EMPTY_NAME", "has no name") for i in empty]
    hint = None
    if empty == [len(names)] and len(names) > 1:
        hint = "The header ends with a delimiter: remove it."
    if faults:
        raise SchemaError(faults, hint=hint)


def _refuse_trailing_delimiter(
    path: Path, names: list[str], rows: list[list[str]]
) -> None:
    if rows and all(len(row) == len(names) + 1 and not row[-1] for row in rows):
        found = "has a delimiter at the end of its data lines, not of its header"
        hint = "Remove it, or give the last column a name."
        raise _refused(path, found, "TRAILING_DELIMITER", hint)


def _refused(path: Path, found: str, code: str, hint: str | None = None) -> InputError:
    return InputError(f"The CSV file {path.name!r} {found}.", code=code, hint=hint)
