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

from cfscore._kernels.leaf_quadrature import add_leaves
from cfscore._kernels.tree_shap import write_contributions
from cfscore._kernels.tree_shap_one import write_contributions_one
from cfscore.explain._leaf_blocks import LeafBlocks, leaf_blocks
from cfscore.explain._leaf_groups import LeafGroups, group_leaves
from cfscore.explain._leaf_paths import LeafPaths, leaf_paths
from cfscore.explain._leaf_tables import LeafTables, leaf_tables
from cfscore.explain._quadrature import (
    PlainLeaves,
    Quadrature,
    plain_leaves,
    quadrature,
)
from cfscore.explain._rank_windows import RankWindows, rank_windows
from cfscore.plan import Trees

__all__ = ["TABLE_BYTES", "TableEstimate", "TreeShapTables"]

#: Most bytes that the tables of one forest take: 256 MiB.
TABLE_BYTES: Final = 256 * 2**20
#: A number's place in all tables is 32 bits wide.
_HIGHEST_MEMORY_BOUND: Final = 8 * 2**32


@dataclass(frozen=True)
class TableEstimate:
    """What the tables of an ensemble take, known before they are built.

    Parameters
    ----------
    n_bytes : int
        Memory of the tables.
    n_tables : int
        Groups of leaves with one table.
    n_products : int
        Groups of leaves with two tables that multiply.
    n_plain_leaves : int
        Leaves without a table, summed by quadrature.
    """

    n_bytes: int
    n_tables: int
    n_products: int
    n_plain_leaves: int


class TreeShapTables:
    """Tables from which the contributions of rows of ranks are looked up.

    Built by ``TreeShapTables.build``; immutable, so it may be shared between threads.

    Parameters
    ----------
    windows : RankWindows
        How the layout's ranks become those of the tests.
    groups : LeafGroups
        Which leaves share a table.
    tables : LeafTables
        Their tables.
    leaves : PlainLeaves
        Leaves without one.
    rules : Quadrature
        How those are summed.
    used : array, int64
        Features that any leaf asks for, ascending.
    """

    def __init__(
        self,
        windows: RankWindows,
        groups: LeafGroups,
        tables: LeafTables,
        leaves: PlainLeaves,
        rules: Quadrature,
        used: NDArray[np.int64],
    ) -> None:
        self.estimate = _estimate(groups)
        self._windows = windows
        players, starts = tables.slot_player, tables.table_starts
        n_vectors = groups.n_vectors[groups.n_points > 0]
        used_features = used.astype(np.int32)
        self._of_block = (
            *(*groups.starts, *tables.tests.arrays[:-1], starts, tables.slot_starts),
            # A block has one sum for all slots that fill up: it stays in the cache.
            np.minimum(players, np.uint32(len(used))),
            *(tables.tables, n_vectors, used_features),
        )
        n_slots = int(tables.slot_starts[tables.n_singles])
        self._of_row = (
            *(*tables.tests.by_column(starts), *tables.slots_by_four()),
            *(tables.slot_starts[: tables.n_singles + 1], players[:n_slots]),
            *tables.products_by_four(n_vectors, len(used)),
            *(tables.tables, used_features),
        )
        self._of_leaves = (
            *leaves.arrays,
            rules.points,
            rules.weights,
            leaves.most_players,
        )

    @property
    def nbytes(self) -> int:
        """Memory of all arrays, in bytes."""
        held: dict[int, int] = {}
        for x in (*self._of_block, *self._of_row, *self._of_leaves):
            if isinstance(x, np.ndarray):  # beginnings of others count once
                held[x.ctypes.data] = max(x.nbytes, held.get(x.ctypes.data, 0))
        return sum(held.values())

    @classmethod
    def build(
        cls,
        trees: Trees,
        node_column: NDArray[Any],
        node_cut: NDArray[Any],
        *,
        memory_bound: int = TABLE_BYTES,
    ) -> TreeShapTables:
        """Build the tables of an ensemble.

        Parameters
        ----------
        trees : Trees
            The trees.
        node_column, node_cut : array of shape (n_nodes,), unsigned or int
            Each node's test: ``ranks[column] <= cut`` goes left.
        memory_bound : int, default 256 MiB
            Most bytes that the tables may take. The less they may, the more leaves are
            multiplied out of two tables, or summed by quadrature, which is as exact and
            slower.

        Returns
        -------
        TreeShapTables
            Equal for equal input.

        Raises
        ------
        UsageError
            When a node was met by no training case.
        """
        windows, paths, blocks, groups = _grouped(
            trees, node_column, node_cut, memory_bound
        )
        rules = quadrature(int(paths.n_players.max(initial=1)))
        used = np.unique(paths.player_feature)
        tables = leaf_tables(paths, blocks, groups, rules, used)
        leaves = plain_leaves(paths, blocks, groups)
        return cls(windows, groups, tables, leaves, rules, used)

    @staticmethod
    def estimate_for(
        trees: Trees,
        node_column: NDArray[Any],
        node_cut: NDArray[Any],
        *,
        memory_bound: int = TABLE_BYTES,
    ) -> TableEstimate:
        """Return what ``build`` will take, without building; parameters as there."""
        return _estimate(_grouped(trees, node_column, node_cut, memory_bound)[-1])

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
        write_contributions(found, *self._of_block, slope, out)
        if self.estimate.n_plain_leaves:
            add_leaves(found, *self._of_leaves, slope, out)

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
        write_contributions_one(found, *self._of_row, slope, out)
        if self.estimate.n_plain_leaves:
            add_leaves(
                found.reshape(-1, 1), *self._of_leaves, slope, out.reshape(1, -1)
            )


def _grouped(
    trees: Trees, node_column: NDArray[Any], node_cut: NDArray[Any], memory_bound: int
) -> tuple[RankWindows, LeafPaths, LeafBlocks, LeafGroups]:
    """Return everything that is known before tables are filled."""
    windows = rank_windows(node_column, node_cut)
    paths = leaf_paths(trees, windows.node_column, windows.node_cut)
    blocks = leaf_blocks(paths)
    return (
        windows,
        paths,
        blocks,
        group_leaves(blocks, paths.n_players, min(memory_bound, _HIGHEST_MEMORY_BOUND)),
    )


def _estimate(groups: LeafGroups) -> TableEstimate:
    counts = np.bincount(groups.n_tables, minlength=3).tolist()
    return TableEstimate(groups.n_bytes, counts[1], counts[2], counts[0])
