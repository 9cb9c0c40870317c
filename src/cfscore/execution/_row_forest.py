"""Row forest: one row to its ranks and raw score, without the machinery of blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.forest_one import MOST_LEAVES, add_trees_one
from cfscore._kernels.quantize import MEMBERSHIP, ORDERED, ORDERED_ZERO_MISSING
from cfscore.execution._rank_layout import RankColumn, RankLayout
from cfscore.execution._tree_masks import TreeMasks
from cfscore.plan import MISSING_ZERO, ZERO_BOUND, Trees

__all__ = ["RowForest"]

#: Trees have numbers of 16 bits among the tests; further ones are walked.
_MOST_TREES = 1 << 16


class RowForest:
    """A forest as flat arrays for single rows; immutable, shareable between threads.

    Parameters
    ----------
    trees : Trees
        The trees.
    layout : RankLayout
        How rows become ranks.
    masks : TreeMasks
        The trees as they are walked, and their leaves from left to right.
    """

    def __init__(self, trees: Trees, layout: RankLayout, masks: TreeMasks) -> None:
        thresholds = _flat([f.thresholds for f in layout.features], np.float64)
        none = np.empty(0, np.uint8)
        outside = _flat(
            [none if c.outside is None else c.outside for c in layout.columns], np.uint8
        )
        self._dtype, self._n_columns = layout.dtype, layout.n_columns
        self._arrays = (
            *thresholds,
            np.array([c.feature for c in layout.columns], np.int32),
            np.array([_kind(c) for c in layout.columns], np.uint8),
            np.array([c.missing_rank for c in layout.columns], np.int32),
            *outside,
            ZERO_BOUND,
            *_tests(trees, layout, masks),
            *(masks.roots, masks.children),
            *(layout.node_column, layout.node_cut, masks.leaf_value),
        )

    def score(self, values: NDArray[np.float64]) -> tuple[float, NDArray[Any]]:
        """Return the raw score of one row, and its ranks.

        Parameters
        ----------
        values : array of shape (n_features,), float64
            What the trees see: NaN for missing, codes for categories.

        Returns
        -------
        raw : float
            LightGBM's raw score, bit for bit.
        ranks : array of shape (n_columns,)
            As a block would hold them in one of its columns.
        """
        ranks = np.empty(self._n_columns, self._dtype)
        return add_trees_one(values, *self._arrays, ranks), ranks


def _tests(
    trees: Trees, layout: RankLayout, masks: TreeMasks
) -> tuple[NDArray[Any], ...]:
    """Return the tests of all trees that are not walked, by column and cut.

    Returns
    -------
    starts : array of shape (n_columns + 1,), int64
        First test of each rank column.
    cut : array of shape (n_tests,), unsigned
        Highest rank that passes.
    tree : array of shape (n_tests,), uint16
        Tree of each test.
    mask : array of shape (n_tests,), uint64
        Leaves that survive where the test fails.
    first_leaf : array of shape (n_trees,), int32
        First leaf of each tree, -1 for those that are walked.
    """
    is_small = np.diff(trees.leaf_starts) <= MOST_LEAVES
    is_small[_MOST_TREES:] = False
    tree = np.repeat(np.arange(trees.n_trees), np.diff(trees.node_starts))
    node = np.flatnonzero(is_small[tree])
    node = node[np.lexsort((layout.node_cut[node], layout.node_column[node]))]
    ruled_out = _bits_below(masks.middle[node]) ^ _bits_below(masks.first[node])
    return (
        np.searchsorted(layout.node_column[node], np.arange(layout.n_columns + 1)),
        layout.node_cut[node],
        tree[node].astype(np.uint16),
        ~ruled_out,
        np.where(is_small, trees.leaf_starts[:-1], -1).astype(np.int32),
    )


def _bits_below(place: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return words whose bits are set below a place, 0 to 63."""
    return (np.uint64(1) << place.astype(np.uint64)) - np.uint64(1)


def _kind(column: RankColumn) -> int:
    if column.outside is not None:
        return MEMBERSHIP
    return ORDERED_ZERO_MISSING if column.missing_type == MISSING_ZERO else ORDERED


def _flat(
    arrays: list[NDArray[Any]], dtype: Any
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return arrays one after the other, and where each begins."""
    starts = np.cumsum([0, *map(len, arrays)], dtype=np.int64)
    return np.concatenate([*arrays, np.empty(0)]).astype(dtype), starts
