"""Forest for one row: ranks, exit leaves and raw score in one call.

The tests of all trees stand in the order of their rank columns and cuts, so those that
a row fails are the first ones of each column. Each rules out the leaves of its left
subtree, one bit a leaf, and the lowest bit left standing is the exit leaf (Lucchese et
al., *QuickScorer*, SIGIR 2015, doi:10.1145/2766462.2767733). Memory is read from front
to back that way: a walk from node to node waits for it, the more so after
explanations, which leave nothing else in the caches. Trees of more than
``MOST_LEAVES`` leaves are walked.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import float64, int32, int64, uint8, uint16, uint64

from cfscore._kernels.bit_places import lowest_place
from cfscore._kernels.forest import child_of
from cfscore._kernels.jit import kernel, read_only, subroutine, writable
from cfscore._kernels.quantize import rank_one

#: Leaves of a tree that is not walked: bits of a word.
MOST_LEAVES: Final = 64

_ALL = np.uint64(2**64 - 1)
_ONE = np.uint64(1)


@subroutine
def _rule_out(
    ranks: Any,
    test_starts: Any,
    test_cut: Any,
    test_tree: Any,
    test_mask: Any,
    left: Any,
) -> None:
    """Write the leaves of each tree that the row's failed tests leave standing."""
    for t in range(left.shape[0]):
        left[t] = _ALL
    for c in range(test_starts.shape[0] - 1):
        test, end = np.uint64(test_starts[c]), np.uint64(test_starts[c + 1])
        rank = ranks[c]
        while test < end and test_cut[test] < rank:
            left[test_tree[test]] &= test_mask[test]
            test += _ONE


@kernel(
    *(
        (
            read_only(float64),
            read_only(float64),
            read_only(int64),
            read_only(int32),
            read_only(uint8),
            read_only(int32),
            read_only(uint8),
            read_only(int64),
            float64,
            read_only(int64),
            read_only(rank),
            read_only(uint16),
            read_only(uint64),
            read_only(int32),
            read_only(int32),
            read_only(int32),
            read_only(int32),
            read_only(rank),
            read_only(float64),
            writable(rank),
        )
        for rank in (uint8, uint16)
    )
)
def add_trees_one(
    values: Any,
    thresholds: Any,
    threshold_starts: Any,
    column_feature: Any,
    column_kind: Any,
    missing_rank: Any,
    outside: Any,
    outside_starts: Any,
    zero_bound: Any,
    test_starts: Any,
    test_cut: Any,
    test_tree: Any,
    test_mask: Any,
    first_leaf: Any,
    roots: Any,
    children: Any,
    column: Any,
    cut: Any,
    leaf_value: Any,
    ranks: Any,
) -> float:
    """Return the raw score of one row and write its ranks, shape (n_columns,).

    Parameters from ``values`` to ``zero_bound`` are those of ``rank_one``; ``roots`` to
    ``leaf_value`` those of ``forest.add_trees``. Test ``k`` fails where the rank of its
    column exceeds ``test_cut[k]``, and ``test_mask[k]`` keeps the leaves of
    ``test_tree[k]`` that survive. ``first_leaf[t]`` is -1 for trees that are walked.
    """
    rank_one(
        values, thresholds, threshold_starts, column_feature, column_kind,
        missing_rank, outside, outside_starts, zero_bound, ranks,
    )  # fmt: skip
    left = np.empty(first_leaf.shape[0], np.uint64)
    _rule_out(ranks, test_starts, test_cut, test_tree, test_mask, left)
    total = 0.0
    for t in range(first_leaf.shape[0]):
        if first_leaf[t] >= 0:
            total += leaf_value[first_leaf[t] + lowest_place(left[t])]
            continue
        at = roots[t]
        while at >= 0:
            at = child_of(ranks[column[at]], np.uint64(at), children, cut)
        total += leaf_value[~at]
    return total
