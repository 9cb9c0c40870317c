"""PSI: worked value, sampling error, empty bins and refusals."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from cfscore.exceptions import InputError, UsageError
from cfscore.metrics import psi, score_shift

EXPECTED_SHARE = [0.10, 0.20, 0.30, 0.25, 0.15]
ACTUAL_SHARE = [0.08, 0.18, 0.28, 0.27, 0.19]
EXPECTED = [200, 400, 600, 500, 300]  # of 2,000
ACTUAL = [120, 270, 420, 405, 285]  # of 1,500

counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=12)


def test_worked_value():
    result = psi(EXPECTED, ACTUAL)
    # First bin: (0.08 - 0.10) ln(0.8) = 0.004463.
    assert result.contributions == pytest.approx(
        [0.004463, 0.002107, 0.001380, 0.001539, 0.009456], abs=5e-7
    )
    assert float(result) == pytest.approx(0.018945, abs=5e-7)
    # 0.018945 / (1/2000 + 1/1500) = 16.2383 on 4 degrees of freedom.
    assert result.degrees_of_freedom == 4
    assert result.p_value == pytest.approx(0.002715, abs=5e-7)
    # "Stable" by the rule of thumb, shifted by the test.
    assert result.value < 0.10
    assert result.is_shifted
    assert result.smoothing == 0.0


def test_shares_with_their_numbers_are_counts():
    shares = psi(EXPECTED_SHARE, ACTUAL_SHARE, n_expected=2000, n_actual=1500)
    assert shares.value == pytest.approx(psi(EXPECTED, ACTUAL).value, abs=1e-15)
    assert shares.p_value == pytest.approx(psi(EXPECTED, ACTUAL).p_value, abs=1e-12)
    mixed = psi(EXPECTED_SHARE, ACTUAL, n_expected=2000)
    assert mixed.value == pytest.approx(shares.value, abs=1e-15)


@pytest.mark.parametrize(
    ("n", "critical"), [(100, 0.33838), (1000, 0.033838), (10_000, 0.003384)]
)
def test_worked_critical_values_of_ten_bins(n, critical):
    shares = np.full(10, 0.1)
    result = psi(shares, shares, n_expected=n, n_actual=n)
    assert result.critical_value == pytest.approx(critical, abs=5e-6)
    assert (result.value, result.p_value, result.is_shifted) == (0.0, 1.0, False)


def test_the_noise_is_chi_squared():
    # Two samples of 1,000 in ten bins: mean 9 (1/1000 + 1/1000) = 0.018, exceeded
    # beyond the critical value in 5 % of cases.
    rng = np.random.default_rng(3)
    samples = rng.multinomial(1000, np.full(10, 0.1), size=(1000, 2))
    results = [psi(expected, actual) for expected, actual in samples]
    assert np.mean([result.value for result in results]) == pytest.approx(
        0.018, abs=0.001
    )
    share_shifted = np.mean([result.is_shifted for result in results])
    assert share_shifted == pytest.approx(0.05, abs=0.021)  # three standard errors


def test_a_category_never_seen_before_is_not_dropped():
    # Half of the sample moved to a bin that development left empty. With half a case
    # more in each bin: 2 (250.5 - 500.5)/1001.5 ln(250.5/500.5)
    # + (500.5 - 0.5)/1001.5 ln(1001) = 0.345529 + 3.449215.
    result = psi([500, 500, 0], [250, 250, 500])
    assert result.value == pytest.approx(3.794744, abs=1e-4)
    assert result.contributions[2] == pytest.approx(3.449215, abs=1e-4)
    assert result.smoothing == 0.5
    assert result.expected_share.sum() == pytest.approx(1.0)


def test_without_smoothing_an_infinite_index_is_refused():
    with pytest.raises(InputError, match=r"1 bin.*infinite.*smoothing=0\.5"):
        psi([500, 500, 0], [250, 250, 500], smoothing=0)


def test_a_bin_empty_on_both_sides_says_nothing():
    with_empty = psi([*EXPECTED, 0], [*ACTUAL, 0])
    without = psi(EXPECTED, ACTUAL)
    assert with_empty.value == without.value
    assert with_empty.p_value == without.p_value
    assert with_empty.contributions[-1] == 0.0
    # Also where another bin makes smoothing necessary.
    assert psi([9, 0, 0], [500, 1, 0]).contributions[-1] == 0.0


def test_one_occupied_bin_cannot_shift():
    result = psi([7, 0], [900, 0])
    assert (result.value, result.p_value, result.critical_value) == (0.0, 1.0, 0.0)
    assert not result.is_shifted


@given(rows=counts, smoothing=st.floats(0.01, 5.0))
def test_properties(rows, smoothing):
    expected, actual = np.array([(3, 4), *rows], dtype=float).T
    result = psi(expected, actual, smoothing=smoothing)
    assert (result.contributions >= 0.0).all()
    assert result.value == pytest.approx(result.contributions.sum())
    assert 0.0 <= result.p_value <= 1.0
    # The two sides are interchangeable, and so is the order of the bins.
    assert psi(actual, expected, smoothing=smoothing).value == pytest.approx(
        result.value
    )
    assert psi(
        expected[::-1], actual[::-1], smoothing=smoothing
    ).value == pytest.approx(result.value)
    assert psi(expected, expected, smoothing=smoothing).value == 0.0


def test_critical_value_is_a_quantile():
    result = psi(EXPECTED, ACTUAL, confidence=0.99)
    unit = 1 / 2000 + 1 / 1500
    assert result.critical_value == pytest.approx(chi2.ppf(0.99, 4) * unit)
    assert repr(result) == "StabilityIndex(0.0189, p=0.0027, critical 0.0155 at 99%)"


REFUSED = {
    "shares": ((EXPECTED_SHARE, ACTUAL), {}, "SHARES", "Pass n_expected as well"),
    "counts": ((EXPECTED, ACTUAL), {"n_actual": 9}, "NOT_SHARES", "without n_actual"),
    "lengths": (([1, 2], [1, 2, 3]), {}, "LENGTH", "expected has 2 bins but actual"),
    "negative": (([1, -2], [1, 2]), {}, "NEGATIVE", "expected has 1 negative"),
    "missing": (([1, 2], [1, np.nan]), {}, "MISSING", "actual has 1 missing"),
    "no bins": (([], []), {}, "EMPTY", "expected is empty"),
    "no cases": (([3, 2], [0, 0]), {}, "EMPTY", "actual has no cases"),
    "text": ((["a"], [1]), {}, "NOT_NUMERIC", "expected must hold numbers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_bins_are_refused_by_name(case):
    sides, options, code, text = REFUSED[case]
    with pytest.raises(InputError, match=re.escape(text)) as caught:
        psi(*sides, **options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "options",
    [
        {"smoothing": -1},
        {"smoothing": np.nan},
        {"confidence": 95},
        {"n_expected": 0},
        {"n_expected": np.nan},
    ],
)
def test_bad_options_are_refused(options):
    with pytest.raises(UsageError, match="must"):
        psi(EXPECTED_SHARE, [2, 2, 2, 2, 2], **{"n_expected": 10, **options})


def test_worked_score_shift():
    # -0.02 * 60 - 0.02 * 50 - 0.02 * 40 + 0.02 * 30 + 0.04 * 20 = -1.6.
    points = [60, 50, 40, 30, 20]
    assert score_shift(EXPECTED, ACTUAL, points) == pytest.approx(-1.6, abs=1e-12)
    with pytest.raises(InputError, match="5 bins but 2 points"):
        score_shift(EXPECTED, ACTUAL, [1, 2])
