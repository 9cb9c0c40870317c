"""Exact path-dependent TreeSHAP from ranks, leaf by leaf.

A leaf reached through features ``1 .. d`` is a product game: its value times
``prod(o_j)``, ``o_j`` being 1 where the row meets every test on feature ``j``. With
cover ratios ``z_j`` the Shapley value of feature ``i`` is the value times
``(o_i - z_i)`` times the integral over ``t`` in [0, 1] of the product over ``j != i``
of ``t o_j + (1 - t) z_j``: a polynomial of degree ``d - 1``, for which Gauss-Legendre
quadrature with ``ceil(d / 2)`` nodes is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.plan import Trees

__all__ = ["TreeShapTables"]

_Test = tuple[int, int, int, bool]


@dataclass(frozen=True, eq=False)
class _LeafGame:
    """A leaf: its value, its features, their cover ratios, and the tests above it.

    A test is (place of its feature, rank column, cut, whether left is needed).
    """

    value: float
    features: tuple[int, ...]
    ratios: NDArray[np.float64]
    tests: tuple[_Test, ...]

    def add(self, ranks: NDArray[Any], out: NDArray[np.float64]) -> None:
        """Add the contributions of the rows of a block to ``out``."""
        n_rows, d = len(out), len(self.features)
        met = np.ones((d, n_rows))
        for place, column, cut, left in self.tests:
            met[place] *= (ranks[column, :n_rows] <= cut) == left
        nodes, weights = np.polynomial.legendre.leggauss((d + 1) // 2)
        at = ((nodes + 1.0) / 2.0)[:, None, None]
        terms = at * met + (1.0 - at) * self.ratios[None, :, None]
        for place, feature in enumerate(self.features):
            others = np.prod(np.delete(terms, place, axis=1), axis=1)
            integral = np.zeros(n_rows)
            for weight, term in zip(weights / 2.0, others, strict=True):
                integral += weight * term
            out[:, feature] += self.value * (met[place] - self.ratios[place]) * integral


class TreeShapTables:
    """The leaves of a forest as product games.

    Parameters
    ----------
    leaves : list
        One game per leaf of a tree with more than one.
    """

    def __init__(self, leaves: list[_LeafGame]) -> None:
        self._leaves = leaves

    @classmethod
    def build(
        cls,
        trees: Trees,
        node_column: NDArray[np.int32],
        node_cut: NDArray[Any],
    ) -> TreeShapTables:
        """Return the games of all leaves."""
        games = [
            game
            for tree in range(trees.n_trees)
            for game in _games(trees, tree, node_column, node_cut)
        ]
        return cls(games)

    def add_contributions(
        self, ranks: NDArray[Any], n_rows: int, out: NDArray[np.float64]
    ) -> None:
        """Add the contributions of the first ``n_rows`` rows of a block to ``out``."""
        for game in self._leaves:
            game.add(ranks, out[:n_rows])

    def add_contributions_one(
        self, ranks: NDArray[Any], out: NDArray[np.float64]
    ) -> None:
        """Add the contributions of one row of ranks to ``out``."""
        self.add_contributions(ranks.reshape(-1, 1), 1, out.reshape(1, -1))


def _games(
    trees: Trees, tree: int, node_column: NDArray[np.int32], node_cut: NDArray[Any]
) -> Iterator[_LeafGame]:
    first, first_leaf = int(trees.node_starts[tree]), int(trees.leaf_starts[tree])
    if trees.node_starts[tree + 1] == first:
        return
    stack: list[tuple[int, dict[int, float], tuple[_Test, ...]]] = [(0, {}, ())]
    while stack:
        at, ratios, tests = stack.pop()
        node = first + at
        feature, cover = int(trees.feature[node]), float(trees.node_cover[node])
        for child, left in (
            (int(trees.left[node]), True),
            (int(trees.right[node]), False),
        ):
            is_leaf = child < 0
            below = (
                trees.leaf_cover[first_leaf + ~child]
                if is_leaf
                else trees.node_cover[first + child]
            )
            found = ratios | {
                feature: ratios.get(feature, 1.0) * (float(below) / cover)
            }
            place = list(found).index(feature)
            path = (*tests, (place, int(node_column[node]), int(node_cut[node]), left))
            if not is_leaf:
                stack.append((child, found, path))
                continue
            value = float(trees.leaf_value[first_leaf + ~child])
            yield _LeafGame(value, tuple(found), np.array([*found.values()]), path)
