"""Bin counts: rows, goods and bads summed by code."""

from __future__ import annotations

from typing import Any

from numba import float64, int64, uint16

from cfscore._kernels.jit import kernel, read_only, writable

_SUMS = (
    read_only(int64),
    read_only(float64),
    read_only(float64),
    writable(int64),
    writable(float64),
    writable(float64),
)


@kernel((read_only(uint16), *_SUMS), (read_only(int64), *_SUMS))
def bin_counts(
    codes: Any, rows: Any, good: Any, bad: Any, n_rows: Any, n_good: Any, n_bad: Any
) -> None:
    """Add the rows, goods and bads of each element to the totals of its code.

    Elements are added in the order given, so equal input gives equal bits. ``rows``
    counts cases, ``good`` and ``bad`` are weighted. The plain form is one
    ``total[code] += x`` per element.
    """
    for i in range(codes.shape[0]):
        code = codes[i]
        n_rows[code] += rows[i]
        n_good[code] += good[i]
        n_bad[code] += bad[i]
