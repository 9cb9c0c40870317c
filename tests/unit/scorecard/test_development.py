"""Development aggregates: score bins, ranges, nothing of single rows."""

from __future__ import annotations

import math
import sys
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.score_scale import ScoreScale
from cfscore.scorecard import points_stage
from cfscore.scorecard._development import aggregate_development, outward
from cfscore.scorecard._training import TrainingSample
from cfscore.tables import CategoryColumn, ColumnBatch, NumericColumn
from tests.unit.scorecard.cards import edited_tables, repeated


@cache
def stage():
    x, y = repeated((80, 60, 40), (10, 20, 40))
    text = np.array(["A", "B", "C"], object)[x.astype(int)]
    tables = edited_tables(
        {"x": x, "c": text},
        y,
        {"x": [1], "c": [["A"], ["B", "C"]]},
        special_codes={"x": [-9]},
        laplace=0.5,
    )
    return points_stage(tables, {"x": -1.0, "c": -1.0}, -2.0, ScoreScale())


def sample_of(values, weights=None, y=None):
    values = np.asarray(values, float)
    n = len(values)
    columns = {
        "x": NumericColumn(values),
        "c": CategoryColumn(np.zeros(n, np.int32), ("A",)),
    }
    weights = np.ones(n) if weights is None else np.asarray(weights, float)
    y = np.arange(n) % 2.0 if y is None else np.asarray(y, float)
    return TrainingSample(ColumnBatch(n, columns), y, weights)


def aggregate(score, values=None, **kwargs):
    values = np.arange(len(score)) if values is None else values
    return aggregate_development(
        stage().special_codes, sample_of(values, **kwargs), np.asarray(score, float)
    )


def test_twenty_bins_of_equal_size():
    found = aggregate(np.random.default_rng(0).permutation(1000))
    assert found.n_rows == 1000
    assert found.score_edges == tuple(range(50, 1000, 50))
    assert found.score_counts == (50,) * 20


def test_bins_are_closed_on_the_left():
    # Ten scores each of 1, 2 and 3: an edge belongs to the bin above it.
    found = aggregate(np.repeat([1.0, 2.0, 3.0], 10))
    assert found.score_edges == (2.0, 3.0)
    assert found.score_counts == (10, 10, 10)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60))
def test_no_bin_has_fewer_than_five_rows_unless_there_are_fewer(scores):
    found = aggregate(scores)
    edges = [-math.inf, *found.score_edges, math.inf]
    counts = [
        sum(low <= score < high for score in scores) for low, high in pairwise(edges)
    ]
    assert found.score_counts == tuple(counts)
    assert min(counts) >= min(5, len(scores))


def test_one_score_for_all_is_one_bin():
    found = aggregate(np.full(100, 600.0))
    assert (found.score_edges, found.score_counts) == ((), (100,))


def test_rows_of_weight_zero_do_not_count():
    score = np.arange(20.0)
    score[10:] = np.nan
    found = aggregate(score, weights=np.repeat([2.0, 0.0], 10))
    assert found.n_rows == 10
    assert sum(found.score_counts) == 10
    assert found.ranges["x"] == (0.0, 9.0)


def test_the_bad_rate_is_weighted():
    assert aggregate([1, 2], y=[1, 0], weights=[3, 1]).bad_rate == 0.75


def test_ranges_leave_out_specials_missing_and_infinite():
    values = [12345.6, -9.0, np.nan, np.inf, -np.inf, 23456.7]
    found = aggregate(np.arange(6), values)
    assert found.ranges == {"x": (12300.0, 23500.0)}


def test_a_column_without_measured_values_has_no_range():
    assert aggregate(np.arange(3), [np.nan, -9.0, np.inf]).ranges == {}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_bounds_lie_outside_and_have_three_digits(value):
    low, high = outward(value, -1), outward(value, 1)
    assert low <= value <= high
    for bound in (low, high):
        digits = f"{bound:.16e}".split("e")[0].replace(".", "").lstrip("-")
        assert float(f"{bound:.2e}") == bound or abs(bound) == sys.float_info.max, (
            digits
        )


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(0.0, 0.0, 0.0), (0.98765, 0.987, 0.988), (-1234.5, -1240.0, -1230.0)],
)
def test_bounds_by_hand(value, low, high):
    assert (outward(value, -1), outward(value, 1)) == (low, high)
