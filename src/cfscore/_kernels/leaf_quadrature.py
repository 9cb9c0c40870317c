"""Leaf quadrature: the contributions of leaves that have no table.

The formula is that of ``leaf_tables``, evaluated for the rows at hand.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import float64, int32, int64, uint8

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

#: Rows that are summed together, so that what they need stays in the cache.
_TILE: Final = 64


@subroutine
def _sum_leaf(
    ranks: Any,
    first_row: Any,
    n_rows: Any,
    leaf: Any,
    leaf_starts: Any,
    player_ratio: Any,
    condition_starts: Any,
    condition_column: Any,
    condition_low: Any,
    condition_high: Any,
    points: Any,
    weights: Any,
    gain: Any,
    before: Any,
    total: Any,
    product: Any,
) -> None:
    """Write the gain of each player, ``o_j - z_j``, and the integral it multiplies.

    Both have shape (players, rows), as has ``before``, scratch space like ``product``.
    A player's factor in the integrand is ``z + t * gain``.
    """
    first, n_players = leaf_starts[leaf], leaf_starts[leaf + 1] - leaf_starts[leaf]
    for j in range(n_players):
        ratio = player_ratio[first + j]
        for i in range(n_rows):
            gain[j, i] = 1.0 - ratio
            total[j, i] = 0.0
        for k in range(condition_starts[first + j], condition_starts[first + j + 1]):
            column = ranks[condition_column[k], first_row:]
            low, high = condition_low[k], condition_high[k]
            for i in range(n_rows):
                rank = np.int32(column[i])
                met = (rank > low) & (rank <= high)
                gain[j, i] = gain[j, i] if met else -ratio
    n_points = (n_players + 1) // 2
    begin = n_points * (n_points - 1) // 2
    for k in range(begin, begin + n_points):
        t = points[k]
        for i in range(n_rows):
            product[i] = weights[k]
        for j in range(n_players):
            ratio = player_ratio[first + j]
            for i in range(n_rows):
                before[j, i] = product[i]
                product[i] *= ratio + t * gain[j, i]
        for i in range(n_rows):
            product[i] = 1.0
        for j in range(n_players - 1, -1, -1):
            ratio = player_ratio[first + j]
            for i in range(n_rows):
                total[j, i] += before[j, i] * product[i]
                product[i] *= ratio + t * gain[j, i]


@kernel(
    (
        read_only(uint8, 2),
        read_only(int64),
        read_only(float64),
        read_only(int32),
        read_only(float64),
        read_only(int64),
        read_only(int32),
        read_only(int32),
        read_only(int32),
        read_only(float64),
        read_only(float64),
        int64,
        float64,
        writable(float64, 2),
    )
)
def add_leaves(
    ranks: Any,
    leaf_starts: Any,
    leaf_value: Any,
    player_feature: Any,
    player_ratio: Any,
    condition_starts: Any,
    condition_column: Any,
    condition_low: Any,
    condition_high: Any,
    points: Any,
    weights: Any,
    most_players: Any,
    slope: Any,
    out: Any,
) -> None:
    """Add ``slope`` times the contributions of leaves, in their order, to each row.

    ``ranks`` is column-major, its first rows those of ``out``, which is row-major.
    ``points`` and ``weights`` hold the rules of 1, 2, 3, ... points one after another.
    """
    shape = most_players, min(_TILE, out.shape[0])
    gain, before, total = np.empty(shape), np.empty(shape), np.empty(shape)
    product = np.empty(shape[1])
    for start in range(0, out.shape[0], _TILE):
        n_rows = min(_TILE, out.shape[0] - start)
        for leaf in range(leaf_value.shape[0]):
            _sum_leaf(
                ranks, start, n_rows, leaf, leaf_starts, player_ratio,
                condition_starts, condition_column, condition_low, condition_high,
                points, weights, gain, before, total, product,
            )  # fmt: skip
            value = slope * leaf_value[leaf]
            for player in range(leaf_starts[leaf], leaf_starts[leaf + 1]):
                j, feature = player - leaf_starts[leaf], player_feature[player]
                for i in range(n_rows):
                    out[start + i, feature] += value * gain[j, i] * total[j, i]
