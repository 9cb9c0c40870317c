"""Text hash: cells of several columns to one 64-bit number a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, uint8, uint64

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

#: Fowler, Noll and Vo, FNV-1a for 64 bits (RFC 9923).
_PRIME = np.uint64(1099511628211)
#: Finalizer of MurmurHash3 (Appleby, 2011), which spreads every bit over all others.
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)


@subroutine
def _spread(hashed: Any) -> Any:
    hashed = (hashed ^ (hashed >> _SHIFT)) * _FIRST
    hashed = (hashed ^ (hashed >> _SHIFT)) * _SECOND
    return hashed ^ (hashed >> _SHIFT)


@kernel((read_only(int64), read_only(uint8), read_only(uint8), writable(uint64)))
def mix_texts(offsets: Any, data: Any, valid: Any, hashes: Any) -> None:
    """Mix a column of texts into the hash of each row.

    Text ``i`` is ``data[offsets[i]:offsets[i + 1]]``, and missing where ``valid[i]`` is
    0. Its length is mixed in behind it, so that ("ab", "c") and ("a", "bc") differ, and
    a missing text from an empty one.
    """
    for i in range(hashes.shape[0]):
        hashed, length = hashes[i], np.uint64(0)
        if valid[i]:
            for at in range(offsets[i], offsets[i + 1]):
                hashed = (hashed ^ np.uint64(data[at])) * _PRIME
            length = np.uint64(offsets[i + 1] - offsets[i] + 1)
        hashes[i] = _spread((hashed ^ length) * _PRIME)
