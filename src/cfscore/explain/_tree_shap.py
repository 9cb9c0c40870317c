"""Tree SHAP: exact path-dependent contributions of an ensemble of trees.

The base value and a row's contributions add up to its raw score; a contribution is the
Shapley value of a feature in the game in which features outside the coalition follow
the training cases down the tree (Lundberg et al., 2020,
doi:10.1038/s42256-019-0138-9), as LightGBM's ``pred_contrib`` computes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.leaf_groups import ROWS
from cfscore._kernels.leaf_tables import fill_tables, lay_out_tests
from cfscore._kernels.tree_shap import write_contributions, write_contributions_one
from cfscore.explain._leaf_blocks import LeafBlocks, leaf_blocks
from cfscore.explain._leaf_groups import LeafGroups, group_leaves
from cfscore.explain._leaf_paths import LeafPaths, leaf_paths
from cfscore.explain._rank_windows import RankWindows, rank_windows
from cfscore.plan import Trees

__all__ = ["DEFAULT_MEMORY_BOUND", "TableEstimate", "TreeShapTables"]

#: Bytes.
DEFAULT_MEMORY_BOUND: Final = 256 * 2**20

_CACHE_LINE: Final = 64


@dataclass(frozen=True)
class TableEstimate:
    """What the tables of an ensemble will take, known before they are built.

    Parameters
    ----------
    n_bytes : int
        Memory of the tables.
    n_tables : int
        Tables, hence look-ups a row.
    n_long_leaves : int
        Leaves without a table, summed by quadrature.
    """

    n_bytes: int
    n_tables: int
    n_long_leaves: int


class TreeShapTables:
    """Tables from which the contributions of rows of ranks are looked up.

    Built by ``TreeShapTables.build``; immutable, so it may be shared between threads.

    Parameters
    ----------
    windows : RankWindows
        How the layout's ranks become those of the tests.
    estimate : TableEstimate
        What the tables take.
    lookups : tuple
        Arguments of the kernels.
    """

    def __init__(
        self, windows: RankWindows, estimate: TableEstimate, lookups: tuple[Any, ...]
    ) -> None:
        self.estimate = estimate
        self._windows = windows
        self._lookups = lookups

    @property
    def nbytes(self) -> int:
        """Memory of all arrays, in bytes."""
        return sum(x.nbytes for x in self._lookups if isinstance(x, np.ndarray))

    @classmethod
    def build(
        cls,
        trees: Trees,
        node_column: NDArray[Any],
        node_cut: NDArray[Any],
        *,
        memory_bound: int = DEFAULT_MEMORY_BOUND,
    ) -> TreeShapTables:
        """Build the tables of an ensemble.

        Parameters
        ----------
        trees : Trees
            The trees.
        node_column, node_cut : array of shape (n_nodes,), unsigned or int
            Each node's test: ``ranks[column] <= cut`` goes left.
        memory_bound : int, default 256 MiB
            Most bytes that the tables may take; leaves beyond it are summed by
            quadrature, which is as exact and slower.

        Returns
        -------
        TreeShapTables
            Equal for equal input.

        Raises
        ------
        UsageError
            When a node was met by no training case.
        """
        windows = rank_windows(node_column, node_cut)
        paths = leaf_paths(trees, windows.node_column, windows.node_cut)
        blocks = leaf_blocks(paths)
        groups = group_leaves(blocks, paths.n_players, memory_bound)
        long = _long_leaves(blocks, groups)
        rules = _quadrature(int(paths.n_players.max(initial=1)))
        used = np.unique(paths.player_feature)
        lookups = (
            groups.starts,
            *_tables(paths, blocks, groups, rules, used),
            *_long_leaf_arrays(paths, long, used),
            *rules,
            used.astype(np.int32),
            int(paths.n_players[long].max(initial=1)),
        )
        return cls(windows, _estimate(groups), lookups)

    @staticmethod
    def estimate_for(
        trees: Trees,
        node_column: NDArray[Any],
        node_cut: NDArray[Any],
        *,
        memory_bound: int = DEFAULT_MEMORY_BOUND,
    ) -> TableEstimate:
        """Return what ``build`` will take, without building; parameters as there."""
        windows = rank_windows(node_column, node_cut)
        paths = leaf_paths(trees, windows.node_column, windows.node_cut)
        blocks = leaf_blocks(paths)
        return _estimate(group_leaves(blocks, paths.n_players, memory_bound))

    def contribute(
        self, ranks: NDArray[Any], slope: float, out: NDArray[np.float64]
    ) -> None:
        """Write the contribution of every feature to the raw score of each row.

        Parameters
        ----------
        ranks : array of shape (n_columns or more, block), uint8 or uint16
            Ranks; the first ``len(out)`` rows of the block are used. Blocks of
            thousands of rows are fastest; no result depends on it.
        slope : float
            What every contribution is multiplied by.
        out : array of shape (n_rows, n_features), float64, C-contiguous
            Contributions.
        """
        found = self._windows.ranks_within(ranks, len(out))
        write_contributions(found, *self._lookups, slope, out)

    def contribute_one(
        self, ranks: NDArray[Any], slope: float, out: NDArray[np.float64]
    ) -> None:
        """Write the contributions of one row, with the bits of ``contribute``.

        Parameters
        ----------
        ranks : array of shape (n_columns or more,), uint8 or uint16
            Ranks.
        slope : float
            What every contribution is multiplied by.
        out : array of shape (n_features,), float64
            Contributions.
        """
        found = ranks
        if ranks.dtype != np.uint8:
            found = self._windows.ranks_within(ranks.reshape(-1, 1), 1).ravel()
        write_contributions_one(found, *self._lookups, slope, out)


def _estimate(groups: LeafGroups) -> TableEstimate:
    n_tables = groups.n_tables
    return TableEstimate(
        groups.n_bytes, int(n_tables.sum()), int((n_tables == 0).sum())
    )


def _quadrature(most_players: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points and weights on [0, 1] of the rules of 1, 2, 3, ... points."""
    rules = [
        np.polynomial.legendre.leggauss(n + 1) for n in range((most_players + 1) // 2)
    ]
    points = np.concatenate([(1.0 + points) / 2.0 for points, _ in rules])
    return points, np.concatenate([weights / 2.0 for _, weights in rules])


def _tables(
    paths: LeafPaths,
    blocks: LeafBlocks,
    groups: LeafGroups,
    rules: tuple[NDArray[np.float64], NDArray[np.float64]],
    used: NDArray[np.int64],
) -> tuple[NDArray[Any], ...]:
    """Return tests, slots and filled tables of all groups."""
    is_table = groups.sizes[:, :, ROWS] > 0
    rows, n_tests, n_features, n_parts = groups.sizes[is_table].T
    widths = np.ascontiguousarray(groups.widths[is_table])
    n_vectors = np.repeat(groups.n_vectors, groups.n_tables)
    slots = np.where(n_vectors > 0, n_features, widths)
    table_starts = _ends(rows * widths)
    slot_starts = _ends(slots)
    tests = _Tests(len(rows), int(n_parts.sum()), int(n_tests.sum()))
    features = np.zeros(int(n_features.sum()), np.int32)
    tables = _aligned_zeros(int(table_starts[-1]))
    most = (
        int(np.diff(blocks.run_starts).max(initial=0)),
        int(np.diff(blocks.state_starts).max(initial=0)),
    )
    described = groups.starts, groups.members, groups.n_tables, *blocks.runs
    lay_out_tests(
        *described,
        blocks.state_cut,
        blocks.run_column,
        widths,
        *most,
        *tests.arrays,
        features,
    )
    fill_tables(
        *described,
        blocks.run_ratio,
        blocks.leaf_starts,
        paths.value,
        groups.n_points,
        widths,
        table_starts,
        *rules,
        *most,
        int(rows.max(initial=1)),
        int(rows.max(initial=1)).bit_length(),
        tables,
    )
    slot_player = np.full(int(slot_starts[-1]), len(used), np.uint32)
    of_table = np.repeat(slot_starts[:-1] - _ends(n_features)[:-1], n_features)
    slot_player[np.arange(len(features)) + of_table] = np.searchsorted(used, features)
    return (
        _ends(groups.n_tables),
        groups.n_vectors,
        *tests.arrays,
        slot_starts,
        slot_player,
        table_starts,
        tables,
    )


class _Tests:
    """Room for the tests that lead to the rows of tables, in the kernels' order."""

    def __init__(self, n_tables: int, n_parts: int, n_tests: int) -> None:
        self.arrays = (
            np.zeros(n_tables + 1, np.int64),
            np.zeros(n_parts, np.int32),
            np.zeros(n_parts + 1, np.int64),
            np.zeros(n_tests, np.uint32),
            np.zeros(n_tests, np.uint8),
            np.zeros(n_tests, np.uint8),
            np.zeros(n_tests, np.int32),
        )


def _ends(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where runs of these sizes start, and the end."""
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def _long_leaves(blocks: LeafBlocks, groups: LeafGroups) -> NDArray[np.int64]:
    """Return the leaves without a table, in order."""
    block = np.repeat(np.arange(blocks.n_blocks), np.diff(groups.starts))
    alone = groups.n_tables == 0
    place: NDArray[np.int64] = np.log2(groups.members[alone].astype(np.float64)).astype(
        np.int64
    )
    place += blocks.leaf_starts[block[alone]]
    return place


def _long_leaf_arrays(
    paths: LeafPaths, leaves: NDArray[np.int64], used: NDArray[np.int64]
) -> tuple[NDArray[Any], ...]:
    """Return value, players and conditions of leaves, closed up."""
    chosen = np.zeros(paths.n_leaves, np.bool_)
    chosen[leaves] = True
    player = np.repeat(chosen, paths.n_players)
    condition = chosen[paths.condition_leaf]
    feature = np.searchsorted(used, paths.player_feature[player])
    return (
        _ends(paths.n_players[chosen]),
        paths.value[chosen],
        feature.astype(np.int32),
        paths.player_ratio[player],
        _ends(np.diff(paths.condition_starts)[player]),
        paths.condition_column[condition].astype(np.int32),
        paths.condition_low[condition].astype(np.int32),
        paths.condition_high[condition].astype(np.int32),
    )


def _aligned_zeros(size: int) -> NDArray[np.float64]:
    """Return zeros that begin with a cache line, so that no vector crosses two."""
    raw = np.zeros(size * 8 + _CACHE_LINE, np.uint8)
    start = -raw.ctypes.data % _CACHE_LINE
    return raw[start : start + size * 8].view(np.float64)
