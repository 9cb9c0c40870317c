"""Gauss-Legendre quadrature on [0, 1], and the leaves that are summed by it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.explain._leaf_blocks import LeafBlocks
from cfscore.explain._leaf_groups import LeafGroups
from cfscore.explain._leaf_paths import LeafPaths

__all__ = ["PlainLeaves", "Quadrature", "plain_leaves", "quadrature"]

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Rules of 1, 2, 3, ... points, one after another.

    A rule of ``n`` points is exact for polynomials of degree ``2 * n - 1``, hence for
    leaves of up to ``2 * n`` players.

    Parameters
    ----------
    points, weights : array, float64
        The rule of ``n`` points begins at ``n * (n - 1) / 2``.
    """

    points: NDArray[np.float64]
    weights: NDArray[np.float64]


def quadrature(most_players: int) -> Quadrature:
    """Return the rules for leaves of up to ``most_players`` players."""
    rules = [
        np.polynomial.legendre.leggauss(n + 1) for n in range((most_players + 1) // 2)
    ]
    points = np.concatenate([(1.0 + points) / 2.0 for points, _ in rules])
    return Quadrature(points, np.concatenate([weights / 2.0 for _, weights in rules]))


@dataclass(frozen=True, eq=False)
class PlainLeaves:
    """Leaves without a table, closed up (see ``LeafPaths``).

    Parameters
    ----------
    player_starts : array of shape (n_leaves + 1,), int64
        First player of each leaf.
    value : array of shape (n_leaves,), float64
        Leaf value.
    player_feature : array of shape (n_players,), int32
        Feature of each player.
    player_ratio : array of shape (n_players,), float64
        Cover ratio.
    condition_starts : array of shape (n_players + 1,), int64
        First condition of each player.
    condition_column, condition_low, condition_high : array, int32
        A row meets the condition when ``low < rank <= high``.
    """

    player_starts: _Ints
    value: NDArray[np.float64]
    player_feature: NDArray[np.int32]
    player_ratio: NDArray[np.float64]
    condition_starts: _Ints
    condition_column: NDArray[np.int32]
    condition_low: NDArray[np.int32]
    condition_high: NDArray[np.int32]

    @property
    def most_players(self) -> int:
        """Players of the longest path."""
        return int(np.diff(self.player_starts).max(initial=1))

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All arrays, as the kernels take them."""
        return (
            self.player_starts,
            self.value,
            self.player_feature,
            self.player_ratio,
            self.condition_starts,
            self.condition_column,
            self.condition_low,
            self.condition_high,
        )


def plain_leaves(
    paths: LeafPaths, blocks: LeafBlocks, groups: LeafGroups
) -> PlainLeaves:
    """Return the leaves that groups leave without a table, in order."""
    alone = groups.n_tables == 0
    place = np.log2(groups.members[alone].astype(np.float64)).astype(np.int64)
    chosen = np.zeros(paths.n_leaves, np.bool_)
    chosen[blocks.leaf_starts[groups.block[alone]] + place] = True
    player = np.repeat(chosen, paths.n_players)
    condition = chosen[paths.condition_leaf]
    return PlainLeaves(
        player_starts=_starts(paths.n_players[chosen]),
        value=paths.value[chosen],
        player_feature=paths.player_feature[player].astype(np.int32),
        player_ratio=paths.player_ratio[player],
        condition_starts=_starts(np.diff(paths.condition_starts)[player]),
        condition_column=paths.condition_column[condition].astype(np.int32),
        condition_low=paths.condition_low[condition].astype(np.int32),
        condition_high=paths.condition_high[condition].astype(np.int32),
    )


def _starts(sizes: _Ints) -> _Ints:
    """Return where runs of these sizes start, and the end."""
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
