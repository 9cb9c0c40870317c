"""The kernel of one row against the plain forms of what it joins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.row_points import score_points_one
from tests.oracles import digitize, reasons

CUTS = ([0.0, 1.0, 2.5], [], [-1.0])
SLOTS = ([0, 1, 2, 3, 4], [1, 0], [2, 0, 1])
STARTS = [0, 5, 7, 10]
CELLS = st.sampled_from(
    [math.nan, -math.inf, -1.0, -0.0, 0.0, 1.0, math.nextafter(1.0, 0.0), 2.5, math.inf]
)


@given(
    st.tuples(CELLS, CELLS, CELLS),
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.5]),
    st.integers(-1, 2),
    st.integers(0, 5),
)
def test_one_row_equals_digitizing_adding_and_ranking(row, seed, minimum, inquiries, k):
    rng = np.random.default_rng(seed)
    table = rng.choice([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0], (3, STARTS[-1]))
    reason_of = rng.integers(-1, 3, STARTS[-1])
    found, harms = np.full(k, 99), np.full(k, 9.0)
    scored = score_points_one(
        np.array(row),
        np.concatenate(CUTS),
        np.cumsum([0, *map(len, CUTS)]),
        np.concatenate(SLOTS).astype(np.uint16),
        np.array(STARTS),
        table,
        reason_of.astype(np.int16),
        -0.75,
        3,
        minimum,
        inquiries,
        found,
        harms,
    )
    at = [
        start + digitize.digitize([cell], cuts, slots)[0]
        for cell, cuts, slots, start in zip(row, CUTS, SLOTS, STARTS, strict=False)
    ]
    log_odds, score = -0.75, 0.0
    for attribute in at:
        log_odds += table[0, attribute]
        score += table[1, attribute]
    assert scored == (log_odds, 1.0 / (1.0 + math.exp(-log_odds)), score)
    parts, cited = table[2, at].tolist(), reason_of[at].tolist()
    expected = reasons.rank_reasons(parts, cited, 3, minimum, inquiries, k)
    assert found.tolist() == expected
    sums = [
        sum(p for p, c in zip(parts, cited, strict=True) if c == r) for r in range(3)
    ]
    assert harms.tolist() == [sums[r] if r >= 0 else 0.0 for r in expected]


def test_by_hand():
    # 1.0 -> slot 2 -> attribute 2; NaN -> last slot -> 0; -1.0 -> slot 1 -> attribute 0
    table = np.zeros((3, 10))
    table[:, [2, 5, 7]] = [[0.5, 0.25, -1.0], [10.0, 20.0, 30.0], [0.5, 0.25, -1.0]]
    found, harms = np.empty(2, np.int64), np.empty(2)
    scored = score_points_one(
        np.array([1.0, math.nan, -1.0]),
        np.concatenate(CUTS),
        np.cumsum([0, *map(len, CUTS)]),
        np.concatenate(SLOTS).astype(np.uint16),
        np.array(STARTS),
        table,
        np.array([0] * 5 + [1] * 2 + [2] * 3, np.int16),
        0.0,
        3,
        0.0,
        -1,
        found,
        harms,
    )
    assert scored == (-0.25, pytest.approx(1 / (1 + math.exp(0.25))), 60.0)
    assert found.tolist() == [0, 1]
    assert harms.tolist() == [0.5, 0.25]
