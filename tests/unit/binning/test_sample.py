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
from cfscore.exceptions import FitError
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


def test_totals_of_a_weighted_sample():
    totals = read_sample(Y, [1, 2, 0, 3], 4).totals
    assert (totals.n_rows, totals.good, totals.bad) == (3, 4.0, 2.0)
    # Kish: (1 + 3)^2 / (1 + 9) = 1.6 and 2^2 / 4 = 1
    assert totals.effective_good == pytest.approx(1.6)
    assert totals.effective_bad == pytest.approx(1.0)


def test_equal_weights_leave_the_effective_size_alone():
    totals = read_sample(Y, [0.1] * 4, 4).totals
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
