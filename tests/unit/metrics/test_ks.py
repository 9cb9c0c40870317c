"""KS: worked value, SciPy as judge, orientation and coverage of its interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from cfscore.metrics import ks

Y = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0]
PD = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.2, 0.1]


def test_worked_value():
    # At 0.6 and riskier: 3 of 4 bads, 1 of 6 goods.
    result = ks(Y, PD)
    assert result.value == pytest.approx(3 / 4 - 1 / 6, abs=1e-12)
    assert result.cutoff == 0.6
    assert result.is_oriented
    # 3/4 * 1/4 / 4 + 1/6 * 5/6 / 6 = 0.046875 + 0.023148 = 0.070023.
    assert result.standard_error**2 == pytest.approx(0.070023, abs=1e-6)


def test_interval_is_newcombes():
    # Wilson limits with z = 1.959964: 3/4 -> (0.300642, 0.954413),
    # 1/6 -> (0.030053, 0.563503); 7/12 + hypot(0.204413, 0.136614) = 0.829195.
    result = ks(Y, PD)
    assert result.upper == pytest.approx(0.829195, abs=1e-5)
    # 7/12 - hypot(0.449358, 0.396836) is below 0.
    assert result.lower == 0.0


def test_the_cutoff_is_in_the_callers_units():
    score = [310, 340, 355, 370, 380, 390, 400, 420, 450, 500]
    result = ks(Y, score, higher_is="safer")
    assert (result.value, result.cutoff) == (ks(Y, PD).value, 370.0)


def test_a_reversed_ranking_shows():
    result = ks(Y, PD, higher_is="safer")
    assert result.value == pytest.approx(7 / 12, abs=1e-12)
    assert not result.is_oriented


@pytest.mark.parametrize("seed", range(10))
def test_equals_scipy(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 500)
    risk = rng.integers(0, 40, 500) + 3 * y
    judge = ks_2samp(risk[y == 1], risk[y == 0]).statistic
    assert ks(y, risk).value == pytest.approx(judge, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_whole_weights_are_repetitions(seed):
    rng = np.random.default_rng(seed)
    y, risk = rng.integers(0, 2, 80), rng.integers(0, 9, 80)
    weight = rng.integers(1, 4, 80)
    weighted = ks(y, risk, sample_weight=weight)
    repeated = ks(np.repeat(y, weight), np.repeat(risk, weight))
    assert weighted.value == pytest.approx(repeated.value, abs=1e-12)
    # Unequal weights carry less information than as many independent cases.
    assert weighted.standard_error > repeated.standard_error


@given(
    rows=st.lists(st.tuples(st.integers(0, 1), st.integers(-5, 5)), max_size=30),
)
def test_invariances(rows):
    y, risk = np.array([(1, 0), (0, 1), *rows], dtype=float).T
    result = ks(y, risk)
    assert 0.0 <= result.lower <= result.value <= result.upper <= 1.0
    assert ks(y, risk**3).value == result.value
    assert ks(y, -risk, higher_is="safer").value == result.value
    assert ks(y[::-1], risk[::-1]) == result
    assert ks(1 - y, risk).value == pytest.approx(result.value, abs=1e-12)


def test_perfect_separation_keeps_a_width():
    result = ks([1] * 10 + [0] * 10, range(20, 0, -1))
    assert (result.value, result.upper) == (1.0, 1.0)
    assert 0.5 < result.lower < 0.8


def test_the_interval_covers_the_truth():
    # Bads N(1, 1), goods N(0, 1): the true KS is 2 Phi(1/2) - 1 = 0.382925.
    truth = math.erf(0.5 / math.sqrt(2.0))
    rng = np.random.default_rng(5)
    y = np.r_[np.ones(200), np.zeros(1800)]
    n_covered = 0
    for _ in range(400):
        result = ks(y, rng.standard_normal(2000) + y)
        n_covered += result.lower <= truth <= result.upper
    # The sample KS is a maximum and so lies high by a little: at this size the
    # interval covers somewhat less than its 95 %.
    assert n_covered >= 0.9 * 400
