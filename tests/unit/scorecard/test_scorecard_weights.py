"""Scorecard and weights: a row of weight 2 is two rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.binning import Binner
from cfscore.exceptions import FitError, UsageError
from cfscore.scorecard import Scorecard

EDITS = {"x": [-0.5, 0.5], "z": [0.0], "c": [["A"], ["B", "C"]]}


def table(n=800, seed=4):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    c = rng.choice(["A", "B", "C"], n).astype(object)
    y = rng.random(n) < 1 / (1 + np.exp(1.2 + x + 0.6 * z - 0.5 * (c == "A")))
    return {"x": x, "z": z, "c": c}, y.astype(int)


def fit(columns, y, weights=None, **parameters):
    binner = Binner(edits=EDITS, n_jobs=1)
    return Scorecard(binner, selection=None, **parameters).fit(columns, y, weights)


X, Y = table()


@pytest.mark.parametrize("C", [None, 0.5])
def test_weights_are_repetitions(C):
    counts = np.random.default_rng(1).integers(1, 4, len(Y))
    rows = np.repeat(np.arange(len(Y)), counts)
    weighted = fit(X, Y, counts, C=C)
    repeated = fit({name: v[rows] for name, v in X.items()}, Y[rows], C=C)
    assert weighted.predict_log_odds(X) == pytest.approx(
        repeated.predict_log_odds(X), abs=1e-9
    )
    columns = ["coefficient", "standard_error", "p_value", "vif"]
    one, two = weighted.coefficients_, repeated.coefficients_
    assert one[columns].to_numpy() == pytest.approx(
        two[columns].to_numpy(), rel=1e-7, abs=1e-12, nan_ok=True
    )
    assert weighted.table().bad_rate.to_numpy() == pytest.approx(
        repeated.table().bad_rate.to_numpy(), nan_ok=True
    )
    assert weighted.development_.bad_rate == pytest.approx(
        repeated.development_.bad_rate
    )


def test_weights_of_one_change_no_bit():
    plain, ones = fit(X, Y), fit(X, Y, np.ones(len(Y)))
    assert np.array_equal(plain.predict_score(X), ones.predict_score(X))
    assert plain.training_fingerprint_ == ones.training_fingerprint_


def test_a_weight_of_zero_leaves_the_row_out():
    weights = np.ones(len(Y))
    weights[::7] = 0.0
    kept = weights > 0
    with_zeros = fit(X, Y, weights)
    without = fit({name: v[kept] for name, v in X.items()}, Y[kept])
    assert with_zeros.predict_log_odds(X) == pytest.approx(
        without.predict_log_odds(X), abs=1e-9
    )
    assert with_zeros.development_.n_rows == kept.sum()
    counts = with_zeros.table()["count"].tolist()
    assert counts == without.table()["count"].tolist()


def test_the_weighted_mean_pd_is_the_weighted_bad_rate():
    weights = np.random.default_rng(2).random(len(Y)) + 0.1
    card = fit(X, Y, weights)
    mean = np.average(card.predict_proba(X)[:, 1], weights=weights)
    assert mean == pytest.approx(np.average(Y, weights=weights), abs=1e-10)


def test_series_and_lists_of_weights_are_the_same_and_not_changed():
    weights = np.random.default_rng(3).random(len(Y)) + 0.1
    before = weights.copy()
    expected = fit(X, Y, weights).predict_score(X)
    assert np.array_equal(weights, before)
    for given in (weights.tolist(), pd.Series(weights)):
        assert np.array_equal(fit(X, Y, given).predict_score(X), expected)


@pytest.mark.parametrize("weight", [1 / len(Y), 1e-200, 1e200])
def test_weights_that_count_no_cases_are_refused(weight):
    with pytest.raises(UsageError, match="must count cases"):
        fit(X, Y, np.full(len(Y), weight))


def test_wrong_weights_are_refused():
    with pytest.raises(FitError, match="1 are not"):
        fit(X, Y, np.r_[-1.0, np.ones(len(Y) - 1)])
    with pytest.raises(FitError, match=r"shape \(800,\)"):
        fit(X, Y, np.ones(3))
