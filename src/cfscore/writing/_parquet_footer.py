"""Parquet footers: those of pieces of a file joined, as if one writer had written all.

A writer of Parquet describes its row groups only when it ends, and counts places from
its own beginning. A file that is written in pieces, each by a writer of its own, gets
one footer of theirs: all row groups, their places counted from the file's beginning.

A footer is a struct of Thrift's compact protocol (apache/thrift,
doc/specs/thrift-compact-protocol.md); the numbers of fields are those of
apache/parquet-format, parquet.thrift. Everything is copied as it is, places apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["MAGIC", "Piece", "join_footers"]

MAGIC = b"PAR1"
_TAIL_BYTES = 8  # length of the footer, and MAGIC again

#: A piece of a file: by how much it is moved, and the end its own writer gave it.
Piece = tuple[int, bytes]

_ROWS, _GROUPS = 3, 4
_ORDINAL = "ordinal"
#: Fields of a row group that hold places in the file, those of structs inside of it
#: likewise; and its own number, which not every version of Arrow writes.
_PLACES: dict[int, Any] = {
    1: {  # columns
        2: None,  # file_offset
        3: {9: None, 10: None, 11: None, 14: None},  # pages, dictionary, bloom filter
        4: None,  # offset index
        6: None,  # column index
    },
    5: None,  # file_offset
    7: _ORDINAL,
}

_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = (
    *(0, 1, 2, 3, 7, 8, 9, 10, 12),
)
_INTEGERS = frozenset({4, 5, 6})
_LONG_LIST = 15


def join_footers(pieces: Sequence[Piece]) -> bytes:
    """Return the end of a Parquet file whose pieces were written one after another.

    Parameters
    ----------
    pieces : sequence of (int, bytes)
        At least one, of one schema: by how many bytes its places are to be moved, and
        what its writer wrote after its last page.
    """
    (shift, first), *more = pieces
    if not more and not shift:
        return first
    footers = [_Footer(data[:-_TAIL_BYTES]) for _, data in pieces]
    groups: list[bytes] = []
    for (shift, _), footer in zip(pieces, footers, strict=True):
        groups.extend(footer.moved_groups(shift, len(groups)))
    head = footers[0]
    rows = sum(footer.n_rows for footer in footers)
    joined = b"".join(
        (
            head.data[: head.rows_start],
            _zigzag(rows),
            head.data[head.rows_stop : head.groups_start],
            _list_head(len(groups)),
            *groups,
            head.data[head.groups_stop :],
        )
    )
    return joined + len(joined).to_bytes(4, "little") + MAGIC


class _Footer:
    """A footer, with the places of what is joined.

    Parameters
    ----------
    data : bytes
        The struct.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        copier = _Copier(data, 0, 0)
        for number, kind in copier.fields():
            start = copier.position
            if number == _ROWS:
                self.n_rows = copier.integer()
                self.rows_start, self.rows_stop = start, copier.position
            else:
                copier.value(kind, None)
            if number == _GROUPS:
                self.groups_start, self.groups_stop = start, copier.position

    def moved_groups(self, shift: int, n_before: int) -> list[bytes]:
        """Return every row group with its places moved, behind others."""
        copier = _Copier(self.data, shift, n_before)
        copier.position = self.groups_start
        n_groups = copier.list_head()[0]
        return [copier.struct_copy(_PLACES) for _ in range(n_groups)]


class _Copier:
    """Walks over values and copies structs, places moved.

    Parameters
    ----------
    data : bytes
        What holds them.
    shift : int
        By how much places are moved.
    n_before : int
        By how much ordinals are moved.
    """

    def __init__(self, data: bytes, shift: int, n_before: int) -> None:
        self.data = data
        self.shift = shift
        self.n_before = n_before
        self.position = 0
        self._copied = 0
        self._copy = bytearray()

    def struct_copy(self, places: Mapping[int, Any]) -> bytes:
        """Return the struct that begins here, with its places moved."""
        self._copied = self.position
        self._copy.clear()
        self.struct(places)
        return bytes(self._copy) + self.data[self._copied : self.position]

    def struct(self, places: Mapping[int, Any] | None) -> None:
        """Walk over a struct."""
        for number, kind in self.fields():
            if places is not None and number in places and kind in _INTEGERS:
                self._moved(places[number])
            else:
                self.value(kind, places and places.get(number))

    def fields(self) -> Iterator[tuple[int, int]]:
        """Yield number and type of each field; its value is to be walked over then."""
        number = 0
        while (head := self._byte()) != _STOP:
            step = head >> 4
            number = number + step if step else self.integer()
            yield number, head & 0x0F

    def value(
        self, kind: int, places: Mapping[int, Any] | None, *, is_element: bool = False
    ) -> None:
        """Walk over a value; structs in it hold places."""
        if kind in _INTEGERS:
            self._varint()
        elif kind == _BINARY:
            n_bytes = self._varint()
            self.position += n_bytes
        elif kind == _STRUCT:
            self.struct(places)
        elif kind in (_LIST, _SET):
            n_elements, element = self.list_head()
            for _ in range(n_elements):
                self.value(element, places, is_element=True)
        elif kind == _DOUBLE:
            self.position += 8
        elif kind == _BYTE or is_element:  # a field's truth value is its type
            self.position += 1

    def list_head(self) -> tuple[int, int]:
        """Return number and type of the elements that follow."""
        head = self._byte()
        n_elements = head >> 4
        if n_elements == _LONG_LIST:
            n_elements = self._varint()
        return n_elements, head & 0x0F

    def integer(self) -> int:
        """Return a signed integer."""
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _moved(self, what: str | None) -> None:
        start = self.position
        number = self.integer()
        # A place of 0 stands for no place.
        step = self.n_before if what == _ORDINAL else self.shift * (number > 0)
        if step:
            self._copy += self.data[self._copied : start] + _zigzag(number + step)
            self._copied = self.position

    def _byte(self) -> int:
        value = self.data[self.position]
        self.position += 1
        return value

    def _varint(self) -> int:
        value, shift = 0, 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift


def _zigzag(number: int) -> bytes:
    """Return an integer that is not negative, as the protocol writes it."""
    return _base_128(number << 1)


def _base_128(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _list_head(n_structs: int) -> bytes:
    if n_structs < _LONG_LIST:
        return bytes([n_structs << 4 | _STRUCT])
    return bytes([_LONG_LIST << 4 | _STRUCT]) + _base_128(n_structs)
