"""Tree masks: trees laid out for the forest kernel, leaves from left to right.

A test that fails rules out the leaves of the node's left subtree, a run of consecutive
leaves. Cut into planes of eight leaves, a node becomes one entry per plane that the run
touches: rank column, cut, and the byte of leaves that survive. Entries of one plane are
paired, so that a pass over the rows serves two of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.forest import N_PLANES
from cfscore.execution._rank_layout import RankLayout
from cfscore.plan import Trees

__all__ = ["TreeMasks", "tree_masks"]

_LEAVES_PER_PLANE = 8


@dataclass(frozen=True, eq=False)
class TreeMasks:
    """Arrays of the forest kernel (see ``_kernels.forest``).

    Parameters
    ----------
    pair_starts : array of shape (n_trees + 1,), int64
        First pair of each tree.
    pair_plane : array of shape (n_pairs,), uint8
        Plane that both tests of a pair touch.
    pair_columns : array of shape (2 * n_pairs,), int32
        Rank column of each test.
    pair_cuts : array of shape (2 * n_pairs,)
        Largest rank that passes.
    pair_masks : array of shape (2 * n_pairs,), uint8
        Leaves of the plane that survive a failed test.
    n_planes : array of shape (n_trees,), uint8
        Planes of each tree, 0 where it is walked node by node.
    roots : array of shape (n_trees,), int32
        Where each tree begins: a node, or ``~leaf`` of a tree that is a leaf.
    children : array of shape (2 * n_nodes,), int32
        Left and right child of each node, a leaf as ``~leaf``. Nodes, and leaves from
        left to right, are counted over all trees.
    leaf_value : array of shape (n_leaves,), float64
        Leaf values from left to right.
    first, middle : array of shape (n_nodes,), int64
        The left subtree of a node holds the leaves ``[first, middle)`` of its tree.
    """

    pair_starts: NDArray[np.int64]
    pair_plane: NDArray[np.uint8]
    pair_columns: NDArray[np.int32]
    pair_cuts: NDArray[Any]
    pair_masks: NDArray[np.uint8]
    n_planes: NDArray[np.uint8]
    roots: NDArray[np.int32]
    children: NDArray[np.int32]
    leaf_value: NDArray[np.float64]
    first: NDArray[np.int64]
    middle: NDArray[np.int64]


def tree_masks(trees: Trees, layout: RankLayout) -> TreeMasks:
    """Return the kernel's arrays for trees under a rank layout."""
    tree = np.repeat(np.arange(trees.n_trees), np.diff(trees.node_starts))
    first, middle, position = _leaf_order(trees, tree)
    planes = -(-np.diff(trees.leaf_starts) // _LEAVES_PER_PLANE)
    n_planes = np.where(planes <= N_PLANES, planes, 0).astype(np.uint8)
    masked = np.flatnonzero(n_planes[tree] > 0)
    node, plane, mask = _entries(masked, first, middle)
    order = np.lexsort((layout.node_column[node], plane, tree[node]))
    node, plane, mask = node[order], plane[order], mask[order]
    paired = _pairs(tree[node] * N_PLANES + plane)
    per_tree = np.bincount(tree[node[paired[::2]]], minlength=trees.n_trees)
    leaf_value = np.empty_like(trees.leaf_value)
    leaf_tree = np.repeat(np.arange(trees.n_trees), np.diff(trees.leaf_starts))
    leaf_value[trees.leaf_starts[leaf_tree] + position] = trees.leaf_value
    return TreeMasks(
        pair_starts=np.concatenate(([0], np.cumsum(per_tree))).astype(np.int64),
        pair_plane=plane[paired[::2]].astype(np.uint8),
        pair_columns=layout.node_column[node[paired]],
        pair_cuts=layout.node_cut[node[paired]],
        pair_masks=mask[paired],
        n_planes=n_planes,
        roots=_roots(trees),
        children=_children(trees, tree, position),
        leaf_value=leaf_value,
        first=first,
        middle=middle,
    )


_Ints = NDArray[np.int64]


def _leaf_order(trees: Trees, tree: _Ints) -> tuple[_Ints, _Ints, _Ints]:
    """Return where leaves stand when numbered from left to right.

    Returns
    -------
    first, middle : array of shape (n_nodes,)
        The left subtree of a node holds the leaves ``[first, middle)`` of its tree.
    position : array of shape (n_leaves,)
        Place of each leaf within its tree.

    Notes
    -----
    Children have larger indices than their parent, so all trees are walked at once:
    subtree sizes from the last node down, places from the root up.
    """
    starts, sizes = trees.node_starts[:-1], np.diff(trees.node_starts)
    below = np.zeros(trees.n_nodes, np.int64)
    first = np.zeros(trees.n_nodes, np.int64)
    position = np.zeros(trees.n_leaves, np.int64)
    deepest = int(sizes.max()) if len(sizes) else 0
    ranks = [starts[sizes > j] + j for j in range(deepest)]

    def leaves_under(nodes: _Ints, child: NDArray[np.int32]) -> _Ints:
        inner = child[nodes] >= 0
        target = starts[tree[nodes]] + np.where(inner, child[nodes], 0)
        return np.where(inner, below[target], 1)

    for nodes in reversed(ranks):
        below[nodes] = leaves_under(nodes, trees.left)
        below[nodes] += leaves_under(nodes, trees.right)
    middle = np.zeros(trees.n_nodes, np.int64)
    for nodes in ranks:
        middle[nodes] = first[nodes] + leaves_under(nodes, trees.left)
        for child, begin in (
            (trees.left[nodes], first[nodes]),
            (trees.right[nodes], middle[nodes]),
        ):
            inner = child >= 0
            owner = tree[nodes]
            first[starts[owner[inner]] + child[inner]] = begin[inner]
            leaf = trees.leaf_starts[owner[~inner]] + ~child[~inner]
            position[leaf] = begin[~inner]
    return first, middle, position


def _entries(
    nodes: _Ints, first: _Ints, middle: _Ints
) -> tuple[_Ints, _Ints, NDArray[np.uint8]]:
    """Return node, plane and surviving leaves of every entry."""
    first_plane = first[nodes] // _LEAVES_PER_PLANE
    n_touched = (middle[nodes] - 1) // _LEAVES_PER_PLANE - first_plane + 1
    node = np.repeat(nodes, n_touched)
    nth = np.arange(len(node)) - np.repeat(np.cumsum(n_touched) - n_touched, n_touched)
    plane = np.repeat(first_plane, n_touched) + nth
    low = np.clip(first[node] - _LEAVES_PER_PLANE * plane, 0, _LEAVES_PER_PLANE)
    high = np.clip(middle[node] - _LEAVES_PER_PLANE * plane, 0, _LEAVES_PER_PLANE)
    ruled_out = (1 << high) - (1 << low)
    return node, plane, (0xFF & ~ruled_out).astype(np.uint8)


def _pairs(groups: _Ints) -> _Ints:
    """Return the indices of sorted entries two by two, an odd last one repeated."""
    _, starts, sizes = np.unique(groups, return_index=True, return_counts=True)
    lengths = sizes + sizes % 2
    offset = np.repeat(np.cumsum(lengths) - lengths, lengths)
    nth = np.arange(int(lengths.sum())) - offset
    firsts: _Ints = np.repeat(starts, lengths)
    firsts += np.minimum(nth, np.repeat(sizes, lengths) - 1)
    return firsts


def _roots(trees: Trees) -> NDArray[np.int32]:
    """Return the first node of each tree, ``~leaf`` where it has none."""
    starts, has_nodes = trees.node_starts[:-1], np.diff(trees.node_starts) > 0
    return np.where(has_nodes, starts, ~trees.leaf_starts[:-1]).astype(np.int32)


def _children(trees: Trees, tree: _Ints, position: _Ints) -> NDArray[np.int32]:
    """Return the children of all nodes, leaves numbered from left to right."""
    found = np.empty((trees.n_nodes, 2), np.int32)
    first_leaf = trees.leaf_starts[tree]
    for side, child in enumerate((trees.left, trees.right)):
        is_leaf = child < 0
        leaf = first_leaf + position[first_leaf + np.where(is_leaf, ~child, 0)]
        found[:, side] = np.where(is_leaf, ~leaf, trees.node_starts[tree] + child)
    return found.ravel()
