"""Target and weights: what is accepted, and what is refused by count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.binning._sample import count_values, read_sample
from cfscore.exceptions import FitError, UsageError
from cfscore.tables import CategoryColumn, NumericColumn

Y = [0, 1, 1, 0]


@pytest.mark.parametrize(
    "y",
    [
        Y,
        tuple(Y),
        np.array(Y, dtype=bool),
        np.array(Y, dtype=np.float32),
        np.array(Y, dtype=object),
        np.array(Y)[:, None],
        pd.Series(Y, index=list("dcba")),
        pd.Series(Y, dtype="boolean"),
        pd.Series(Y, dtype="Int64"),
        pl.Series(Y),
        pa.array(Y),
    ],
)
def test_targets_of_zeros_and_ones_are_accepted(y):
    sample = read_sample(y, None, 4)
    assert sample.bad.tolist() == [0.0, 1.0, 1.0, 0.0]
    assert sample.good.tolist() == [1.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("y", "found"),
    [
        ([0, 1, 2, 0], "found 0 missing and 1 other"),
        ([0, 1, np.nan, np.nan], "found 2 missing and 0 other"),
        ([0, 1, None, 0], "found 1 missing and 0 other"),
        ([0, 1, np.inf, 0.5], "found 0 missing and 2 other"),
        (["0", "1", "1", "0"], "not numbers"),
        (np.array(["good", "bad", "bad", "good"], dtype=object), "not numbers"),
        (pd.Series([0, 1, None, 1], dtype="Int64"), "not numbers|1 missing"),
        ([0, 0, 0, 0], "one class: 4 good and 0 bad"),
        ([1, 1, 1, 1], "one class: 0 good and 4 bad"),
        ([0, 1, 1], r"expected shape \(4,\), found \(3,\)"),
        (np.zeros((4, 2)), r"found \(4, 2\)"),
        (None, "y is None"),
    ],
)
def test_other_targets_are_refused_with_counts(y, found):
    with pytest.raises(FitError, match=found):
        read_sample(y, None, 4)


def test_no_value_of_the_target_is_quoted():
    with pytest.raises(FitError) as caught:
        read_sample(["Alice", "Bob", "Alice", "Bob"], None, 4)
    assert "Alice" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("weight", "found"),
    [
        ([1, 1, -1, 1], "1 of 4 are not"),
        ([1, np.nan, np.inf, 1], "2 of 4 are not"),
        ([0, 0, 0, 0], "zero in every row"),
        ([1, 0, 0, 1], "one class: 2 good and 0 bad"),
        ([1, 2], r"found \(2,\)"),
        (["a", "b", "c", "d"], "must hold numbers"),
    ],
)
def test_other_weights_are_refused(weight, found):
    with pytest.raises(FitError, match=found):
        read_sample(Y, weight, 4)


def targets(n_good, n_bad):
    return np.repeat([0, 1], [n_good, n_bad])


@pytest.mark.parametrize(
    ("n_good", "n_bad", "good", "bad", "found"),
    [
        # 1/n: together they count as one case
        (80, 20, 0.01, 0.01, "80 good rows that sum to 0.8, of the 20 bad rows to 0.2"),
        (80, 20, 1e-200, 1e-200, "sum to 8e-199, .* to 2e-199"),
        # 9 bads' worth, at a mean of 0.09
        (900, 100, 0.09, 0.09, "sum to 81, .* to 9"),
        # one class of no account beside the other
        (80, 20, 1.0, 0.01, "sum to 80, .* to 0.2"),
        (80, 20, 0.005, 1.0, "sum to 0.4, .* to 20"),
        # amounts of money, and sums beyond float64
        (80, 20, 1.1e6, 1.1e6, r"sum to 8.8e\+07, .* to 2.2e\+07"),
        (80, 20, 1e307, 1e307, "sum to inf"),
    ],
)
def test_weights_that_count_no_cases_are_refused(n_good, n_bad, good, bad, found):
    y = targets(n_good, n_bad)
    with pytest.raises(UsageError, match=f"(?s)must count cases.*{found}") as caught:
        read_sample(y, np.where(y == 1, bad, good), len(y))
    assert caught.value.code == "WEIGHT"
    assert "average 1" in caught.value.hint


@pytest.mark.parametrize(
    ("n_good", "n_bad", "good", "bad"),
    [
        (3, 1, 1.0, 1.0),  # a smaller sample of two classes there is not
        (60, 4, 0.5, 0.5),  # few bads, half weight
        (98, 100, 2.0, 0.04),  # as many bads as goods drawn, to a bad rate of 2 %
        (20_000, 2_000, 0.01, 0.01),  # rows that weigh 220 cases together
        (80, 20, 1e6, 1e6),
    ],
)
def test_weights_that_count_cases_are_taken(n_good, n_bad, good, bad):
    y = targets(n_good, n_bad)
    totals = read_sample(y, np.where(y == 1, bad, good), len(y)).totals
    assert totals.effective_bad == pytest.approx(n_bad)


def test_weights_that_average_one_pass_as_a_sample_without_weights():
    y = targets(148, 1)
    given = np.full(149, 1 / 149)
    scaled = read_sample(y, given / given.mean(), 149).totals
    assert (scaled.good, scaled.bad) == pytest.approx((148.0, 1.0))


def test_totals_of_a_weighted_sample():
    totals = read_sample(Y, [1, 2, 0, 3], 4).totals
    assert (totals.n_rows, totals.good, totals.bad) == (3, 4.0, 2.0)
    # Kish: (1 + 3)^2 / (1 + 9) = 1.6 and 2^2 / 4 = 1
    assert totals.effective_good == pytest.approx(1.6)
    assert totals.effective_bad == pytest.approx(1.0)


def test_equal_weights_leave_the_effective_size_alone():
    totals = read_sample(Y, [0.5] * 4, 4).totals
    assert totals.effective_good == pytest.approx(2.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([np.nan, -np.inf, -7.0, -0.0, 0.0, 1.5, np.inf]),
            st.booleans(),
            st.integers(0, 3),
        ),
        max_size=30,
    )
)
def test_counts_of_numbers_are_those_of_a_plain_loop(rows):
    values = [0.0, 1.5, *(value for value, _, _ in rows)]
    y = [0, 1, *(bad for _, bad, _ in rows)]
    weights = [1, 1, *(weight for _, _, weight in rows)]
    sample = read_sample(y, weights, len(y))
    counts = count_values(NumericColumn(np.array(values)), sample)
    assert isinstance(counts.values, NumericColumn)
    for i, value in enumerate(counts.values.values):
        same = [
            (bad, weight)
            for other, bad, weight in zip(values, y, weights, strict=True)
            if other == value or (other != other and value != value)
        ]
        assert counts.rows[i] == sum(weight > 0 for _, weight in same)
        assert counts.good[i] == sum(weight for bad, weight in same if not bad)
        assert counts.bad[i] == sum(weight for bad, weight in same if bad)
    assert counts.rows.sum() == sum(weight > 0 for weight in weights)


def test_counts_of_categories_keep_keys_and_missing_apart():
    column = CategoryColumn(np.array([1, -1, 1, 0], np.int32), ("a", "b", "unused"))
    counts = count_values(column, read_sample(Y, None, 4))
    assert counts.rows.tolist() == [1, 1, 2, 0]  # missing, a, b, unused
    assert counts.bad.tolist() == [1.0, 0.0, 1.0, 0.0]
