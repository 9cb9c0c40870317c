"""Explanations: contributions to the log-odds and ranked reasons, all from the plan."""

from cfscore.explain._explainer import Explainer
from cfscore.explain._forest_explainer import ForestExplainer, forest_reason_harm
from cfscore.explain._points_explainer import (
    PointsExplainer,
    catalogue_codes,
    reason_harm,
)
from cfscore.explain._points_row import PointsRow

__all__ = [
    "Explainer",
    "ForestExplainer",
    "PointsExplainer",
    "PointsRow",
    "catalogue_codes",
    "forest_reason_harm",
    "reason_harm",
]
