"""Logistic fit: errors, the quadratic model without some columns, selection."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.scorecard._logistic import fit_logistic
from tests.unit.scorecard.logistic_samples import (
    objective,
    point_of,
    random_sample,
    sample_of,
    suppressed,
)


def test_errors_are_those_of_a_numerical_second_derivative():
    sample = random_sample(5, n=300, k=2, slopes=[-1.0, -0.5])
    fit = fit_logistic(sample, C=2.0)
    point, step = point_of(fit), 1e-4
    second = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            a, b = np.eye(3)[i] * step, np.eye(3)[j] * step
            corners = [
                objective(sample, point + s * a + t * b, 0.5) * s * t
                for s in (1, -1)
                for t in (1, -1)
            ]
            second[i, j] = sum(corners) / (4 * step * step)
    assert fit.covariance == pytest.approx(np.linalg.inv(second), rel=1e-4)


@pytest.mark.parametrize("bounded", [False, True])
def test_the_optimum_without_a_weak_column_is_foreseen(bounded):
    sample = random_sample(12, n=3000, slopes=[-1.0, -0.1, -0.5, -0.7])
    fit = fit_logistic(sample, bounded=bounded)
    rest = fit_logistic(sample.select([0, 2, 3]), bounded=bounded)
    # The others move, and most of the way is foreseen.
    stayed = np.abs(np.delete(point_of(fit), 2) - point_of(rest)).max()
    missed = np.abs(fit.without([1]) - point_of(rest)).max()
    assert missed <= 0.2 * stayed


def test_without_a_column_at_its_bound_nothing_moves():
    x, y = suppressed()
    held = fit_logistic(sample_of(x, y))
    assert held.without([1]).tolist() == [held.intercept, held.coefficients[0]]


def test_select_keeps_the_cross_products():
    sample = random_sample(4, weighted=True)
    part = sample.select([2, 0])
    assert part.names == ("c2", "c0")
    expected = sample_of(sample.woe[:, [2, 0]], sample.y, sample.weights)
    assert part.gram == pytest.approx(expected.gram, rel=1e-12)
