"""Parquet footer and page headers: how columns are stored, and if pages are checked.

Numbers of fields and encodings are those of apache/parquet-format, parquet.thrift.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cfscore.exceptions import InputError
from cfscore.reading._thrift import CompactReader

__all__ = ["Chunk", "read_chunks", "refuse_missing_checksums"]

_TAIL_BYTES = 8
_HEADER_BYTES = 1 << 16

_FILE_ROW_GROUPS = 4
_GROUP_COLUMNS = 1
_COLUMN_METADATA = 3
_ENCODINGS, _PATH, _UNCOMPRESSED, _COMPRESSED = 2, 3, 6, 7
_DATA_PAGE, _DICTIONARY_PAGE = 9, 11
_PAGE_COMPRESSED, _PAGE_CRC = 3, 4

_DICTIONARY_ENCODINGS = {2, 8}
_DELTA_BYTE_ARRAY = 7


@dataclass(frozen=True)
class Chunk:
    """One column of one row group.

    Parameters
    ----------
    name : str
        Its column.
    n_bytes : int
        Bytes of its pages, not compressed.
    start, stop : int
        Where its pages lie in the file.
    has_dictionary : bool
        Whether values are positions in a dictionary, at least in some pages.
    has_prefixes : bool
        Whether texts are stored as differences to the text before.
    """

    name: str
    n_bytes: int
    start: int
    stop: int
    has_dictionary: bool
    has_prefixes: bool


def read_chunks(path: Path) -> list[list[Chunk]]:
    """Return the columns of each row group of a Parquet file.

    Raises
    ------
    ValueError
        When the footer is damaged.
    """
    with path.open("rb") as file:
        file.seek(-_TAIL_BYTES, os.SEEK_END)
        n_bytes = int.from_bytes(file.read(4), "little")
        file.seek(-_TAIL_BYTES - n_bytes, os.SEEK_END)
        data = file.read(n_bytes)
    try:
        footer = CompactReader(data).struct()
        groups = footer[_FILE_ROW_GROUPS]
        return [
            [_chunk(column) for column in group[_GROUP_COLUMNS]] for group in groups
        ]
    except (IndexError, KeyError, TypeError, AttributeError):
        msg = "the footer is damaged"
        raise ValueError(msg) from None


def _chunk(column: dict[int, Any]) -> Chunk:
    found = column[_COLUMN_METADATA]
    start = found[_DATA_PAGE]
    if found.get(_DICTIONARY_PAGE):
        start = min(start, found[_DICTIONARY_PAGE])
    encodings = set(found[_ENCODINGS])
    return Chunk(
        name=b".".join(found[_PATH]).decode(),
        n_bytes=found[_UNCOMPRESSED],
        start=start,
        stop=start + found[_COMPRESSED],
        has_dictionary=bool(encodings & _DICTIONARY_ENCODINGS),
        has_prefixes=_DELTA_BYTE_ARRAY in encodings,
    )


def refuse_missing_checksums(path: Path, chunks: Iterable[Chunk]) -> None:
    """Refuse a file with a page that has no checksum, by the header of every page.

    Raises
    ------
    InputError
        Code ``NO_CHECKSUM``.
    ValueError
        When a page header is damaged.
    """
    with path.open("rb") as file:
        for chunk in chunks:
            position = chunk.start
            while position < chunk.stop:
                header, n_bytes = _page_header(file, position)
                if _PAGE_CRC not in header:
                    msg = f"A page of {path.name!r} has no checksum."
                    hint = "Write it with page checksums, or do not require them."
                    raise InputError(msg, code="NO_CHECKSUM", hint=hint)
                position += n_bytes + header[_PAGE_COMPRESSED]


def _page_header(file: BinaryIO, position: int) -> tuple[dict[int, Any], int]:
    """Return the header of the page at a position, and the header's length."""
    n_bytes = _HEADER_BYTES
    while True:
        file.seek(position)
        data = file.read(n_bytes)
        reader = CompactReader(data)
        try:
            header = reader.struct()
        except IndexError:
            if len(data) < n_bytes:
                msg = "a page header is cut short"
                raise ValueError(msg) from None
            n_bytes *= 4  # long statistics
        else:
            if header.get(_PAGE_COMPRESSED, -1) < 0:
                msg = "a page header has no size"
                raise ValueError(msg)
            return header, reader.position
