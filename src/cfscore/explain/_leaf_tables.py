"""Leaf tables: the tables of leaf groups, filled, and the way from ranks to their rows.

Tables of single groups have the first numbers, then come those of products two by two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.leaf_groups import LANES, ROWS
from cfscore._kernels.leaf_tables import fill_tables, lay_out_tests
from cfscore.explain._leaf_blocks import LeafBlocks
from cfscore.explain._leaf_groups import LeafGroups
from cfscore.explain._leaf_paths import LeafPaths
from cfscore.explain._quadrature import Quadrature

__all__ = ["LeafTables", "leaf_tables"]

_CACHE_LINE: Final = 64
_FLOAT_BYTES: Final = 8
_RANKS: Final = 256

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tests:
    """Tests ``rank > cut`` of every table, in parts (see ``_kernels.leaf_tables``).

    Parameters
    ----------
    part_starts : array of shape (n_tables + 1,), int64
        First part of each table.
    part_factor : array of shape (n_parts,), int32
        Numbers of the table that a step of the part goes ahead.
    test_starts : array of shape (n_parts + 1,), int64
        First test of each part.
    column, cut, step, jump : array of shape (n_tests,), uint32, uint8, uint8, int32
        Rank column; cut; steps, modulo 256, and numbers that a failed test goes ahead.
    """

    part_starts: _Ints
    part_factor: NDArray[np.int32]
    test_starts: _Ints
    column: NDArray[np.uint32]
    cut: NDArray[np.uint8]
    step: NDArray[np.uint8]
    jump: NDArray[np.int32]

    @classmethod
    def empty(cls, n_tables: int, n_parts: int, n_tests: int) -> Tests:
        """Return room for tests."""
        return cls(
            np.zeros(n_tables + 1, np.int64),
            np.zeros(n_parts, np.int32),
            np.zeros(n_parts + 1, np.int64),
            np.zeros(n_tests, np.uint32),
            np.zeros(n_tests, np.uint8),
            np.zeros(n_tests, np.uint8),
            np.zeros(n_tests, np.int32),
        )

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All arrays, as the kernels take them."""
        return (
            self.part_starts,
            self.part_factor,
            self.test_starts,
            self.column,
            self.cut,
            self.step,
            self.jump,
        )

    def by_column(self, table_starts: _Ints) -> tuple[NDArray[Any], ...]:
        """Return the tests in the order of their columns and cuts.

        A row of rank ``r`` in column ``c`` fails the tests of that column up to
        ``reach[c, r]``; half of a column's tests, up to ``middle[c]``, are counted in
        beforehand, so that a row differs from it by fewer tests than it fails.

        Parameters
        ----------
        table_starts : array of shape (n_tables + 1,), int64
            First number of each table.

        Returns
        -------
        middle_rows : array of shape (n_tables,), uint32
            Where a row that fails the tests up to ``middle`` is in each table.
        middle : array of shape (n_columns,), uint32
            Tests whose column is lower, or equal and their cut in its lower half.
        reach : array of shape (n_columns, 256), uint32
            Tests whose column is lower, or equal and their cut lower.
        table, jump : array of shape (n_tests,), uint32, int32
            What each test moves.
        """
        n_tests = np.diff(self.test_starts[self.part_starts])
        table = np.repeat(np.arange(len(n_tests), dtype=np.uint32), n_tests)
        keys = self.column.astype(np.int64) * _RANKS + self.cut
        order = np.argsort(keys, kind="stable")
        table, jump = table[order], self.jump[order]
        n_columns = int(self.column.max(initial=0)) + 1
        reach = np.searchsorted(keys[order], np.arange(n_columns * _RANKS))
        reach = reach.reshape(n_columns, _RANKS)
        ends = np.append(reach[1:, 0], len(table))
        middle = (reach[:, 0] + ends) // 2
        is_lower = np.arange(len(table)) < np.repeat(middle, ends - reach[:, 0])
        rows = table_starts[:-1].copy()
        np.add.at(rows, table[is_lower], jump[is_lower])
        return (
            rows.astype(np.uint32),
            middle.astype(np.uint32),
            reach.astype(np.uint32),
            table,
            jump,
        )


