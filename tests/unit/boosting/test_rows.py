"""Rows: what is trained on, and what is refused before LightGBM is asked."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.boosting import FeatureEncoding
from cfscore.boosting._rows import (
    encode_rows,
    read_held_out,
    read_readable,
    refuse_mismatch,
)
from cfscore.exceptions import FitError, RowFaultError, SchemaError
from cfscore.tables import InputField, InputSchema, read_table

SCHEMA = InputSchema((InputField("x", "numeric"),))
ENCODING = FeatureEncoding(SCHEMA, {})
Y = np.array([0.0, 1.0, 0.0])


def encode(weights):
    batch = read_table({"x": [1.0, 2.0, 3.0]}, SCHEMA)
    return encode_rows(ENCODING, batch, Y, np.array(weights))


def test_rows_of_weight_zero_are_left_out():
    rows = encode([1.0, 0.5, 0.0])
    assert rows.matrix.tolist() == [[1.0], [2.0]]
    assert rows.y.tolist() == [0.0, 1.0]
    assert rows.weights.tolist() == [1.0, 0.5]


def test_weights_of_one_are_none():
    assert encode([1.0, 1.0, 1.0]).weights is None
    assert encode([1.0, 1.0, 0.0]).weights.tolist() == [1.0, 1.0]


def test_unreadable_cells_are_refused_with_their_count():
    with pytest.raises(RowFaultError, match="'x': 1 x NOT_A_NUMBER") as error:
        read_readable({"x": ["1", "secret"]}, SCHEMA)
    assert "secret" not in str(error.value)


def test_a_table_without_columns_is_refused():
    with pytest.raises(FitError, match=r"0 feature\(s\) \(shape=\(2, 0\)\)"):
        read_readable(np.empty((2, 0)), InputSchema(()))


@pytest.mark.parametrize(
    ("y", "weights", "message"),
    [
        ([0.0, 1.0], [1.0, 1.0], r"X has 3 row\(s\) but the target y has 2"),
        ([0.0, 0.0, 0.0], [1.0] * 3, "3 good and 0 bad"),
        ([0.0, 1.0, 0.0], [1.0, 0.0, 1.0], "2 good and 0 bad"),
    ],
)
def test_targets_that_do_not_fit_are_refused(y, weights, message):
    with pytest.raises(FitError, match=message):
        refuse_mismatch(3, np.array(y), np.array(weights))


def test_held_out_rows_are_read_like_the_training_table():
    rows = read_held_out(
        ENCODING, [{"x": 4, "z": 0}, {"x": None, "z": 0}], [1, 0], None
    )
    assert np.array_equal(rows.matrix, [[4.0], [np.nan]], equal_nan=True)
    with pytest.raises(SchemaError, match="'x': is missing"):
        read_held_out(ENCODING, {"z": [1, 2]}, [1, 0], None)
