"""TreeSHAP tables against LightGBM's own ``pred_contrib``."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.compiler._tree_probes import probe_rows
from tests.lightgbm_models import CATEGORICAL, train, training_rows
from tests.unit.explain.test_tree_shap import BOUNDS, Explained

pytest.importorskip("lightgbm")

SETTINGS = {
    "plain": {},
    "many leaves": {"num_leaves": 63, "min_data_in_leaf": 1},
    "zero is missing": {"zero_as_missing": True},
    "no missing": {"use_missing": False},
    "many bins": {"max_bin": 400, "num_leaves": 31, "min_data_in_leaf": 1},
    "random forest": {
        "boosting": "rf",
        "bagging_fraction": 0.5,
        "bagging_freq": 1,
        "num_leaves": 20,
    },
    "dart": {"boosting": "dart", "num_leaves": 12},
    "regression": {"objective": "regression"},
}


def check(booster, n_features, rows, bound):
    trees = read_lightgbm_text(booster.model_to_string()).trees
    explained = Explained(trees, n_features, memory_bound=bound)
    probes = np.concatenate([rows, probe_rows(trees, n_features, 100)])
    expected = booster.predict(probes, pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(
        explained.of(probes), expected[:, :-1], rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_contributions_are_those_of_lightgbm(settings, bound):
    rows, outcomes = training_rows(n_rows=900)
    booster = train(rows, outcomes, 15, CATEGORICAL, **settings)
    check(booster, rows.shape[1], rows[:200], bound)


@pytest.mark.parametrize("bound", BOUNDS)
def test_long_paths_of_many_features(bound):
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(2_000, 30))
    rows[rng.random(rows.shape) < 0.1] = np.nan
    outcomes = (np.nansum(rows, axis=1) + rng.logistic(size=2_000) > 0).astype(float)
    settings = {"num_leaves": 120, "min_data_in_leaf": 1, "extra_trees": True}
    booster = train(rows, outcomes, 10, **settings)
    check(booster, 30, rows[:100], bound)
