"""Digitising kernels against their plain forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.digitize import digitize, gather_codes
from tests.oracles import digitize as plain

EDGES = st.lists(
    st.floats(allow_nan=False, allow_infinity=False), max_size=12, unique=True
)


@given(EDGES, st.lists(st.floats(), max_size=40))
def test_digitize_equals_binary_search(edges, values):
    cuts = sorted({edge + 0.0 for edge in edges})
    # meet every cut and both of its neighbours beside the drawn values
    near = [math.nextafter(c, s) for c in cuts for s in (-math.inf, math.inf)]
    values = [*values, *cuts, *near, math.nan, math.inf, -math.inf, -0.0]
    slots = np.arange(len(cuts) + 2, dtype=np.uint16)
    out = np.empty(len(values), np.uint16)
    n_infinite = digitize(np.array(values), np.array(cuts), slots, out)
    assert out.tolist() == plain.digitize(values, cuts, slots.tolist())
    assert n_infinite == sum(map(math.isinf, values))


@pytest.mark.parametrize("n_rows", [0, 1, 511, 512, 513, 1500])
@pytest.mark.parametrize("n_cuts", [0, 1, 3, 4, 5, 9])
def test_every_block_and_cut_remainder_is_covered(n_rows, n_cuts):
    values = np.random.default_rng(n_rows).uniform(-1, n_cuts + 1, n_rows)
    cuts = np.arange(n_cuts, dtype=float)
    slots = np.arange(n_cuts + 2, dtype=np.uint16)
    out = np.empty(n_rows, np.uint16)
    digitize(values, cuts, slots, out)
    assert out.tolist() == plain.digitize(values, cuts.tolist(), slots.tolist())


def test_read_only_and_writable_inputs_share_one_version():
    values = np.array([1.0, np.nan])
    values.setflags(write=False)
    out = np.empty(2, np.uint16)
    digitize(values, np.array([0.5]), np.array([7, 8, 9], np.uint16), out)
    assert out.tolist() == [8, 9]
    assert len(digitize.compile().signatures) == 1


@given(st.lists(st.integers(-1, 4), max_size=30))
def test_gather_codes_equals_plain_form(codes):
    table = [9, 1, 2, 3, 4, 5]
    out = np.empty(len(codes), np.uint16)
    gather_codes(np.array(codes, np.int32), np.array(table, np.uint16), out)
    assert out.tolist() == plain.gather_codes(codes, table)
