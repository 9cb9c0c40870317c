"""Calibration stages: what they accept, order, and the same bits in every batch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.plan import AffineCalibration, BetaCalibration, IsotonicCalibration

STAGES = [
    AffineCalibration(0.83, -0.21),
    IsotonicCalibration((-3.5, -1.0, 0.25), (-4.0, -2.5, -2.5, 1.0)),
    IsotonicCalibration((), (-2.0,)),
    BetaCalibration(0.7, 1.4, -0.3),
    BetaCalibration(0.0, 1.4, 0.3),
    BetaCalibration(0.7, 0.0, 0.0),
]
EVERY_STAGE = pytest.mark.parametrize("stage", STAGES, ids=repr)


@EVERY_STAGE
@pytest.mark.parametrize("n_rows", [0, 1, 2, 3, 7, 8, 9, 31, 64, 1000])
def test_a_row_has_the_same_bits_in_any_batch_and_alone(stage, n_rows):
    values = np.random.default_rng(n_rows).normal(-2.0, 3.0, n_rows)
    whole = stage.apply(values)
    assert whole.tolist() == [stage.apply_one(value) for value in values.tolist()]
    for start in range(min(n_rows, 9)):
        assert stage.apply(values[start:]).tolist() == whole[start:].tolist()


@EVERY_STAGE
@given(st.floats(-800.0, 800.0))
def test_one_row_has_the_bits_of_a_batch(stage, value):
    assert stage.apply([value, 0.0])[0] == stage.apply_one(value)


@EVERY_STAGE
def test_nothing_between_infinities_is_reversed(stage):
    values = np.linspace(-60.0, 60.0, 5001)
    # Beta may fall by rounding alone.
    assert (np.diff(stage.apply(values)) >= -1e-13).all()
    ends = stage.apply([-math.inf, math.inf])
    assert ends[0] <= stage.apply_one(-60.0)
    assert stage.apply_one(60.0) <= ends[1]
    assert [stage.apply_one(-math.inf), stage.apply_one(math.inf)] == ends.tolist()


@EVERY_STAGE
def test_missing_log_odds_stay_missing(stage):
    assert math.isnan(stage.apply([math.nan])[0])
    assert math.isnan(stage.apply_one(math.nan))


@EVERY_STAGE
def test_it_can_write_in_place(stage):
    values = np.array([-1.0, 0.5])
    expected = stage.apply(values)
    assert stage.apply(values, out=values) is values
    assert np.array_equal(values, expected)


@EVERY_STAGE
def test_it_takes_any_vector_and_nothing_else(stage):
    values = np.arange(6, dtype=np.float32)[::2]
    assert np.array_equal(stage.apply(values), stage.apply([0.0, 2.0, 4.0]))
    with pytest.raises(UsageError, match=r"one-dimensional, got shape \(1, 1\)"):
        stage.apply([[1.0]])


def test_only_the_line_is_affine():
    assert [stage.is_affine for stage in STAGES] == [True] + [False] * 5


def test_numbers_of_numpy_become_plain_ones():
    stage = IsotonicCalibration(np.array([0]), np.array([-1.0, 1.0]))
    assert stage == IsotonicCalibration((0.0,), (-1.0, 1.0))
    assert type(stage.edges[0]) is float
    assert AffineCalibration(np.float64(1.0), 0) == AffineCalibration(1.0, 0.0)


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (AffineCalibration, (0.0, 1.0), "slope must be positive, got 0.0"),
        (AffineCalibration, (-1.0, 1.0), "slope must be positive"),
        (AffineCalibration, (math.inf, 1.0), "slope must be finite, got inf"),
        (AffineCalibration, (1.0, math.nan), "intercept must be finite"),
        (AffineCalibration, ("1", 0.0), "slope must be a number, got str"),
        (AffineCalibration, (True, 0.0), "slope must be a number, got bool"),
        (BetaCalibration, (-0.1, 1.0, 0.0), "a and b must not be negative"),
        (BetaCalibration, (0.0, 0.0, 0.0), "nor both 0"),
        (BetaCalibration, (1.0, 1.0, math.inf), "c must be finite"),
        (IsotonicCalibration, ((0.0,), (1.0,)), "got 1 step.s. and 1 edge"),
        (IsotonicCalibration, ((), ()), "got 0 step.s. and 0 edge"),
        (IsotonicCalibration, ((0.0, 0.0), (1.0, 2.0, 3.0)), "strictly ascending"),
        (IsotonicCalibration, ((0.0,), (1.0, 0.9)), "must not fall"),
        (IsotonicCalibration, ((0.0,), (1.0, math.inf)), "log_odds must be finite"),
        (IsotonicCalibration, ((math.nan,), (1.0, 2.0)), "edges must be finite"),
        (IsotonicCalibration, ("1", (1.0, 2.0)), "edges must be a sequence"),
        (IsotonicCalibration, (1.0, (1.0, 2.0)), "sequence of numbers, got float"),
    ],
)
def test_wrong_parameters_are_refused_by_name(kind, arguments, message):
    with pytest.raises(UsageError, match=message):
        kind(*arguments)
