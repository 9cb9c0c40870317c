"""Reason kernel against its plain form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.reasons import rank_reasons
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
