"""Weight of evidence and information value against hand-worked numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cfscore.binning._information import (
    information_p_value,
    neighbour_p_values,
    raw_woe,
    smoothed_shares,
)

GOOD = np.array([500.0, 300.0, 150.0, 50.0])
BAD = np.array([10.0, 20.0, 30.0, 40.0])
COUNTS = st.lists(st.integers(0, 1000), min_size=2, max_size=8).filter(any)


def test_raw_woe_of_four_bins():
    # shares of goods .5 .3 .15 .05, of bads .1 .2 .3 .4: ratios 5, 1.5, 1/2, 1/8
    expected = [math.log(5), math.log(1.5), -math.log(2), -math.log(8)]
    assert_allclose(raw_woe(GOOD, BAD), expected, rtol=1e-14)


def test_raw_woe_is_infinite_in_a_pure_bin_and_nan_in_an_empty_one():
    woe = raw_woe(np.array([5.0, 0.0, 5.0, 0.0]), np.array([0.0, 5.0, 5.0, 0.0]))
    assert woe.tolist()[:3] == [math.inf, -math.inf, 0.0]
    assert math.isnan(woe[3])


@pytest.mark.parametrize(
    ("laplace", "expected"),
    [
        # (500.5/1002) / (0.5/102) = 101.90 -> 4.623974, and so on
        (0.5, [4.623974, 0.400242, -0.688544, -2.284780]),
        (1.0, [3.949250, 0.395231, -0.684064, -2.267356]),
    ],
)
def test_laplace_smoothing_of_a_zero_cell(laplace, expected):
    bad, filled = np.array([0.0, 20.0, 30.0, 50.0]), np.ones(4, dtype=bool)
    woe = np.log(
        smoothed_shares(GOOD, laplace, filled) / smoothed_shares(bad, laplace, filled)
    )
    assert_allclose(woe, expected, atol=5e-7)


@given(COUNTS, st.floats(0.0, 10.0))
def test_smoothed_shares_sum_to_one_and_leave_empty_bins_out(counts, laplace):
    values = np.array(counts, float)
    shares = smoothed_shares(values, laplace, values > 0)
    assert shares.sum() == pytest.approx(1.0)
    assert (shares[values == 0] == 0).all()


def test_no_relation_is_rejected_as_often_as_the_level_says():
    # 2,000 draws of 4 bins without relation: p < 0.05 in 5 % +- 4 standard errors
    rng = np.random.default_rng(3)
    small = 0
    for _ in range(2000):
        good = rng.multinomial(2000, [0.4, 0.3, 0.2, 0.1]).astype(float)
        bad = rng.multinomial(500, [0.4, 0.3, 0.2, 0.1]).astype(float)
        iv = float(((good / 2000 - bad / 500) * raw_woe(good, bad)).sum())
        small += information_p_value(iv, 4, 2000, 500) < 0.05
    assert abs(small / 2000 - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 2000)


def test_p_value_is_one_with_a_single_bin():
    assert information_p_value(0.0, 1, 100, 100) == 1.0


def test_neighbours_that_cannot_be_told_apart_have_p_value_one():
    good, bad = np.array([0.0, 10.0, 10.0]), np.array([0.0, 0.0, 0.0])
    assert neighbour_p_values(good, bad).tolist() == [1.0, 1.0]
