"""Another score scale for the same model: log-odds stay, points follow the scale."""

from __future__ import annotations

from dataclasses import replace

from cfscore.compiler._draft import Draft
from cfscore.plan import Development, ForestStage, PointsStage, attribute_points
from cfscore.score_scale import ScoreScale

__all__ = ["rescale"]


def rescale(draft: Draft, scale: ScoreScale) -> Draft:
    """Return the draft on another scale: a scorecard's points follow it."""
    draft = replace(draft, scale_notes=())
    if isinstance(draft.model, ForestStage):
        return replace(draft, scale=scale, development=_development(draft, scale))
    n = len(draft.points.characteristics)
    intercept = draft.points.intercept
    characteristics = tuple(
        replace(
            characteristic,
            attributes=tuple(
                replace(a, points=attribute_points(a.log_odds, intercept, scale, n))
                for a in characteristic.attributes
            ),
        )
        for characteristic in draft.points.characteristics
    )
    return replace(
        draft,
        model=PointsStage(intercept, characteristics),
        scale=scale,
        development=_development(draft, scale),
    )


def _development(draft: Draft, scale: ScoreScale) -> Development | None:
    """Drop a score distribution that was measured on another scale."""
    if draft.development is None or draft.scale == scale:
        return draft.development
    return replace(draft.development, score_edges=(), score_counts=())
