"""Arrow footer: rows and size of the record batches of a file, before any is read.

A batch can only be read whole, and a compressed one says itself how much memory it
wants: 30 KB may ask for gigabytes. Both are told by Flatbuffers tables of the file
(apache/arrow, format/File.fbs and Message.fbs): a table points to a list of the offsets
of its fields, 0 where a field is absent.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

__all__ = ["StoredBatch", "stored_batches"]

_TAIL = struct.Struct("<i6s")
_BLOCK = struct.Struct("<qi4xq")
_BUFFER = struct.Struct("<qq")
_CONTINUATION = -1
_FOOTER_DICTIONARIES, _FOOTER_BATCHES = 2, 3
_MESSAGE_HEADER_TYPE, _MESSAGE_HEADER = 1, 2
_DICTIONARY_BATCH, _DICTIONARY_DATA = 2, 1
_BATCH_LENGTH, _BATCH_BUFFERS, _BATCH_COMPRESSION = 0, 2, 3
_ROW_BYTES = 8  # rows are numbered, whatever they hold


@dataclass(frozen=True)
class StoredBatch:
    """One record batch or dictionary of a file.

    Parameters
    ----------
    n_rows : int
        Its rows.
    n_bytes : int
        Memory that it takes when read whole.
    is_dictionary : bool
        Whether it is a dictionary, which has no rows of the table.
    """

    n_rows: int
    n_bytes: int
    is_dictionary: bool


def stored_batches(path: Path) -> Iterator[StoredBatch]:
    """Yield the dictionaries, then the record batches of an Arrow file.

    Raises
    ------
    ValueError
        When the footer or a batch's metadata are damaged.
    """
    with path.open("rb") as file:
        footer = _footer(file)
        for field in (_FOOTER_DICTIONARIES, _FOOTER_BATCHES):
            for offset, metadata_bytes, _ in footer.structs(field, _BLOCK):
                yield _stored_batch(file, offset, metadata_bytes)


def _footer(file: BinaryIO) -> _Table:
    size = file.seek(0, os.SEEK_END)
    tail = _read(file, size - _TAIL.size, _TAIL.size)
    n_bytes, _ = _TAIL.unpack(tail)
    return _Table.root(_read(file, size - _TAIL.size - n_bytes, n_bytes))


def _stored_batch(file: BinaryIO, offset: int, metadata_bytes: int) -> StoredBatch:
    data = _read(file, offset, metadata_bytes)
    start = 8 if struct.unpack_from("<i", data)[0] == _CONTINUATION else 4
    message = _Table.root(data[start:])
    batch = message.table(_MESSAGE_HEADER)
    is_dictionary = message.byte(_MESSAGE_HEADER_TYPE) == _DICTIONARY_BATCH
    if is_dictionary:
        batch = batch.table(_DICTIONARY_DATA)
    n_rows = batch.long(_BATCH_LENGTH)
    buffers = batch.structs(_BATCH_BUFFERS, _BUFFER)
    n_bytes = sum(length for _, length in buffers)
    if batch.has(_BATCH_COMPRESSION):
        body = offset + metadata_bytes
        n_bytes = sum(_decompressed(file, body + at, n) for at, n in buffers)
    return StoredBatch(n_rows, max(n_bytes, _ROW_BYTES * n_rows), is_dictionary)


def _decompressed(file: BinaryIO, offset: int, n_bytes: int) -> int:
    """Return the length in front of a compressed buffer; -1 there means plain."""
    if n_bytes == 0:
        return 0
    (length,) = struct.unpack("<q", _read(file, offset, 8))
    return n_bytes if length < 0 else int(length)


def _read(file: BinaryIO, offset: int, n_bytes: int) -> bytes:
    if offset < 0 or n_bytes < 0:
        msg = "a position is outside of the file"
        raise ValueError(msg)
    file.seek(offset)
    data = file.read(n_bytes)
    if len(data) < n_bytes:
        msg = "the file is cut short"
        raise ValueError(msg)
    return data


@dataclass(frozen=True)
class _Table:
    """A table of a flatbuffer, at a position of its bytes."""

    data: bytes
    position: int

    @classmethod
    def root(cls, data: bytes) -> _Table:
        return cls(data, 0)._followed(0)

    def has(self, field: int) -> bool:
        return self._offset(field) != 0

    def byte(self, field: int) -> int:
        return int(self._number("<B", field))

    def long(self, field: int) -> int:
        value = int(self._number("<q", field))
        if value < 0:
            msg = "a number of rows is negative"
            raise ValueError(msg)
        return value

    def table(self, field: int) -> _Table:
        offset = self._offset(field)
        if offset == 0:
            msg = "a part of the metadata is missing"
            raise ValueError(msg)
        return self._followed(self.position + offset)

    def structs(self, field: int, layout: struct.Struct) -> list[tuple[int, ...]]:
        offset = self._offset(field)
        if offset == 0:
            return []
        start = self._followed(self.position + offset).position
        n_structs = self._at("<I", start)
        stretch = self.data[start + 4 : start + 4 + n_structs * layout.size]
        if len(stretch) < n_structs * layout.size:
            msg = "a list of the metadata is cut short"
            raise ValueError(msg)
        return list(layout.iter_unpack(stretch))

    def _number(self, kind: str, field: int) -> int:
        offset = self._offset(field)
        return self._at(kind, self.position + offset) if offset else 0

    def _offset(self, field: int) -> int:
        fields = self.position - self._at("<i", self.position)
        place = 4 + 2 * field
        return self._at("<H", fields + place) if place < self._at("<H", fields) else 0

    def _followed(self, position: int) -> _Table:
        return _Table(self.data, position + self._at("<I", position))

    def _at(self, kind: str, position: int) -> int:
        if not 0 <= position <= len(self.data) - struct.calcsize(kind):
            msg = "an offset of the metadata is outside of it"
            raise ValueError(msg)
        return int(struct.unpack_from(kind, self.data, position)[0])
