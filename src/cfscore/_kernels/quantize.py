"""Quantising: a value to its rank among a feature's thresholds.

The rank of ``x`` is the number of thresholds below it, so that
``x <= threshold[k]  <=>  rank(x) <= k``; the plain form is
``bisect_left(thresholds, x)``. A grid of equal cells over the thresholds gives the
first rank a value of the cell can have, and a few halving steps among the thresholds of
that cell do the rest. Value and threshold go through the same rounding, and rounding is
monotone, so a threshold of a lower cell is below the value and one of a higher cell is
not: the rank is exact whatever the grid.

1.8 ns a value with up to 4,096 cells against 45 ns of ``numpy.searchsorted`` and 13 ns
of a branch-free search over all thresholds (50 features of about 180 thresholds, 2026).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int32, int64, uint8, uint16

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

#: Kinds of a rank column, as ``rank_one`` knows them.
ORDERED, ORDERED_ZERO_MISSING, MEMBERSHIP = range(3)

_VALUES = read_only(float64)
_BLOCK = 1024


@kernel(
    *(
        (
            _VALUES,
            read_only(float64),
            read_only(rank),
            float64,
            float64,
            int64,
            int64,
            writable(rank),
        )
        for rank in (uint8, uint16)
    )
)
def rank_values(
    values: Any,
    thresholds: Any,
    first_rank: Any,
    lowest: Any,
    cells_per_unit: Any,
    n_steps: Any,
    missing_rank: Any,
    out: Any,
) -> None:
    """Write the rank of each value, ``missing_rank`` for NaN.

    ``thresholds`` are ascending and followed by ``2**n_steps`` times ``+inf``; no cell
    holds more than ``2**n_steps - 1`` of them. The cells of a block of values are found
    first, in vector instructions, and looked up afterwards.
    """
    top = np.float64(first_rank.shape[0] - 1)
    cells = np.empty(_BLOCK, np.int32)
    for start in range(0, values.shape[0], _BLOCK):
        block = values[start : start + _BLOCK]
        found = out[start : start + _BLOCK]
        n = block.shape[0]
        for i in range(n):
            place = (block[i] - lowest) * cells_per_unit
            place = place if place > 0.0 else 0.0
            cells[i] = np.int32(place if place < top else top)
        if n_steps == 1:
            for i in range(n):
                rank = np.int64(first_rank[cells[i]])
                found[i] = rank + np.int64(thresholds[rank] < block[i])
        else:
            for i in range(n):
                rank = np.int64(first_rank[cells[i]])
                step = np.int64(1) << (n_steps - 1)
                while step > 0:
                    rank += step * np.int64(thresholds[rank + step - 1] < block[i])
                    step >>= 1
                found[i] = rank
        for i in range(n):
            found[i] = found[i] if block[i] == block[i] else missing_rank


@kernel((_VALUES, _VALUES, writable(float64)))
def blank_codes(values: Any, codes: Any, out: Any) -> None:
    """Copy values, with NaN in the place of every one that equals a code.

    Code by code within a block, in vector instructions.
    """
    for start in range(0, values.shape[0], _BLOCK):
        block = values[start : start + _BLOCK]
        found = out[start : start + _BLOCK]
        n = block.shape[0]
        for i in range(n):
            found[i] = block[i]
        for k in range(codes.shape[0]):
            code = codes[k]
            for i in range(n):
                found[i] = np.nan if block[i] == code else found[i]


@kernel(
    *(
        (_VALUES, read_only(rank), int64, int64, float64, writable(rank))
        for rank in (uint8, uint16)
    )
)
def replace_missing(
    values: Any,
    ranks: Any,
    missing_rank: Any,
    zero_is_missing: Any,
    zero_bound: Any,
    out: Any,
) -> None:
    """Copy ranks, with another rank where a value is missing.

    NaN is missing; where ``zero_is_missing`` is not 0, so is a value no further than
    ``zero_bound`` from 0.
    """
    if zero_is_missing:
        for i in range(values.shape[0]):
            is_value = abs(values[i]) > zero_bound
            out[i] = ranks[i] if is_value else missing_rank
    else:
        for i in range(values.shape[0]):
            out[i] = ranks[i] if values[i] == values[i] else missing_rank


@kernel(
    *((_VALUES, read_only(uint8), writable(rank)) for rank in (uint8, uint16)),
)
def rank_members(values: Any, outside: Any, out: Any) -> None:
    """Write 0 where the integer part of a value is a member of a set, else 1.

    ``outside[code]`` is 0 for members; codes beyond it, negative ones, NaN and
    infinities are no members. A value between -1 and 0 has the integer part 0.
    """
    end = np.float64(outside.shape[0])
    for i in range(values.shape[0]):
        x = values[i]
        out[i] = outside[np.int64(x)] if -1.0 < x < end else 1


@kernel(
    *((read_only(int32), read_only(rank), writable(rank)) for rank in (uint8, uint16)),
)
def gather_ranks(codes: Any, code_ranks: Any, out: Any) -> None:
    """Write the rank of each category code; position 0 stands for missing (-1)."""
    for i in range(codes.shape[0]):
        out[i] = code_ranks[codes[i] + 1]


@subroutine
def rank_one(
    values: Any,
    thresholds: Any,
    threshold_starts: Any,
    column_feature: Any,
    column_kind: Any,
    missing_rank: Any,
    outside: Any,
    outside_starts: Any,
    zero_bound: Any,
    out: Any,
) -> None:
    """Write every rank column of one row; the columns of a feature stand together.

    ``column_kind`` is ``ORDERED``, ``ORDERED_ZERO_MISSING`` or ``MEMBERSHIP``. Flat
    thresholds and ``outside`` begin at the starts of their feature and column. Equal to
    the kernels for whole columns, bit for bit.
    """
    ranked = np.int64(-1)
    rank = np.int64(0)
    for c in range(column_feature.shape[0]):
        feature = column_feature[c]
        x = values[feature]
        if column_kind[c] == MEMBERSHIP:
            first = outside_starts[c]
            end = np.float64(outside_starts[c + 1] - first)
            out[c] = outside[first + np.int64(x)] if -1.0 < x < end else 1
            continue
        if x != x or (column_kind[c] == ORDERED_ZERO_MISSING and abs(x) <= zero_bound):
            out[c] = missing_rank[c]
            continue
        if ranked != feature:
            low = threshold_starts[feature]
            high = threshold_starts[feature + 1]
            while low < high:
                middle = (low + high) // 2
                if thresholds[middle] < x:
                    low = middle + 1
                else:
                    high = middle
            rank = low - threshold_starts[feature]
            ranked = np.int64(feature)
        out[c] = rank
