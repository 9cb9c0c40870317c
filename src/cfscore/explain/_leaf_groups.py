"""Leaf groups: the cheapest tables of contributions that fit a memory bound.

A larger table saves look-ups, but its rows come from a slower level of memory and it
takes space. Prices in nanoseconds a row weigh the two, and space has the price at which
the tables fill most of the bound; leaves for which no table is worth its price are
summed by quadrature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels import leaf_groups as kernel
from cfscore.explain._leaf_blocks import LeafBlocks

__all__ = ["LeafGroups", "group_leaves"]

_NUMBERS_PER_LINE: Final = 8

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LeafGroups:
    """Groups of leaves: those of one table, then products, then leaves without a table.

    Parameters
    ----------
    block : array of shape (n_groups,), int64
        Block of each group, ascending within each kind.
    members : array of shape (n_groups,), uint64
        Leaves of the group's block as bits.
    sizes : array of shape (n_groups, 2, 4), int64
        Rows, tests, features and parts of the group's tables, 0 for a table that it
        does not have.
    n_points : array of shape (n_groups,), int64
        Quadrature points of a product, 0 for other groups.
    n_blocks : int
        Number of blocks.
    """

    block: _Ints
    members: NDArray[np.uint64]
    sizes: _Ints
    n_points: _Ints
    n_blocks: int

    @property
    def n_tables(self) -> _Ints:
        """Number of tables of each group: 1, 2 or 0."""
        has_rows = self.sizes[:, :, kernel.ROWS] > 0
        return has_rows[:, 0].astype(np.int64) + has_rows[:, 1]

    @property
    def starts(self) -> tuple[_Ints, _Ints]:
        """First group of one table, and first product, of each block, and the ends."""
        ends = np.arange(self.n_blocks + 1)
        of_kind = (self.block[self.n_tables == n] for n in (1, 2))
        singles, products = (np.searchsorted(block, ends) for block in of_kind)
        return singles, products

    @property
    def n_vectors(self) -> _Ints:
        """Vectors that hold the quadrature points of each product: 1, 2 or 4."""
        least = -(-self.n_points // kernel.LANES)
        return np.where(least == 3, 4, least)

    @property
    def widths(self) -> _Ints:
        """Numbers in a row of each table; shape (n_groups, 2), 0 for none."""
        features = self.sizes[:, :, kernel.FEATURES]
        slots = -(-features // kernel.LANES) * kernel.LANES
        numbers = (features + 1) * self.n_vectors[:, None] * kernel.LANES
        widths = np.where(self.n_vectors[:, None] > 0, numbers, slots)
        return np.where(self.sizes[:, :, kernel.ROWS] > 0, widths, 0)

    @property
    def n_numbers(self) -> _Ints:
        """Numbers of each table, filled up to whole cache lines; shape as ``widths``.

        A row of eight numbers is one cache line then, not parts of two.
        """
        numbers = self.sizes[:, :, kernel.ROWS] * self.widths
        return -(-numbers // _NUMBERS_PER_LINE) * _NUMBERS_PER_LINE

    @property
    def n_bytes(self) -> int:
        """Size of all tables."""
        return int(self.n_numbers.sum()) * np.dtype(np.float64).itemsize


#: Measured on one core of an AMD EPYC 7003: nanoseconds a row, then the sizes of the
#: caches in bytes and the largest tables.
_PRICES: Final = {
    kernel.PRICE_OF_TABLE: 0.5,
    kernel.PRICE_OF_SLOT: 0.3,
    kernel.PRICE_OF_SLOT_IN_L2: 0.2,
    kernel.PRICE_OF_SLOT_IN_L3: 0.4,
    kernel.PRICE_OF_PRODUCT: 2.0,
    kernel.PRICE_OF_VECTOR: 1.5,
    kernel.PRICE_OF_VECTOR_IN_L3: 0.7,
    kernel.PRICE_OF_FACTOR: 1.8,
    kernel.PRICE_OF_TEST: 0.03,
    kernel.PRICE_OF_BYTE: 1e-5,
    kernel.BYTES_OF_L1: 16_384,
    kernel.BYTES_OF_L2: 262_144,
    kernel.MOST_TABLE_ROWS: 65_536,
    kernel.MOST_FACTOR_ROWS: 1_024,
}
#: Blocks that tell what a price of space gives, before it is asked of more.
_SAMPLE: Final = 64
#: Share of the bound that a sample is to fill; all blocks may fill up to the bound.
_LEAST_FILLED, _MOST_FILLED = 0.75, 0.9
_STEPS: Final = 8
#: What a price rises by where all blocks take more than the sample foretold. Bytes fall
#: with about the cube root of their price, or faster.
_LEAST_RISE, _MOST_RISE = 1.2, 30.0
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
    n_blocks = blocks.n_blocks
    every = np.arange(n_blocks)
    if n_blocks <= _SAMPLE:
        return _filling_groups(blocks, n_players, every, memory_bound, 1.0)[1]
    rng = np.random.default_rng(0)  # a stride could meet the left halves of trees only
    sample = np.sort(rng.choice(n_blocks, _SAMPLE, replace=False))
    n_leaves = np.diff(blocks.leaf_starts)
    part = int(memory_bound * (n_leaves[sample].sum() / n_leaves.sum()))
    price, _ = _filling_groups(blocks, n_players, sample, part, _MOST_FILLED)
    groups = _priced_groups(blocks, n_players, every, price)
    while groups.n_bytes > memory_bound:
        excess = groups.n_bytes / max(memory_bound, 1)
        price *= min(max(excess**3, _LEAST_RISE), _MOST_RISE)
        groups = _priced_groups(blocks, n_players, every, price)
    return groups


def _filling_groups(
    blocks: LeafBlocks,
    n_players: _Ints,
    chosen: _Ints,
    bound: int,
    most_filled: float,
) -> tuple[float, LeafGroups]:
    """Return a price of space, and its groups, at which tables fill most of a bound.

    The lowest price if all fits then; else one that is found by halving the logarithm,
    as the tables take less the more space costs, at some prices suddenly; else the
    highest one, at which there are no tables.
    """
    low, high = _PRICES[kernel.PRICE_OF_BYTE], _HIGHEST
    groups = _priced_groups(blocks, n_players, chosen, low)
    if groups.n_bytes <= bound:
        return low, groups
    found = None
    for _ in range(_STEPS):
        price = float(np.sqrt(low * high))
        groups = _priced_groups(blocks, n_players, chosen, price)
        if groups.n_bytes > most_filled * bound:
            low = price
            continue
        high, found = price, (price, groups)
        if groups.n_bytes >= _LEAST_FILLED * bound:
            break
    return found or (_HIGHEST, _priced_groups(blocks, n_players, chosen, _HIGHEST))


def _priced_groups(
    blocks: LeafBlocks, n_players: _Ints, chosen: _Ints, price_of_byte: float
) -> LeafGroups:
    """Return the groups of chosen blocks; no tables at the highest price."""
    prices = np.array([_PRICES[i] for i in range(kernel.N_PRICES)])
    prices[kernel.PRICE_OF_BYTE] = price_of_byte
    if price_of_byte >= _HIGHEST:
        prices[[kernel.MOST_TABLE_ROWS, kernel.MOST_FACTOR_ROWS]] = 0
    n_leaves = len(n_players)
    members = np.zeros(n_leaves, np.uint64)
    sizes = np.zeros((n_leaves, 2, kernel.N_SIZES), np.int64)
    n_points = np.zeros(n_leaves, np.int64)
    starts = np.zeros(len(chosen) + 1, np.int64)
    kernel.group_leaves(
        chosen,
        blocks.leaf_starts,
        *blocks.runs,
        blocks.never_met,
        n_players,
        int(np.diff(blocks.run_starts).max(initial=0)),
        prices,
        members,
        sizes,
        n_points,
        starts,
    )
    n = int(starts[-1])
    n_tables = (sizes[:n, :, kernel.ROWS] > 0).sum(axis=1)
    order = np.argsort((n_tables - 1) % 3, kind="stable")
    block = np.repeat(chosen, np.diff(starts))
    return LeafGroups(
        block[order], members[order], sizes[order], n_points[order], blocks.n_blocks
    )
