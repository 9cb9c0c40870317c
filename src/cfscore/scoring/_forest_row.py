"""One row of a forest: ranked and walked tree by tree, with the bits of a batch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import RowFaultError
from cfscore.plan import ForestFeature
from cfscore.scoring._family import PlanRuntime
from cfscore.scoring._row_score import RowReason, RowReasons, RowScore, probability
from cfscore.tables import Cell, RowReader

__all__ = ["ForestRowScorer"]

_MISSING, _UNSEEN, _NOT_FINITE = "MISSING", "UNSEEN", "NOT_FINITE"


class ForestRowScorer:
    """A forest plan for scoring single rows.

    Parameters
    ----------
    runtime : PlanRuntime
        Of a forest plan; immutable, so a row scorer may be shared between threads.
    """

    def __init__(self, runtime: PlanRuntime) -> None:
        plan = runtime.plan
        self._runtime = runtime
        self._engine = runtime.forest_engine
        self._reader = RowReader(plan.schema)
        self._reasons = RowReasons(plan)
        self._n_reasons = len(plan.catalogue.reasons)
        features = plan.forest.features
        self._features = features
        # a missing or unknown key is NaN to the trees
        self._codes: list[dict[Any, float] | None] = [
            None
            if f.kind == "numeric"
            else {key: float(code) for code, key in enumerate(f.categories)}
            for f in features
        ]
        self._may_refuse = any(
            "error" in (f.missing, f.unseen, f.non_finite) for f in features
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
        """
        cells: list[Cell] = []
        faults = list(self._reader.read_into(row, cells))
        if not faults and self._may_refuse:
            for feature, cell in zip(self._features, cells, strict=True):
                faults += _policy_faults(feature, cell)
        if faults:
            raise RowFaultError(1, 1, Counter(faults))
        engine = self._engine
        ranks = engine.row_ranker.rank(self._values(cells))
        raw = engine.raw_score(ranks)
        margin = engine.intercept + engine.slope * (raw / engine.stage.divisor)
        stage = engine.calibration
        log_odds = margin if stage is None else stage.apply_one(margin)
        score = engine.scale.offset - engine.scale.factor * log_odds
        if engine.scale.rounding == "points":
            score = float(round(score))
        chosen: tuple[RowReason, ...] = ()
        if reasons:
            chosen = self._reasons.rank(self._harm(ranks, cells), reasons, language)
        return RowScore(log_odds, probability(log_odds), score, chosen)

    def _values(self, cells: list[Cell]) -> NDArray[np.float64]:
        """Return what the trees see of a row."""
        return np.array(
            [
                cell if codes is None else codes.get(cell, math.nan)
                for cell, codes in zip(cells, self._codes, strict=True)
            ],
            np.float64,
        )

    def _harm(self, ranks: NDArray[Any], cells: list[Cell]) -> list[float]:
        """Return the summed contribution of each reason, in feature order."""
        explainer = self._runtime.forest_explainer
        # the last place gathers what is never cited (reason index -1)
        harm = [0.0] * (self._n_reasons + 1)
        contributions = explainer.contribute_one(ranks).tolist()
        reasons = explainer.rules.of_row(cells)
        for reason, contribution in zip(reasons, contributions, strict=True):
            harm[reason] += contribution
        del harm[-1]
        return harm


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
