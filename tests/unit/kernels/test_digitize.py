"""Digitising kernels against their plain forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.column_address import addresses_of
from cfscore._kernels.digitize import (
    digitize,
    digitize_columns,
    gather_codes,
    gather_columns,
)
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
    assert len(digitize_columns.compile().signatures) == 1


@given(st.lists(st.integers(-1, 4), max_size=30))
def test_gather_codes_equals_plain_form(codes):
    table = [9, 1, 2, 3, 4, 5]
    out = np.empty(len(codes), np.uint16)
    gather_codes(np.array(codes, np.int32), np.array(table, np.uint16), out)
    assert out.tolist() == plain.gather_codes(codes, table)


@pytest.mark.parametrize("first", [0, 3, 600])
def test_many_columns_are_read_as_one_by_one(first):
    rng = np.random.default_rng(first)
    n_rows, places = 700 - first, [3, 0, 1]
    columns = [rng.normal(size=700) for _ in places]
    columns[0][::7], columns[1][650], columns[1][2] = np.nan, np.inf, -np.inf
    cuts = [np.array([0.0]), np.array([-1.0, 0.0, 0.5, 1.0, 2.0]), np.array([])]
    slots = [rng.permutation(len(c) + 2).astype(np.uint16) for c in cuts]
    out = np.full((5, 800), 99, np.uint16)
    n_infinite = np.empty(3, np.int64)
    digitize_columns(
        addresses_of(columns, np.float64), first, n_rows, np.concatenate(cuts),
        np.array([0, 1, 6, 6]), np.concatenate(slots), np.array(places), out,
        n_infinite,
    )  # fmt: skip
    for k, place in enumerate(places):
        cells = columns[k][first:].tolist()
        expected = plain.digitize(cells, cuts[k].tolist(), slots[k].tolist())
        assert out[place, :n_rows].tolist() == expected
        assert n_infinite[k] == sum(map(math.isinf, cells))
    assert (out[[2, 4]] == 99).all()
    assert (out[:, n_rows:] == 99).all()


def test_many_category_columns_are_read_as_one_by_one():
    rng = np.random.default_rng(1)
    columns = [rng.integers(-1, n, 50).astype(np.int32) for n in (2, 5)]
    tables = [np.array([4, 5, 6], np.uint16), np.arange(6, dtype=np.uint16)]
    out = np.full((3, 60), 99, np.uint16)
    gather_columns(
        addresses_of(columns, np.int32), 10, 40, np.concatenate(tables),
        np.array([0, 3, 9]), np.array([2, 0]), out,
    )  # fmt: skip
    for codes, table, place in zip(columns, tables, (2, 0), strict=True):
        expected = plain.gather_codes(codes[10:].tolist(), table.tolist())
        assert out[place, :40].tolist() == expected
    assert (out[1] == 99).all()
    assert (out[:, 40:] == 99).all()


@pytest.mark.parametrize(
    "columns",
    [
        [np.zeros(3), np.zeros(4)],
        [np.zeros((3, 2))[:, 0]],
        [np.zeros(3, np.float32)],
        [np.zeros(3, ">f8")],
    ],
    ids=["lengths", "gaps", "narrow", "other byte order"],
)
def test_only_plain_columns_have_an_address(columns):
    with pytest.raises(ValueError, match="contiguous, of one type and of one length"):
        addresses_of(columns, np.float64)
