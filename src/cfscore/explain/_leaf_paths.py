"""Leaf paths: what every leaf of an ensemble asks of a row, feature by feature.

In the game of a leaf each distinct feature on its path is a player. A path may test a
feature more than once; the player's conditions are the intervals of ranks that all its
tests leave, one per rank column, and its cover ratio is the product of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.plan import Trees

__all__ = ["NO_BOUND", "LeafPaths", "leaf_paths"]

#: Upper end of an interval of ranks that has none; ranks are at most 65,535.
NO_BOUND: Final = 1 << 16

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LeafPaths:
    """Leaves that have a path, tree by tree and from left to right.

    Parameters
    ----------
    tree : array of shape (n_leaves,), int64
        Tree of each leaf; trees of a single leaf have no path.
    value : array of shape (n_leaves,), float64
        Leaf value.
    player_starts : array of shape (n_leaves + 1,), int64
        First player of each leaf; players of a leaf ascend by feature.
    player_feature : array of shape (n_players,), int64
        Feature of each player.
    player_ratio : array of shape (n_players,), float64
        Share of training cases, of those that met the feature's tests on the path,
        that went the leaf's way: 0..1.
    condition_starts : array of shape (n_players + 1,), int64
        First condition of each player, at least one.
    condition_column : array of shape (n_conditions,), int64
        Rank column.
    condition_low, condition_high : array of shape (n_conditions,), int64
        A row meets the condition when ``low < rank <= high``; -1 and ``NO_BOUND``
        where an end is open.
    """

    tree: _Ints
    value: NDArray[np.float64]
    player_starts: _Ints
    player_feature: _Ints
    player_ratio: NDArray[np.float64]
    condition_starts: _Ints
    condition_column: _Ints
    condition_low: _Ints
    condition_high: _Ints

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return len(self.value)

    @property
    def n_players(self) -> _Ints:
        """Number of players of each leaf; shape (n_leaves,)."""
        return np.diff(self.player_starts)

    @property
    def condition_player(self) -> _Ints:
        """Player of each condition."""
        return np.repeat(
            np.arange(len(self.player_feature)), np.diff(self.condition_starts)
        )

    @property
    def condition_leaf(self) -> _Ints:
        """Leaf of each condition."""
        leaf_of_player = np.repeat(np.arange(self.n_leaves), self.n_players)
        return leaf_of_player[self.condition_player]


def leaf_paths(trees: Trees, column: NDArray[Any], cut: NDArray[Any]) -> LeafPaths:
    """Return the paths of all leaves.

    Parameters
    ----------
    trees : Trees
        The trees.
    column, cut : array of shape (n_nodes,)
        Each node's test: ``ranks[column] <= cut`` goes left.

    Returns
    -------
    LeafPaths
        Equal for equal input.

    Raises
    ------
    UsageError
        When a node was met by no training case, so that its cover ratios are unknown,
        or by others than the two below it, so that no contributions would add up.
    """
    sides = _sides(trees)
    _check_covers(trees, sides)
    leaf, node, left, ratio, order = _climb(trees, sides)
    feature = trees.feature[node].astype(np.int64)
    node_column = np.asarray(column)[node].astype(np.int64)
    rank = np.empty(trees.n_leaves, np.int64)
    rank[order] = np.arange(len(order))
    position = rank[leaf]
    sorting = np.lexsort((node_column, feature, position))
    position, feature, node_column, left, ratio = (
        x[sorting] for x in (position, feature, node_column, left, ratio)
    )
    node_cut = np.asarray(cut)[node[sorting]].astype(np.int64)
    new_leaf = _changes(position)
    new_player = new_leaf | _changes(feature)
    new_condition = new_player | _changes(node_column)
    first, player_first = np.flatnonzero(new_condition), np.flatnonzero(new_player)
    leaf_tree = np.repeat(np.arange(trees.n_trees), np.diff(trees.leaf_starts))
    return LeafPaths(
        tree=leaf_tree[order],
        value=trees.leaf_value[order],
        player_starts=_starts(new_leaf[player_first]),
        player_feature=feature[player_first],
        player_ratio=np.multiply.reduceat(ratio, player_first),
        condition_starts=_starts(new_player[first]),
        condition_column=node_column[first],
        condition_low=np.maximum.reduceat(np.where(left, -1, node_cut), first),
        condition_high=np.minimum.reduceat(np.where(left, node_cut, NO_BOUND), first),
    )


@dataclass(frozen=True, eq=False)
class _Sides:
    """Parent (-1 at a root), side and cover ratio of every node and leaf."""

    node_parent: _Ints
    node_left: NDArray[np.bool_]
    node_ratio: NDArray[np.float64]
    leaf_parent: _Ints
    leaf_left: NDArray[np.bool_]
    leaf_ratio: NDArray[np.float64]


def _check_covers(trees: Trees, sides: _Sides) -> None:
    covered = np.zeros(trees.n_nodes, np.int64)
    for parent, cover in (
        (sides.node_parent, trees.node_cover),
        (sides.leaf_parent, trees.leaf_cover),
    ):
        has_parent = parent >= 0
        np.add.at(covered, parent[has_parent], cover[has_parent])
    found = "Contributions weigh the branches of a tree by training cases, but "
    n_empty = int((trees.node_cover <= 0).sum())
    n_wrong = int((covered != trees.node_cover).sum())
    if n_empty:
        found += f"{n_empty} inner node(s) have none."
    elif n_wrong:
        found += f"{n_wrong} inner node(s) have others than the two below."
    if n_empty or n_wrong:
        raise UsageError(found, hint="Train the model anew, or score without reasons.")


def _sides(trees: Trees) -> _Sides:
    n_nodes, n_leaves = trees.n_nodes, trees.n_leaves
    tree = np.repeat(np.arange(trees.n_trees), np.diff(trees.node_starts))
    found = _Sides(
        np.full(n_nodes, -1), np.zeros(n_nodes, bool), np.ones(n_nodes),
        np.full(n_leaves, -1), np.zeros(n_leaves, bool), np.ones(n_leaves),
    )  # fmt: skip
    cover = np.maximum(trees.node_cover, 1)  # nodes without any are refused
    for is_left, child in ((True, trees.left), (False, trees.right)):
        parent = np.flatnonzero(child >= 0)
        node = trees.node_starts[tree[parent]] + child[parent]
        found.node_parent[node], found.node_left[node] = parent, is_left
        found.node_ratio[node] = trees.node_cover[node] / cover[parent]
        parent = np.flatnonzero(child < 0)
        leaf = trees.leaf_starts[tree[parent]] + ~child[parent]
        found.leaf_parent[leaf], found.leaf_left[leaf] = parent, is_left
        found.leaf_ratio[leaf] = trees.leaf_cover[leaf] / cover[parent]
    return found


def _climb(trees: Trees, sides: _Sides) -> tuple[Any, Any, Any, Any, _Ints]:
    """Walk from all leaves to their roots at once.

    Returns
    -------
    leaf, node, left, ratio : array of shape (n_steps,)
        One entry per node of each leaf's path.
    order : array of shape (n_leaves_with_a_path,)
        Leaves by tree and from left to right, as far as 53 steps tell.
    """
    leaf = np.flatnonzero(sides.leaf_parent >= 0)
    node: Any
    left: Any
    ratio: Any
    node, left, ratio = (
        x[leaf] for x in (sides.leaf_parent, sides.leaf_left, sides.leaf_ratio)
    )
    place = np.zeros(trees.n_leaves)
    tree = np.repeat(np.arange(trees.n_trees), np.diff(trees.leaf_starts))
    with_path = leaf
    steps = [(leaf, node, left, ratio)]
    while len(leaf):
        place[leaf] = (place[leaf] + ~left) / 2
        left, ratio, node = (
            x[node] for x in (sides.node_left, sides.node_ratio, sides.node_parent)
        )
        goes_on = node >= 0
        leaf, node, left, ratio = (x[goes_on] for x in (leaf, node, left, ratio))
        steps.append((leaf, node, left, ratio))
    order = with_path[np.lexsort((place[with_path], tree[with_path]))]
    leaf, node, left, ratio = map(np.concatenate, zip(*steps, strict=True))
    return leaf, node, left, ratio, order


def _changes(keys: _Ints) -> NDArray[np.bool_]:
    """Return whether each entry differs from the one before it."""
    return np.not_equal(np.diff(keys, prepend=-1), 0)


def _starts(is_first: NDArray[np.bool_]) -> _Ints:
    """Return where runs start, and the end."""
    return np.append(np.flatnonzero(is_first), len(is_first))
