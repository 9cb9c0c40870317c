"""Quantising kernels against their plain forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cfscore._kernels.quantize import (
    blank_codes,
    gather_ranks,
    rank_members,
    rank_values,
    replace_missing,
)
from cfscore.execution._rank_layout import _feature_ranks
from cfscore.plan import ZERO_BOUND
from tests.oracles import quantize as plain

THRESHOLDS = st.lists(st.floats(allow_nan=False), max_size=60, unique=True)


def ranks_of(values, thresholds, missing_rank=0, dtype=np.uint8):
    """Rank values on the grid that a layout chooses for the thresholds."""
    found = _feature_ranks(np.array(thresholds), np.dtype(dtype), np.empty(0, int))
    out = np.empty(len(values), dtype)
    rank_values(
        np.array(values, float),
        found.padded,
        found.first_rank,
        found.lowest,
        found.cells_per_unit,
        found.n_steps,
        missing_rank,
        out,
    )
    return out.tolist()


@given(THRESHOLDS, st.lists(st.floats(), max_size=40))
@example([-1e308, 1e308, 1.7e308], [1e308])
@example([0.0, 1e-300, 1e300], [5e-301])
@example([1.6e9 + k for k in range(50)] + [0.0], [1.6e9 + 7])
def test_rank_equals_binary_search_at_every_border(thresholds, values):
    thresholds = sorted({t + 0.0 for t in thresholds if t > -math.inf})
    near = [math.nextafter(t, s) for t in thresholds for s in (-math.inf, math.inf)]
    values = [*values, *thresholds, *near, math.nan, math.inf, -math.inf, -0.0]
    for missing_rank in (0, len(thresholds)):
        expected = plain.rank_values(values, thresholds, missing_rank)
        assert ranks_of(values, thresholds, missing_rank) == expected


@pytest.mark.parametrize("n_rows", [0, 1, 1023, 1024, 1025, 2500])
@pytest.mark.parametrize("n_thresholds", [0, 1, 2, 255, 256, 3000])
def test_blocks_grids_and_both_rank_types(n_rows, n_thresholds):
    rng = np.random.default_rng(n_rows + n_thresholds)
    thresholds = np.unique(rng.lognormal(3, 2, n_thresholds)).tolist()
    values = rng.lognormal(3, 2, n_rows).tolist()
    dtype = np.uint8 if n_thresholds <= 255 else np.uint16
    found = ranks_of(values, thresholds, 0, dtype)
    assert found == plain.rank_values(values, thresholds, 0)


@given(
    st.lists(st.sampled_from([math.nan, 0.0, -0.0, ZERO_BOUND, -1e-36, 1.0, math.inf])),
    st.booleans(),
)
def test_missing_values_get_their_own_rank(values, zero_is_missing):
    ranks = list(range(1, len(values) + 1))
    out = np.empty(len(values), np.uint8)
    replace_missing(
        np.array(values, float),
        np.array(ranks, np.uint8),
        99,
        int(zero_is_missing),
        ZERO_BOUND,
        out,
    )
    assert out.tolist() == plain.replace_missing(
        values, ranks, 99, zero_is_missing, ZERO_BOUND
    )


@given(
    st.sets(st.integers(0, 70)),
    st.lists(st.one_of(st.floats(), st.integers(-2, 75).map(float))),
)
def test_members_are_integer_parts(members, values):
    outside = np.ones(max(members, default=0) + 1, np.uint8)
    outside[list(members)] = 0
    values = [*values, -0.5, -1.0, 2.0**31, 2.0**63, 1e300, math.nan, math.inf]
    out = np.empty(len(values), np.uint8)
    rank_members(np.array(values), outside, out)
    assert out.tolist() == plain.rank_members(values, members)


@given(st.lists(st.integers(-1, 4), max_size=30))
def test_gather_ranks_equals_plain_form(codes):
    table = [9, 1, 2, 3, 4, 5]
    out = np.empty(len(codes), np.uint8)
    gather_ranks(np.array(codes, np.int32), np.array(table, np.uint8), out)
    assert out.tolist() == plain.gather_ranks(codes, table)


@given(
    st.lists(st.floats() | st.sampled_from([-7.0, -0.0, 0.0, 5e-324])),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3),
)
@example([math.nan, math.inf, -7.0], [-7.0])
def test_codes_are_blanked_and_nothing_else(values, own):
    codes = [-7.0, 0.0, *own, *(v for v in values[:2] if math.isfinite(v))]
    out = np.empty(len(values))
    blank_codes(np.array(values, float), np.array(codes), out)
    expected = np.array(plain.blank_codes(values, codes))
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("n_rows", [0, 1, 1023, 1024, 1025, 2500])
@pytest.mark.parametrize("n_codes", [0, 1, 5])
def test_codes_are_blanked_over_all_blocks(n_rows, n_codes):
    rng = np.random.default_rng(n_rows)
    values = rng.integers(0, 9, n_rows).astype(float)
    codes = np.arange(float(n_codes))
    out = np.empty(n_rows)
    blank_codes(values, codes, out)
    np.testing.assert_array_equal(out, plain.blank_codes(values.tolist(), codes))
