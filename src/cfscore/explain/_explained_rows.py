"""Explained rows: a plan applied to columns that were read, reasons included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import RowFaultError
from cfscore.execution import ForestEngine, PointsEngine, Scores
from cfscore.explain._explainer import Explainer
from cfscore.explain._forest_explainer import ForestExplainer
from cfscore.explain._points_explainer import PointsExplainer
from cfscore.plan import ScoringPlan
from cfscore.tables import ColumnBatch

__all__ = ["ExplainedRows", "RowExplainer", "refuse_faults"]


@dataclass(frozen=True, eq=False)
class ExplainedRows:
    """Scores of rows with their reasons and contributions.

    Parameters
    ----------
    scores : Scores
        As the engine gives them.
    reasons : array of shape (n_rows, k), int16
        Reason indices, most harmful first, -1 where there are fewer than k.
    contributions : array of shape (n_rows, n_features), float64
        Log-odds of bad; positive is riskier.
    """

    scores: Scores
    reasons: NDArray[np.int16]
    contributions: NDArray[np.float64]


class RowExplainer:
    """A plan's engine and explainer, for development calls on whole tables.

    Parameters
    ----------
    plan : ScoringPlan
        Of either family.
    """

    def __init__(self, plan: ScoringPlan) -> None:
        self.engine: ForestEngine | PointsEngine
        self.explainer: Explainer
        if plan.is_forest:
            engine = ForestEngine(plan.forest, plan.scale, plan.calibration)
            self.engine, self.explainer = engine, ForestExplainer(plan, engine)
        else:
            self.engine = PointsEngine(plan.points)
            self.explainer = PointsExplainer(plan)

    def explain(self, batch: ColumnBatch, k: int = 0) -> ExplainedRows:
        """Score and explain every row.

        Parameters
        ----------
        batch : ColumnBatch
            Columns of the plan's schema.
        k : int, default 0
            Number of reasons.

        Raises
        ------
        RowFaultError
            When a row cannot be scored.
        """
        reasons = np.empty((batch.n_rows, k), np.int16)
        contributions = np.empty((batch.n_rows, self.explainer.n_columns))

        def explain_block(block: NDArray[Any], first: int, n: int) -> None:
            rows = slice(first, first + n)
            self.explainer.explain(
                block, batch, rows, reasons[rows], contributions[rows]
            )

        scores = self.engine.run(batch, consumer=explain_block)
        refuse_faults(batch, scores)
        return ExplainedRows(scores, reasons, contributions)


def refuse_faults(batch: ColumnBatch, scores: Scores) -> None:
    """Demand that every row was scored.

    Raises
    ------
    RowFaultError
        When a row was refused.
    """
    if scores.status.any():
        n_bad = int(np.count_nonzero(scores.status))
        raise RowFaultError(batch.n_rows, n_bad, scores.fault_counts)
