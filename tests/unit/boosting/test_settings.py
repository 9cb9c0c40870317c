"""Settings: one name per parameter, contradictions refused."""

from __future__ import annotations

import pytest

from cfscore.boosting import DEFAULTS
from cfscore.boosting._settings import resolve_settings
from cfscore.exceptions import UsageError


def resolve(params=None, interaction="free", has_directions=False):
    return resolve_settings(
        params, interaction=interaction, has_directions=has_directions
    )


def test_nothing_given_means_the_defaults():
    found = resolve()
    assert found == resolve({})
    expected = {
        **DEFAULTS,
        "objective": "binary",
        "num_class": 1,
        "deterministic": True,
        "force_col_wise": True,
    }
    assert found.num_iterations == expected.pop("num_iterations")
    assert found.early_stopping_round == expected.pop("early_stopping_round")
    assert found.values == expected
    assert (found.seed, found.boosting, found.sigmoid) == (0, "gbdt", 1.0)


def test_aliases_become_the_main_name():
    found = resolve(
        {"eta": 0.3, "n_estimators": 7, "reg_lambda": 2, "random_state": 5, "n_jobs": 1}
    )
    assert found.values["learning_rate"] == 0.3
    assert found.values["lambda_l2"] == 2
    assert found.values["num_threads"] == 1
    assert found.num_iterations == 7
    assert found.seed == 5
    assert not {"eta", "reg_lambda", "random_state", "n_jobs"} & set(found.values)


def test_rows_instead_of_columns_can_be_asked_for():
    found = resolve({"force_row_wise": True}).values
    assert (found["force_row_wise"], found["force_col_wise"]) == (True, False)


@pytest.mark.parametrize("off", [0, None])
def test_early_stopping_can_be_switched_off(off):
    assert resolve({"early_stopping_rounds": off}).early_stopping_round == 0


@pytest.mark.parametrize("name", ["gbrt", "gbdt"])
def test_boosting_has_one_name(name):
    assert resolve({"boosting_type": name}).boosting == "gbdt"


def test_dart_trains_every_tree_asked_for():
    found = resolve({"boosting": "dart", "num_trees": 30, "early_stopping_round": 5})
    assert (found.num_iterations, found.early_stopping_round) == (30, 0)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ([("num_leaves", 3)], "params must be a mapping"),
        ({"num_leafs": 3}, r"'num_leafs', which LightGBM does not know.*'num_leaf'"),
        ({"eta": 0.1, "learning_rate": 0.1}, "twice, as 'eta' and 'learning_rate'"),
        ({"monotone_constraints": [1]}, "use monotonic instead"),
        ({"mc": [1]}, "'monotone_constraints': use monotonic instead"),
        ({"interaction_constraints": []}, "use interaction instead"),
        ({"cat_feature": [0]}, "'categorical_feature': use categorical instead"),
        ({"weight": "w"}, "use sample_weight instead"),
        ({"objective": "regression"}, "must be 'binary'.*probability of default"),
        ({"application": "multiclass"}, r"params\['objective'\] must be 'binary'"),
        ({"num_class": 3}, "two outcomes"),
        ({"linear_trees": True}, r"\['linear_tree'\] must be False"),
        ({"deterministic": False}, "must be repeatable"),
        ({"zero_as_missing": True}, "0 is a value"),
        ({"forced_splits": "f.json"}, "forcedsplits_filename"),
        ({"n_estimators": 0}, "'num_iterations'.*from 1, got 0"),
        ({"n_estimators": 10.5}, "whole number from 1, got 10.5"),
        ({"early_stopping_round": -1}, "'early_stopping_round'.*from 0"),
        ({"early_stopping_round": True}, "whole number"),
        ({"seed": "x"}, "'seed'.*whole number"),
        ({"sigmoid": 0}, "'sigmoid'.*positive number, got 0"),
        ({"boosting": "dart"}, "cannot stop early.*num_iterations"),
    ],
)
def test_wrong_parameters_are_refused(params, message):
    with pytest.raises(UsageError, match=message):
        resolve(params)


@pytest.mark.parametrize("name", ["rf", "random_forest"])
def test_a_random_forest_has_no_pairs(name):
    assert resolve({"boosting": name}).boosting == "rf"
    with pytest.raises(UsageError, match=r"'pairs'.*interaction='none' or 'free'"):
        resolve({"boosting": name}, interaction="pairs")


@pytest.mark.parametrize(
    "params",
    [
        {"monotone_constraining_method": "advanced"},
        {"monotone_constraints_method": "intermediate"},
        {"path_smooth": 1.0},
        {"quant_train_renew_leaf": True},
    ],
)
def test_what_breaks_directions_is_refused_where_there_are_some(params):
    resolve(params)
    with pytest.raises(UsageError, match="where directions are declared"):
        resolve(params, has_directions=True)
    resolve({"path_smooth": 0, "mc_method": "basic"}, has_directions=True)


def test_params_are_left_as_they_were():
    params = {"eta": 0.3}
    resolve(params)
    assert params == {"eta": 0.3}
