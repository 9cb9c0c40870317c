from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.metrics import psi
from cfscore.scoring.files._score_distribution import count_scores, score_psi

COUNTS = st.lists(
    st.tuples(st.integers(0, 2_000), st.integers(0, 2_000)), min_size=2, max_size=12
)


@given(COUNTS)
def test_psi_is_that_of_metrics(pairs: list[tuple[int, int]]) -> None:
    expected, actual = zip(*pairs, strict=True)
    if sum(expected) in {0, 1} or sum(actual) in {0, 1}:  # metrics takes 1 for shares
        return
    assert score_psi(expected, actual) == pytest.approx(
        float(psi(expected, actual)), rel=1e-12, abs=1e-15
    )


def test_psi_by_hand() -> None:
    # shares 0.5/0.5 and 0.75/0.25: 0.25 ln 1.5 - 0.25 ln 0.5 = 0.25 ln 3
    assert score_psi([5, 5], [75, 25]) == pytest.approx(0.25 * np.log(3.0))
    assert score_psi([5, 5], [50, 50]) == 0.0
    assert score_psi([5, 5], [0, 0]) is None
    assert score_psi([0, 0], [5, 5]) is None


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=50))
def test_every_score_is_in_one_bin(scores: list[float]) -> None:
    counts = count_scores(np.array(scores), (-10.0, 0.0, 10.0))
    known = [score for score in scores if score == score]
    by_hand = [
        sum(low <= score < high for score in known)
        for low, high in ((-np.inf, -10), (-10, 0), (0, 10), (10, np.inf))
    ]
    assert counts.tolist() == by_hand
