"""Thrift: structs of the compact protocol, in which Parquet describes itself.

A field is a byte with its type and its distance from the field before, then its value;
integers are zigzag varints; a stop byte ends the struct (apache/thrift,
doc/specs/thrift-compact-protocol.md).

Parquet's own reader is not asked for what this reads: pyarrow 26 ends the process when
a damaged footer is asked for the description of a column.
"""

from __future__ import annotations

from typing import Any

__all__ = ["CompactReader"]

_MOST_DEPTH = 16
_STOP = 0
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS = frozenset({4, 5, 6})
_LONG_LIST = 15


class CompactReader:
    """Reads values one after the other.

    Parameters
    ----------
    data : bytes
        What holds them. ``IndexError`` says that it ends inside of one.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the fields of a struct by number: int, bytes, list or dict.

        Raises
        ------
        ValueError
            When there is no struct.
        """
        if depth > _MOST_DEPTH:
            msg = "a description is nested too deeply"
            raise ValueError(msg)
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != _STOP:
            step = head >> 4
            number = number + step if step else self._integer()
            kind = head & 0x0F
            # A field's truth value is its type, an element's is a byte.
            is_truth = kind in (_TRUE, _FALSE)
            fields[number] = kind == _TRUE if is_truth else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in _INTEGERS:
            return self._integer()
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind == _DOUBLE:
            return self._bytes(8)
        msg = "a description holds what it cannot"
        raise ValueError(msg)

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        n_elements = head >> 4
        if n_elements == _LONG_LIST:
            n_elements = self._varint()
        if n_elements > len(self._data):  # an element takes a byte at the least
            raise IndexError
        kind = head & 0x0F
        return [self._value(kind, depth + 1) for _ in range(n_elements)]

    def _byte(self) -> int:
        value = self._data[self.position]
        self.position += 1
        return value

    def _bytes(self, n_bytes: int) -> bytes:
        start, self.position = self.position, self.position + n_bytes
        if self.position > len(self._data):
            raise IndexError
        return self._data[start : self.position]

    def _varint(self) -> int:
        value, shift = 0, 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
