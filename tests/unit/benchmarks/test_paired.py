"""Paired comparison of two Ginis: worked by hand, and its verdict."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks._paired import PairedDifference, compare_folds, compare_samples


def test_folds_by_hand() -> None:
    # Differences 0.00, 0.02, 0.04, 0.02: mean 0.02, s^2 = 2 * 0.02^2 / 3.
    found = compare_folds([0.50, 0.52, 0.54, 0.52], [0.50, 0.50, 0.50, 0.50])
    spread = 0.02 * math.sqrt(2 / 3)
    assert found.difference == pytest.approx(0.02)
    assert found.standard_error == pytest.approx(spread / 2)
    assert found.wide_standard_error == pytest.approx(spread * math.sqrt(1 / 4 + 1 / 4))


def test_samples_by_hand() -> None:
    # Bads 0.9, 0.4 against goods 0.5, 0.1: of four pairs one is the wrong way round,
    # AUC 3/4; the other model has them all right. Per bad the share of goods below is
    # (1, 1/2) against (1, 1), per good of bads above (1/2, 1) against (1, 1): the
    # differences (0, -1/2) and (-1/2, 0) have variance 1/8 each, over 2 cases each.
    y = [1, 1, 0, 0]
    found = compare_samples(y, [0.9, 0.4, 0.5, 0.1], [0.9, 0.8, 0.5, 0.1])
    assert (found.ours, found.peer) == (0.5, 1.0)
    assert found.standard_error == pytest.approx(2 * math.sqrt(1 / 16 + 1 / 16))


def test_ties_count_one_half() -> None:
    found = compare_samples([1, 0, 1, 0], np.zeros(4), [0.9, 0.1, 0.8, 0.2])
    assert (found.ours, found.peer) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("difference", "error", "verdict"),
    [
        (0.0, 0.001, "at least as good"),
        (-0.004, 0.001, "short by no more than 0.005"),
        (-0.010, 0.011, "short by no more than one standard error"),
        (-0.010, 0.009, "SHORT"),
        (-0.010, math.nan, "SHORT"),
    ],
)
def test_verdict(difference: float, error: float, verdict: str) -> None:
    assert PairedDifference(0.5 + difference, 0.5, error).verdict == verdict


def test_tolerance_is_that_of_the_comparison() -> None:
    found = PairedDifference(0.4961, 0.5, 0.001, tolerance=0.004)
    assert found.verdict == "short by no more than 0.004"
    assert PairedDifference(0.4959, 0.5, 0.001, tolerance=0.004).verdict == "SHORT"
