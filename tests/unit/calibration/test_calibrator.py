"""Calibrator: parameters, what it reads, and what every method keeps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from cfscore.calibration import Calibrator
from cfscore.exceptions import FitError, InputError, UsageError
from cfscore.plan import AffineCalibration, BetaCalibration, IsotonicCalibration

RNG = np.random.default_rng(4)
X = RNG.normal(-1.5, 1.2, 3000)
Y = (RNG.random(3000) < expit(X + 0.3)).astype(int)

CALIBRATORS = [
    Calibrator(),
    Calibrator("isotonic"),
    Calibrator("beta"),
    Calibrator("prior_shift", target_rate=0.1),
    Calibrator("long_run", target_rate=0.1),
]
EVERY_METHOD = pytest.mark.parametrize(
    "calibrator", CALIBRATORS, ids=lambda calibrator: calibrator.method
)


@EVERY_METHOD
def test_every_method_gives_its_stage(calibrator):
    kinds = {"isotonic": IsotonicCalibration, "beta": BetaCalibration}
    found = clone(calibrator).fit(X, Y)
    kind = kinds.get(calibrator.method, AffineCalibration)
    assert isinstance(found.calibration_, kind)
    assert found.is_affine == (kind is AffineCalibration)
    assert found.n_features_in_ == 1
    assert found.bad_rate_ == pytest.approx(Y.mean())


@EVERY_METHOD
def test_predictions_are_those_of_the_stage(calibrator):
    found = clone(calibrator).fit(X, Y)
    expected = found.calibration_.apply(X)
    assert np.array_equal(found.predict_log_odds(X), expected)
    assert np.array_equal(found.transform(X), expected)
    assert np.array_equal(found.predict_pd(X), expit(expected))


@EVERY_METHOD
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=8))
def test_no_method_reverses_an_order(calibrator, values):
    found = FITTED[calibrator.method].predict_log_odds(sorted(values))
    assert (np.diff(found) >= -1e-13).all()


FITTED = {found.method: clone(found).fit(X, Y) for found in CALIBRATORS}


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "beta"])
def test_calibrated_odds_are_those_observed(method):
    fresh = np.random.default_rng(5)
    x = fresh.normal(-1.5, 1.2, 20_000)
    y = fresh.random(20_000) < expit(x + 0.3)
    pd_bad = FITTED[method].predict_pd(x)
    for part in np.array_split(np.argsort(x), 5):
        error = np.sqrt(pd_bad[part].mean() / len(part))
        assert abs(pd_bad[part].mean() - y[part].mean()) < 6 * error


@EVERY_METHOD
def test_the_order_of_rows_is_of_no_matter(calibrator):
    order = np.random.default_rng(6).permutation(len(X))
    shuffled = clone(calibrator).fit(X[order], Y[order])
    expected = FITTED[calibrator.method].predict_log_odds(X)
    assert shuffled.predict_log_odds(X) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", [list, pd.Series, pl.Series, lambda v: v[:, None]])
def test_any_vector_is_read(kind):
    expected = FITTED["sigmoid"].predict_log_odds(X)
    found = Calibrator().fit(kind(X), Y)
    assert np.array_equal(found.predict_log_odds(kind(X)), expected)
    assert np.array_equal(Calibrator().fit_transform(X, Y), expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "platt"}, r"method must be one of \('sigmoid', .*got 'platt'"),
        ({"method": None}, "method must be"),
        ({"target_rate": 0.1}, "'sigmoid' takes no target_rate"),
        ({"method": "prior_shift"}, "'prior_shift' needs a target_rate.*got None"),
        ({"method": "long_run", "target_rate": 0}, "between 0 and 1, got 0"),
        ({"method": "long_run", "target_rate": 1.0}, "between 0 and 1, got 1.0"),
        ({"method": "prior_shift", "target_rate": "5%"}, "got '5%'"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(UsageError, match=message):
        Calibrator(**parameters).fit(X, Y)


@pytest.mark.parametrize(
    ("log_odds", "message"),
    [
        ([np.nan, 0.0, np.inf], "finite; 2 of 3 are not"),
        ([[1.0, 2.0]], r"shape \(1, 2\)"),
        (["secret", "b"], "must hold numbers"),
        ([None, "secret"], "must hold numbers"),
        ([[], [1.0, 2.0]], "shape|numbers"),
    ],
)
def test_wrong_log_odds_are_refused(log_odds, message):
    if message == "shape|numbers":
        log_odds = np.array(log_odds, object)
    for call in (
        lambda: Calibrator().fit(log_odds, [0] * len(log_odds)),
        lambda: FITTED["beta"].transform(log_odds),
    ):
        with pytest.raises(InputError, match=message) as error:
            call()
        assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("y", "weights", "message"),
    [
        ([0, 0], None, "only one class"),
        ([0, 1], [1.0, 0.0], "only one class"),
        ([0, 1, 1], None, r"2 row.s. but the target y has 3"),
        (None, None, "requires y"),
        (["g", "b"], None, "text labels"),
        ([0, 1], [1.0], "shape"),
    ],
)
def test_wrong_targets_are_refused(y, weights, message):
    with pytest.raises(FitError, match=message):
        Calibrator().fit([-1.0, 1.0], y, weights)


def test_it_must_be_fitted_first():
    for use in ("transform", "predict_pd"):
        with pytest.raises(NotFittedError):
            getattr(Calibrator(), use)([0.0])
    with pytest.raises(NotFittedError):
        _ = Calibrator().is_affine


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learn_finds_nothing_wrong():
    # It tests no estimator that takes one column, IsotonicRegression neither.
    check_estimator(Calibrator())
    found = clone(Calibrator("long_run", target_rate=0.2))
    assert found.get_params() == {"method": "long_run", "target_rate": 0.2}
