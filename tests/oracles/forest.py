"""Plain form of a forest's raw score: one row at a time, one node at a time.

The rules are those of LightGBM's ``tree.h`` (``NumericalDecision`` and
``CategoricalDecision``) and of its prediction from a matrix, which sets values within
a float32 constant of 0 to 0 before any tree sees them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from cfscore.plan import Trees

ZERO_BOUND = 1.0000000180025095e-35  # 1e-35 as a float32
CATEGORICAL, DEFAULT_LEFT = 1, 2
NONE, ZERO, NAN = 0, 1, 2
MAX_CODE = 2**31 - 1


def raw_score(trees: Trees, row: Sequence[float]) -> float:
    """Return the sum of the leaf values that a row meets, in the order of the trees."""
    total = 0.0
    for tree, leaf in enumerate(leaves_of(trees, row)):
        total += float(trees.leaf_value[trees.leaf_starts[tree] + leaf])
    return total


def leaves_of(trees: Trees, row: Sequence[float]) -> list[int]:
    """Return the leaf that a row meets in every tree."""
    values = [0.0 if abs(value) <= ZERO_BOUND else float(value) for value in row]
    return [_leaf(trees, tree, values) for tree in range(trees.n_trees)]


def _leaf(trees: Trees, tree: int, values: Sequence[float]) -> int:
    first = int(trees.node_starts[tree])
    if trees.node_starts[tree + 1] == first:
        return 0
    child = 0
    while child >= 0:
        node = first + child
        left = _goes_left(trees, node, values[trees.feature[node]])
        child = int(trees.left[node] if left else trees.right[node])
    return ~child


def goes_left(trees: Trees, node: int, row: Sequence[float]) -> bool:
    """Return whether a row goes left at a node."""
    value = float(row[trees.feature[node]])
    return _goes_left(trees, node, 0.0 if abs(value) <= ZERO_BOUND else value)


def _goes_left(trees: Trees, node: int, value: float) -> bool:
    if trees.decision[node] & CATEGORICAL:
        return _category_goes_left(trees, node, value)
    return _number_goes_left(trees, node, value)


def _number_goes_left(trees: Trees, node: int, value: float) -> bool:
    missing_type = int(trees.decision[node]) >> 2
    if math.isnan(value) and missing_type != NAN:
        value = 0.0
    if (missing_type == ZERO and value == 0.0) or math.isnan(value):
        return bool(trees.decision[node] & DEFAULT_LEFT)
    return value <= float(trees.threshold[node])


def _category_goes_left(trees: Trees, node: int, value: float) -> bool:
    if math.isnan(value) or not -1.0 < value < MAX_CODE + 1:
        return False
    chosen = int(trees.category_set[node])
    codes = trees.set_codes[trees.set_starts[chosen] : trees.set_starts[chosen + 1]]
    return math.trunc(value) in codes.tolist()
