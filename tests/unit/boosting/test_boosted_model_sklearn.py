"""BoostedModel as a scikit-learn estimator."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from cfscore.boosting import BoostedModel
from tests.unit.boosting.loans import loan_table, quick_model

LABELS = "its labels are not 0 and 1: the orientation of bad is never guessed"
COUNTS = "LightGBM's bins and smallest leaves count rows, whatever their weight"

EXPECTED_FAILED_CHECKS = {
    "check_classifier_data_not_an_array": LABELS,
    "check_classifiers_classes": LABELS,
    "check_estimators_dtypes": LABELS,
    "check_sample_weights_not_an_array": LABELS,
    "check_sample_weights_not_overwritten": LABELS,
    "check_sample_weights_pandas_series": LABELS,
    "check_sample_weights_shape": LABELS,
    "check_sample_weight_equivalence_on_dense_data": COUNTS,
}

# The checks' tables have ten to a few hundred rows.
LENIENT = BoostedModel(
    params={
        "num_iterations": 20,
        "early_stopping_round": 0,
        "feature_fraction": 1.0,
        "lambda_l2": 0.0,
        "min_data_in_bin": 1,
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": 0.0,
    }
)


@parametrize_with_checks(
    [LENIENT], expected_failed_checks=lambda _: EXPECTED_FAILED_CHECKS
)
def test_the_estimator_contract(estimator, check):
    check(estimator)


X, Y = loan_table(900)


def test_clone_copies_every_parameter():
    model = BoostedModel(
        {"age": -1}, "pairs", ["city"], {"num_leaves": 3}, 0.3, refit=False
    )
    again = clone(model)
    assert again.get_params() == model.get_params()
    assert again.params is not model.params


def test_cross_validation_and_grid_search():
    scores = cross_val_score(quick_model(), X, Y, cv=3)
    assert (scores > 0.6).all()
    grid = {"params": [{"num_iterations": n} for n in (1, 30)], "interaction": ["free"]}
    search = GridSearchCV(quick_model(), grid, cv=2).fit(X, Y)
    assert search.best_params_["params"] == {"num_iterations": 30}


def test_it_works_in_a_pipeline():
    model = quick_model({"early_stopping_round": 0, "num_iterations": 5})
    pipeline = make_pipeline(
        FunctionTransformer(lambda X: X.drop(columns="noise")), clone(model)
    ).fit(X, Y)
    alone = model.fit(X.drop(columns="noise"), Y)
    assert np.array_equal(pipeline.predict_proba(X), alone.predict_proba(X))
    assert pipeline.score(X, Y) == alone.score(X, Y)


def test_arrays_of_lists_and_float32_are_read():
    # What check_classifiers_train asks, on labels 0 and 1.
    points, y = make_blobs(200, centers=[[0, 0], [1.5, 1.5]], random_state=0)
    expected = clone(LENIENT).fit(points, y).predict(points)
    assert (expected == y).mean() > 0.9
    lists = clone(LENIENT).fit(points.tolist(), y.tolist())
    assert np.array_equal(lists.predict(points), expected)


@pytest.mark.parametrize("y", [["good", "bad"] * 450, Y * 2 - 1])
def test_other_labels_are_refused(y):
    with pytest.raises(ValueError, match="1 for bad"):
        quick_model().fit(X, y)
