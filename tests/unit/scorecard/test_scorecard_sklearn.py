"""Scorecard as a scikit-learn estimator."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from cfscore.binning import Binner, ZeroCellWarning
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import Scorecard, SelectionRules
from tests.unit.scorecard.cards import loan_binner, loan_table

LABELS = "its labels are not 0 and 1: the orientation of bad is never guessed"
NOISE = "its target has no relation to any column, so that nothing can be selected"

EXPECTED_FAILED_CHECKS = {
    "check_classifier_data_not_an_array": LABELS,
    "check_classifiers_classes": LABELS,
    "check_estimators_dtypes": LABELS,
    "check_sample_weights_not_an_array": LABELS,
    "check_sample_weights_not_overwritten": LABELS,
    "check_sample_weights_pandas_series": LABELS,
    "check_sample_weights_shape": LABELS,
    "check_pipeline_consistency": NOISE,
    "check_sample_weight_equivalence_on_dense_data": NOISE,
}

# The checks' tables have ten to a few hundred rows, some of them separated.
LENIENT = Scorecard(
    Binner(min_bin_count=1, min_bin_share=0.01, n_jobs=1), selection=None, C=1.0
)


@pytest.mark.filterwarnings(f"ignore::{ZeroCellWarning.__module__}.ZeroCellWarning")
@parametrize_with_checks(
    [LENIENT], expected_failed_checks=lambda _: EXPECTED_FAILED_CHECKS
)
def test_the_estimator_contract(estimator, check):
    check(estimator)


X, Y = loan_table(1500, seed=1)
FRAME = pd.DataFrame(X)


def test_clone_copies_every_parameter():
    card = Scorecard(
        loan_binner(edits={"income": [0.0]}),
        ScoreScale(pdo=40),
        SelectionRules(min_iv=0.1),
        "free",
        2.0,
    )
    again = clone(card)
    assert again.binner is not card.binner
    assert again.binner.edits == {"income": [0.0]}
    assert (again.scale, again.selection) == (card.scale, card.selection)
    assert (again.sign, again.C) == ("free", 2.0)


def test_parameters_of_the_binner_can_be_set():
    card = Scorecard(loan_binner())
    card.set_params(binner__max_bins=3, C=0.5)
    assert card.get_params()["binner__max_bins"] == 3
    card.fit(X, Y)
    assert all(table.n_bins <= 3 for table in card.binner_.tables_.values())


def test_cross_validation_refits_the_bins_with_their_edits():
    card = Scorecard(loan_binner(edits={"income": [-0.5, 0.5]}))
    scores = cross_val_score(card, FRAME, Y, cv=3)
    assert scores.shape == (3,)
    assert (scores > 0.6).all()


@pytest.mark.slow
def test_grid_search_over_bins_and_penalty():
    grid = {"binner__max_bins": [2, 5], "C": [None, 1.0]}
    search = GridSearchCV(Scorecard(loan_binner()), grid, cv=2).fit(FRAME, Y)
    assert set(search.best_params_) == set(grid)
    assert search.best_score_ > 0.6


def test_it_works_in_a_pipeline():
    pipeline = make_pipeline(
        FunctionTransformer(lambda X: X.drop(columns="noise")),
        Scorecard(loan_binner()),
    ).fit(FRAME, Y)
    alone = Scorecard(loan_binner()).fit(FRAME.drop(columns="noise"), Y)
    assert np.array_equal(pipeline.predict_proba(FRAME), alone.predict_proba(FRAME))
    assert pipeline.score(FRAME, Y) == alone.score(FRAME, Y)


def test_refitting_forgets_the_first_table():
    card = Scorecard(Binner(n_jobs=1)).fit(FRAME[["income", "debt"]], Y)
    card.fit(FRAME[["income"]].to_numpy(), Y)
    assert not hasattr(card, "feature_names_in_")
    assert card.points_.schema.names == ("x0",)


def test_arrays_of_lists_and_float32_are_read():
    # What check_classifiers_train asks, on labels 0 and 1.
    points, y = make_blobs(200, centers=[[0, 0], [1.5, 1.5]], random_state=0)
    card = Scorecard(Binner(max_bins=4, n_jobs=1), selection=None, C=1.0)
    expected = card.fit(points, y).predict(points)
    assert (expected == y).mean() > 0.8
    assert np.array_equal(
        card.fit(points.tolist(), y.tolist()).predict(points), expected
    )
    narrow = points.astype(np.float32)
    assert np.array_equal(card.fit(narrow, y).predict(narrow), expected)
