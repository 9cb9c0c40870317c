"""Forest stage: columns that fit the trees, and numbers read from them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.plan import (
    AffineCalibration,
    BetaCalibration,
    ForestFeature,
    ForestStage,
    Trees,
)
from cfscore.plan._audit import first_fault
from cfscore.score_scale import ScoreScale
from tests.forests import numeric_stage
from tests.unit.plan.example_forest import FEATURES, STEPS, forest_plan, trees


@pytest.mark.parametrize(
    ("match", "arguments"),
    [
        ("a numeric column has no categories", ("x", "numeric", ("a",))),
        ("distinct non-blank", ("x", "categorical", ("a", "b", "a"))),
        ("distinct non-blank", ("x", "categorical", ("a", " "))),
        ("distinct non-blank", ("x", "categorical", ("a", 1))),
        ("'False' and 'True'", ("x", "boolean", ("no", "yes"))),
        ("'False' and 'True'", ("x", "boolean", ("False", "True", "?"))),
        ("missing must be 'model' or 'error'", ("x", "numeric", (), "own")),
        ("unseen must be 'model' or 'error'", ("x", "numeric", (), "model", "worst")),
        ("'value' or 'error'", ("x", "numeric", (), "model", "model", "model")),
    ],
)
def test_features_that_contradict_themselves_are_refused(match, arguments) -> None:
    with pytest.raises(UsageError, match=match):
        ForestFeature(*arguments)


@pytest.mark.parametrize(
    ("match", "kind", "codes"),
    [
        ("'x': only a numeric column has special codes", "categorical", (-7.0,)),
        ("'x': only a numeric column has special codes", "boolean", (1.0,)),
        ("'x': special codes must be finite numbers", "numeric", (-7.0, math.inf)),
        ("'x': special codes must be finite numbers", "numeric", (math.nan,)),
        ("'x': special codes must not repeat", "numeric", (-7.0, -8.0, -7.0)),
        ("'x': special codes must not repeat", "numeric", (0.0, -0.0)),
    ],
)
def test_special_codes_that_no_column_can_hold_are_refused(match, kind, codes) -> None:
    with pytest.raises(UsageError, match=match):
        ForestFeature("x", kind, special=codes)


def test_a_stage_tells_the_codes_of_its_numeric_columns() -> None:
    use, *others = FEATURES
    stage = ForestStage((replace(use, special=(-8.0, -7.0)), *others), trees())
    assert stage.special_codes == {"use": (-8.0, -7.0)}


def test_training_may_have_met_one_value_or_none() -> None:
    assert ForestFeature("x", "boolean", ("True",)).categories == ("True",)
    for kind in ("boolean", "categorical"):
        assert ForestFeature("x", kind).categories == ()


@pytest.mark.parametrize(
    ("match", "change"),
    [
        ("at least one feature and one tree", {"features": ()}),
        ("a feature that the forest does not have", {"features": FEATURES[:2]}),
        ("names must be unique", {"features": (*FEATURES, FEATURES[0])}),
        ("sigmoid parameter", {"sigmoid": 0.0}),
        ("sigmoid parameter", {"sigmoid": -1.0}),
        ("sigmoid parameter", {"sigmoid": math.nan}),
        ("sigmoid parameter", {"sigmoid": math.inf}),
        ("event must be 'bad' or 'good'", {"event": "default"}),
        ("add up to more", {"sigmoid": 1.7e308}),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(match, change) -> None:
    stage = ForestStage(FEATURES, trees())
    with pytest.raises(UsageError, match=match):
        replace(stage, **change)


def no_trees() -> Trees:
    return Trees(
        *(np.array([0], np.int64) for _ in range(2)),
        *(np.empty(0, t) for t in (np.int32, np.float64, np.uint8)),
        *(np.empty(0, np.int32) for _ in range(3)),
        set_starts=np.array([0], np.int64),
        set_codes=np.empty(0, np.int32),
        leaf_value=np.empty(0),
        node_cover=np.empty(0, np.int64),
        leaf_cover=np.empty(0, np.int64),
    )


def test_a_forest_without_trees_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one feature and one tree"):
        ForestStage(FEATURES, no_trees())


def chain(thresholds: np.ndarray) -> Trees:
    """Return one tree that tests a feature for each threshold in turn."""
    n = len(thresholds)
    return Trees(
        *(np.array([0, size], np.int64) for size in (n, n + 1)),
        feature=np.zeros(n, np.int32),
        threshold=thresholds,
        decision=np.full(n, 8, np.uint8),
        left=~np.arange(n, dtype=np.int32),
        right=np.append(np.arange(1, n), ~n).astype(np.int32),
        category_set=np.full(n, -1, np.int32),
        set_starts=np.array([0], np.int64),
        set_codes=np.empty(0, np.int32),
        leaf_value=np.ones(n + 1),
        node_cover=np.ones(n, np.int64),
        leaf_cover=np.ones(n + 1, np.int64),
    )


def test_more_thresholds_than_a_rank_can_count_are_refused() -> None:
    most = 65_535
    numeric_stage(chain(np.arange(float(most))), 2)
    with pytest.raises(UsageError, match="'f0' has 65536 thresholds: too many"):
        numeric_stage(chain(np.arange(most + 1.0)), 2)
    numeric_stage(chain(np.arange(most + 1.0) // 2), 2)  # more nodes, fewer thresholds


def test_category_codes_that_need_gigabytes_are_refused() -> None:
    example = trees()
    last = example.set_codes.copy()
    last[-1] = 2**28
    with pytest.raises(UsageError, match=r"category codes .* too high"):
        ForestStage(FEATURES, replace(example, set_codes=last))
    last[-1] = 100_000
    ForestStage(FEATURES, replace(example, set_codes=last))
    # sets without codes have no highest one
    empty = replace(example, set_starts=np.zeros(3, np.int64), set_codes=last[:0])
    ForestStage(FEATURES, empty)


def test_leaf_values_that_overflow_are_refused() -> None:
    values = np.full(8, 1.7e308)
    with pytest.raises(UsageError, match="add up to more than a float64 holds"):
        ForestStage(FEATURES, replace(trees(), leaf_value=values))


@pytest.mark.parametrize(
    ("calibration", "scale"),
    [
        (AffineCalibration(1.7e308, 0.0), ScoreScale()),
        (AffineCalibration(1.0, 1.7e308), ScoreScale(pdo=1e3)),
        (BetaCalibration(1.7e308, 1.0, 0.0), ScoreScale()),
        (AffineCalibration(10.0, 0.0), ScoreScale(pdo=1e308, base_odds=1.0)),
    ],
)
def test_a_plan_whose_scores_may_overflow_has_a_fault(calibration, scale) -> None:
    plan = replace(forest_plan(calibration), scale=scale)
    code, text = first_fault(plan)
    assert (code, text) == ("TREES", "Log-odds or score of the forest may overflow.")


def test_schema_is_that_of_the_features() -> None:
    stage = ForestStage(FEATURES, trees())
    assert stage.schema.names == ("use", "城市", "home owner")
    kinds = [field.kind for field in stage.schema.fields]
    assert kinds == ["numeric", "categorical", "boolean"]


def test_expected_raw_score_by_hand() -> None:
    # (60 * -0.4 + 30 * 0.1 + 10 * 0.6) / 100 + (70 * -0.2 + 30 * 0.3) / 100
    # + 0.05 + (-0.1 + 0.2) / 2 = -0.15 - 0.05 + 0.05 + 0.05
    stage = ForestStage(FEATURES, trees())
    assert stage.expected_raw == pytest.approx(-0.1, abs=1e-15)
    assert stage.largest_raw == pytest.approx(0.6 + 0.3 + 0.05 + 0.2)


def test_a_tree_without_covers_is_expected_to_give_nothing() -> None:
    nothing = replace(
        trees(), node_cover=np.zeros(4, np.int64), leaf_cover=np.zeros(8, np.int64)
    )
    assert ForestStage(FEATURES, nothing).expected_raw == 0.05  # the single leaf


@pytest.mark.parametrize(
    ("event", "averages", "calibration", "expected"),
    [
        # sigmoid 0.5: the raw score expected is -0.1, of four trees
        ("bad", False, None, 0.5 * -0.1),
        ("good", False, None, -0.5 * -0.1),
        ("bad", True, None, 0.5 * -0.1 / 4),
        ("bad", False, AffineCalibration(2.0, -1.0), -1.0 + 2.0 * 0.5 * -0.1),
        ("good", True, AffineCalibration(2.0, -1.0), -1.0 + 2.0 * 0.5 * 0.1 / 4),
        ("bad", False, STEPS, 0.5 * -0.1),
    ],
)
def test_base_value_is_the_expected_margin(
    event, averages, calibration, expected
) -> None:
    stage = ForestStage(FEATURES, trees(), 0.5, averages, event)
    plan = replace(forest_plan(calibration), model=stage)
    assert plan.base_value == pytest.approx(expected, abs=1e-15)


def test_plans_say_which_family_they_are() -> None:
    plan = forest_plan()
    assert plan.is_forest
    assert repr(plan) == "ScoringPlan('Forest 森林', 3 features, 4 trees)"
    assert plan.forest is plan.model
    with pytest.raises(UsageError, match="is a forest and has no points table"):
        _ = plan.points
    with pytest.raises(UsageError, match="a forest none"):
        replace(plan, reference=(0.0,))
