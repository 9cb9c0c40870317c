"""Reason kernel against its plain form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.reasons import (
    rank_contributions,
    rank_contributions_one,
    rank_reasons,
)
from tests.oracles import reasons as plain

# few distinct values, so that ties and exact zeros are frequent
PARTS = st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0])


def rank(contributions, reasons, n_reasons, minimum, inquiries, k):
    """Rank one row whose columns have one attribute each."""
    n = len(contributions)
    out = np.full((1, k), 99, np.int16)
    rank_reasons(
        np.zeros((n, 1), np.uint16),
        1,
        np.arange(n + 1),
        np.array(contributions, float),
        np.array(reasons, np.int16),
        n_reasons,
        minimum,
        inquiries,
        out,
    )
    return out[0].tolist()


@given(
    st.lists(st.tuples(PARTS, st.integers(-1, 4)), min_size=1, max_size=10),
    st.sampled_from([0.0, 0.5]),
    st.integers(-1, 4),
    st.integers(0, 6),
)
def test_ranking_equals_sorting(cells, minimum, inquiries, k):
    contributions, reasons = zip(*cells, strict=True)
    found = rank(contributions, reasons, 5, minimum, inquiries, k)
    assert found == plain.rank_reasons(contributions, reasons, 5, minimum, inquiries, k)


@given(st.data(), st.sampled_from([1, 127, 128, 129, 300]), st.integers(0, 5))
def test_contributions_and_attributes_rank_alike_over_blocks(data, n_rows, k):
    seed = data.draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    n, n_reasons = 6, 4
    cells = rng.choice([-1.0, 0.0, 0.25, 0.5, 1.0], (n_rows, n))
    reason_of = rng.integers(-1, n_reasons, n).astype(np.int16)
    rule_of = np.array([-1, 0, -1, -1, 1, -1])
    ruled = rng.integers(-1, n_reasons, (2, n_rows)).astype(np.int16)
    inquiries = int(rng.integers(-1, n_reasons))
    out = np.full((n_rows, k), 99, np.int16)
    rank_contributions(
        cells, reason_of, rule_of, ruled, n_reasons, 0.25, inquiries, out
    )
    for i in range(n_rows):
        reasons = reason_of.tolist()
        reasons[1], reasons[4] = ruled[0, i], ruled[1, i]
        expected = plain.rank_reasons(
            cells[i].tolist(), reasons, n_reasons, 0.25, inquiries, k
        )
        assert out[i].tolist() == expected
        row = np.array(reasons, np.int16)
        found, harms = np.full(k, 99), np.full(k, 9.0)
        rank_contributions_one(cells[i], row, n_reasons, 0.25, inquiries, found, harms)
        assert found.tolist() == expected
        sums = [cells[i][row == r].sum() for r in range(n_reasons)]
        assert harms.tolist() == [sums[r] if r >= 0 else 0.0 for r in expected]


def test_attributes_of_one_column_may_count_towards_several_reasons():
    # attribute 0 counts towards reason 0, attribute 1 towards reason 1, 2 is not cited
    out = np.full((200, 2), 99, np.int16)
    attributes = np.tile(np.array([0, 1, 2, 1], np.uint16), 50).reshape(1, 200)
    parts, reasons = np.array([0.5, 0.25, 0.75]), np.array([0, 1, -1], np.int16)
    rank_reasons(attributes, 200, np.array([0, 3]), parts, reasons, 2, 0.0, -1, out)
    assert out[:4].tolist() == [[0, -1], [1, -1], [-1, -1], [1, -1]]
    assert (out == np.tile(out[:4], (50, 1))).all()


@pytest.mark.parametrize(
    ("contributions", "expected"),
    [
        ([0.1, 0.4, 0.3, 0.2], [1, 2, 3, 0]),
        ([0.4, 0.4, -1.0, 0.0], [0, 1, -1, -1]),
        ([-0.1, -0.2, -0.3, -0.4], [-1, -1, -1, -1]),
    ],
)
def test_only_adverse_reasons_most_harmful_first(contributions, expected):
    assert rank(contributions, [0, 1, 2, 3], 4, 0.0, -1, 4) == expected


def test_shared_reason_adds_up_helping_and_harming_features():
    # reason 0 gathers +0.5 and -0.4, so reason 1 with +0.2 harms more
    assert rank([0.5, -0.4, 0.2], [0, 0, 1], 2, 0.0, -1, 2) == [1, 0]


def test_inquiries_take_the_last_place_and_never_add_one():
    assert rank([0.4, 0.3, 0.2, 0.1], [0, 1, 2, 3], 4, 0.0, 3, 2) == [0, 3]
    assert rank([0.4, 0.3, 0.2, -0.1], [0, 1, 2, 3], 4, 0.0, 3, 2) == [0, 1]
