"""CSV sample: the first lines of a text, as records of any dialect that is tried."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from cfscore.exceptions import InputError
from cfscore.reading._csv_encoding import GB18030_MARK, UTF8_MARK
from cfscore.reading._csv_records import Dialect
from cfscore.reading._csv_text import CsvText, read_bytes

__all__ = ["CsvSample", "FirstRecord", "take_sample"]

_SAMPLE_ROWS = 200


@dataclass(frozen=True)
class FirstRecord:
    """The first record of a sample.

    Parameters
    ----------
    cells : tuple of str
        Its cells; none where the sample has no whole record.
    n_bytes : int
        Bytes of the sample up to its end.
    has_bad_quotes : bool
        Whether its quotes do not close where a cell ends.
    """

    cells: tuple[str, ...]
    n_bytes: int
    has_bad_quotes: bool


@dataclass(frozen=True)
class CsvSample:
    """The first bytes of a text.

    Parameters
    ----------
    text : CsvText
        The text.
    encoding : {"utf-8", "gb18030"}
        Of the bytes.
    mark : bytes
        The byte order mark in front, or nothing.
    data : bytes
        What follows.
    is_cut : bool
        Whether the text goes on.
    """

    text: CsvText
    encoding: str
    mark: bytes
    data: bytes
    is_cut: bool

    def first(self, dialect: Dialect) -> FirstRecord:
        """Return the first record by a dialect.

        Raises
        ------
        InputError
            When it is not in the encoding; code ``ENCODING``.
        """
        used = 0

        def decoded() -> Iterator[str]:
            nonlocal used
            for line in self._lines():
                used += len(line)
                yield self._decoded(line)

        try:
            cells = next(filter(None, _reader(decoded(), dialect)), [])
        except csv.Error:
            return FirstRecord((), used, has_bad_quotes=True)
        return FirstRecord(tuple(cells), used, has_bad_quotes=False)

    def rows(self, dialect: Dialect) -> list[list[str]]:
        """Return the records after the first; what is wrong in them is told later."""
        text = (line.decode(self.encoding, "replace") for line in self._lines())
        rows: list[list[str]] = []
        with suppress(csv.Error):
            rows.extend(islice(filter(None, _reader(text, dialect)), _SAMPLE_ROWS + 1))
        return rows[1:]

    def _lines(self) -> list[bytes]:
        lines = self.data.splitlines(keepends=True)
        return lines[:-1] if self.is_cut else lines

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode(self.encoding)
        except UnicodeDecodeError:
            name = self.text.path.name
            msg = f"The CSV file {name!r} has a header that is not {self.encoding}."
            hint = "Declare the encoding, or auto."
            raise InputError(msg, code="ENCODING", hint=hint) from None


def take_sample(text: CsvText, n_bytes: int) -> CsvSample:
    """Return the first bytes of a text."""
    pieces, left = [], n_bytes
    with text.open() as stream:
        while left > 0 and (data := read_bytes(stream, left)):
            pieces.append(data)
            left -= len(data)
    data = b"".join(pieces)
    marks = (GB18030_MARK if text.encoding == "gb18030" else UTF8_MARK, b"")
    mark = next(mark for mark in marks if data.startswith(mark))
    encoding = "utf-8" if text.is_utf16 else text.encoding
    return CsvSample(text, encoding, mark, data[len(mark) :], is_cut=left == 0)


def _reader(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL,
        escapechar=dialect.escape,
        strict=True,
    )
