"""Trends: asked for, chosen by "auto", and verified from the rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.binning._prebin import OrderedCells
from cfscore.binning._solver import solve_bins
from cfscore.binning._trend import SolverLimits, solve_trend, verified_trend

LIMITS = SolverLimits(max_bins=6, max_p_value=None, time_limit=30.0)


def solve(prebins, monotonic):
    spread = 1.0 / prebins.good.sum() + 1.0 / prebins.bad.sum()
    return solve_trend(prebins, monotonic, LIMITS, spread)


def prebins_of(rates, n=1000) -> OrderedCells:
    bad = np.rint(np.array(rates) * n)
    return OrderedCells(np.full(len(rates), n), n - bad, bad)


def trend_of(prebins, solution) -> str:
    bins = prebins.merge(solution.cuts)
    return verified_trend(bins.good, bins.bad)


SHAPES = {
    "ascending": [0.05, 0.08, 0.12, 0.16, 0.2, 0.25],
    "descending": [0.25, 0.2, 0.16, 0.12, 0.08, 0.05],
    "peak": [0.05, 0.1, 0.2, 0.22, 0.1, 0.05],
    "valley": [0.25, 0.12, 0.06, 0.05, 0.12, 0.22],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_auto_finds_the_shape_of_clear_data(shape):
    prebins = prebins_of(SHAPES[shape])
    solution = solve(prebins, "auto")
    assert solution.status == "OPTIMAL"
    assert trend_of(prebins, solution) == shape


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("trend", SHAPES)
def test_the_trend_asked_for_is_kept_on_data_of_any_shape(trend, shape):
    prebins = prebins_of(SHAPES[shape])
    solution = solve(prebins, trend)
    # peak and valley may have their turn at either end
    allowed = {"peak": set(SHAPES) - {"valley"}, "valley": set(SHAPES) - {"peak"}}
    found = trend_of(prebins, solution)
    assert found in {"none", *allowed.get(trend, {trend})}
    assert (found == "none") <= (len(solution.cuts) == 0)


def test_none_keeps_every_turn_that_adds_information():
    rates = [0.05, 0.2, 0.06, 0.21, 0.07, 0.2]
    prebins = prebins_of(rates)
    assert len(solve(prebins, "none").cuts) == 5


def test_auto_takes_no_turning_point_that_may_be_chance():
    # 0.14 against 0.15 in 1,000 cases each is noise; in 100,000 it is not
    rates = [0.05, 0.08, 0.12, 0.15, 0.14]
    for n, expected in ((1000, "ascending"), (100_000, "peak")):
        prebins = prebins_of(rates, n)
        assert trend_of(prebins, solve(prebins, "auto")) == expected


def test_auto_takes_the_better_of_both_directions():
    # up, but for a first step down that may be chance (z = 1.75)
    prebins = prebins_of([0.08, 0.06, 0.11, 0.13, 0.12, 0.14])
    solution = solve(prebins, "auto")
    assert trend_of(prebins, solution) == "ascending"


def test_max_bins_and_p_value_limit_the_bins():
    prebins = prebins_of([0.10, 0.11, 0.12, 0.20, 0.21, 0.30], n=500)
    two = solve_bins(prebins, "ascending", max_bins=2, max_p_value=None, time_limit=30)
    assert len(two.cuts) == 1
    told = solve_bins(prebins, "ascending", max_bins=6, max_p_value=0.05, time_limit=30)
    # .10 .11 .12 and .20 .21 cannot be told apart in 500 cases each
    assert told.cuts.tolist() == [3, 5]


def test_a_single_prebin_needs_no_solver():
    solution = solve(prebins_of([0.1]), "auto")
    assert (len(solution.cuts), solution.status) == (0, "OPTIMAL")


@pytest.mark.parametrize(("max_p_value", "cuts"), [(None, [1, 2]), (0.5, [2])])
def test_a_bin_of_a_fraction_of_a_case_is_joined_where_cases_count(max_p_value, cuts):
    prebins = OrderedCells(
        np.array([50, 50, 50]), np.array([40.0, 30, 20]), np.array([0.2, 10, 20])
    )
    limits = {"max_bins": 6, "max_p_value": max_p_value, "time_limit": 30}
    assert solve_bins(prebins, "ascending", **limits).cuts.tolist() == cuts


def test_a_time_limit_that_is_met_is_told():
    prebins = prebins_of(np.linspace(0.05, 0.3, 20))
    limits = {"max_bins": 6, "max_p_value": None, "time_limit": 1e-6}
    solution = solve_bins(prebins, "peak", **limits)
    assert solution.status in ("FEASIBLE", "UNKNOWN")


@pytest.mark.parametrize(
    ("rates", "trend"),
    [
        ([], "none"),
        ([0.1], "none"),
        ([0.1, 0.1], "none"),
        ([0.1, 0.2], "ascending"),
        ([0.1, 0.1, 0.2], "ascending"),
        ([0.2, 0.1, 0.1], "descending"),
        ([0.1, 0.2, 0.2, 0.1], "peak"),
        ([0.2, 0.1, 0.3], "valley"),
        ([0.1, 0.2, 0.1, 0.2], "none"),
    ],
)
def test_verified_trend_of_rates(rates, trend):
    bad = np.array(rates) * 100
    assert verified_trend(100 - bad, bad) == trend


def test_an_empty_bin_has_no_say_in_the_trend():
    good, bad = np.array([90.0, 0.0, 80.0]), np.array([10.0, 0.0, 20.0])
    assert verified_trend(good, bad) == "ascending"


@given(st.lists(st.integers(1, 9), min_size=2, max_size=8))
def test_the_mirrored_rates_have_the_mirrored_trend(tenths):
    bad = np.array(tenths, float)
    mirrored = {"ascending": "descending", "descending": "ascending"}
    found = verified_trend(10 - bad, bad)
    assert verified_trend((10 - bad)[::-1], bad[::-1]) == mirrored.get(found, found)
