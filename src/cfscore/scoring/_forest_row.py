"""One row of a forest, scored and explained with the bits of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from cfscore.plan import ForestFeature
from cfscore.scoring._family import PlanRuntime
from cfscore.scoring._row_score import RowReason, RowReasons, RowScore, probability
from cfscore.scoring._row_values import RowValues
from cfscore.tables import Cell, RowReader

__all__ = ["ForestRowScorer"]

#: Makes a named tuple of its fields at half the cost of calling its class.
_NEW = tuple.__new__
_MISSING, _UNSEEN, _NOT_FINITE = "MISSING", "UNSEEN", "NOT_FINITE"


class ForestRowScorer:
    """A forest plan for scoring single rows.

    Parameters
    ----------
    runtime : PlanRuntime
        Of a forest plan; immutable, so a row scorer may be shared between threads.
    """

    def __init__(self, runtime: PlanRuntime) -> None:
        plan, engine = runtime.plan, runtime.forest_engine
        self._runtime = runtime
        self._engine = engine
        self._forest = engine.row_forest
        self._line = engine.intercept, engine.slope, engine.stage.divisor
        self._scale = engine.scale.offset, engine.scale.factor
        self._is_rounded = engine.scale.rounding == "points"
        self._reader = RowReader(plan.schema)
        self._reasons = RowReasons(plan)
        features = plan.forest.features
        self._values = RowValues(
            self._reader,
            [
                _to_trees(f, *step)
                for f, step in zip(features, self._reader.steps, strict=True)
            ],
            features,
            _policy_faults,
            may_refuse=any(
                "error" in (f.missing, f.unseen, f.non_finite) for f in features
            ),
        )

    def score(
        self, row: Mapping[str, Any], *, reasons: int = 0, language: str = "en"
    ) -> RowScore:
        """Score one row given as a mapping of column name to value.

        Raises
        ------
        SchemaError
            When columns are missing; all are listed.
        RowFaultError
            When cells cannot be read or a policy refuses them; all are listed.
        UsageError
            When ``reasons`` is no integer or negative, or the language unknown.
        """
        picked = self._reader.pick(row)
        raw, ranks = self._forest.score(self._values.read(row, picked))
        intercept, slope, divisor = self._line
        margin = intercept + slope * (raw / divisor)
        stage = self._engine.calibration
        log_odds = margin if stage is None else stage.apply_one(margin)
        offset, factor = self._scale
        score = offset - factor * log_odds
        if self._is_rounded:
            score = float(round(score))
        indices, harms = self._reasons.room(reasons, language)
        cited: tuple[RowReason, ...] = ()
        if reasons:
            explainer = self._runtime.forest_explainer
            cells = self._cells(picked) if explainer.rules.rules else ()
            explainer.explain_one(ranks, cells, indices, harms)
            cited = self._reasons.cite(indices, harms, language)
        pd = probability(log_odds)
        return _NEW(RowScore, (log_odds, pd, score, cited, len(indices)))

    def _cells(self, picked: tuple[Any, ...]) -> list[Cell]:
        """Return the cells of a row without faults."""
        return [
            cell if type(cell) is ready else read(cell)
            for cell, (ready, read) in zip(picked, self._reader.steps, strict=True)
        ]


class _Never:
    """The type of no cell."""


def _to_trees(
    feature: ForestFeature, ready: type, read: Callable[[Any], Any]
) -> tuple[type, Callable[[Any], Any]]:
    """Return the step from a cell to what the trees see."""
    if feature.kind != "numeric":
        return ready, _code_of(feature, read)
    if feature.special:
        return _Never, _number_of(feature, read)
    return ready, read


def _number_of(
    feature: ForestFeature, read: Callable[[Any], Any]
) -> Callable[[Any], float]:
    """Return a function from a cell to its number, NaN for a special code."""
    codes = frozenset(feature.special)

    def number(cell: Any) -> float:
        value: float = cell if type(cell) is float else read(cell)
        return math.nan if value in codes else value

    return number


def _code_of(
    feature: ForestFeature, read: Callable[[Any], Any]
) -> Callable[[Any], float]:
    """Return a function from a cell to its category's code.

    A missing or unknown key is NaN to the trees.
    """
    codes = {key: float(code) for code, key in enumerate(feature.categories)}
    return lambda cell: codes.get(read(cell), math.nan)


def _policy_faults(feature: ForestFeature, cell: Cell) -> list[tuple[str, str]]:
    """Return the faults of a cell under the policies of its feature."""
    name = feature.name
    if cell is None or cell != cell:
        return [(name, _MISSING)] if feature.missing == "error" else []
    if isinstance(cell, str):
        unseen = feature.unseen == "error" and cell not in feature.categories
        return [(name, _UNSEEN)] if unseen else []
    infinite = feature.non_finite == "error" and math.isinf(cell)
    return [(name, _NOT_FINITE)] if infinite else []
