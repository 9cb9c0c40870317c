"""AUC and Gini: worked values, ties, a brute-force twin and scikit-learn as judge."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from cfscore.exceptions import UsageError
from cfscore.metrics import auc, gini, hanley_mcneil_standard_error

# Ten cases, four bad: 24 pairs. Bads at .9 and .8 beat all six goods, the one at .6
# beats five (not .7), the one at .35 beats two (.2, .1): 19 of 24.
Y = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0]
PD = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.2, 0.1]


def brute_force_auc(y, risk, weight):
    """Return weighted AUC and DeLong variance from the definition, pair by pair."""
    bads = [i for i in range(len(y)) if y[i] == 1]
    goods = [j for j in range(len(y)) if y[j] == 0]

    def psi(i, j):
        return 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0

    def mean(cases, values):
        total = sum(weight[i] for i in cases)
        return sum(weight[i] * values[i] for i in cases) / total

    v10 = {i: mean(goods, {j: psi(i, j) for j in goods}) for i in bads}
    v01 = {j: mean(bads, {i: psi(i, j) for i in bads}) for j in goods}
    area = mean(bads, v10)

    def variance(cases, values):
        total = sum(weight[i] for i in cases)
        squares = sum(weight[i] ** 2 for i in cases)
        n = total**2 / squares
        plain = sum((weight[i] * (values[i] - area)) ** 2 for i in cases) / total**2
        return plain * n / (n - 1)

    return area, variance(bads, v10) + variance(goods, v01)


def random_sample(seed, n=60, n_levels=15):
    rng = np.random.default_rng(seed)
    y = np.r_[1, 1, 0, 0, rng.integers(0, 2, n - 4)]
    risk = rng.integers(0, n_levels, n) + 2.0 * y
    return y, risk, rng.uniform(0.5, 2.0, n)


def test_worked_value():
    result = auc(Y, PD)
    assert result.value == pytest.approx(19 / 24, abs=1e-12)
    # V10 = 1, 1, 5/6, 1/3; V01 = 1/2, 3/4, 3/4, 3/4, 1, 1:
    # var(V10)/4 + var(V01)/6 = 0.03078704.
    assert result.standard_error**2 == pytest.approx(0.03078704, abs=1e-8)
    assert result.standard_error == pytest.approx(0.175462, abs=1e-6)
    # The plain interval would end at 1.1356.
    assert result.lower == pytest.approx(0.3208, abs=5e-5)
    assert result.upper == pytest.approx(0.9683, abs=5e-5)


def test_worked_gini_is_twice_the_auc_less_one():
    area, result = auc(Y, PD), gini(Y, PD)
    assert result.value == pytest.approx(14 / 24, abs=1e-12)
    assert result.lower == pytest.approx(2 * area.lower - 1, abs=1e-15)
    assert result.upper == pytest.approx(2 * area.upper - 1, abs=1e-15)
    assert result.standard_error == pytest.approx(2 * 0.175462, abs=2e-6)


def test_a_tie_counts_one_half():
    # Pairs: .5 with .5 is 1/2, .5 over .1, .9 over .5, .9 over .1: 3.5 of 4.
    assert float(auc([1, 0, 1, 0], [0.5, 0.5, 0.9, 0.1])) == 0.875


def test_hanley_mcneil_worked_values():
    # AUC 0.75 with 30 bads of 1,000 and with 300 of 10,000.
    small = hanley_mcneil_standard_error(0.75, 30, 970)
    large = hanley_mcneil_standard_error(0.75, 300, 9700)
    assert small == pytest.approx(0.0522, abs=5e-5)
    assert large == pytest.approx(0.0165, abs=5e-5)
    assert 2 * 1.959964 * small == pytest.approx(0.2044, abs=5e-5)
    assert 2 * 1.959964 * large == pytest.approx(0.0646, abs=5e-5)


@pytest.mark.parametrize(("area", "n_bad", "n_good"), [(1.1, 5, 5), (0.7, 0, 5)])
def test_hanley_mcneil_refuses_what_cannot_be(area, n_bad, n_good):
    with pytest.raises(UsageError, match="must"):
        hanley_mcneil_standard_error(area, n_bad, n_good)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("is_weighted", [False, True])
def test_equals_the_pairwise_definition(seed, is_weighted):
    y, risk, weight = random_sample(seed)
    weight = weight if is_weighted else np.ones_like(weight)
    area, variance = brute_force_auc(y, risk, weight)
    result = auc(y, risk, sample_weight=weight)
    assert result.value == pytest.approx(area, abs=1e-12)
    assert result.standard_error == pytest.approx(math.sqrt(variance), abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_equals_scikit_learn(seed):
    y, risk, weight = random_sample(seed, n=3000)
    assert float(auc(y, risk)) == pytest.approx(roc_auc_score(y, risk), abs=1e-12)
    weighted = float(auc(y, risk, sample_weight=weight))
    judge = roc_auc_score(y, risk, sample_weight=weight)
    assert weighted == pytest.approx(judge, abs=1e-12)


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 1), st.integers(-8, 8)), min_size=4, max_size=40
    ),
    shuffle=st.randoms(use_true_random=False),
)
def test_invariances(rows, shuffle):
    rows = [(1, 3), (0, 3), *rows]
    y, risk = np.array(rows, dtype=float).T
    value = auc(y, risk).value

    # Only the order of the risks counts, ...
    assert auc(y, np.exp(risk / 3.0)).value == value
    # ... not the order of the rows;
    shuffle.shuffle(rows)
    assert auc(*np.array(rows).T).value == pytest.approx(value, abs=1e-12)
    # a score that is safer when higher is the same ranking,
    assert auc(y, -risk, higher_is="safer").value == value
    # the wrong orientation and the other outcome mirror it,
    assert auc(y, risk, higher_is="safer").value == pytest.approx(1 - value)
    assert auc(1 - y, risk).value == pytest.approx(1 - value)
    # and a case counted k times is a case of weight k.
    repeated = auc(np.repeat(y, 3), np.repeat(risk, 3)).value
    weighted = auc(y, risk, sample_weight=np.full(y.size, 3.0)).value
    assert repeated == pytest.approx(value, abs=1e-12)
    assert weighted == pytest.approx(value, abs=1e-12)


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=1, max_size=12
    ),
    confidence=st.floats(0.5, 0.999),
)
def test_the_interval_holds_the_value_and_stays_in_range(rows, confidence):
    y, risk = np.array([(1, 0), (0, 0), *rows]).T
    result = auc(y, risk, confidence=confidence)
    assert 0.0 <= result.lower <= result.value + 1e-12
    assert result.value - 1e-12 <= result.upper <= 1.0


def test_perfect_separation_keeps_a_width():
    # Twenty disjoint pairs that all agree: the lower end is 0.025^(1/20).
    result = auc([1] * 20 + [0] * 30, [2.0] * 20 + [1.0] * 30)
    assert (result.value, result.upper) == (1.0, 1.0)
    assert result.lower == pytest.approx(0.025 ** (1 / 20), abs=1e-12)
    mirrored = auc([1] * 20 + [0] * 30, [1.0] * 20 + [2.0] * 30)
    assert (mirrored.value, mirrored.lower) == (0.0, 0.0)
    assert mirrored.upper == pytest.approx(1 - 0.025 ** (1 / 20), abs=1e-12)


def test_a_constant_risk_is_chance():
    result = auc([1, 1, 0, 0], [7, 7, 7, 7])
    assert (result.value, result.lower, result.upper) == (0.5, 0.5, 0.5)


def test_one_bad_tells_nothing_about_the_error():
    result = auc([1, 0, 0, 0], [3, 4, 2, 1])
    assert result.value == pytest.approx(2 / 3)
    assert math.isnan(result.standard_error)
    assert (result.lower, result.upper) == (0.0, 1.0)


def test_infinite_risks_are_values():
    assert float(auc([1, 1, 0, 0], [math.inf, 1.0, 0.0, -math.inf])) == 1.0


def test_the_interval_covers_the_truth():
    # Bads N(1, 1), goods N(0, 1): the true AUC is Phi(1 / sqrt 2) = 0.76025.
    rng = np.random.default_rng(11)
    y = np.r_[np.ones(60), np.zeros(240)]
    n_covered = 0
    for _ in range(400):
        result = auc(y, rng.standard_normal(300) + y)
        n_covered += result.lower <= 0.7602499 <= result.upper
    # 380 are expected, with a standard error of 4.4.
    assert 363 <= n_covered <= 397
