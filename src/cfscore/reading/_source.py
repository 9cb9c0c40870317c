"""Source: one opened input, what is known about it before its rows are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cfscore.reading._options import ReadOptions

__all__ = ["Dialect", "Fingerprint", "Source"]


@dataclass(frozen=True)
class Fingerprint:
    """What tells whether a file is still the same.

    Parameters
    ----------
    size : int
        Bytes.
    mtime_ns : int
        Time of the last change, nanoseconds.
    inode : int
        Number of the file on its device.
    """

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True)
class Dialect:
    """How a CSV file turned out to be written, declared or detected.

    Parameters
    ----------
    delimiter : str
        One ASCII character.
    encoding : {"utf-8", "gb18030", "utf-16-le", "utf-16-be"}
        Encoding.
    compression : {"gzip", "zstd"} or None
        Compression.
    data_start : int
        Byte (of the decompressed text) where the first data record starts.
    """

    delimiter: str
    encoding: str
    compression: str | None
    data_start: int


@dataclass(frozen=True)
class Source:
    """One input.

    Parameters
    ----------
    path : Path
        The file; ``Path("-")`` is standard input (an Arrow stream).
    layout : {"parquet", "arrow", "arrow_stream", "csv"}
        Its format.
    schema : pyarrow.Schema
        All its columns, in file order, then hive partition columns; CSV and partition
        columns are text.
    n_rows : int or None
        Rows, where the format tells before reading.
    options : ReadOptions
        How it is read.
    fingerprint : Fingerprint or None
        Its state when opened; None for standard input.
    dialect : Dialect or None
        Of CSV.
    partition : tuple of (str, str or None)
        Columns and values from the names of its folders.
    notes : tuple of str
        What a person should know: no line end at the end, detected encoding.
    """

    path: Path
    layout: str
    schema: Any
    n_rows: int | None
    options: ReadOptions
    fingerprint: Fingerprint | None = None
    dialect: Dialect | None = None
    partition: tuple[tuple[str, str | None], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self.schema.names)

    def empty(self, columns: Sequence[str]) -> Any:
        """Return a record batch of the given columns without rows."""
        raise NotImplementedError

    def batches(self, columns: Sequence[str], batch_rows: int) -> Iterator[Any]:
        """Yield record batches of the given columns; the first reject refuses."""
        raise NotImplementedError

    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes, read anew."""
        raise NotImplementedError

    def check_unchanged(self) -> None:
        """Raise InputChangedError where the file is no longer the one opened."""
        raise NotImplementedError
