"""Leaf quadrature: the contributions of one leaf, without a table.

The formula is that of ``leaf_tables``, evaluated for the rows at hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int32, int64

from cfscore._kernels.jit import read_only, subroutine

#: Types of the arrays that describe leaves without a table.
LEAVES = (
    read_only(int64),  # leaf_starts
    read_only(float64),  # leaf_value
    read_only(int32),  # player_feature
    read_only(float64),  # player_ratio
    read_only(int64),  # condition_starts
    read_only(int32),  # condition_column
    read_only(int32),  # condition_low
    read_only(int32),  # condition_high
    read_only(float64),  # points
    read_only(float64),  # weights
    int64,  # most_players
)


@subroutine
def add_leaf(  # noqa: PLR0912 - short loops that the compiler vectorises
    ranks: Any,
    n_rows: Any,
    leaf: Any,
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
    gain: Any,
    before: Any,
    total: Any,
    product: Any,
    sums: Any,
) -> None:
    """Add a leaf's contributions to the sums of rows, which stand feature by feature.

    ``gain``, ``before`` and ``total``, shape (players, rows), and ``product`` are
    scratch space. ``gain`` is ``o_j - z_j`` of each player, so that its factor is
    ``z + t * gain``.
    """
    first, n_players = leaf_starts[leaf], leaf_starts[leaf + 1] - leaf_starts[leaf]
    stride = gain.shape[1]
    for j in range(n_players):
        ratio = player_ratio[first + j]
        for i in range(n_rows):
            gain[j, i] = 1.0 - ratio
            total[j, i] = 0.0
        for k in range(condition_starts[first + j], condition_starts[first + j + 1]):
            column = ranks[condition_column[k]]
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
    for j in range(n_players):
        own = sums[stride * player_feature[first + j] :]
        for i in range(n_rows):
            own[i] += leaf_value[leaf] * gain[j, i] * total[j, i]
