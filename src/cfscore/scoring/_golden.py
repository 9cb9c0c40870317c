"""Golden rows: inputs generated from a plan's edges, categories and policies alone.

Every characteristic walks through all its representatives (each cut and its two
neighbours, specials, both infinities, minus zero, missing, every key, an unseen key)
while the others stand at another place of theirs, so that each attribute of each
characteristic is met in varying company. No value comes from data.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.execution import ForestEngine, PointsEngine
from cfscore.explain import Explainer
from cfscore.plan import (
    N_GOLDEN_REASONS,
    CategoricalBins,
    Characteristic,
    ForestFeature,
    ForestStage,
    GoldenRows,
    NumericBins,
    PointsStage,
    ScoringPlan,
    Trees,
)
from cfscore.scoring._family import PlanRuntime
from cfscore.tables import CategoryColumn, Cell, Column, ColumnBatch, NumericColumn

__all__ = ["golden_batch", "golden_columns", "golden_reasons", "replay"]

_MIN_ROWS = 200
#: Of a forest's feature: three cells per threshold, one per category.
_MOST_BORDERS = 160
_MOST_KEYS = 400


def golden_columns(plan: ScoringPlan) -> dict[str, tuple[Cell, ...]]:
    """Return generated inputs, one tuple of cells per column, equally long."""
    found = _representatives(plan.model)
    n_rows = max(_MIN_ROWS, *map(len, found.values()))
    return {
        name: tuple(_walk(cells, j, n_rows))
        for j, (name, cells) in enumerate(found.items())
    }


def _representatives(
    model: PointsStage | ForestStage,
) -> dict[str, tuple[Cell, ...]]:
    if isinstance(model, PointsStage):
        return {c.name: representatives(c) for c in model.characteristics}
    return {
        feature.name: feature_cells(feature, model.trees, index)
        for index, feature in enumerate(model.features)
    }


def _walk(cells: tuple[Cell, ...], shift: int, n_rows: int) -> Iterator[Cell]:
    """Yield all cells in turn, each round entered ``shift`` places later."""
    for row in range(n_rows):
        n_round = row // len(cells)
        yield cells[(row + n_round * shift) % len(cells)]


def representatives(characteristic: Characteristic) -> tuple[Cell, ...]:
    """Return cells that meet every attribute of a characteristic and its borders."""
    bins = characteristic.bins
    if isinstance(bins, NumericBins):
        return _around(bins.cuts)
    if characteristic.kind == "boolean":
        return ("False", "True", None)
    return (*bins.index, None, _unseen_key(bins))


def feature_cells(feature: ForestFeature, trees: Trees, index: int) -> tuple[Cell, ...]:
    """Return cells on both sides of every border of a feature, evenly thinned out.

    A feature keeps ``_MOST_BORDERS`` of its thresholds and ``_MOST_KEYS`` of its
    categories; all of them are met when a plan is compared with its source. Every
    special code is met, between its neighbours.
    """
    if feature.kind == "boolean":
        return ("False", "True", None)
    if feature.kind == "categorical":
        keys = np.array(feature.categories, object)
        kept = _thinned(keys, _MOST_KEYS).tolist()
        return (*kept, None, _unused(feature.categories))
    own = trees.feature == index
    borders = np.unique(trees.threshold[own & ~trees.is_categorical])
    borders = borders[np.isfinite(borders)]
    sets = np.unique(trees.category_set[own & trees.is_categorical])
    bounds = zip(trees.set_starts[sets], trees.set_starts[sets + 1], strict=True)
    codes = [np.empty(0, np.int32), *(trees.set_codes[a:b] for a, b in bounds)]
    members = _thinned(np.unique(np.concatenate(codes)), _MOST_KEYS)
    cells = (*_around(_thinned(borders, _MOST_BORDERS)), *map(float, members))
    return (*cells, *feature.special, *_beside(feature.special))


def _thinned(values: NDArray[Any], most: int) -> NDArray[Any]:
    """Return at most so many of the values, evenly spaced, first and last included."""
    kept = np.linspace(0, len(values) - 1, min(len(values), most))
    found: NDArray[Any] = values[kept.astype(np.int64)]
    return found


def _around(borders: NDArray[np.float64]) -> tuple[Cell, ...]:
    """Return borders, their neighbours and the values with a meaning of their own."""
    values: list[float] = borders.tolist()
    near = _beside(values)
    return (*values, *near, -math.inf, math.inf, 0.0, -0.0, math.nan)


def _beside(values: Sequence[float]) -> list[float]:
    """Return the two neighbours of each value."""
    sides = (-math.inf, math.inf)
    return [math.nextafter(value, side) for value in values for side in sides]


def _unseen_key(bins: CategoricalBins) -> str:
    """Return a text that is no known key."""
    return _unused(bins.index)


def _unused(known: Container[str]) -> str:
    key = "unseen"
    while key in known:
        key += "_"
    return key


def replay(
    plan: ScoringPlan, columns: Mapping[str, tuple[Cell, ...]], *, reasons: bool = True
) -> GoldenRows:
    """Return what the plan gives for generated inputs, refused rows included.

    Parameters
    ----------
    plan : ScoringPlan
        The plan.
    columns : mapping of str to tuple of cells
        Inputs by column.
    reasons : bool, default True
        Whether to rank reasons; all -1 otherwise.
    """
    batch = golden_batch(plan, columns)
    runtime = PlanRuntime(plan)
    scores = runtime.engine.run(batch)
    ranked = (
        golden_reasons(batch, runtime.engine, runtime.explainer)
        if reasons
        else np.full((batch.n_rows, N_GOLDEN_REASONS), -1, np.int16)
    )
    return GoldenRows(
        columns=columns,
        log_odds=scores.log_odds,
        pd=scores.pd,
        score=scores.score,
        reasons=ranked,
        status=scores.status,
        margin=scores.margin if plan.is_forest else None,
    )


def golden_reasons(
    batch: ColumnBatch, engine: PointsEngine | ForestEngine, explainer: Explainer
) -> NDArray[np.int16]:
    """Return the reasons of generated inputs, -1 for refused rows.

    Parameters
    ----------
    batch : ColumnBatch
        Generated inputs (see ``golden_batch``).
    engine, explainer : engine and explainer of one plan
        What ranks them.

    Returns
    -------
    array of shape (n_rows, 4), int16
        Reason indices, -1 where there are fewer.
    """
    ranked = np.full((batch.n_rows, N_GOLDEN_REASONS), -1, np.int16)

    def rank(block: NDArray[Any], first: int, n: int) -> None:
        rows = slice(first, first + n)
        explainer.explain(block, batch, rows, ranked[rows], None)

    ranked[engine.run(batch, consumer=rank).status != 0] = -1
    return ranked


def golden_batch(
    plan: ScoringPlan, columns: Mapping[str, tuple[Cell, ...]]
) -> ColumnBatch:
    """Return generated inputs as the columns that engines read."""
    made: dict[str, Column] = {}
    for field in plan.schema.fields:
        cells = columns[field.name]
        if field.kind == "numeric":
            made[field.name] = NumericColumn(np.array(cells, np.float64))
        else:
            made[field.name] = _category_column(cells)
    return ColumnBatch(len(next(iter(columns.values()))), made)


def _category_column(cells: tuple[Cell, ...]) -> CategoryColumn:
    keys = tuple(str(key) for key in dict.fromkeys(cells) if key is not None)
    position = {key: code for code, key in enumerate(keys)}
    codes = [-1 if key is None else position[str(key)] for key in cells]
    return CategoryColumn(np.array(codes, np.int32), keys)