@dataclass(frozen=True, eq=False)
class LeafTables:
    """Filled tables.

    Parameters
    ----------
    tests : Tests
        What leads a row to its row of each table.
    slot_starts : array of shape (n_tables + 1,), int64
        First slot of each table: one for each of its features, those of a single table
        filled up to a multiple of ``LANES``.
    slot_player : array of shape (n_slots,), uint32
        Position of each slot's feature among the features used; in slots that fill up
        their number or up to three more, each beside another.
    table_starts : array of shape (n_tables + 1,), int64
        First number of each table.
    tables : array, float64
        All tables; begins with a cache line.
    n_singles : int
        Tables that are no product's.
    """

    tests: Tests
    slot_starts: _Ints
    slot_player: NDArray[np.uint32]
    table_starts: _Ints
    tables: NDArray[np.float64]
    n_singles: int

    def slots_by_four(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Return the table of every four slots of single tables, and their place."""
        n_fours = np.diff(self.slot_starts[: self.n_singles + 1]) // LANES
        table = np.repeat(np.arange(self.n_singles), n_fours)
        nth = np.arange(len(table)) - np.repeat(np.cumsum(n_fours) - n_fours, n_fours)
        return table.astype(np.uint32), (LANES * nth).astype(np.uint32)

    def products_by_four(
        self, n_vectors: _Ints, n_used: int
    ) -> tuple[NDArray[np.uint32 | np.uint8], ...]:
        """Return the dot products of all products, four at a time.

        Every feature of a factor has one: of its vectors, and the first ones of the
        other factor. They come in the order of the slots; four of them have equally
        many vectors, and where a number of vectors ends, the last one is repeated for
        sums that nobody reads.

        Parameters
        ----------
        n_vectors : array of shape (n_products,), int64
            Vectors of the quadrature points.
        n_used : int
            Number of features used; the sums beyond are those that nobody reads.

        Returns
        -------
        own, other : array of shape (4 * n_fours,), uint32
            The two tables.
        ahead : array of shape (4 * n_fours,), uint32
            Numbers from the beginning of a row of the first one to the vectors.
        player : array of shape (4 * n_fours,), uint32
            As ``slot_player``.
        n_vectors : array of shape (n_fours,), uint8
            Vectors of each four.
        """
        own = np.repeat(np.arange(len(self.slot_starts) - 1), np.diff(self.slot_starts))
        slot = np.arange(int(self.slot_starts[self.n_singles]), len(own))
        own = own[slot]
        product, which = np.divmod(own - self.n_singles, 2)
        vectors = n_vectors[product]
        ends = np.flatnonzero(np.diff(vectors, append=0)) + 1
        sizes = np.diff(ends, prepend=0)
        times = np.ones(len(slot), np.int64)
        times[ends - 1] += -sizes % LANES
        taken = np.repeat(np.arange(len(slot)), times)
        is_repeated = np.diff(taken, prepend=-1) == 0
        player = self.slot_player[slot][taken]
        player[is_repeated] = n_used + np.flatnonzero(is_repeated) % LANES
        ahead = (slot - self.slot_starts[own] + 1) * vectors * LANES
        found = (own[taken], (own + 1 - 2 * which)[taken], ahead[taken], player)
        return (
            *(x.astype(np.uint32) for x in found),
            vectors[taken][::LANES].astype(np.uint8),
        )


def leaf_tables(
    paths: LeafPaths,
    blocks: LeafBlocks,
    groups: LeafGroups,
    rules: Quadrature,
    used: _Ints,
) -> LeafTables:
    """Return the filled tables of groups.

    Parameters
    ----------
    paths, blocks, groups : LeafPaths, LeafBlocks, LeafGroups
        The leaves.
    rules : Quadrature
        Rules for the longest path.
    used : array, int64
        Features that any leaf asks for, ascending.
    """
    is_table = groups.sizes[:, :, ROWS] > 0
    n_rows, n_tests, n_features, n_parts = groups.sizes[is_table].T
    widths = groups.widths[is_table]
    in_product = np.repeat(groups.n_points > 0, groups.n_tables)
    table_starts = _starts(groups.n_numbers[is_table])
    slot_starts = _starts(np.where(in_product, n_features, widths))
    tests = Tests.empty(len(n_rows), int(n_parts.sum()), int(n_tests.sum()))
    features = np.zeros(int(n_features.sum()), np.int32)
    tables = _aligned_zeros(int(table_starts[-1]))
    described = groups.block, groups.members, groups.n_tables, *blocks.runs
    most = (
        int(np.diff(blocks.run_starts).max(initial=0)),
        int(np.diff(blocks.state_starts).max(initial=0)),
    )
    lay_out_tests(
        *described,
        blocks.state_cut,
        blocks.run_column,
        widths,
        *most,
        *tests.arrays,
        features,
    )
    most_rows = int(n_rows.max(initial=1))
    fill_tables(
        *described,
        blocks.run_ratio,
        blocks.leaf_starts,
        paths.value,
        groups.n_points,
        widths,
        table_starts,
        rules.points,
        rules.weights,
        *most,
        most_rows,
        most_rows.bit_length(),
        tables,
    )
    # slots that fill up are added too: each to another sum, or it would wait for it
    slot_player = (len(used) + np.arange(slot_starts[-1]) % LANES).astype(np.uint32)
    ahead = np.repeat(slot_starts[:-1] - _starts(n_features)[:-1], n_features)
    slot_player[np.arange(len(features)) + ahead] = np.searchsorted(used, features)
    n_singles = int((~in_product).sum())
    return LeafTables(tests, slot_starts, slot_player, table_starts, tables, n_singles)


def _starts(sizes: _Ints) -> _Ints:
    """Return where runs of these sizes start, and the end."""
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def _aligned_zeros(size: int) -> NDArray[np.float64]:
    """Return zeros that begin with a cache line, so that no vector crosses two."""
    raw = np.zeros(size * _FLOAT_BYTES + _CACHE_LINE, np.uint8)
    start = -raw.ctypes.data % _CACHE_LINE
    return raw[start : start + size * _FLOAT_BYTES].view(np.float64)
