"""Target and weights: what is accepted, and that orientation is never guessed."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import DataConversionWarning

from cfscore.exceptions import FitError
from cfscore.samples import read_target, read_weights

EXPECTED = [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "y",
    [
        [0, 1, 1],
        [False, True, True],
        (0.0, 1.0, 1.0),
        np.array([0, 1, 1], np.int8),
        np.array([0, 1, True], object),
        [Decimal(0), Decimal(1), Decimal(1)],
        pd.Series([0, 1, 1], index=[7, 8, 9]),
        pd.Series([False, True, True], dtype="boolean"),
        pd.Series([0, 1, 1], dtype="Int64"),
        pl.Series([0, 1, 1]),
        pa.array([0, 1, 1]),
    ],
    ids=lambda y: f"{type(y).__module__}.{type(y).__name__}",
)
def test_zero_and_one_are_read(y):
    assert read_target(y).tolist() == EXPECTED


@pytest.mark.parametrize(
    ("y", "found"),
    [
        (["good", "bad", "bad"], "text labels"),
        (["0", "1", "1"], "text labels"),
        (np.array([b"0", b"1"]), "text labels"),
        ([0, 1, "1"], "text labels"),
        (pd.Series(["0", "1"], dtype="str"), "text labels"),
        ([-1, 1, 1], "other labels"),
        ([1, 2, 2], "other labels"),
        ([0, 1, 2], "Only binary classification is supported"),
        ([0.0, 0.5, 1.0], "Unknown label type: continuous"),
        ([0.0, np.nan, 1.0], "missing"),
        ([0, None, 1], "missing"),
        (pd.Series([0, None, 1], dtype="Int64"), "missing"),
        ([0, object(), 1], "no numbers"),
        (np.array([0j, 1j]), "Complex data not supported"),
    ],
)
def test_anything_else_is_refused(y, found):
    with pytest.raises(FitError, match=found) as caught:
        read_target(y)
    assert caught.value.code == "TARGET"
    assert "1 for bad" in str(caught.value)


def test_no_target_is_refused():
    with pytest.raises(FitError, match="requires y"):
        read_target(None)


def test_a_column_vector_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        assert read_target([[0], [1], [1]]).tolist() == EXPECTED


def test_a_table_is_no_target():
    with pytest.raises(FitError, match=r"found shape \(2, 2\)"):
        read_target([[0, 1], [1, 0]])


def test_no_weights_are_ones():
    assert read_weights(None, 3).tolist() == [1.0, 1.0, 1.0]


def test_weights_are_read_from_any_series():
    weights = [1.0, 0.0, 2.5]
    for given in (weights, pd.Series(weights), pl.Series(weights)):
        assert read_weights(given, 3).tolist() == [1.0, 0.0, 2.5]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 2.0], r"shape \(3,\)"),
        ([[1.0, 2.0, 3.0]], r"shape \(3,\)"),
        ([1.0, -1.0, np.nan], "2 are not"),
        ([1.0, np.inf, 1.0], "1 are not"),
        ([0.0, 0.0, 0.0], "zero for every row"),
        (["secret", "1", "1"], "must hold numbers"),
    ],
)
def test_wrong_weights_are_refused_without_their_values(weights, message):
    with pytest.raises(FitError, match=message) as caught:
        read_weights(weights, 3)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
