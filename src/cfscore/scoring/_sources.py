"""Input files as streams of record batches: Parquet, CSV and Arrow IPC.

CSV cells are read as text, every one, and become numbers only by the plan's schema, so
that no reader guesses a type, shifts a column or rounds an identifier. Texts of foreign
exceptions can hold cells of the file; they are replaced, never passed on.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pq

from cfscore.exceptions import InputError, SchemaError

__all__ = ["SUFFIXES", "Source", "find_sources", "open_source"]

SUFFIXES = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".arrow": "arrow",
    ".feather": "arrow",
}
_CSV_BLOCK_BYTES = 16 << 20
_MAX_HEADER_BYTES = 1 << 20
_PARQUET_BUFFER_BYTES = 1 << 18
_READ_ERRORS = (pa.ArrowException, OSError, UnicodeDecodeError, ValueError)


@dataclass(frozen=True)
class Source:
    """One input file.

    Parameters
    ----------
    path : Path
        The file.
    layout : {"parquet", "csv", "arrow"}
        Its format.
    schema : pyarrow.Schema
        All its columns, in file order; CSV columns are text.
    n_rows : int or None
        Rows, where the format tells before reading.
    """

    path: Path
    layout: str
    schema: pa.Schema
    n_rows: int | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self.schema.names)

    def empty(self, columns: Sequence[str]) -> pa.RecordBatch:
        """Return no rows of the given columns."""
        fields = [self.schema.field(name) for name in columns]
        nothing = [pa.nulls(0, field.type) for field in fields]
        return pa.RecordBatch.from_arrays(nothing, schema=pa.schema(fields))

    def batches(
        self, columns: Sequence[str], batch_rows: int
    ) -> Iterator[pa.RecordBatch]:
        """Yield the given columns in file order of rows, at most ``batch_rows`` each.

        Raises
        ------
        InputError
            When the file is damaged; code ``UNREADABLE``.
        """
        readers = {"parquet": _read_parquet, "csv": _read_csv, "arrow": _read_arrow}
        try:
            for batch in readers[self.layout](self, list(columns), batch_rows):
                batch.validate(full=True)
                yield from _pieces(batch, batch_rows)
        except InputError:
            raise
        except _READ_ERRORS as error:
            raise _unreadable(self.path, self.layout, error) from None


def find_sources(pattern: str | os.PathLike[str]) -> list[Path]:
    """Return the files that a path, folder or glob pattern stands for, sorted.

    Raises
    ------
    InputError
        When there is none; code ``NOT_FOUND``.
    """
    text = os.fspath(pattern)
    path = Path(text)
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
    elif has_magic(text) and not path.exists():
        found = sorted(Path(p) for p in glob(text, recursive=True))
    else:
        found = [path] if path.is_file() else []
    if not found:
        msg = f"No input file is found at {text!r}."
        hint = f"Give a file, a folder or a pattern of {', '.join(SUFFIXES)} files."
        raise InputError(msg, code="NOT_FOUND", hint=hint)
    return found


def open_source(path: Path) -> Source:
    """Return a file's format, columns and, where known, rows.

    Raises
    ------
    InputError
        When the file is empty, of another format or damaged.
    SchemaError
        When a column name is repeated.
    """
    layout = SUFFIXES.get(path.suffix.lower())
    if layout is None:
        msg = f"The format of {path.name!r} is not known by its ending."
        hint = f"Supported endings: {', '.join(SUFFIXES)}."
        raise InputError(msg, code="UNKNOWN_FORMAT", hint=hint)
    _refuse_empty(path)
    try:
        schema, n_rows = _HEADERS[layout](path)
    except InputError:
        raise
    except _READ_ERRORS as error:
        raise _unreadable(path, layout, error) from None
    names = schema.names
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SchemaError(
            [
                (name, "DUPLICATE_COLUMN", "stands in the header twice")
                for name in repeated
            ]
        )
    return Source(path, layout, schema, n_rows)


def _refuse_empty(path: Path) -> None:
    if path.stat().st_size == 0:
        msg = f"The input file {path.name!r} is empty."
        raise InputError(msg, code="EMPTY")


_Header = tuple[pa.Schema, int | None]


def _parquet_header(path: Path) -> _Header:
    with pq.ParquetFile(path) as file:
        return file.schema_arrow, file.metadata.num_rows


def _arrow_header(path: Path) -> _Header:
    with pa.memory_map(os.fspath(path)) as file, pa_ipc.open_file(file) as reader:
        return reader.schema, None


def _csv_header(path: Path) -> _Header:
    with path.open("rb") as file:
        start = file.read(_MAX_HEADER_BYTES)
    if (
        start[:2] in (b"PK", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
        or start[:4] == b"PAR1"
    ):
        msg = (
            f"{path.name!r} is not plain UTF-8 CSV (another format by its first bytes)."
        )
        raise InputError(msg, code="UNKNOWN_FORMAT")
    text = start.decode("utf-8-sig", errors="ignore")
    rows = csv.reader(io.StringIO(text, newline=""))
    return pa.schema([(name, pa.string()) for name in next(rows, [])]), None


_HEADERS = {"parquet": _parquet_header, "csv": _csv_header, "arrow": _arrow_header}


def _read_parquet(
    source: Source, columns: list[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    # Streams the column chunks of a row group, where Arrow's defaults would hold them
    # all: 113 MB instead of 579 MB for two million rows of 30 columns.
    with pq.ParquetFile(
        source.path,
        page_checksum_verification=True,
        pre_buffer=False,
        buffer_size=_PARQUET_BUFFER_BYTES,
    ) as file:
        yield from file.iter_batches(batch_size=batch_rows, columns=columns)


def _read_arrow(
    source: Source, columns: list[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    with (
        pa.memory_map(os.fspath(source.path)) as file,
        pa_ipc.open_file(file) as reader,
    ):
        for i in range(reader.num_record_batches):
            yield reader.get_batch(i).select(columns)


def _read_csv(
    source: Source, columns: list[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    _refuse_unclosed_quote(source.path)
    convert = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(source.columns, pa.string()),
        include_columns=columns,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    parse = pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=True)
    read = pa_csv.ReadOptions(block_size=_CSV_BLOCK_BYTES)
    with pa_csv.open_csv(
        source.path, read_options=read, parse_options=parse, convert_options=convert
    ) as reader:
        yield from reader


def _refuse_unclosed_quote(path: Path) -> None:
    """Refuse a file whose last quote never closes: it would swallow rows into a cell.

    Quotes open, close or are doubled, so a whole file holds an even number of them.
    """
    n_quotes = 0
    with path.open("rb") as file:
        while block := file.read(_CSV_BLOCK_BYTES):
            n_quotes += block.count(b'"')
    if n_quotes % 2:
        msg = (
            f"The CSV file {path.name!r} has an odd number of quotes: one never closes."
        )
        raise InputError(msg, code="UNCLOSED_QUOTE")


def _pieces(batch: pa.RecordBatch, batch_rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, batch_rows):
        yield batch.slice(start, batch_rows)


def _unreadable(path: Path, layout: str, error: Exception) -> InputError:
    """Return an error without the foreign text, which may hold cells of the file."""
    msg = f"The {layout} file {path.name!r} cannot be read ({type(error).__name__})."
    hint = "It is damaged, cut short, or its rows differ in their number of columns."
    return InputError(msg, code="UNREADABLE", hint=hint)
