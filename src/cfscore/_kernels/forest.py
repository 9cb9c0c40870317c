"""Forest: leaf values of all trees added up over ranked rows.

A node is the test ``ranks[column, row] <= cut``. The fast path numbers a tree's leaves
from left to right; a node whose test fails rules out the leaves of its left subtree,
and the exit leaf is the first one left standing (Lucchese et al., *QuickScorer*, SIGIR
2015, doi:10.1145/2766462.2767733; sliced into bytes over rows as in Ye et al.,
*RapidScorer*, KDD 2018, doi:10.1145/3219819.3219857). Eight leaves make a byte, one
plane of bytes per eight leaves, and every inner loop runs over the rows of a block in
vector instructions. Trees of more than ``8 * N_PLANES`` leaves are walked node by node.

The plain form of a row is ``total += value[exit leaf]`` tree by tree; leaf values are
added in that order on both paths, so all rows have the bits of LightGBM's raw score.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import float64, int32, int64, uint8, uint16

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

#: Planes of a block: trees of up to 256 leaves take the fast path.
N_PLANES: Final = 32

_LOW_BITS = tuple(np.uint8(mask) for mask in (0xAA, 0xCC, 0xF0))
_AA, _CC, _F0 = _LOW_BITS
_NONE = np.uint8(0)
_ALL = np.uint8(255)

_TREES = (
    read_only(int32),  # roots
    read_only(int32),  # children
    read_only(int32),  # column
)


@subroutine
def _first_leaf(b0: Any, b1: Any, b2: Any, b3: Any) -> Any:
    """Return the lowest bit of four planes, as one byte, and its place (0 to 31).

    The byte is 0 where no bit is set. Without branches, so that it is vectorised.
    """
    one0 = np.uint8(b0 & np.uint8(_NONE - b0))
    one1 = np.uint8(b1 & np.uint8(_NONE - b1)) if b0 == _NONE else _NONE
    none01 = np.uint8(b0 | b1)
    one2 = np.uint8(b2 & np.uint8(_NONE - b2)) if none01 == _NONE else _NONE
    none012 = np.uint8(none01 | b2)
    one3 = np.uint8(b3 & np.uint8(_NONE - b3)) if none012 == _NONE else _NONE
    one = np.uint8(np.uint8(one0 | one1) | np.uint8(one2 | one3))
    bit0 = _NONE if np.uint8(one & _AA) == _NONE else np.uint8(1)
    bit1 = _NONE if np.uint8(one & _CC) == _NONE else np.uint8(2)
    bit2 = _NONE if np.uint8(one & _F0) == _NONE else np.uint8(4)
    bit3 = _NONE if np.uint8(one1 | one3) == _NONE else np.uint8(8)
    bit4 = _NONE if np.uint8(one2 | one3) == _NONE else np.uint8(16)
    low = np.uint8(np.uint8(bit0 | bit1) | np.uint8(bit2 | bit3))
    return one, np.uint8(low | bit4)


@subroutine
def child_of(rank: Any, node: Any, children: Any, cut: Any) -> Any:
    """Return the child of a node, looked up, not branched to: half would go wrong."""
    return children[np.uint64(2) * node + np.uint64(rank > cut[node])]


@kernel(
    *(
        (
            read_only(rank, 2),
            int64,
            read_only(int64),
            read_only(uint8),
            read_only(int32),
            read_only(rank),
            read_only(uint8),
            read_only(uint8),
            read_only(int64),
            *_TREES,
            read_only(rank),
            read_only(float64),
            writable(uint8, 2),
            writable(uint8),
            writable(float64),
        )
        for rank in (uint8, uint16)
    )
)
def add_trees(  # noqa: PLR0912 - calls and slices cost more than the loops
    ranks: Any,
    n_rows: Any,
    pair_starts: Any,
    pair_plane: Any,
    pair_columns: Any,
    pair_cuts: Any,
    pair_masks: Any,
    n_planes: Any,
    leaf_starts: Any,
    roots: Any,
    children: Any,
    column: Any,
    cut: Any,
    leaf_value: Any,
    planes: Any,
    leaf: Any,
    out: Any,
) -> None:
    """Write the raw score of the first ``n_rows`` rows of a block.

    ``ranks`` is column-major, shape (n_columns, block). Pairs of tests that touch the
    same plane of a tree are applied in one pass; ``pair_masks`` keeps the leaves that
    survive a failed test. ``n_planes[t]`` is 0 for trees that are walked, from
    ``roots[t]`` to one of each node's two ``children``: nodes, and leaves from left to
    right, are counted over all trees, and a leaf is given as ``~leaf``. ``planes``,
    shape (N_PLANES, rows of a sub-block), and ``leaf`` are scratch space: a sub-block
    of ranks stays in the cache for all trees.
    """
    # Unsigned: an index that cannot be negative needs no test, and loops vectorise.
    size = np.uint64(leaf.shape[0])
    end = np.uint64(n_rows)
    for start in range(np.uint64(0), end, size):
        n = min(size, end - start)
        for i in range(n):
            out[start + i] = 0.0
        for t in range(n_planes.shape[0]):
            first_leaf = leaf_starts[t]
            if n_planes[t] == 0:
                for i in range(n):
                    at = roots[t]
                    while at >= 0:
                        rank = ranks[column[at], start + i]
                        at = child_of(rank, np.uint64(at), children, cut)
                    out[start + i] += leaf_value[~at]
                continue
            n_used = np.int64(n_planes[t])
            n_filled = (n_used + 3) // 4 * 4
            for p in range(n_filled):
                fill = _ALL if p < n_used else _NONE
                for i in range(n):
                    planes[p, i] = fill
            for pair in range(pair_starts[t], pair_starts[t + 1]):
                plane = np.int64(pair_plane[pair])
                a, b = pair_columns[2 * pair], pair_columns[2 * pair + 1]
                cut_a, cut_b = pair_cuts[2 * pair], pair_cuts[2 * pair + 1]
                mask_a, mask_b = pair_masks[2 * pair], pair_masks[2 * pair + 1]
                for i in range(n):
                    keep_a = _ALL if ranks[a, start + i] <= cut_a else mask_a
                    keep_b = _ALL if ranks[b, start + i] <= cut_b else mask_b
                    kept = np.uint8(keep_a & keep_b)
                    planes[plane, i] = np.uint8(planes[plane, i] & kept)
            # Four planes at a time, the last four first: earlier ones overrule them.
            last = n_filled - 4
            for i in range(n):
                _, index = _first_leaf(
                    planes[last, i],
                    planes[last + 1, i],
                    planes[last + 2, i],
                    planes[last + 3, i],
                )
                leaf[i] = np.uint8(index | np.uint8(8 * last))
            for q in range(last - 4, -1, -4):
                base = np.uint8(8 * q)
                for i in range(n):
                    one, index = _first_leaf(
                        planes[q, i],
                        planes[q + 1, i],
                        planes[q + 2, i],
                        planes[q + 3, i],
                    )
                    found = _NONE if one == _NONE else _ALL
                    here = np.uint8(np.uint8(index | base) & found)
                    later = np.uint8(leaf[i] & np.uint8(_ALL - found))
                    leaf[i] = np.uint8(here | later)
            for i in range(n):
                out[start + i] += leaf_value[first_leaf + np.int64(leaf[i])]


@kernel(
    (
        read_only(float64),
        float64,
        float64,
        float64,
        writable(float64),
    )
)
def log_odds_of_raw(
    raw: Any, divisor: Any, slope: Any, intercept: Any, out: Any
) -> None:
    """Write ``intercept + slope * (raw / divisor)``; ``out`` may be ``raw``."""
    for i in range(raw.shape[0]):
        out[i] = intercept + slope * (raw[i] / divisor)


@kernel(
    (
        read_only(float64),
        float64,
        float64,
        int64,
        writable(float64),
        writable(float64),
    )
)
def scale_log_odds(
    log_odds: Any, offset: Any, factor: Any, rounded: Any, pd: Any, score: Any
) -> None:
    """Write PD and score; a score is rounded, halves to even, unless ``rounded`` is 0.

    ``pd = 1 / (1 + exp(-log_odds))``, ``score = offset - factor * log_odds``. A score
    that is rounded to 0 has no sign.
    """
    for i in range(log_odds.shape[0]):
        pd[i] = 1.0 / (1.0 + math.exp(-log_odds[i]))
        points = offset - factor * log_odds[i]
        score[i] = np.rint(points) + 0.0 if rounded else points
