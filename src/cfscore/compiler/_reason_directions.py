"""Reason directions: a reason that says "too high" must hold for every value.

A scorecard is read interval by interval. In a forest, at every split on the feature, no
leaf on the safer side may be riskier than a leaf on the other side; that suffices for
the sum of the trees, and is what monotone constraints build (decision 0009). Missing,
special and unseen values stand outside the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import CompileError
from cfscore.plan import (
    MISSING_ZERO,
    Calibration,
    Direction,
    ForestStage,
    PointsStage,
    ReasonCatalogue,
    Trees,
)

__all__ = ["check_directions"]


def check_directions(
    catalogue: ReasonCatalogue,
    model: PointsStage | ForestStage,
    calibration: Calibration | None,
) -> None:
    """Demand that the model agrees with every direction that a reason states.

    Parameters
    ----------
    catalogue : ReasonCatalogue
        May state directions of features that the model does not use.
    model : PointsStage or ForestStage
        The model.
    calibration : Calibration or None
        Of a forest.

    Raises
    ------
    CompileError
        Code ``"DIRECTION"``, naming the first feature that contradicts.
    """
    kinds = {field.name: field.kind for field in model.schema.fields}
    stated = {n: d for n, d in catalogue.directions.items() if n in kinds}
    if not stated:
        return
    for name, direction in stated.items():
        if kinds[name] != "numeric":
            raise _refusal(name, direction, "it is not numeric and has no order")
    if isinstance(model, PointsStage):
        contradictions = _of_card(model, stated)
    else:
        contradictions = _of_forest(model, stated, calibration)
    for name, fault in contradictions:
        raise _refusal(name, stated[name], fault)


def _refusal(name: str, direction: Direction, fault: str) -> CompileError:
    msg = f"The reason of {name!r} calls {direction} values adverse, but {fault}."
    hint = (
        "Fit the model under that direction, or write a sentence that states none and "
        "take the feature out of [directions]."
    )
    return CompileError(msg, code="DIRECTION", hint=hint)


def _sign(direction: Direction) -> float:
    return 1.0 if direction == "higher" else -1.0


def _of_card(
    points: PointsStage, stated: dict[str, Direction]
) -> Iterator[tuple[str, str]]:
    """Yield features whose risk goes the other way between two intervals."""
    for characteristic in points.characteristics:
        if characteristic.name not in stated:
            continue
        sign = _sign(stated[characteristic.name])
        rows = [a for a in characteristic.attributes if a.role == "interval"]
        for low, high in pairwise(rows):
            if sign * (high.log_odds - low.log_odds) < 0.0:
                safer, riskier = (high, low) if sign > 0.0 else (low, high)
                yield (
                    characteristic.name,
                    f"{riskier.label} is riskier than {safer.label}",
                )
                break


def _of_forest(
    stage: ForestStage, stated: dict[str, Direction], calibration: Calibration | None
) -> Iterator[tuple[str, str]]:
    """Yield features with a split whose safer side has a riskier leaf."""
    trees = stage.trees
    slope = stage.margin_line(calibration)[1]
    left, right = _ranges(trees)
    for index, feature in enumerate(stage.features):
        if feature.name not in stated:
            continue
        own = (trees.feature == index) & ~trees.is_categorical
        if (trees.missing_type[own] == MISSING_ZERO).any():
            yield feature.name, "its trees take 0 for missing"
            continue
        safer, riskier = left, right
        if _sign(stated[feature.name]) * slope < 0.0:
            safer, riskier = right, left
        n_wrong = int((safer.most[own] > riskier.least[own]).sum())
        if n_wrong:
            yield (
                feature.name,
                f"{n_wrong} of its {int(own.sum())} splits have a riskier leaf on the "
                "other side",
            )


@dataclass(frozen=True, eq=False)
class _Range:
    """Least and largest leaf value below one side of every node."""

    least: NDArray[np.float64]
    most: NDArray[np.float64]


def _ranges(trees: Trees) -> tuple[_Range, _Range]:
    """Return the range of leaf values on the left and on the right of every node."""
    least, most = np.empty((2, trees.n_nodes)), np.empty((2, trees.n_nodes))
    tree = np.repeat(np.arange(trees.n_trees), np.diff(trees.node_starts))
    first_node, first_leaf = trees.node_starts[tree], trees.leaf_starts[tree]
    for node in range(trees.n_nodes - 1, -1, -1):  # children come after parents
        for side, child in enumerate((trees.left[node], trees.right[node])):
            if child < 0:
                value = trees.leaf_value[first_leaf[node] + ~child]
                least[side, node] = most[side, node] = value
            else:
                below = first_node[node] + child
                least[side, node] = least[:, below].min()
                most[side, node] = most[:, below].max()
    return _Range(least[0], most[0]), _Range(least[1], most[1])
