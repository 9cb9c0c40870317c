"""Text hash: cells of several columns to one 64-bit number a row.

Every cell is mixed in as its length and its bytes, eight at a time, by multiplications
and shifts after A. Appleby's MurmurHash (2011). It is no secret and no seal: whoever
wants two rows of one hash can make them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int32, int64, uint8, uint64

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

_ONE, _WORD, _BYTE_BITS = np.uint64(1), np.uint64(8), np.uint64(8)
_FACTOR = np.uint64(0xC6A4A7935BD1E995)
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_MOST, _THIRD, _HALF = np.uint64(47), np.uint64(33), np.uint64(32)


@subroutine
def _mixed(hashed: Any, word: Any) -> Any:
    """Return a hash with one more word in it."""
    word = word * _FACTOR
    word = (word ^ (word >> _MOST)) * _FACTOR
    hashed = (hashed ^ word) * _FACTOR
    return hashed ^ (hashed >> _HALF)


@subroutine
def _spread(hashed: Any) -> Any:
    """Return a hash whose every bit depends on every bit of the one before."""
    hashed = (hashed ^ (hashed >> _THIRD)) * _FIRST
    hashed = (hashed ^ (hashed >> _THIRD)) * _SECOND
    return hashed ^ (hashed >> _THIRD)


@subroutine
def _word(data: Any, start: Any) -> Any:
    """Return eight bytes as one number, the first of them lowest: becomes one load."""
    word = np.uint64(0)
    for i in range(8):
        place = np.uint64(i)
        word |= np.uint64(data[start + place]) << (place * _BYTE_BITS)
    return word


_REST = (read_only(uint8), read_only(uint8), writable(uint64))


@kernel((read_only(int32), *_REST), (read_only(int64), *_REST))
def mix_texts(offsets: Any, data: Any, valid: Any, hashes: Any) -> None:
    """Mix a column of texts into the hash of each row.

    Text ``i`` is ``data[offsets[i]:offsets[i + 1]]``, and missing where ``valid[i]`` is
    0; an empty ``valid`` says that none is. Its length plus one is mixed in before its
    bytes, the last eight filled up with zeros, so that ("ab", "c") and ("a", "bc")
    differ; a missing text is mixed in as 0. 10 ns a text of 18 bytes.
    """
    has_missing = valid.shape[0] > 0
    for row in range(hashes.shape[0]):
        hashed = hashes[row]
        if has_missing and not valid[row]:
            hashes[row] = _spread(_mixed(hashed, np.uint64(0)))
            continue
        # Without a sign, as an index that can be negative is looked at byte by byte.
        start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        hashed = _mixed(hashed, stop - start + _ONE)
        while start + _WORD <= stop:
            hashed = _mixed(hashed, _word(data, start))
            start += _WORD
        if start < stop:
            word, shift = np.uint64(0), np.uint64(0)
            while start < stop:
                word |= np.uint64(data[start]) << shift
                start, shift = start + _ONE, shift + _BYTE_BITS
            hashed = _mixed(hashed, word)
        hashes[row] = _spread(hashed)
