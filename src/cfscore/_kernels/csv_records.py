"""CSV records: where they end, with and without quotes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import boolean, int64, uint8

from cfscore._kernels.jit import kernel, read_only, writable

_LF = 10
_CR = 13
_FIRST_LEAD = 0x81  # of GB18030 characters of two or four bytes
_FIRST_TRAIL = 0x30

_BLOCK = 4096

_NONE = np.uint64(0)
_ONE = np.uint64(1)
_ONES = np.uint64(0x0101010101010101)
_BYTE = np.uint64(8)
_TWO_BYTES = np.uint64(16)
_FOUR_BYTES = np.uint64(32)
_SEVEN_BYTES = np.uint64(56)

_RECORD_START = 0
_CELL_START = 1
_IN_CELL = 2
_IN_QUOTES = 3
_QUOTE_CLOSED = 4


@kernel((read_only(uint8), int64))
def count_line_records(data: Any, n_bytes: Any) -> int:
    """Return how many lines end in the first bytes, where no record holds a line end.

    A record ends at a line end (LF, CR or both) that no other line end precedes: blank
    lines are no records. ``data[0]`` starts a record. Without a branch, so that the
    compiler vectorises it.
    """
    n_records = np.int64(0)
    for i in range(1, n_bytes):
        is_end = (data[i] == _LF) | (data[i] == _CR)
        was_end = (data[i - 1] == _LF) | (data[i - 1] == _CR)
        n_records += np.int64(is_end & (not was_end))
    return n_records  # type: ignore[return-value]


@kernel((read_only(uint8), uint8, uint8, writable(int64)))
def count_quoted_records(data: Any, delimiter: Any, quote: Any, found: Any) -> bool:
    """Do what ``scan_records`` does for well-formed quotes; False where one is not.

    Where quotes stand around cells, and doubled inside them only, a byte is inside
    quotes when an odd number of quotes is up to it. Eight bytes, each 0 or 1, are one
    word: its running parity is the word xored with itself shifted by one, two and four
    bytes, and the byte before is the word shifted by one. 0.55 ns a byte instead of
    the 2.8 ns of ``scan_records``.

    ``found`` takes the number of complete records, and 1 where a quote is open at the
    end, else 0.
    """
    n_bytes = data.shape[0]
    end_bytes = np.empty(_BLOCK, np.uint8)
    delimiter_bytes = np.empty(_BLOCK, np.uint8)
    quote_bytes = np.empty(_BLOCK, np.uint8)
    end_words = end_bytes.view(np.uint64)
    delimiter_words = delimiter_bytes.view(np.uint64)
    quote_words = quote_bytes.view(np.uint64)
    n_records, wrong = _NONE, _NONE
    parity = _NONE
    was_end, was_cell_end = _ONE, _ONE  # as if a line had ended before
    was_quote, was_inside = _NONE, _NONE
    for start in range(0, n_bytes, _BLOCK):
        block = data[start : start + _BLOCK]
        n = block.shape[0]
        for i in range(n):
            byte = block[i]
            end_bytes[i] = (byte == _LF) | (byte == _CR)
            delimiter_bytes[i] = byte == delimiter
            quote_bytes[i] = byte == quote
        n_words = (n + 7) // 8
        for i in range(n, 8 * n_words):
            end_bytes[i] = 0
            delimiter_bytes[i] = 1  # closes a cell, ends no record
            quote_bytes[i] = 0
        for i in range(n_words):
            quotes = quote_words[i]
            cell_ends = end_words[i] | delimiter_words[i]
            inside = quotes ^ (quotes << _BYTE)
            inside ^= inside << _TWO_BYTES
            inside ^= inside << _FOUR_BYTES
            inside ^= parity
            parity = (inside >> _SEVEN_BYTES) * _ONES
            ends = end_words[i] & (inside ^ _ONES)
            starts = ends & ~((ends << _BYTE) | was_end)
            n_records += (starts * _ONES) >> _SEVEN_BYTES
            quotes_before = (quotes << _BYTE) | was_quote
            inside_before = (inside << _BYTE) | was_inside
            cell_ends_before = (cell_ends << _BYTE) | was_cell_end
            wrong |= quotes & inside & ~(cell_ends_before | quotes_before)
            wrong |= quotes_before & ~inside_before & ~(cell_ends | quotes)
            was_end = ends >> _SEVEN_BYTES
            was_cell_end = cell_ends >> _SEVEN_BYTES
            was_quote = quotes >> _SEVEN_BYTES
            was_inside = inside >> _SEVEN_BYTES
    found[0] = np.int64(n_records)
    found[1] = np.int64(parity != _NONE)
    return wrong == _NONE  # type: ignore[no-any-return]


@kernel((read_only(uint8), uint8, boolean))
def find_last_line_end(data: Any, quote: Any, is_inside: Any) -> int:
    """Return the position behind the last line end outside of quotes, 0 for none.

    ``is_inside`` tells whether a quote is open behind the last byte.
    """
    end = data.shape[0]
    while end > 0:
        byte = data[end - 1]
        if not is_inside and byte in (_LF, _CR):
            break
        is_inside ^= byte == quote
        end -= 1
    return end  # type: ignore[no-any-return]


@kernel((read_only(uint8), int64, int64, int64, boolean, writable(int64)))
def scan_records(  # noqa: PLR0912 - a state machine is its branches
    data: Any, delimiter: Any, quote: Any, escape: Any, is_gb18030: Any, found: Any
) -> None:
    """Find the last complete record, where quotes may hold delimiters and line ends.

    ``data[0]`` starts a record. A quote opens at the start of a cell only and is
    doubled or escaped inside; after the quote that closes, the cell must end.

    ``found`` takes: end of the last complete record and the blank lines behind it;
    number of complete records; position of the quote that is open at the end, or -1;
    position behind a closing quote where no cell ends, or -1 (the scan stops there).
    ``quote`` and ``escape`` are -1 where there is none.
    """
    n_bytes = data.shape[0]
    state = _RECORD_START
    found[:] = -1
    found[0] = 0
    found[1] = 0
    opened = np.int64(-1)
    i = np.int64(0)
    while i < n_bytes:
        byte = np.int64(data[i])
        width = 1
        if is_gb18030 and byte >= _FIRST_LEAD and i + 1 < n_bytes:
            trail = np.int64(data[i + 1])
            if trail >= _FIRST_TRAIL:  # a trail byte may look like "|" or "\"
                width = 4 if trail < _FIRST_TRAIL + 10 else 2
        if state == _IN_QUOTES:
            if byte == escape:
                width = 2
            elif byte == quote:
                if i + 1 < n_bytes and data[i + 1] == quote:
                    width = 2
                else:
                    state = _QUOTE_CLOSED
        elif byte in (_LF, _CR):
            if state != _RECORD_START:
                found[1] += 1
                state = _RECORD_START
            found[0] = i + 1
        elif byte == delimiter:
            state = _CELL_START
        elif state == _QUOTE_CLOSED:
            found[3] = i
            return
        elif byte == quote and state != _IN_CELL:
            state = _IN_QUOTES
            opened = i
        else:
            state = _IN_CELL
            if byte == escape:
                width = 2
        i += width
    if state == _IN_QUOTES:
        found[2] = opened
