"""Reason directions: a reason that says "too high" must hold for every value.

A scorecard is read interval by interval. In a forest, at every split on the feature, no
leaf on the safer side may be riskier than a leaf on the other side; that suffices for
the sum of the trees, and is what monotone constraints build (decision 0009). Additive
and pairwise forests, whose trees were perhaps cut into several (0011), are read exactly
from their shape tables. Missing, special and unseen values stand outside the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import CompileError, ExplanationError
from cfscore.explain import ShapeAxis, ShapeTables, shape_tables
from cfscore.plan import MISSING_ZERO, Direction, ScoringPlan, Trees

__all__ = ["check_directions"]

#: Share of the log-odds that the rounding of their sums may take.
_ROUNDING: Final = 1e-13

_Stated: TypeAlias = dict[str, Direction]
_Contradictions: TypeAlias = "dict[str, _Contradiction]"


def check_directions(plan: ScoringPlan) -> None:
    """Demand that the model agrees with every direction that a reason states.

    Parameters
    ----------
    plan : ScoringPlan
        Its catalogue may state directions of features that the model does not use.

    Raises
    ------
    CompileError
        Code ``"DIRECTION"``, naming the first feature that contradicts.
    """
    kinds = {field.name: field.kind for field in plan.schema.fields}
    stated = {n: d for n, d in plan.catalogue.directions.items() if n in kinds}
    if not stated:
        return
    found = {n: _NO_ORDER for n in stated if kinds[n] != "numeric"}
    found = found or (_of_forest if plan.is_forest else _of_card)(plan, stated)
    for name, contradiction in found.items():
        msg = f"The reason of {name!r} calls {stated[name]} values adverse, but "
        msg += f"{contradiction.fault}."
        hint = f"{contradiction.advice}, or write a sentence that states no direction "
        hint += "and take the feature out of [directions]."
        raise CompileError(msg, code="DIRECTION", hint=hint)


@dataclass(frozen=True)
class _Contradiction:
    """What speaks against a direction, and what would mend it."""

    fault: str
    advice: str


_ADVICE_FOR_CARDS: Final = "Give the characteristic a monotonic trend when it is binned"
_ADVICE_FOR_TREES: Final = (
    "Fit the model under that direction (LightGBM's monotone_constraints with the "
    'method "basic")'
)
_NO_ORDER: Final = _Contradiction(
    "it is no number, and has no order", "Give its categories special rules"
)
_CATEGORY: Final = _Contradiction(
    "the trees take its numbers for categories, which have no order",
    "Fit the model with it as a number",
)
_ZERO_AS_MISSING: Final = _Contradiction(
    "the trees take 0 for missing", "Fit the model without zero_as_missing"
)


def _sign(direction: Direction) -> float:
    return 1.0 if direction == "higher" else -1.0


def _of_card(plan: ScoringPlan, stated: _Stated) -> _Contradictions:
    """Return what contradicts: between two intervals the risk goes the other way."""
    found = {}
    for characteristic in plan.points.characteristics:
        if characteristic.name not in stated:
            continue
        rows = [a for a in characteristic.attributes if a.role == "interval"]
        sign = _sign(stated[characteristic.name])
        steps = sign * np.diff([row.log_odds for row in rows])
        for place in np.flatnonzero(steps < 0.0)[:1].tolist():
            fault = _reversed((rows[place].label, rows[place + 1].label), sign)
            found[characteristic.name] = _Contradiction(fault, _ADVICE_FOR_CARDS)
    return found


def _reversed(labels: tuple[str, str], sign: float) -> str:
    riskier, safer = labels if sign > 0.0 else labels[::-1]
    return f"{riskier} is riskier than {safer}"


def _of_forest(plan: ScoringPlan, stated: _Stated) -> _Contradictions:
    """Return what contradicts, by tree, and where that may be read, in their sum."""
    found = _of_trees(plan, stated)
    if all(fault is _CATEGORY for fault in found.values()):
        return found
    try:
        shapes = shape_tables(plan)
    except ExplanationError:  # more than two features interact
        return found
    exact = {
        name: fault if fault is _CATEGORY else _of_shapes(shapes, name, stated[name])
        for name, fault in found.items()
    }
    return {name: fault for name, fault in exact.items() if fault is not None}


def _of_trees(plan: ScoringPlan, stated: _Stated) -> _Contradictions:
    """Return features with a split whose safer side has a riskier leaf."""
    stage, found = plan.forest, {}
    trees = stage.trees
    slope = stage.margin_line(plan.calibration)[1]
    left, right = _ranges(trees)
    for index, feature in enumerate(stage.features):
        if feature.name not in stated:
            continue
        own = trees.feature == index
        safer, riskier = left, right
        if _sign(stated[feature.name]) * slope < 0.0:
            safer, riskier = right, left
        n_wrong = int((safer.most[own] > riskier.least[own]).sum())
        if (own & trees.is_categorical).any():
            found[feature.name] = _CATEGORY
        elif (trees.missing_type[own] == MISSING_ZERO).any():
            found[feature.name] = _ZERO_AS_MISSING
        elif n_wrong:
            fault = f"{n_wrong} of its {int(own.sum())} splits have a riskier leaf on "
            found[feature.name] = _Contradiction(
                f"{fault}the other side", _ADVICE_FOR_TREES
            )
    return found


def _of_shapes(
    shapes: ShapeTables, name: str, direction: Direction
) -> _Contradiction | None:
    """Return two cells between which the sum of all tables goes the other way.

    The features beside it take any cell of theirs, each independently, so the least
    step of the sum is the sum of the least steps.
    """
    sign = _sign(direction)
    tables = [table for table in shapes if name in table.features]
    sides = [table.features.index(name) for table in tables]
    axes = [table.axes[side] for table, side in zip(tables, sides, strict=True)]
    whole: ShapeAxis = reduce(lambda axis, other: axis.refined(other), axes)
    measured = np.flatnonzero(np.array(whole.roles) == "interval")
    least = np.zeros(len(measured) - 1)
    size = 0.0
    for table, side, axis in zip(tables, sides, axes, strict=True):
        by_cell = np.moveaxis(table.log_odds, side, 0)[whole.cells_in(axis)[measured]]
        steps = sign * np.diff(by_cell.reshape(len(measured), -1), axis=0)
        least += steps.min(axis=1)
        size += float(np.abs(table.log_odds).max())
    for place in np.flatnonzero(least < -_ROUNDING * size)[:1].tolist():
        labels = whole.labels[measured[place]], whole.labels[measured[place + 1]]
        fault = _reversed(labels, sign) + " somewhere"
        return _Contradiction(fault, _ADVICE_FOR_TREES)
    return None


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
