"""Points kernels against their plain forms."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.points import (
    count_attributes,
    gather_contributions,
    mark_faults,
    mark_infinite,
    sum_points,
)
from tests.oracles import points as plain

FINITE = st.floats(-1e6, 1e6)


@st.composite
def tables(draw):
    """Return (table per column, rows of attributes)."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    table = [draw(st.lists(FINITE, min_size=n, max_size=n)) for n in sizes]
    cells = st.tuples(*(st.integers(0, n - 1) for n in sizes))
    return table, draw(st.lists(cells, max_size=12))


def flat(table):
    starts = np.cumsum([0, *map(len, table)]).astype(np.int64)
    return starts, np.array([x for column in table for x in column])


def block(rows, n_columns):
    found = np.zeros((n_columns, 16), np.uint16)
    found[:, : len(rows)] = np.array(rows, np.uint16).reshape(-1, n_columns).T
    return found


@given(tables(), FINITE)
def test_sums_are_those_of_the_plain_form_bit_for_bit(drawn, intercept):
    table, rows = drawn
    starts, parts = flat(table)
    log_odds, pd, score = np.empty((3, len(rows)))
    attributes = block(rows, len(table))
    sum_points(
        attributes, len(rows), starts, parts, -parts, intercept, log_odds, pd, score
    )
    for i, row in enumerate(rows):
        expected = plain.sum_row(row, table, intercept)
        assert log_odds[i] == expected
        assert score[i] == plain.sum_row(row, [[-x for x in c] for c in table], 0.0)
        assert pd[i] == plain.probability(expected)


def test_probability_of_extreme_log_odds_is_defined():
    log_odds, pd, score = np.empty((3, 1))
    attributes = np.zeros((1, 1), np.uint16)
    for part, expected in ((-1e4, 0.0), (1e4, 1.0), (0.0, 0.5)):
        table = np.array([part])
        starts = np.array([0, 1])
        sum_points(attributes, 1, starts, table, table, 0.0, log_odds, pd, score)
        assert pd[0] == expected


@given(tables())
def test_counts_and_contributions_equal_the_plain_form(drawn):
    table, rows = drawn
    starts, parts = flat(table)
    attributes = block(rows, len(table))
    counts = np.zeros(len(parts), np.int64)
    count_attributes(attributes, len(rows), starts, counts)
    assert counts.tolist() == plain.count_attributes(rows, [len(c) for c in table])
    out = np.empty((len(rows), len(table)))
    gather_contributions(attributes, len(rows), starts, parts, out)
    for i, row in enumerate(rows):
        assert out[i].tolist() == [c[a] for c, a in zip(table, row, strict=True)]


def test_first_fault_of_a_row_stands_and_unreadable_rows_are_left():
    column = np.array([0, 1, 1, 2], np.uint16)
    faults = np.array([0, 5, 7], np.uint8)
    unreadable = np.array([0, 0, 1, 0], np.uint8)
    status = np.array([0, 6, 1, 0], np.uint8)
    assert mark_faults(column, 4, faults, unreadable, status) == 2
    assert status.tolist() == [0, 6, 1, 7]


def test_infinite_values_are_marked_once():
    values = np.array([1.0, math.inf, -math.inf, math.nan])
    status = np.array([0, 0, 5, 0], np.uint8)
    mark_infinite(values, 4, np.zeros(4, np.uint8), status)
    assert status.tolist() == [0, 4, 5, 0]
