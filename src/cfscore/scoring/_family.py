"""Model families: which engine and explainer run a plan."""

from __future__ import annotations

import threading
from functools import cached_property

from cfscore.execution import ForestEngine, PointsEngine
from cfscore.explain import Explainer, ForestExplainer, PointsExplainer
from cfscore.plan import ScoringPlan

__all__ = ["PlanRuntime"]


class PlanRuntime:
    """The engine of a plan and, built when first asked for, its explainer.

    Parameters
    ----------
    plan : ScoringPlan
        Immutable, so a runtime may be shared between threads.
    """

    def __init__(self, plan: ScoringPlan) -> None:
        self.plan = plan
        self._lock = threading.Lock()

    @cached_property
    def forest_engine(self) -> ForestEngine:
        """The engine of a forest plan."""
        plan = self.plan
        return ForestEngine(plan.forest, plan.scale, plan.calibration)

    @cached_property
    def points_engine(self) -> PointsEngine:
        """The engine of a scorecard plan."""
        return PointsEngine(self.plan.points)

    @property
    def engine(self) -> PointsEngine | ForestEngine:
        """The engine that scores."""
        if self.plan.is_forest:
            return self.forest_engine
        return self.points_engine

    @property
    def explainer(self) -> Explainer:
        """The explainer; a forest's tables are built once, by whoever comes first."""
        if self.plan.is_forest:
            return self.forest_explainer
        return self.points_explainer

    @cached_property
    def points_explainer(self) -> PointsExplainer:
        """The explainer of a scorecard plan."""
        return PointsExplainer(self.plan)

    @property
    def forest_explainer(self) -> ForestExplainer:
        """The explainer of a forest plan."""
        with self._lock:
            return self._forest_explainer

    @cached_property
    def _forest_explainer(self) -> ForestExplainer:
        return ForestExplainer(self.plan, self.forest_engine)
