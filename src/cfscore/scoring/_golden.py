"""Golden rows: inputs generated from a plan's edges, categories and policies alone.

Every characteristic walks through all its representatives (each cut and its two
neighbours, specials, both infinities, minus zero, missing, every key, an unseen key)
while the others stand at another place of theirs, so that each attribute of each
characteristic is met in varying company. No value comes from data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from cfscore.execution import PointsEngine
from cfscore.explain import PointsExplainer
from cfscore.plan import (
    CategoricalBins,
    Characteristic,
    GoldenRows,
    NumericBins,
    ScoringPlan,
)
from cfscore.tables import CategoryColumn, Column, ColumnBatch, NumericColumn

__all__ = ["golden_columns", "replay"]

Cell = float | str | None
N_REASONS = 4
_MIN_ROWS = 200


def golden_columns(plan: ScoringPlan) -> dict[str, tuple[Cell, ...]]:
    """Return generated inputs, one tuple of cells per column, equally long."""
    found = {c.name: representatives(c) for c in plan.points.characteristics}
    n_rows = max(_MIN_ROWS, *map(len, found.values()))
    return {
        name: tuple(_walk(cells, j, n_rows))
        for j, (name, cells) in enumerate(found.items())
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
        cuts: list[float] = bins.cuts.tolist()
        sides = (-math.inf, math.inf)
        near = [math.nextafter(cut, side) for cut in cuts for side in sides]
        return (*cuts, *near, *sides, 0.0, -0.0, math.nan)
    if characteristic.kind == "boolean":
        return ("False", "True", None)
    return (*bins.index, None, _unseen_key(bins))


def _unseen_key(bins: CategoricalBins) -> str:
    """Return a text that is no known key."""
    key = "unseen"
    while key in bins.index:
        key += "_"
    return key


def replay(plan: ScoringPlan, columns: Mapping[str, tuple[Cell, ...]]) -> GoldenRows:
    """Return what the plan gives for generated inputs, refused rows included."""
    batch = _batch(plan, columns)
    explainer = PointsExplainer(plan)
    reasons = np.full((batch.n_rows, N_REASONS), -1, np.int16)

    def rank(attributes: NDArray[np.uint16], first: int, n: int) -> None:
        explainer.rank(attributes, reasons[first : first + n])

    scores = PointsEngine(plan.points).run(batch, consumer=rank)
    reasons[scores.status != 0] = -1
    return GoldenRows(
        columns=columns,
        log_odds=scores.log_odds,
        pd=scores.pd,
        score=scores.score,
        reasons=reasons,
        status=scores.status,
    )


def _batch(plan: ScoringPlan, columns: Mapping[str, tuple[Cell, ...]]) -> ColumnBatch:
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
