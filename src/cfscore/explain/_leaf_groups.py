"""Leaf groups: the cheapest tables of contributions that fit a memory bound.

A larger table saves look-ups, but its rows come from a slower level of memory and it
takes space. Prices in nanoseconds a row weigh the two, and space has a price that rises
until everything fits; leaves for which no table is worth its price are summed by
quadrature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels import leaf_groups as kernel
from cfscore.explain._leaf_blocks import LeafBlocks

__all__ = ["LANES", "LeafGroups", "group_leaves"]

#: Slots of a table row come in multiples of a vector of float64.
LANES: Final = 4

_BYTES: Final = 8
_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LeafGroups:
    """Groups of leaves, block by block.

    Parameters
    ----------
    starts : array of shape (n_blocks + 1,), int64
        First group of each block.
    members : array of shape (n_groups,), uint64
        Leaves of the group's block as bits.
    sizes : array of shape (n_groups, 4), int64
        Rows, tests, features and parts of the group's table; all 0 for a single leaf
        that has no table.
    """

    starts: _Ints
    members: NDArray[np.uint64]
    sizes: _Ints

    @property
    def has_table(self) -> NDArray[np.bool_]:
        """Whether a group has a table."""
        return self.sizes[:, 0] > 0

    @property
    def slots(self) -> _Ints:
        """Numbers in a row of each group's table."""
        return -(-self.sizes[:, 2] // LANES) * LANES

    @property
    def n_bytes(self) -> int:
        """Size of all tables."""
        return int((self.sizes[:, 0] * self.slots).sum()) * _BYTES


#: Measured on one core of an AMD EPYC 7003: nanoseconds a row, sizes in bytes.
_PRICES: Final = {
    kernel.PRICE_OF_GROUP: 1.0,
    kernel.PRICE_OF_TEST: 0.03,
    kernel.PRICE_OF_SLOT: 0.25,
    kernel.PRICE_OF_BYTE: 1e-5,
    kernel.PRICE_OF_SLOT_IN_L2: 0.1,
    kernel.PRICE_OF_SLOT_IN_L3: 0.3,
    kernel.PRICE_OF_FACTOR: 0.4,
    kernel.BYTES_OF_L1: 16_384,
    kernel.BYTES_OF_L2: 262_144,
    kernel.MOST_ROWS: 65_536,
}
#: By how much the price of a byte rises at a time, and up to what.
_RISE: Final = 2.0
_HIGHEST: Final = 1.0


def group_leaves(blocks: LeafBlocks, n_players: _Ints, memory_bound: int) -> LeafGroups:
    """Return groups whose tables take no more than ``memory_bound`` bytes.

    Parameters
    ----------
    blocks : LeafBlocks
        The leaves.
    n_players : array of shape (n_leaves,), int64
        Players on the path of each leaf.
    memory_bound : int
        Bytes; 0 leaves no tables.
    """
    prices = np.array([_PRICES[i] for i in range(kernel.N_PRICES)])
    while prices[kernel.PRICE_OF_BYTE] < _HIGHEST:
        groups = _priced_groups(blocks, n_players, prices)
        if groups.n_bytes <= memory_bound:
            return groups
        prices[kernel.PRICE_OF_BYTE] *= _RISE
    prices[kernel.MOST_ROWS] = 0
    return _priced_groups(blocks, n_players, prices)


def _priced_groups(
    blocks: LeafBlocks, n_players: _Ints, prices: NDArray[np.float64]
) -> LeafGroups:
    members = np.zeros(len(n_players), np.uint64)
    sizes = np.zeros((len(n_players), 4), np.int64)
    starts = np.zeros(blocks.n_blocks + 1, np.int64)
    kernel.group_leaves(
        blocks.leaf_starts,
        blocks.run_starts,
        blocks.run_feature,
        blocks.run_leaves,
        blocks.state_starts,
        blocks.state_leaves,
        blocks.never_met,
        n_players,
        prices,
        members,
        sizes,
        starts,
    )
    n_groups = int(starts[-1])
    return LeafGroups(starts, members[:n_groups].copy(), sizes[:n_groups].copy())
