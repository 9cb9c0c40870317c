"""Null kernel against its plain form."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore._kernels.nulls import fill_nulls
from tests.oracles import nulls as plain


@pytest.mark.parametrize("first_bit", range(8))
@pytest.mark.parametrize("n_rows", [0, 1, 5, 7, 8, 9, 15, 16, 17, 64, 203])
def test_fill_nulls_equals_plain_form(n_rows, first_bit):
    rng = np.random.default_rng(n_rows)
    values = rng.normal(size=n_rows)
    valid = rng.random(n_rows) < 0.7
    before = rng.random(first_bit) < 0.5  # bits of rows that are not ours
    bits = np.packbits(np.concatenate([before, valid]), bitorder="little")
    out = np.full(n_rows, 7.0)
    fill_nulls(values.view(np.int64), bits, first_bit, out.view(np.int64))
    expected = np.array(plain.fill_nulls(values, valid))
    assert out.tobytes() == expected.tobytes()


def test_infinite_and_nan_values_pass_through():
    values = np.array([np.inf, -np.inf, np.nan, -0.0])
    out = np.empty(4)
    bits = np.array([0b1111], np.uint8)
    fill_nulls(values.view(np.int64), bits, 0, out.view(np.int64))
    assert out.tobytes() == values.tobytes()
