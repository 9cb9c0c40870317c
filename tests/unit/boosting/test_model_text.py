"""Model text: nothing is kept that does not say what the booster does."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest

from cfscore.boosting._model_text import (
    best_rounds,
    checked_text,
    load_booster,
    raw_scores,
)
from cfscore.boosting._tree_text import columns_of_trees
from cfscore.exceptions import FitError

RNG = np.random.default_rng(2)
X = RNG.normal(size=(600, 4))
Y = (X[:, 0] * X[:, 1] + X[:, 2] > RNG.normal(size=600)).astype(float)


def boost(**params):
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1} | params
    return lgb.train(settings, lgb.Dataset(X, Y), num_boost_round=12)


@pytest.fixture(scope="module")
def booster():
    return boost(num_leaves=6)


class Liar:
    """A booster whose text is another than its trees."""

    best_iteration = 0

    def __init__(self, booster, text):
        self.booster = booster
        self.text = text

    def current_iteration(self):
        return self.booster.current_iteration()

    def model_to_string(self, num_iteration=None):
        return self.text

    def predict(self, *args, **kwargs):
        return self.booster.predict(*args, **kwargs)


def test_what_is_read_back_predicts_the_same_bits(booster):
    text = checked_text(booster, X, "free", {})
    assert np.array_equal(raw_scores(load_booster(text), X), raw_scores(booster, X))
    assert best_rounds(booster) == 12


def test_only_the_best_rounds_are_written(booster):
    booster.best_iteration = 5
    try:
        assert len(columns_of_trees(checked_text(booster, X, "free", {}))) == 5
    finally:
        booster.best_iteration = -1


def test_a_torso_is_refused(booster):
    # What LightGBM 4.3 to 4.6 wrote at times after early stopping.
    liar = Liar(booster, "\npandas_categorical:null\n")
    with pytest.raises(FitError, match=r"without trees.*Fit again") as error:
        checked_text(liar, X, "free", {})
    assert error.value.code == "LIGHTGBM_TEXT"


def test_another_model_is_refused(booster):
    liar = Liar(booster, boost(num_leaves=5).model_to_string())
    with pytest.raises(FitError, match="predicts other scores"):
        checked_text(liar, X, "free", {})


def test_directions_against_the_trees_are_refused(booster):
    with pytest.raises(FitError, match=r"direction of 1 column\(s\)") as error:
        checked_text(booster, X, "free", {2: -1})
    assert error.value.code == "DIRECTION"


def test_interactions_that_are_not_allowed_are_refused(booster):
    with pytest.raises(FitError, match=r"splits on \d columns where 1") as error:
        checked_text(booster, X, "none", {})
    assert error.value.code == "INTERACTION"


def test_a_model_without_splits_is_refused():
    with pytest.raises(FitError, match="min_sum_hessian_in_leaf") as error:
        checked_text(boost(min_data_in_leaf=500), X, "free", {})
    assert error.value.code == "NO_SPLIT"
