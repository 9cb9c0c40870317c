"""Golden rows of forests: they meet every border, and one wrong bit is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from cfscore.exceptions import ArtifactError
from cfscore.plan import BetaCalibration, ForestFeature, ForestStage
from cfscore.scoring import Scorer, check_golden, golden_columns, load_plan, replay
from tests.forest_strategies import forest_plans
from tests.oracles.forest import leaves_of
from tests.unit.plan.example_forest import forest_plan, trees


def with_golden(plan):
    return replace(plan, golden=replay(plan, golden_columns(plan)))


@settings(max_examples=25)
@given(forest_plans())
def test_cells_lie_on_both_sides_of_every_border(plan):
    columns = golden_columns(plan)
    assert len({len(cells) for cells in columns.values()}) == 1
    trees = plan.forest.trees
    for index, feature in enumerate(plan.forest.features):
        cells = columns[feature.name]
        if feature.kind == "numeric":
            assert {-math.inf, math.inf, 0.0} <= set(cells)
            assert any(math.isnan(cell) for cell in cells)
            own = (trees.feature == index) & ~trees.is_categorical
            for border in set(trees.threshold[own].tolist()) - {math.inf}:
                near = {math.nextafter(border, side) for side in (-math.inf, math.inf)}
                assert {border, *near} <= set(cells)
        else:
            assert {*feature.categories, None} <= set(cells)
            unknown = set(cells) - {*feature.categories, None, "True", "False"}
            assert len(unknown) == (feature.kind == "categorical")


def test_every_leaf_of_the_example_is_met():
    plan = forest_plan()
    columns = golden_columns(plan)
    code_of = [{k: float(c) for c, k in enumerate(f.categories)} for f in FEATURES]
    rows = [
        [
            cell if isinstance(cell, float) else code.get(cell, math.nan)
            for cell, code in zip(cells, code_of, strict=True)
        ]
        for cells in zip(*columns.values(), strict=True)
    ]
    met = {(tree, leaf) for row in rows for tree, leaf in enumerate(leaves_of(T, row))}
    assert len(met) == plan.forest.trees.n_leaves


T = trees()
FEATURES = forest_plan().forest.features


def test_many_categories_and_thresholds_are_thinned_out_evenly():
    keys = tuple(map(str, range(5_000)))
    features = (FEATURES[0], replace(FEATURES[1], categories=keys), FEATURES[2])
    plan = replace(forest_plan(), model=ForestStage(features, T))
    cells = golden_columns(plan)["城市"]
    found = [int(key) for key in dict.fromkeys(cells) if key and key.isdecimal()]
    assert (found[0], found[-1], len(found)) == (0, 4_999, 400)
    assert set(np.diff(found)) == {12, 13}  # 4,999 / 399 = 12.53
    assert len(cells) == 402


def test_codes_of_a_number_that_is_split_by_sets_are_met():
    features = (FEATURES[0], ForestFeature("城市", "numeric"), FEATURES[2])
    plan = replace(forest_plan(), model=ForestStage(features, T))
    assert {0.0, 2.0, math.inf} <= set(golden_columns(plan)["城市"])


# --- replayed when a plan is loaded


@settings(max_examples=10)
@given(forest_plans())
def test_a_saved_plan_comes_back_whole(tmp_path_factory, plan):
    path = tmp_path_factory.mktemp("plans") / "forest.cfs"
    complete = with_golden(plan)
    complete.save(path)
    loaded = load_plan(path, expect_sha256=complete.sha256)
    assert loaded.sha256 == complete.sha256


@pytest.fixture(scope="module")
def plan():
    return with_golden(forest_plan(BetaCalibration(1.0, 0.5, -1.0)))


def off(plan, name, step):
    """Return the plan with one golden number moved by some ulp."""
    values = getattr(plan.golden, name).copy()
    first = np.flatnonzero(~np.isnan(values))[0]
    values[first] += step * np.spacing(values[first])
    return replace(plan, golden=replace(plan.golden, **{name: values}))


def test_a_margin_one_ulp_off_is_refused(plan):
    with pytest.raises(
        ArtifactError, match=r"do not reproduce: margin differ"
    ) as found:
        check_golden(off(plan, "margin", 1))
    assert found.value.code == "GOLDEN_MISMATCH"


@pytest.mark.parametrize("name", ["log_odds", "score", "pd"])
def test_what_takes_logarithms_may_differ_by_two_ulp_between_machines(plan, name):
    check_golden(off(plan, name, 2))
    with pytest.raises(ArtifactError, match=f"do not reproduce: {name} differ"):
        check_golden(off(plan, name, 3))


def test_another_status_is_refused(plan):
    status = np.where(plan.golden.status == 7, 5, plan.golden.status).astype(np.uint8)
    changed = replace(plan.golden, status=status)
    with pytest.raises(ArtifactError, match="do not reproduce: status differ"):
        check_golden(replace(plan, golden=changed))


def test_another_reason_is_refused_by_whoever_asks_for_reasons(plan):
    reasons = plan.golden.reasons.copy()
    reasons[reasons[:, 0] == 0, 0] = 1
    changed = replace(plan, golden=replace(plan.golden, reasons=reasons))
    check_golden(changed)  # the tables of contributions are not built to load a plan
    scorer = Scorer(changed)
    columns = {
        name: np.array(cells, object) for name, cells in plan.golden.columns.items()
    }
    scorer.score(columns, on_bad="quarantine")
    for _ in range(2):
        with pytest.raises(ArtifactError, match="do not reproduce: reasons differ"):
            scorer.score(columns, reasons=1, on_bad="quarantine")


def test_trees_that_were_changed_do_not_reproduce(plan):
    """Edited consistently, with every hash right: the golden rows tell."""
    values = plan.forest.trees.leaf_value.copy()
    values[0] = np.nextafter(values[0], 1.0)
    stage = replace(plan.forest, trees=replace(plan.forest.trees, leaf_value=values))
    with pytest.raises(ArtifactError, match="margin"):
        check_golden(replace(plan, model=stage))


def test_policies_refuse_golden_rows_too(plan):
    names = [f.name for f in plan.forest.features]
    assert names == ["use", "城市", "home owner"]
    refused = plan.golden.status != 0
    assert 0 < refused.sum() < len(refused)
    assert np.isnan(plan.golden.margin[refused]).all()
    assert (plan.golden.reasons[refused] == -1).all()
