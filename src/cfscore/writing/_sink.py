"""Sink: a new file, hashed while it is written and flushed to the disk at its end."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from cfscore.atomic_file import write_refusal

__all__ = ["HashedFile", "Sink", "read_pieces"]

_BUFFER_BYTES = 1 << 20
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _CLOEXEC
_OLD = os.O_WRONLY | _CLOEXEC


class Sink(Protocol):
    """What a table file is written to.

    Attributes
    ----------
    n_bytes : int
        Bytes that were written so far.
    """

    n_bytes: int

    def write(self, data: Any, /) -> int:
        """Append bytes."""

    def sync(self) -> None:
        """Flush to the disk what was written so far."""

    def close(self) -> None:
        """End well."""

    def abandon(self) -> None:
        """End as what is not whole; changes nothing about what has ended well."""


class HashedFile(io.RawIOBase):
    """A file that is written once, from its beginning to its end.

    Parameters
    ----------
    path : Path
        The file; one that is there is written over.
    output : Path
        The output that it will become, for messages.
    n_kept : int, default 0
        Bytes of a file that is there to go on after; what follows them is cut off.

    Raises
    ------
    OutputError
        Here and in ``write`` and ``close``: when the system does not let it be
        written; its ``code`` is the name of the system's error.
    """

    def __init__(self, path: Path, output: Path, n_kept: int = 0) -> None:
        super().__init__()
        self.path = path
        self.output = output
        self.n_bytes = n_kept
        self._hash = hashlib.sha256()
        self._file: io.BufferedWriter | None = None
        with self._refusals():
            for data in read_pieces(path, n_kept):
                self._hash.update(data)
            handle = os.open(path, _OLD if n_kept else _NEW, 0o666)
            self._file = _buffered(handle)
            if n_kept:
                os.ftruncate(handle, n_kept)
                os.lseek(handle, n_kept, os.SEEK_SET)

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written so far."""
        return self._hash.hexdigest()

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data: Any) -> int:
        """Append bytes; nothing happens once the file is abandoned."""
        size = memoryview(data).nbytes
        if self._file is None:
            return size
        with self._refusals():
            self._file.write(data)
        self._hash.update(data)
        self.n_bytes += size
        return size

    def sync(self) -> None:
        """Flush to the disk what was written so far."""
        if self._file is not None:
            with self._refusals():
                self._file.flush()
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush everything to the disk."""
        file, self._file = self._file, None
        try:
            if file is not None:
                self._flush(file)
        finally:
            super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, or abandon where the block failed."""
        if error is None:
            self.close()
        else:
            self.abandon()

    def abandon(self) -> None:
        """Close without flushing; a writer that is still to end writes to nowhere."""
        file, self._file = self._file, None
        if file is not None:
            _drop(file)

    def _flush(self, file: io.BufferedWriter) -> None:
        with self._refusals():
            try:
                file.flush()
                os.fsync(file.fileno())
            finally:
                _drop(file)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise write_refusal(self.output, error) from error


def read_pieces(path: Path, n_bytes: int) -> Iterator[bytes]:
    """Yield the first bytes of a file, some at a time."""
    if not n_bytes:
        return
    with path.open("rb") as file:
        while n_bytes and (data := file.read(min(n_bytes, _BUFFER_BYTES))):
            n_bytes -= len(data)
            yield data


def _buffered(handle: int) -> io.BufferedWriter:
    return io.BufferedWriter(io.FileIO(handle, "wb"), _BUFFER_BYTES)


def _drop(file: io.BufferedWriter) -> None:
    """Close the handle under a buffered file, and with it what was not written yet."""
    file.raw.close()
