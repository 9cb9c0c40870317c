"""Contributions of tables, against the plan's reference and against a background."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cfscore.exceptions import ExplanationError, RowFaultError, UsageError
from cfscore.execution import rank_layout
from cfscore.explain import explain_table, shape_tables
from cfscore.explain._interventional import add_leaves, add_shapes, operations
from cfscore.explain._shape_tables import shape_operations
from cfscore.explain._tree_leaf import tree_leaves
from cfscore.plan import AffineCalibration, BetaCalibration
from cfscore.scoring import Scorer
from cfscore.tables import read_table
from tests.forests import border_rows
from tests.oracles import forest, shapley
from tests.unit.explain.forest_plans import random_plan
from tests.unit.scoring.small_plan import small_plan

ROWS = {"use": [0.5, 0.1, None], "city": ["north", "中部", "x"]}


def rows_of(plan, n_rows=12, seed=1):
    return border_rows(np.random.default_rng(seed), plan.forest.trees, n_rows)


def brute_force(plan, rows, background):
    trees = plan.forest.trees
    return np.array(
        [
            shapley.interventional(
                lambda row: forest.raw_score(trees, row), row, background.tolist()
            )
            for row in rows.tolist()
        ]
    )


def test_without_a_background_they_are_those_of_the_scorer():
    for plan, rows in ((small_plan(), ROWS), (random_plan(3), rows_of(random_plan(3)))):
        found = explain_table(plan, rows)
        batch = Scorer(plan).score(rows, contributions=True)
        assert found.values.tolist() == batch.contributions.tolist()
        assert found.margin.tolist() == batch.margin.tolist()
        assert found.base_value == plan.base_value
        assert found.n_background is None


def test_a_scorecard_against_a_background_by_hand():
    # log-odds parts: use 0.5 -> -0.1, 0.1 -> -0.8, missing 0.2;
    # city north -> -0.4, the group of 中部 -> 0.4, unseen 0.1
    background = {"use": [0.1, 0.1, 0.5, 0.5], "city": ["north", "north", "x", "x"]}
    found = explain_table(small_plan(), ROWS, background=background)
    # means over the background: use -0.45, city -0.15
    expected = [[0.35, -0.25], [-0.35, 0.55], [0.65, 0.25]]
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    assert found.base_value == pytest.approx(-2.0 - 0.45 - 0.15, abs=1e-12)
    assert found.n_background == 4


@pytest.mark.parametrize("most_features", [1, 2, 4])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_forest_against_a_background_is_the_definition(seed, most_features):
    plan = random_plan(seed, most_features)
    rows, background = rows_of(plan, 6), rows_of(plan, 9, seed=5)
    found = explain_table(plan, rows, background=background)
    np.testing.assert_allclose(
        found.values, brute_force(plan, rows, background), atol=1e-12
    )


def test_shape_tables_and_leaves_agree():
    plan = random_plan(4, most_features=2)
    rows, background = rows_of(plan, 30), rows_of(plan, 40, seed=2)
    trees = plan.forest.trees
    layout = rank_layout(trees, 4)
    ranks, beside = (
        np.stack(
            [
                c.ranks_of(table[:, c.feature], layout.features[c.feature].thresholds)
                for c in layout.columns
            ]
        )
        for table in (rows, background)
    )
    by_leaf = np.zeros((30, 4))
    add_leaves(list(tree_leaves(trees, layout)), ranks, beside, by_leaf)
    by_shape = np.zeros((30, 4))
    batches = (read_table(table, plan.schema) for table in (rows, background))
    add_shapes(shape_tables(plan), *batches, by_shape)
    np.testing.assert_allclose(by_shape, by_leaf, atol=1e-12)


def test_shape_tables_that_cost_too_much_are_not_built(monkeypatch):
    plan = random_plan(4, most_features=2)
    trees, layout = plan.forest.trees, rank_layout(plan.forest.trees, 4)
    leaves = list(tree_leaves(trees, layout))
    by_shape = shape_operations(plan.forest, layout, leaves)
    # as many as leaves times cells of the tables that are built
    cells = {tuple(table.features): table.log_odds.size for table in shape_tables(plan)}
    names = plan.schema.names
    expected = sum(cells[tuple(names[f] for f in leaf.features)] for leaf in leaves)
    assert by_shape == expected
    few = rows_of(plan, 2)
    by_leaf = operations(leaves, 2, 1)
    assert by_leaf < by_shape
    whole = explain_table(plan, few, background=few[:1], max_operations=by_shape)
    with monkeypatch.context() as patched:
        patched.delattr("cfscore.explain._explain_table.shape_tables")
        found = explain_table(plan, few, background=few[:1], max_operations=by_leaf)
    np.testing.assert_allclose(found.values, whole.values, atol=1e-12)
    message = re.escape(f"about {by_leaf:.1e} op")
    with pytest.raises(ExplanationError, match=message):
        explain_table(plan, few, background=few[:1], max_operations=by_leaf - 1)


def test_a_row_s_bits_do_not_depend_on_the_rows_beside_it():
    for most_features in (2, 4):
        plan = random_plan(4, most_features=most_features)
        rows, background = rows_of(plan, 300), rows_of(plan, 20, seed=2)
        whole = explain_table(plan, rows, background=background).values
        for k in (1, 7, 100):
            found = explain_table(plan, rows[:k], background=background).values
            assert found.tobytes() == whole[:k].tobytes()


def test_affine_calibration_is_folded_in_and_others_leave_the_margin_explained():
    plain = random_plan(5)
    rows, background = rows_of(plain, 5), rows_of(plain, 5, seed=9)
    raw = explain_table(plain, rows, background=background)
    line = random_plan(5, calibration=AffineCalibration(0.5, -1.0))
    folded = explain_table(line, rows, background=background)
    np.testing.assert_allclose(folded.values, 0.5 * raw.values, atol=1e-12)
    assert folded.base_value == pytest.approx(0.5 * raw.base_value - 1.0)
    beta = random_plan(5, calibration=BetaCalibration(0.5, 2.0, 0.1))
    after = explain_table(beta, rows, background=background)
    assert after.margin.tolist() == raw.margin.tolist()


def test_an_unused_feature_contributes_nothing_and_itself_explains_nothing():
    plan = random_plan(6)
    rows = rows_of(plan, 8)
    same = explain_table(plan, rows[:1], background=rows[:1])
    assert same.values.tolist() == [[0.0] * 4]
    only = random_plan(6, most_features=1)
    used = set(only.forest.trees.feature.tolist())
    found = explain_table(only, rows, background=rows[4:])
    unused = [j for j in range(4) if j not in used]
    assert (found.values[:, unused] == 0.0).all()


def test_many_patterns_are_weighed_in_parts(monkeypatch):
    plan = random_plan(7)
    rows, background = rows_of(plan, 50), rows_of(plan, 20, seed=3)
    whole = explain_table(plan, rows, background=background)
    monkeypatch.setattr("cfscore.explain._interventional._PATTERNS_AT_ONCE", 3)
    monkeypatch.setattr("cfscore.explain._interventional._LOOKED_UP", 1)
    parts = explain_table(plan, rows, background=background)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-12)


def test_too_much_work_is_refused_with_its_estimate():
    plan = random_plan(7)
    rows = rows_of(plan, 50)
    leaves = list(tree_leaves(plan.forest.trees, rank_layout(plan.forest.trees, 4)))
    needed = operations(leaves, 50, 50)
    # by hand for one leaf: its tests on 100 rows, its features on pairs of patterns
    d = len(leaves[0].tests)
    expected = leaves[0].n_tests * 100 + d * min(50, 2**d) ** 2
    assert operations(leaves[:1], 50, 50) == expected
    with pytest.raises(ExplanationError, match=r"50 background row\(s\) take") as error:
        explain_table(plan, rows, background=rows, max_operations=needed - 1)
    assert error.value.code == "TOO_COSTLY"
    assert f"about {needed:.1e} operations" in str(error.value)
    assert len(explain_table(plan, rows, background=rows, max_operations=needed)) == 50


def test_refusals():
    plan = small_plan()
    with pytest.raises(UsageError, match="background must have at least one row"):
        explain_table(plan, ROWS, background={"use": [], "city": []})
    with pytest.raises(RowFaultError, match="NOT_A_NUMBER"):
        explain_table(plan, {"use": ["x", "1"], "city": ["north", "north"]})
    with pytest.raises(RowFaultError, match="NOT_A_NUMBER"):
        explain_table(plan, ROWS, background={"use": ["x", "1"], "city": ["y", "y"]})


def test_against_shap():
    lightgbm = pytest.importorskip("lightgbm")
    shap = pytest.importorskip("shap")
    import cfscore as cf

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 5))
    risk = rows[:, 0] * rows[:, 1] + rows[:, 2] + rng.logistic(size=600)
    params = {"objective": "binary", "num_leaves": 9, "verbosity": -1, "num_threads": 1}
    booster = lightgbm.train(
        {**params, "deterministic": True}, lightgbm.Dataset(rows, risk > 0), 10
    )
    background, explained = rows[:60], rows[100:130]
    found = explain_table(cf.compile_plan(booster), explained, background=background)
    judge = shap.TreeExplainer(
        booster, background, feature_perturbation="interventional"
    )
    # shap reads rows and thresholds in single precision
    np.testing.assert_allclose(
        found.values, judge.shap_values(explained), atol=1e-6, rtol=0
    )
    assert found.base_value == pytest.approx(judge.expected_value, abs=1e-6)
