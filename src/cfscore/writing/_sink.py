"""Sink: a new file, hashed while it is written and flushed to the disk at its end."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from cfscore.atomic_file import write_refusal

__all__ = ["HashedFile"]

_BUFFER_BYTES = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0)


class HashedFile(io.RawIOBase):
    """A file that is written once, from its beginning to its end.

    Parameters
    ----------
    path : Path
        The file; one that is there is written over.
    output : Path
        The output that it will become, for messages.

    Raises
    ------
    OutputError
        Here and in ``write`` and ``close``: when the system does not let it be
        written; its ``code`` is the name of the system's error.
    """

    def __init__(self, path: Path, output: Path) -> None:
        super().__init__()
        self.path = path
        self.n_bytes = 0
        self._output = output
        self._hash = hashlib.sha256()
        self._file: io.BufferedWriter | None = None
        with self._refusals():
            handle = os.open(path, _NEW, 0o666)
            self._file = _buffered(handle)

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
            raise write_refusal(self._output, error) from error


def _buffered(handle: int) -> io.BufferedWriter:
    return io.BufferedWriter(io.FileIO(handle, "wb"), _BUFFER_BYTES)


def _drop(file: io.BufferedWriter) -> None:
    """Close the handle under a buffered file, and with it what was not written yet."""
    file.raw.close()
