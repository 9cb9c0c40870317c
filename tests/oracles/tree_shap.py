"""Plain forms of path-dependent TreeSHAP: by definition, and by recursion.

Both take the trees, not the tables: a row follows a test or, where its feature is
unknown, both branches by their share of the training cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np

from cfscore.plan import Trees
from tests.oracles.forest import goes_left


def by_subsets(trees: Trees, row: Sequence[float], n_features: int) -> list[Fraction]:
    """Return the contributions of a row, exactly: every coalition of every tree."""
    found = [Fraction(0)] * n_features
    for tree in range(trees.n_trees):
        nodes = range(trees.node_starts[tree], trees.node_starts[tree + 1])
        players = sorted({int(trees.feature[node]) for node in nodes})
        n = len(players)
        for player in players:
            others = [p for p in players if p != player]
            for size in range(n):
                weight = Fraction(
                    factorial(size) * factorial(n - 1 - size), factorial(n)
                )
                for known in combinations(others, size):
                    gain = _expected(trees, tree, row, {*known, player})
                    gain -= _expected(trees, tree, row, {*known})
                    found[player] += weight * gain
    return found


def _expected(
    trees: Trees, tree: int, row: Sequence[float], known: set[int]
) -> Fraction:
    """Return the mean leaf value of a tree when only some features are known."""
    first, first_leaf = int(trees.node_starts[tree]), int(trees.leaf_starts[tree])

    def below(child: int) -> Fraction:
        if child < 0:
            return Fraction(float(trees.leaf_value[first_leaf + ~child]))
        node = first + child
        left, right = int(trees.left[node]), int(trees.right[node])
        if int(trees.feature[node]) in known:
            return below(left if goes_left(trees, node, row) else right)
        shares = (_cover(trees, tree, left), _cover(trees, tree, right))
        all_cases = int(trees.node_cover[node])
        return sum(
            Fraction(share, all_cases) * below(child)
            for share, child in zip(shares, (left, right), strict=True)
        )

    return below(0)


def _cover(trees: Trees, tree: int, child: int) -> int:
    if child < 0:
        return int(trees.leaf_cover[trees.leaf_starts[tree] + ~child])
    return int(trees.node_cover[trees.node_starts[tree] + child])


def by_recursion(trees: Trees, row: Sequence[float], n_features: int) -> np.ndarray:
    """Return the contributions of a row in extended precision.

    Algorithm 2 of Lundberg et al. (2020), which walks each tree once and keeps the
    weights of the coalitions of a path's features by their size.
    """
    found = np.zeros(n_features, np.longdouble)
    for tree in range(trees.n_trees):
        if trees.node_starts[tree] < trees.node_starts[tree + 1]:
            _walk(
                trees, tree, row, 0, [], np.longdouble(1), np.longdouble(1), -1, found
            )
    return found


_Path = list[list]  # of [feature, share of unknown, share of known, weight]


def _walk(trees, tree, row, child, path, zero, one, feature, found) -> None:
    path = _extended(path, zero, one, feature)
    if child < 0:
        value = np.longdouble(trees.leaf_value[trees.leaf_starts[tree] + ~child])
        for place in range(1, len(path)):
            weights = [step[3] for step in _unwound(path, place)]
            _, zero, one, _ = path[place]
            found[path[place][0]] += sum(weights) * (one - zero) * value
        return
    node = int(trees.node_starts[tree]) + child
    hot, cold = int(trees.left[node]), int(trees.right[node])
    if not goes_left(trees, node, row):
        hot, cold = cold, hot
    own = int(trees.feature[node])
    zero = one = np.longdouble(1)
    for place, step in enumerate(path):
        if step[0] == own:
            _, zero, one, _ = step
            path = _unwound(path, place)
            break
    cases = np.longdouble(trees.node_cover[node])
    for branch, known in ((hot, one), (cold, np.longdouble(0))):
        share = np.longdouble(_cover(trees, tree, branch)) / cases
        _walk(trees, tree, row, branch, path, zero * share, known, own, found)


def _extended(path: _Path, zero, one, feature) -> _Path:
    path = [step.copy() for step in path]
    n = len(path)
    path.append([feature, zero, one, np.longdouble(n == 0)])
    for i in range(n - 1, -1, -1):
        path[i + 1][3] += one * path[i][3] * (i + 1) / (n + 1)
        path[i][3] = zero * path[i][3] * (n - i) / (n + 1)
    return path


def _unwound(path: _Path, place: int) -> _Path:
    path = [step.copy() for step in path]
    n = len(path) - 1
    _, zero, one, _ = path[place]
    next_weight = path[n][3]
    for i in range(n - 1, -1, -1):
        if one != 0:
            weight = path[i][3]
            path[i][3] = next_weight * (n + 1) / ((i + 1) * one)
            next_weight = weight - path[i][3] * zero * (n - i) / (n + 1)
        else:
            path[i][3] = path[i][3] * (n + 1) / (zero * (n - i))
    for i in range(place, n):
        path[i][:3] = path[i + 1][:3]
    path.pop()
    return path
