"""Tree leaf: a leaf of a forest with the tests above it, grouped by feature.

The indicator of a leaf is a product of one indicator per feature, whatever the shape
of the tree above it. Everything exact about a forest follows from sums over leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.execution import RankLayout
from cfscore.plan import Trees

__all__ = ["LeafTest", "TreeLeaf", "tree_leaves"]


@dataclass(frozen=True)
class LeafTest:
    """One test above a leaf: ``(rank <= cut) == left``.

    Parameters
    ----------
    column : int
        Rank column.
    cut : int
        Largest rank that goes left.
    left : bool
        Whether the way to the leaf goes left.
    """

    column: int
    cut: int
    left: bool

    def met(self, ranks: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which entries of a rank column meet the test."""
        below: NDArray[np.bool_] = ranks <= self.cut
        return below if self.left else ~below


@dataclass(frozen=True)
class TreeLeaf:
    """A leaf of a tree that has more than one.

    Parameters
    ----------
    value : float
        What it adds to the raw score.
    share : float
        Its share of the tree's training cases; 0 in a tree without covers.
    tests : mapping of int to tuple of LeafTest
        Tests of each feature above it, features ascending.
    """

    value: float
    share: float
    tests: dict[int, tuple[LeafTest, ...]]

    @property
    def features(self) -> tuple[int, ...]:
        """The features tested above the leaf, ascending."""
        return tuple(self.tests)

    @property
    def n_tests(self) -> int:
        """Number of tests above the leaf."""
        return sum(map(len, self.tests.values()))


def tree_leaves(trees: Trees, layout: RankLayout) -> Iterator[TreeLeaf]:
    """Yield the leaves of all trees with more than one leaf, tree by tree.

    Parameters
    ----------
    trees : Trees
        The trees.
    layout : RankLayout
        Of these trees.

    Yields
    ------
    TreeLeaf
        With the tests above it.
    """
    for tree, (start, stop) in enumerate(pairwise(trees.leaf_starts.tolist())):
        if stop - start > 1:
            cover = trees.leaf_cover[start:stop].astype(np.float64)
            shares = cover / max(float(cover.sum()), 1.0)
            for leaf, above in _paths(trees, layout, tree):
                value = float(trees.leaf_value[start + leaf])
                tests = {f: tuple(above[f]) for f in sorted(above)}
                yield TreeLeaf(value, float(shares[leaf]), tests)


_Path = dict[int, list[LeafTest]]


def _paths(trees: Trees, layout: RankLayout, tree: int) -> Iterator[tuple[int, _Path]]:
    """Yield each leaf of a tree, and the tests above it by feature."""
    first = int(trees.node_starts[tree])
    stack: list[tuple[int, _Path]] = [(0, {})]
    while stack:
        at, above = stack.pop()
        if at < 0:
            yield ~at, above
            continue
        node = first + at
        feature = int(trees.feature[node])
        column, cut = int(layout.node_column[node]), int(layout.node_cut[node])
        for child, left in ((trees.right[node], False), (trees.left[node], True)):
            own = [*above.get(feature, []), LeafTest(column, cut, left)]
            stack.append((int(child), {**above, feature: own}))
