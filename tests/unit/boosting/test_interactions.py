"""Interactions and directions: held to their word, in the trees and on grids."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.boosting._tree_text import columns_of_trees
from tests.unit.boosting.loans import loan_table, quick_model

X, Y = loan_table()
COLUMNS = list(X)
# The product of age, debt and city is no sum of functions of two columns each.
PARAMS = {"num_leaves": 12, "min_sum_hessian_in_leaf": 2.0}


@pytest.fixture(scope="module", params=["none", "pairs", "free"])
def model(request):
    directions = {"age": -1, "debt": 1, "owner": -1}
    found = quick_model(PARAMS, interaction=request.param, monotonic=directions)
    return found.fit(X, Y)


def widest(model):
    return max(map(len, columns_of_trees(model.model_text_)))


def test_no_tree_splits_on_more_columns_than_allowed(model):
    allowed = {"none": 1, "pairs": 2, "free": 5}[model.interaction]
    assert widest(model) == allowed if allowed < 5 else widest(model) > 2


def test_lightgbm_reads_the_same_columns(model):
    def columns(node):
        if "split_feature" not in node:
            return set()
        below = columns(node["left_child"]) | columns(node["right_child"])
        return {node["split_feature"]} | below

    trees = model.booster_.dump_model()["tree_info"]
    found = [columns(tree["tree_structure"]) for tree in trees]
    assert found == columns_of_trees(model.model_text_)


def differences(model, first, second, names):
    """Return the mixed difference of the log-odds over all subsets of ``names``.

    It is 0 where the log-odds are a sum of functions that lack one of them each.
    """
    total = 0.0
    for chosen in range(2 ** len(names)):
        rows = first.copy()
        taken = [name for i, name in enumerate(names) if chosen >> i & 1]
        rows[taken] = second[taken]
        total = total + (-1) ** len(taken) * model.predict_log_odds(rows)
    return np.abs(total).max()


FIRST, SECOND = (
    loan_table(300, seed=seed)[0].reset_index(drop=True) for seed in (11, 12)
)


def test_mixed_differences_vanish_beyond_the_allowed_order(model):
    two = differences(model, FIRST, SECOND, ["debt", "owner"])
    three = differences(model, FIRST, SECOND, ["debt", "owner", "age"])
    vanish = {"none": (True, True), "pairs": (False, True), "free": (False, False)}
    assert (two < 1e-12, three < 1e-12) == vanish[model.interaction]


@pytest.mark.parametrize(
    ("name", "sign", "grid"),
    [
        ("age", -1, np.r_[-np.inf, np.linspace(10, 80, 141), np.inf]),
        ("debt", 1, np.r_[-np.inf, -1.0, np.linspace(0, 15, 151), np.inf]),
        ("owner", -1, np.array([False, True])),
    ],
)
def test_directions_hold_on_a_grid(model, name, sign, grid):
    rows = FIRST.loc[FIRST.index.repeat(len(grid))].reset_index(drop=True)
    rows[name] = np.tile(grid, len(FIRST))
    found = model.predict_log_odds(rows).reshape(len(FIRST), len(grid))
    steps = sign * np.diff(found, axis=1)
    assert (steps >= 0.0).all()
    assert (steps > 0.0).any()


def test_directions_are_no_accident():
    grid = np.linspace(10, 80, 141)
    rows = FIRST.loc[FIRST.index.repeat(len(grid))].reset_index(drop=True)
    rows["age"] = np.tile(grid, len(FIRST))
    free = quick_model(PARAMS).fit(X, Y).predict_log_odds(rows)
    assert (np.diff(free.reshape(len(FIRST), -1), axis=1) > 0.0).any()


@pytest.mark.parametrize("interaction", ["none", "pairs"])
def test_one_column_has_no_interaction(interaction):
    model = quick_model(interaction=interaction).fit(X[["debt"]], Y)
    assert widest(model) == 1


@pytest.mark.parametrize(
    "params",
    [
        {"boosting": "dart", "num_iterations": 15},
        {"data_sample_strategy": "goss"},
        {"extra_trees": True, "bagging_fraction": 0.6, "bagging_freq": 1},
        {"max_delta_step": 0.2, "lambda_l1": 1.0},
        {"use_quantized_grad": True},
    ],
)
def test_directions_and_pairs_hold_with_other_settings(params):
    model = quick_model(
        PARAMS | params, interaction="pairs", monotonic={"age": -1, "debt": 1}
    )
    assert widest(model.fit(X, Y)) == 2
    rows = FIRST.loc[FIRST.index.repeat(71)].reset_index(drop=True)
    rows["age"] = np.tile(np.linspace(10, 80, 71), len(FIRST))
    found = model.predict_log_odds(rows).reshape(len(FIRST), 71)
    assert (np.diff(found, axis=1) <= 0.0).all()
