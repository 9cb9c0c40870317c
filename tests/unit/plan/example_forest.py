"""One small forest plan written by hand, with golden rows.

The results of the golden rows are of the right form only; replaying them is not a
matter of the artefact.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache

import numpy as np

from cfscore.plan import (
    Calibration,
    Development,
    ForestFeature,
    ForestStage,
    GoldenRows,
    IsotonicCalibration,
    Provenance,
    Reason,
    ReasonCatalogue,
    ScoringPlan,
    SpecialRule,
    Trees,
    encode_plan,
)
from cfscore.score_scale import ScoreScale

#: Decisions of nodes: a set of categories; NaN missing and left; 0 missing and right.
SET, NAN_LEFT, ZERO_RIGHT = 1, 10, 4
STEPS = IsotonicCalibration(edges=(-0.5, 0.25), log_odds=(-3.0, -2.0, 0.5))

FEATURES = (
    ForestFeature("use", "numeric", non_finite="error"),
    ForestFeature("城市", "categorical", ("北京", "上海", "广州"), unseen="error"),
    ForestFeature("home owner", "boolean", ("False", "True"), missing="error"),
)


def trees() -> Trees:
    """Return four trees, the third a single leaf.

    ::

        use <= 0.5 or missing ? -0.4 : (北京 or 广州 ? 0.1 : 0.6)
        home owner ? -0.2 : 0.3
        0.05
        use < 0 ? -0.1 : 0.2      (0 itself and NaN go right)
    """
    return Trees(
        node_starts=np.array([0, 2, 3, 3, 4], np.int64),
        leaf_starts=np.array([0, 3, 5, 6, 8], np.int64),
        feature=np.array([0, 1, 2, 0], np.int32),
        threshold=np.array([0.5, 0.0, 0.0, 0.0]),
        decision=np.array([NAN_LEFT, SET, SET, ZERO_RIGHT], np.uint8),
        left=np.array([~0, ~1, ~0, ~0], np.int32),
        right=np.array([1, ~2, ~1, ~1], np.int32),
        category_set=np.array([-1, 0, 1, -1], np.int32),
        set_starts=np.array([0, 2, 3], np.int64),
        set_codes=np.array([0, 2, 1], np.int32),
        leaf_value=np.array([-0.4, 0.1, 0.6, -0.2, 0.3, 0.05, -0.1, 0.2]),
        node_cover=np.array([100, 40, 100, 100], np.int64),
        leaf_cover=np.array([60, 30, 10, 70, 30, 100, 50, 50], np.int64),
    )


def golden_rows() -> GoldenRows:
    """Return three rows, one of them refused."""
    return GoldenRows(
        columns={
            "use": (0.5, math.nan, -0.0),
            "城市": ("北京", None, "unseen"),
            "home owner": ("True", "False", None),
        },
        margin=np.array([-0.25, 0.5, np.nan]),
        log_odds=np.array([-2.0, 0.5, np.nan]),
        pd=np.array([0.1, 0.25, np.nan]),
        score=np.array([610.0, 590.5, np.nan]),
        reasons=np.array([[0, 1, -1, -1], [1, -1, -1, -1], [-1] * 4], np.int16),
        status=np.array([0, 0, 7], np.uint8),
    )


def forest_plan(
    calibration: Calibration | None = STEPS, scale: ScoreScale | None = None
) -> ScoringPlan:
    """Return the plan with every optional part filled in."""
    return ScoringPlan(
        name="Forest 森林",
        model=ForestStage(FEATURES, trees(), sigmoid=0.5, event="good"),
        scale=scale or ScoreScale(),
        catalogue=ReasonCatalogue(
            reasons=(
                Reason("R01", "Use of limits", "额度使用", "Much is used.", "已用。"),
                Reason("R02", "Place", "居住地", actionable=False),
            ),
            features={"use": "R01", "城市": "R02", "home owner": None},
            special_rules=(SpecialRule("MISSING", "R02", "use"),),
            minimum_points=0.5,
            inquiries="R02",
        ),
        reference=(),
        provenance=Provenance(
            source="lightgbm",
            verified=True,
            training_fingerprint=hashlib.sha256(b"training").hexdigest(),
            versions={"lightgbm": "4.7.0", "cfscore": "0.1.0"},
            notes=("Written by hand.",),
        ),
        development=Development(
            n_rows=600,
            bad_rate=0.25,
            score_edges=(560.0, 600.0),
            score_counts=(100, 300, 200),
            ranges={"use": (0.0, 1.5)},
        ),
        golden=golden_rows(),
        calibration=calibration,
    )


@cache
def forest_bytes() -> bytes:
    """Return the file of the example forest."""
    return encode_plan(forest_plan())


@cache
def other_forest_bytes() -> bytes:
    """Return the file of another forest with the same columns."""
    return encode_plan(forest_plan(None, ScoreScale(pdo=30.0)))
