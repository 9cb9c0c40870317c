"""Isotonic: hand-worked steps, and scikit-learn's regression as judge."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from cfscore.calibration import Calibrator
from cfscore.exceptions import FitError


def fit(log_odds, y, weights=None):
    return Calibrator("isotonic").fit(log_odds, y, weights).calibration_


def odds(steps):
    return [math.exp(level) for level in steps.log_odds]


def test_steps_of_a_hand_worked_sample():
    # log-odds    -4     -2     -1      1      2
    # bad/cases   0/10   1/10   3/10   2/10   10/10
    # -1 and 1 violate the order and pool to 5/20; the ends get half a case:
    # 0.5 to 10.5 and 10.5 to 0.5.
    log_odds = np.repeat([-4.0, -2.0, -1.0, 1.0, 2.0], 10)
    y = np.concatenate([np.arange(10) < k for k in (0, 1, 3, 2, 10)])
    found = fit(log_odds, y)
    assert found.edges == (-3.0, -1.5, 1.5)
    assert odds(found) == pytest.approx([0.5 / 10.5, 1 / 9, 5 / 15, 10.5 / 0.5])


def test_the_half_case_is_that_of_k_and_n():
    # (k + 1/2) / (n + 1) for k = 0, n = 3 and for k = 2, n = 2
    found = fit([-2.0, -2.0, -2.0, 1.0, 1.0], [0, 0, 0, 1, 1])
    assert expit(found.log_odds) == pytest.approx([0.5 / 4, 2.5 / 3])


def test_an_end_that_half_a_case_puts_out_of_order_joins_its_neighbour():
    # 0 of 2 would be 0.5/3, above 1 of 20: joined, 1 of 22.
    # 2 of 2 would be 2.5/3, below 19 of 20: joined, 21 of 22.
    log_odds = np.repeat([-3.0, -1.0, 1.0, 3.0], [2, 20, 20, 2])
    y = np.r_[0, 0, np.arange(20) < 1, np.arange(20) < 19, 1, 1]
    found = fit(log_odds, y)
    assert found.edges == (0.0,)
    assert odds(found) == pytest.approx([1 / 21, 21 / 1])


def test_neighbouring_numbers_are_told_apart():
    low = 1.0
    high = math.nextafter(low, 2.0)
    found = fit([low] * 4 + [high] * 4, [0, 0, 0, 1, 0, 1, 1, 1])
    assert found.edges == (high,)
    assert expit(found.apply([low, high])) == pytest.approx([0.25, 0.75])


@given(st.integers(0, 10**6))
def test_inner_steps_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(-20, 20, 300) / 4.0
    y = (rng.random(300) < expit(x)).astype(float)
    weights = rng.integers(1, 4, 300).astype(float)
    steps = fit(x, y, weights)
    ours = expit(steps.apply(x))
    theirs = IsotonicRegression().fit(x, y, sample_weight=weights).predict(x)
    level = steps.log_odds
    inner = (steps.apply(x) > level[0]) & (steps.apply(x) < level[-1])
    assert ours[inner] == pytest.approx(theirs[inner], abs=1e-12)
    assert ours.min() > 0.0
    assert ours.max() < 1.0
    assert (np.diff(level) > 0.0).all()


def test_weights_are_repetitions():
    x, y = [-1.0, -1.0, 1.0, 1.0], [0, 1, 0, 1]
    weighted = fit(x, y, [3, 1, 1, 2])
    assert weighted == fit(np.repeat(x, [3, 1, 1, 2]), np.repeat(y, [3, 1, 1, 2]))


def test_falling_risk_is_refused():
    with pytest.raises(
        FitError, match=r"'isotonic'.*does not rise.*1 for bad"
    ) as error:
        fit([-1.0, 1.0], [1, 0])
    assert error.value.code == "NO_ORDER"
