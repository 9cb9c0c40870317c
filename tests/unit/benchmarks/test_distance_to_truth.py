"""The Gini of all outcomes that probabilities allow: by hand and pair by pair."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.distance_to_truth import expected_gini


def test_certain_outcomes_give_the_gini_of_a_sample():
    # Bads score 3 and 1, goods 2 and 0: of four pairs three stand right, one wrong.
    assert expected_gini(np.array([3.0, 2, 1, 0]), np.array([1.0, 0, 1, 0])) == 0.5


def test_two_cases_by_hand():
    # Riskier first: right with 0.6 * 0.9, wrong with 0.1 * 0.4.
    found = expected_gini(np.array([2.0, 1.0]), np.array([0.6, 0.1]))
    assert found == pytest.approx((0.54 - 0.04) / (0.54 + 0.04))
    assert expected_gini(np.array([1.0, 1.0]), np.array([0.6, 0.1])) == 0.0


def test_equals_the_sum_over_pairs():
    rng = np.random.default_rng(4)
    score, p = rng.integers(0, 9, 60).astype(float), rng.uniform(size=60)
    weight = p[:, None] * (1.0 - p)[None, :]
    np.fill_diagonal(weight, 0.0)
    ahead = np.sign(score[:, None] - score[None, :])
    expected = (weight * ahead).sum() / weight.sum()
    assert expected_gini(score, p) == pytest.approx(expected, abs=1e-14)
