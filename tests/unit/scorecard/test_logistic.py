"""Constrained logistic regression: hand-worked, against other solvers, optimality."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from cfscore.exceptions import FitError
from cfscore.scorecard._logistic import fit_logistic
from tests.unit.scorecard.logistic_samples import (
    objective,
    point_of,
    random_sample,
    sample_of,
    suppressed,
)

# ---------------------------------------------------------------- by hand


def test_two_groups_by_hand():
    # WOE 0: 90 good, 10 bad; WOE -1: 60 good, 40 bad. The model is saturated:
    # intercept ln(10/90), slope -(ln(40/60) - ln(10/90)) = -1.791759,
    # Var(slope) = 1/40 + 1/60 + 1/10 + 1/90 = 0.152778.
    x = np.repeat([0.0, -1.0], 100)[:, None]
    y = np.concatenate([np.arange(100) < 10, np.arange(100) < 40])
    fit = fit_logistic(sample_of(x, y))
    assert fit.intercept == pytest.approx(math.log(1 / 9), abs=1e-12)
    assert fit.coefficients[0] == pytest.approx(-1.791759469228055, abs=1e-12)
    assert fit.standard_errors == pytest.approx(
        [math.sqrt(1 / 10 + 1 / 90), math.sqrt(0.15277777777777778)], rel=1e-9
    )
    assert fit.z[1] == pytest.approx(-1.791759469228055 / 0.39086798, abs=1e-6)
    # ln L = 10 ln .1 + 90 ln .9 + 40 ln .4 + 60 ln .6
    expected = 10 * math.log(0.1) + 90 * math.log(0.9)
    expected += 40 * math.log(0.4) + 60 * math.log(0.6)
    assert fit.log_likelihood == pytest.approx(expected, abs=1e-9)


def test_a_column_of_the_wrong_direction_alone_stays_at_zero():
    x = np.repeat([0.0, 1.0], 100)[:, None]
    y = np.concatenate([np.arange(100) < 10, np.arange(100) < 40])
    fit = fit_logistic(sample_of(x, y))
    assert fit.coefficients.tolist() == [0.0]
    assert fit.at_bound.tolist() == [True]
    assert fit.intercept == pytest.approx(math.log(50 / 150), abs=1e-12)
    assert np.isnan(fit.standard_errors[1])
    # Score test of two groups: (40 - 25) / sqrt(200 * .25 * .75 * .25)
    assert fit.score_z(0) == pytest.approx(15 / math.sqrt(9.375), abs=1e-9)


# ---------------------------------------------------------------- other solvers


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_agrees_with_scikit_learn_without_penalty(seed, weighted):
    sample = random_sample(seed, weighted=weighted)
    judge = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    judge.fit(sample.woe, sample.y, sample.weights)
    fit = fit_logistic(sample, bounded=False)
    assert fit.intercept == pytest.approx(judge.intercept_[0], abs=1e-8)
    assert fit.coefficients == pytest.approx(judge.coef_[0], abs=1e-8)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_agrees_with_scikit_learn_with_penalty(C, weighted):
    sample = random_sample(7, weighted=weighted)
    judge = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12)
    judge.fit(sample.woe, sample.y, sample.weights)
    fit = fit_logistic(sample, bounded=False, C=C)
    assert fit.intercept == pytest.approx(judge.intercept_[0], abs=1e-8)
    assert fit.coefficients == pytest.approx(judge.coef_[0], abs=1e-8)


def test_bounds_that_are_not_active_change_nothing():
    sample = random_sample(3, n=2000, slopes=[-0.8, -0.5, -1.0, -0.6])
    free = fit_logistic(sample, bounded=False)
    held = fit_logistic(sample, bounded=True)
    assert (free.coefficients < 0).all()
    assert held.coefficients == pytest.approx(free.coefficients, abs=1e-10)
    assert not held.at_bound.any()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("C", [None, 0.5])
def test_reaches_the_bounded_optimum_of_another_solver(seed, C):
    sample = random_sample(seed, n=300, k=6)
    penalty = 0.0 if C is None else 1.0 / C
    fit = fit_logistic(sample, C=C)
    judge = minimize(
        lambda point: objective(sample, point, penalty),
        np.zeros(7),
        method="L-BFGS-B",
        bounds=[(None, None), *[(None, 0.0)] * 6],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5000},
    )
    assert objective(sample, point_of(fit), penalty) <= judge.fun + 1e-9
    assert point_of(fit) == pytest.approx(judge.x, abs=1e-4)


# ---------------------------------------------------------------- optimality


@given(seed=st.integers(0, 10_000), C=st.sampled_from([None, 0.2, 5.0]))
@settings(max_examples=30)
def test_kkt_conditions_hold(seed, C):
    sample = random_sample(seed, n=200, k=5, weighted=True)
    fit = fit_logistic(sample, C=C)
    pd = expit(sample.woe @ fit.coefficients + fit.intercept)
    residual = sample.weights * (pd - sample.y)
    gradient = sample.woe.T @ residual
    gradient += 0.0 if C is None else fit.coefficients / C
    scale = sample.weights.sum()
    held = fit.coefficients == 0.0
    assert (fit.coefficients <= 0.0).all()
    assert abs(residual.sum()) <= 1e-11 * scale
    assert np.abs(gradient[~held]).max(initial=0.0) <= 1e-10 * scale
    assert (gradient[held] <= 1e-10 * scale).all()
    assert np.array_equal(held, fit.at_bound)


def test_a_wrong_sign_is_held_at_zero_and_not_flipped():
    x, y = suppressed()
    alone = fit_logistic(sample_of(x[:, [1]], y))
    free = fit_logistic(sample_of(x, y), bounded=False)
    held = fit_logistic(sample_of(x, y))
    assert alone.coefficients[0] < -0.5
    assert free.coefficients[1] > 0.3
    assert held.coefficients[1] == 0.0
    assert held.at_bound.tolist() == [False, True]
    assert held.score_z(1) > 3.0
    # Without it the other columns have the same optimum.
    without = fit_logistic(sample_of(x[:, [0]], y))
    assert held.coefficients[0] == pytest.approx(without.coefficients[0], abs=1e-10)
    assert held.standard_errors[1] == pytest.approx(without.standard_errors[1])


def test_weights_are_repetitions():
    sample = random_sample(2, n=200)
    counts = np.random.default_rng(0).integers(0, 4, 200)
    counts[:2] = 1
    rows = np.repeat(np.arange(200), counts)
    weighted = fit_logistic(sample_of(sample.woe, sample.y, counts), bounded=False)
    repeated = fit_logistic(sample_of(sample.woe[rows], sample.y[rows]), bounded=False)
    assert point_of(weighted) == pytest.approx(point_of(repeated), abs=1e-10)
    assert weighted.standard_errors == pytest.approx(repeated.standard_errors)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)


def test_a_warm_start_ends_at_the_same_optimum():
    sample = random_sample(9)
    cold = fit_logistic(sample)
    far = point_of(fit_logistic(random_sample(10)))
    warm = fit_logistic(sample, start=far)
    assert point_of(warm) == pytest.approx(point_of(cold), abs=1e-9)
    assert fit_logistic(sample, start=point_of(cold)).n_iterations == 0


# ---------------------------------------------------------------- no optimum


def test_complete_separation_is_refused_and_names_the_column():
    rng = np.random.default_rng(0)
    y = np.repeat([0.0, 1.0], 50)
    x = np.column_stack([rng.normal(size=100), -y])
    with pytest.raises(FitError, match=r"'leak'.*set C") as caught:
        fit_logistic(sample_of(x, y, names=["fine", "leak"]))
    assert caught.value.code == "SEPARATED"


def test_quasi_complete_separation_is_refused():
    # Where WOE is -1 everyone is bad; elsewhere both occur.
    x = np.concatenate([np.zeros(80), np.full(20, -1.0)])[:, None]
    y = np.concatenate([np.arange(80) < 20, np.ones(20)])
    with pytest.raises(FitError) as caught:
        fit_logistic(sample_of(x, y))
    assert caught.value.code == "SEPARATED"


def test_a_penalty_makes_separated_data_fit():
    y = np.repeat([0.0, 1.0], 50)
    fit = fit_logistic(sample_of(-y[:, None], y), C=1.0)
    judge = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12)
    judge.fit(-y[:, None], y)
    assert fit.coefficients == pytest.approx(judge.coef_[0], abs=1e-8)


def test_a_strong_honest_effect_is_not_taken_for_separation():
    # 999 of 1000 good where WOE is 5, 999 of 1000 bad where it is -5.
    x = np.repeat([5.0, -5.0], 1000)[:, None]
    y = np.concatenate([np.arange(1000) < 1, np.arange(1000) < 999])
    fit = fit_logistic(sample_of(x, y))
    assert fit.coefficients[0] == pytest.approx(-math.log(999) / 5, abs=1e-9)


def test_dependent_columns_are_refused_by_name():
    sample = random_sample(1, k=2, slopes=[-1.0, -0.5])
    x = np.column_stack([sample.woe, sample.woe.sum(axis=1)])
    with pytest.raises(FitError, match=r"\['sum'\]") as caught:
        fit_logistic(sample_of(x, sample.y, names=["a", "b", "sum"]))
    assert caught.value.code == "COLLINEAR"
    assert (fit_logistic(sample_of(x, sample.y), C=1.0).coefficients < 0).all()
