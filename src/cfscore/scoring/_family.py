"""Model families: which engine and explainer run a plan."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cached_property

from cfscore.execution import ForestEngine, PointsEngine
from cfscore.explain import Explainer, ForestExplainer, PointsExplainer
from cfscore.plan import ScoringPlan

__all__ = ["CheckExplainer", "PlanRuntime"]

#: Compares an explainer with what its plan expects of it.
CheckExplainer = Callable[[ScoringPlan, ForestEngine, ForestExplainer], None]

_building = threading.Lock()


class PlanRuntime:
    """The engine of a plan and, built when first asked for, its explainer.

    Parameters
    ----------
    plan : ScoringPlan
        Immutable, so a runtime may be shared between threads.
    check : callable, optional
        Called with a forest's explainer before anybody gets it; what it raises goes to
        whoever asked first, and the explainer is built again for the next one.
    """

    def __init__(self, plan: ScoringPlan, check: CheckExplainer | None = None) -> None:
        self.plan = plan
        self._check = check
        self._forest_explainer: ForestExplainer | None = None

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
        if self._forest_explainer is None:
            with _building:
                if self._forest_explainer is None:
                    made = ForestExplainer(self.plan, self.forest_engine)
                    if self._check is not None:
                        self._check(self.plan, self.forest_engine, made)
                    self._forest_explainer = made
        return self._forest_explainer


def _renew_lock() -> None:
    """Replace the lock that a fork copied while another thread held it."""
    global _building  # noqa: PLW0603 - the parent's thread does not exist here
    _building = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
