"""Page headers: whether every page of a Parquet file carries a checksum.

The footer does not say it, so the header in front of each page is read. Headers are
structs of Thrift's compact protocol (apache/thrift, doc/specs/thrift-compact-protocol):
a field is a byte with its type and its distance from the field before, then its value.
Of a page header (apache/parquet-format, parquet.thrift) field 3 is the size of the page
in the file, field 4 the CRC-32 of its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from cfscore.exceptions import InputError

__all__ = ["refuse_missing_checksums"]

_COMPRESSED_SIZE, _CRC = 3, 4
_READ_BYTES = 1 << 16
_MOST_DEPTH = 16
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = (
    0, 1, 2, 3, 7, 8, 9, 10, 12,
)  # fmt: skip
_INTEGERS = (4, 5, 6)


def refuse_missing_checksums(path: Path, metadata: Any) -> None:
    """Refuse a file with a page that has no checksum.

    Raises
    ------
    InputError
        Code ``NO_CHECKSUM``.
    """
    with path.open("rb") as file:
        for start, stop in _chunks(metadata):
            position = start
            while position < stop:
                file.seek(position)
                fields, header_bytes = _page_header(file)
                if _CRC not in fields:
                    msg = f"A page of {path.name!r} has no checksum."
                    hint = "Write it with page checksums, or do not require them."
                    raise InputError(msg, code="NO_CHECKSUM", hint=hint)
                position += header_bytes + max(fields[_COMPRESSED_SIZE], 0)


def _chunks(metadata: Any) -> Iterator[tuple[int, int]]:
    """Yield the stretch of the file that holds a column of a row group, for each."""
    for i in range(metadata.num_row_groups):
        group = metadata.row_group(i)
        for j in range(group.num_columns):
            chunk = group.column(j)
            start = chunk.data_page_offset
            if chunk.dictionary_page_offset:
                start = min(start, chunk.dictionary_page_offset)
            yield start, start + chunk.total_compressed_size


def _page_header(file: BinaryIO) -> tuple[dict[int, int], int]:
    """Return the integer fields of the header at the file's position, and its length.

    Raises
    ------
    ValueError
        When there is none.
    """
    n_bytes = _READ_BYTES
    start = file.tell()
    while True:
        file.seek(start)
        data = file.read(n_bytes)
        try:
            reader = _CompactReader(data)
            fields = reader.struct()
        except IndexError:
            if len(data) < n_bytes:
                msg = "a page header is cut short"
                raise ValueError(msg) from None
            n_bytes *= 4  # long statistics
        else:
            if _COMPRESSED_SIZE not in fields:
                msg = "a page header has no size"
                raise ValueError(msg)
            return fields, reader.position


class _CompactReader:
    """Reads structs of the compact protocol; keeps integers, skips the rest."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def struct(self, depth: int = 0) -> dict[int, int]:
        """Return the integer fields by number."""
        if depth > _MOST_DEPTH:
            msg = "a page header is nested too deeply"
            raise ValueError(msg)
        fields: dict[int, int] = {}
        number = 0
        while (kind := self._byte()) != _STOP:
            step = kind >> 4
            number = number + step if step else self._zigzag()
            value = self._value(kind & 0x0F, depth)
            if value is not None:
                fields[number] = value
        return fields

    def _value(self, kind: int, depth: int, *, is_element: bool = False) -> int | None:
        if kind in _INTEGERS:
            return self._zigzag()
        if kind in (_TRUE, _FALSE):
            self._skip(int(is_element))  # of a field, the value is in its type
        elif kind == _BYTE:
            self._skip(1)
        elif kind == _DOUBLE:
            self._skip(8)
        elif kind == _BINARY:
            self._skip(self._varint())
        elif kind in (_LIST, _SET):
            self._list(depth)
        elif kind == _STRUCT:
            self.struct(depth + 1)
        else:
            msg = "a page header holds what it cannot"
            raise ValueError(msg)
        return None

    def _list(self, depth: int) -> None:
        head = self._byte()
        n_elements = head >> 4
        if n_elements == 0x0F:
            n_elements = self._varint()
        for _ in range(n_elements):
            self._value(head & 0x0F, depth + 1, is_element=True)

    def _byte(self) -> int:
        value = self._data[self.position]
        self.position += 1
        return value

    def _skip(self, n_bytes: int) -> None:
        self.position += n_bytes
        if self.position > len(self._data):
            raise IndexError

    def _varint(self) -> int:
        value, shift = 0, 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
