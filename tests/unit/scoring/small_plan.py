"""A small plan with one number and one category, for tests that need any plan."""

from __future__ import annotations

from dataclasses import replace
from itertools import starmap

from cfscore.plan import (
    Attribute,
    Bins,
    CategoricalBins,
    Characteristic,
    NumericBins,
    PointsStage,
    Provenance,
    ReasonCatalogue,
    ScoringPlan,
    attribute_points,
)
from cfscore.score_scale import ScoreScale
from cfscore.scoring import golden_columns, replay

INTERCEPT = -2.0


def characteristic(name: str, bins: Bins, woe: tuple[float, ...]) -> Characteristic:
    """Return a characteristic with coefficient -1 and the given WOE."""

    def row(label, role, value):
        points = attribute_points(-value, INTERCEPT, ScoreScale(), 2)
        return Attribute(label, role, "own", 100, 0.1, value, -value, points)

    rows = tuple(starmap(row, zip(bins.labels, bins.roles, woe, strict=True)))
    kind = "numeric" if isinstance(bins, NumericBins) else "categorical"
    return Characteristic(name, kind, bins, rows, -1.0)


def small_plan() -> ScoringPlan:
    """Return a complete plan of the columns ``use`` and ``city``."""
    use = NumericBins((0.3, 0.7), (-9991.0,))
    city = CategoricalBins((("north",), ("south, east", "中部")))
    points = PointsStage(
        INTERCEPT,
        (
            characteristic("use", use, (0.8, 0.1, -0.9, -0.3, -0.2)),
            characteristic("city", city, (0.4, -0.4, 0.0, -0.1)),
        ),
    )
    plan = ScoringPlan(
        name="small",
        model=points,
        scale=ScoreScale(),
        catalogue=ReasonCatalogue.one_per_feature(("use", "city")),
        reference=(0.1, 0.05),
        provenance=Provenance("test", verified=False),
    )
    return replace(plan, golden=replay(plan, golden_columns(plan)))
