"""Calibration kernels against their plain forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.calibration import (
    calibrate_affine,
    calibrate_beta,
    calibrate_steps,
)
from tests.oracles import calibration as plain

LOG_ODDS = st.lists(st.floats(-700.0, 700.0), max_size=20)
COEFFICIENT = st.floats(0.0, 5.0)


def run(kernel, values, *parameters):
    out = np.empty(len(values))
    kernel(np.array(values, np.float64), *parameters, out)
    return out.tolist()


@given(LOG_ODDS, COEFFICIENT, st.floats(-9.0, 9.0))
def test_affine_equals_the_plain_form_bit_for_bit(values, slope, intercept):
    expected = [plain.affine(value, slope, intercept) for value in values]
    assert run(calibrate_affine, values, slope, intercept) == expected


@given(st.lists(st.floats(-9.0, 9.0), max_size=9, unique=True), LOG_ODDS)
def test_steps_equal_a_binary_search(edges, values):
    edges = sorted({edge + 0.0 for edge in edges})
    near = [math.nextafter(e, s) for e in edges for s in (-math.inf, math.inf)]
    values = [*values, *edges, *near, -math.inf, math.inf, -0.0]
    levels = np.arange(len(edges) + 1, dtype=float)
    found = run(calibrate_steps, [*values, math.nan], np.array(edges), levels)
    assert found[:-1] == [plain.steps(value, edges, levels) for value in values]
    assert math.isnan(found[-1])


@given(LOG_ODDS, COEFFICIENT, COEFFICIENT, st.floats(-9.0, 9.0))
def test_beta_equals_the_formula(values, a, b, c):
    expected = [plain.beta(value, a, b, c) for value in values]
    # The plain form loses digits where 1 - p does; 700 is the largest term.
    found = run(calibrate_beta, values, a, b, c)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_beta_of_the_unit_coefficients_is_the_identity():
    values = np.linspace(-40.0, 40.0, 999)
    found = run(calibrate_beta, values, 1.0, 1.0, 0.0)
    assert found == pytest.approx(values.tolist(), rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        (2.0, 0.5, -math.inf, math.inf),
        (0.0, 0.5, 0.1, math.inf),
        (2.0, 0.0, -math.inf, 0.1),
    ],
)
def test_beta_of_infinite_log_odds_is_its_limit(a, b, low, high):
    found = run(calibrate_beta, [-math.inf, math.inf, math.nan], a, b, 0.1)
    assert found[:2] == [low, high]
    assert math.isnan(found[2])
