"""CSV text: the bytes of a CSV file, decompressed, UTF-16 turned into UTF-8."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from cfscore.reading._fingerprint import input_changed

__all__ = ["ByteStream", "CsvText", "read_bytes"]

_CHUNK_BYTES = 1 << 20


class ByteStream(Protocol):
    """Bytes in order."""

    def readinto(self, room: memoryview) -> int:
        """Write the next bytes and return how many; 0 at the end only."""


@dataclass(frozen=True)
class CsvText:
    """Where the bytes of a CSV file come from.

    Parameters
    ----------
    path : Path
        The file.
    compression : {"gzip", "zstd"} or None
        Its compression; several members or frames are one text.
    encoding : str
        ``"utf-16-le"`` and ``"utf-16-be"`` are handed out as UTF-8, others as they are.
    """

    path: Path
    compression: str | None
    encoding: str

    @property
    def is_plain(self) -> bool:
        """Whether positions in the text are positions in the file."""
        return self.compression is None and not self.is_utf16

    @property
    def is_utf16(self) -> bool:
        """Whether the text is transcoded."""
        return self.encoding.startswith("utf-16")

    @contextmanager
    def open(self, start: int = 0, stop: int | None = None) -> Iterator[ByteStream]:
        """Open the text ``[start, stop)``; ``stop`` only where it is plain."""
        with self._open_file(start if self.is_plain else 0, stop) as file:
            stream = _Utf8FromUtf16(file, self.encoding) if self.is_utf16 else file
            if not self.is_plain:
                skip(stream, start)
            yield stream

    @contextmanager
    def _open_file(self, start: int, stop: int | None) -> Iterator[ByteStream]:
        if self.compression is None:
            with self.path.open("rb", buffering=0) as file:
                file.seek(start)
                yield _Stretch(file, None if stop is None else stop - start, self.path)
        else:
            with (
                pa.OSFile(os.fspath(self.path)) as file,
                pa.CompressedInputStream(file, self.compression) as stream,
            ):
                yield stream

    def line_at(self, position: int) -> int:
        """Return the 1-based number of the line that holds a byte of the text."""
        n_ends, last = 0, b""
        with self.open() as stream:
            while position > 0 and (
                data := read_bytes(stream, min(position, _CHUNK_BYTES))
            ):
                position -= len(data)
                joined = last + data  # so that CR LF in two reads is one end
                n_ends += joined.count(b"\n") + joined.count(b"\r")
                n_ends -= joined.count(b"\r\n") + last.count(b"\r")
                last = data[-1:]
        return n_ends + 1


def read_bytes(stream: ByteStream, n_bytes: int) -> bytes:
    """Return the next bytes, ``n_bytes`` at most, none at the end only."""
    data = bytearray(n_bytes)
    return bytes(data[: stream.readinto(memoryview(data))])


def skip(stream: ByteStream, n_bytes: int) -> None:
    """Read and drop bytes; fewer where the stream ends."""
    while n_bytes > 0 and (data := read_bytes(stream, min(n_bytes, _CHUNK_BYTES))):
        n_bytes -= len(data)


class _Stretch:
    """A stretch of a file; a file that ends inside was cut after it was opened."""

    def __init__(self, file: Any, n_bytes: int | None, path: Path) -> None:
        self._file = file
        self._left = n_bytes
        self._path = path

    def readinto(self, room: memoryview) -> int:
        if self._left is None:
            return int(self._file.readinto(room))
        n_read = int(self._file.readinto(room[: self._left]))
        if n_read == 0 < min(len(room), self._left):
            raise input_changed(self._path)
        self._left -= n_read
        return n_read


class _Utf8FromUtf16:
    """UTF-16 as UTF-8; half a surrogate pair becomes bytes that are not UTF-8."""

    def __init__(self, stream: ByteStream, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._held = memoryview(b"")
        self._at_end = False

    def readinto(self, room: memoryview) -> int:
        while not self._held and not self._at_end:
            data = read_bytes(self._stream, _CHUNK_BYTES)
            self._at_end = not data
            text = self._decoder.decode(data, final=self._at_end)
            self._held = memoryview(text.encode("utf-8", "surrogatepass"))
        n_bytes = min(len(room), len(self._held))
        room[:n_bytes] = self._held[:n_bytes]
        self._held = self._held[n_bytes:]
        return n_bytes
