"""Explanations: contributions to the log-odds and ranked reasons, all from the plan."""

from cfscore.explain._points_explainer import (
    PointsExplainer,
    catalogue_codes,
    reason_harm,
)

__all__ = ["PointsExplainer", "catalogue_codes", "reason_harm"]
