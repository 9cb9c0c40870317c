"""CSV source: plain, gzip or zstd files, every cell read as text."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from cfscore.reading._csv_block import CsvBlockReader
from cfscore.reading._csv_encoding import find_encoding
from cfscore.reading._csv_header import read_header
from cfscore.reading._csv_records import Dialect, RecordBlock, record_blocks
from cfscore.reading._csv_text import CsvText
from cfscore.reading._fingerprint import fingerprint_of
from cfscore.reading._options import ReadOptions
from cfscore.reading._source import Source, too_many_rows
from cfscore.reading._unit import InputBlock, WorkUnit

__all__ = ["CsvSource", "open_csv"]

_NO_LINE_END = (
    "The last line has no line end: the file may be cut short. Compare its rows with "
    "what the sender counted."
)


@dataclass(frozen=True, eq=False)
class CsvSource(Source):
    """A CSV file.

    Parameters
    ----------
    path, schema, n_rows, options, fingerprint, notes
        See ``Source``.
    text : CsvText
        Its bytes.
    dialect : Dialect
        Delimiter, quote and escape, declared or detected.
    data_start : int
        Position in the text where the data start.
    """

    layout: ClassVar[str] = "csv"

    text: CsvText
    dialect: Dialect
    data_start: int

    @property
    def encoding(self) -> str:
        """Encoding of the file, declared or detected."""
        return self.text.encoding

    def units(self, index: int) -> list[WorkUnit]:
        """Return byte ranges cut between records; one unit where it is not plain."""
        if not self.text.is_plain:
            return [WorkUnit(index, self.path, self.layout, 0, 0, 0, 1, None)]
        units: list[WorkUnit] = []
        start, first_row, stop, n_rows = self.data_start, 1, self.data_start, 0
        for block in self._blocks(self.data_start, self._size):
            if stop - start >= self.options.bounds.unit_bytes:
                units.append(
                    self._unit(index, len(units), start, stop, first_row, n_rows)
                )
                start, first_row, n_rows = stop, first_row + n_rows, 0
            stop, n_rows = block.stop, n_rows + block.n_records
        if n_rows:
            units.append(self._unit(index, len(units), start, stop, first_row, n_rows))
        return units

    def read(
        self,
        unit: WorkUnit,
        columns: Sequence[str],
        batch_rows: int,
        encoded: Collection[str],
    ) -> Iterator[InputBlock]:
        """Yield about 4 MiB of text at a time."""
        reader = CsvBlockReader(
            self.columns,
            columns,
            self.dialect,
            "utf-8" if self.text.is_utf16 else self.encoding,
            self.options,
        )
        row = unit.first_row
        limit = self.options.bounds.max_rows
        is_plain = self.text.is_plain
        start, stop = (unit.start, unit.stop) if is_plain else (self.data_start, None)
        for block in self._blocks(start, stop):
            yield reader.read(block, row)
            row += block.n_records
            if limit is not None and row - 1 > limit:
                raise too_many_rows(self.path, limit)

    @property
    def _size(self) -> int:
        return self.fingerprint.size if self.fingerprint is not None else 0

    def _unit(
        self, index: int, part: int, start: int, stop: int, first_row: int, n_rows: int
    ) -> WorkUnit:
        return WorkUnit(
            index, self.path, self.layout, part, start, stop, first_row, n_rows
        )

    def _blocks(self, start: int, stop: int | None) -> Iterator[RecordBlock]:
        longest = self.options.bounds.max_record_bytes
        with self.text.open(start, stop) as stream:
            yield from record_blocks(stream, start, self.text, self.dialect, longest)


def open_csv(
    path: Path, compression: str | None, options: ReadOptions, delimiter: str
) -> CsvSource:
    """Return a CSV file's encoding, dialect and columns.

    Parameters
    ----------
    path : Path
        The file.
    compression : {"gzip", "zstd"} or None
        Its compression.
    options : ReadOptions
        What is declared.
    delimiter : str
        What separates cells where nothing is declared.

    Raises
    ------
    InputError
        See ``find_encoding`` and ``read_header``.
    """
    fingerprint = fingerprint_of(path)
    encoding = find_encoding(path, compression, options.csv.codec)
    text = CsvText(path, compression, encoding)
    header = read_header(text, options, options.csv.delimiter or delimiter)
    rename = options.csv.rename
    notes = []
    if options.csv.codec == "auto":
        notes.append(f"The encoding was found to be {encoding}.")
    if options.csv.delimiter == "auto":
        notes.append(f"The delimiter was found to be {header.dialect.delimiter!r}.")
    if text.is_plain and not _ends_with_line_end(path):
        notes.append(_NO_LINE_END)
    return CsvSource(
        path=path,
        schema=pa.schema([(rename.get(n, n), pa.string()) for n in header.names]),
        n_rows=None,
        options=options,
        fingerprint=fingerprint,
        notes=tuple(notes),
        text=text,
        dialect=header.dialect,
        data_start=header.data_start,
    )


def _ends_with_line_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in (b"\n", b"\r")
