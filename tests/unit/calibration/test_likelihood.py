"""Sigmoid and beta: optimality, recovery of a known distortion, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from cfscore.calibration import Calibrator
from cfscore.exceptions import FitError

RNG = np.random.default_rng(20)
X = RNG.normal(-2.0, 1.5, 4000)
Y = (RNG.random(4000) < expit(0.4 + 0.7 * X)).astype(float)
N_BAD, N_GOOD = Y.sum(), (1 - Y).sum()


def fit(method, x=X, y=Y, weights=None):
    return Calibrator(method).fit(x, y, weights).calibration_


def loss(margin, target, weights=1.0):
    return np.sum(weights * (np.logaddexp(0.0, margin) - target * margin))


def test_sigmoid_is_the_optimum_for_platts_targets():
    found = fit("sigmoid")
    target = np.where(Y == 1, (N_BAD + 1) / (N_BAD + 2), 1 / (N_GOOD + 2))
    residual = expit(found.apply(X)) - target
    # the likelihood's slope is zero in both directions
    assert [residual.sum(), residual @ X] == pytest.approx([0.0, 0.0], abs=1e-4)


def test_sigmoid_undoes_a_known_distortion():
    found = fit("sigmoid")
    assert found.slope == pytest.approx(0.7, abs=0.1)
    assert found.intercept == pytest.approx(0.4, abs=0.2)


def test_sigmoid_keeps_the_mean_to_within_one_case():
    total = expit(fit("sigmoid").apply(X)).sum()
    assert total == pytest.approx(N_BAD, abs=1.0)


def test_sigmoid_of_separated_classes_is_finite():
    found = fit("sigmoid", [-1.0, -1.0, 1.0], [0, 0, 1])
    # two distinct log-odds: each PD is its target, 1/(2+2) and (1+1)/(1+2)
    assert expit(found.apply([-1.0, 1.0])) == pytest.approx([1 / 4, 2 / 3])


def test_beta_is_the_optimum_of_its_likelihood():
    found = fit("beta")
    parts = np.column_stack([-np.logaddexp(0, -X), np.logaddexp(0, X)])
    residual = expit(found.apply(X)) - Y
    assert [residual.sum(), *(residual @ parts)] == pytest.approx([0, 0, 0], abs=1e-4)
    assert expit(found.apply(X)).sum() == pytest.approx(N_BAD, abs=1e-4)


def test_beta_undoes_a_distortion_that_no_line_can():
    rng = np.random.default_rng(3)
    x = rng.normal(0.0, 2.0, 20_000)
    truth = 0.5 + 0.4 * -np.logaddexp(0, -x) + 1.6 * np.logaddexp(0, x)
    y = rng.random(20_000) < expit(truth)
    found = fit("beta", x, y)
    assert [found.a, found.b, found.c] == pytest.approx([0.4, 1.6, 0.5], abs=0.15)
    line = fit("sigmoid", x, y)
    assert loss(found.apply(x), y) < loss(line.apply(x), y) - 10.0


@pytest.mark.parametrize("flip", [False, True])
def test_beta_at_its_bound_is_the_bounded_optimum(flip):
    # The bad rate turns at one end, which a free fit would follow.
    rng = np.random.default_rng(8)
    x = rng.normal(0.0, 2.0, 4000)
    y = rng.random(4000) < expit(np.where(x < 0, -0.2 * x, 1.5 * x) - 1.0)
    if flip:
        x, y = -x, ~y
    found = fit("beta", x, y)
    assert min(found.a, found.b) == 0.0
    assert (found.b if flip else found.a) == 0.0
    judge = minimize(
        lambda q: loss(
            q[2] - q[0] * np.logaddexp(0, -x) + q[1] * np.logaddexp(0, x), y
        ),
        x0=[1.0, 1.0, 0.0],
        bounds=[(0, None), (0, None), (None, None)],
    )
    assert loss(found.apply(x), y) <= judge.fun + 1e-6
    assert [found.a, found.b, found.c] == pytest.approx(judge.x, abs=1e-3)


@pytest.mark.parametrize("method", ["sigmoid", "beta"])
def test_weights_are_repetitions(method):
    times = np.random.default_rng(1).integers(0, 4, 4000)
    weighted = fit(method, X, Y, times)
    repeated = fit(method, np.repeat(X, times), np.repeat(Y, times))
    probe = np.linspace(-6, 3, 50)
    if method == "sigmoid":
        assert weighted.slope == pytest.approx(repeated.slope, rel=1e-6)
    assert weighted.apply(probe) == pytest.approx(repeated.apply(probe), abs=1e-5)


@pytest.mark.parametrize("method", ["sigmoid", "beta"])
def test_reversed_risk_is_refused(method):
    with pytest.raises(FitError, match=f"{method!r}.*would reverse") as error:
        fit(method, -X, Y)
    assert error.value.code == "NO_ORDER"


@pytest.mark.parametrize("x", [[-2.0, -1.0, 1.0, 2.0], [-2.0, 0.0, 0.0, 1.0]])
def test_beta_of_separated_classes_is_refused(x):
    with pytest.raises(FitError, match=r"no optimum.*method='sigmoid'") as error:
        fit("beta", x, [0, 0, 1, 1])
    assert error.value.code == "SEPARATED"


@pytest.mark.parametrize("method", ["sigmoid", "beta", "isotonic"])
@pytest.mark.parametrize("value", [-700.0, 0.0, 0.3, 5.0])
def test_constant_log_odds_are_refused(method, value):
    with pytest.raises(FitError, match="does not rise") as error:
        fit(method, np.full(100, value), np.arange(100) < 20)
    assert error.value.code == "NO_ORDER"
