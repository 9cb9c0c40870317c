"""Encoding the forest of a plan: features and calibration as JSON, trees as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfscore.plan._calibration import (
    AffineCalibration,
    BetaCalibration,
    Calibration,
    IsotonicCalibration,
)
from cfscore.plan._forest import ForestFeature
from cfscore.plan._protocol import FOREST_PROTOCOL, PLAIN_FOREST_ARRAYS

if TYPE_CHECKING:
    from cfscore.plan._plan import ScoringPlan

__all__ = ["forest_arrays", "forest_json"]


def forest_json(plan: ScoringPlan) -> dict[str, Any]:
    """Return what a plan file says of a forest in words."""
    stage = plan.forest
    described = _feature if plan.protocol >= FOREST_PROTOCOL else _plain_feature
    return {
        "features": [described(feature) for feature in stage.features],
        "forest": {
            "sigmoid": float(stage.sigmoid),
            "averages": bool(stage.averages),
            "event": stage.event,
        },
        "calibration": _method(plan.calibration),
    }


def forest_arrays(plan: ScoringPlan) -> dict[str, NDArray[Any]]:
    """Return the arrays of a forest by member name."""
    trees = plan.forest.trees
    arrays = {
        name: getattr(trees, name.removeprefix("trees/").removesuffix(".npy"))
        for name in PLAIN_FOREST_ARRAYS
        if name.startswith("trees/")
    }
    arrays["calibration.npy"] = np.array(_numbers(plan.calibration), np.float64)
    if plan.protocol >= FOREST_PROTOCOL:
        codes = [code for feature in plan.forest.features for code in feature.special]
        arrays["specials.npy"] = np.array(codes, np.float64)
    return arrays


def _feature(feature: ForestFeature) -> dict[str, Any]:
    return {**_plain_feature(feature), "n_specials": len(feature.special)}


def _plain_feature(feature: ForestFeature) -> dict[str, Any]:
    return {
        "name": feature.name,
        "categories": list(feature.categories),
        "missing": feature.missing,
        "unseen": feature.unseen,
        "non_finite": feature.non_finite,
    }


def _method(calibration: Calibration | None) -> str | None:
    if calibration is None:
        return None
    if isinstance(calibration, AffineCalibration):
        return "affine"
    return "isotonic" if isinstance(calibration, IsotonicCalibration) else "beta"


def _numbers(calibration: Calibration | None) -> tuple[float, ...]:
    """Return the numbers of a calibration: edges before steps, or its coefficients."""
    if calibration is None:
        return ()
    if isinstance(calibration, AffineCalibration):
        return calibration.slope, calibration.intercept
    if isinstance(calibration, IsotonicCalibration):
        return *calibration.edges, *calibration.log_odds
    assert isinstance(calibration, BetaCalibration)
    return calibration.a, calibration.b, calibration.c
