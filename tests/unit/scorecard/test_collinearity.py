"""Collinearity: cross products, correlations, VIF."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.scorecard._collinearity import (
    correlation_of,
    dependent_columns,
    variance_inflation,
    weighted_gram,
)


def matrix(n=20_000, k=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, k)) @ rng.normal(size=(k, k)), rng.random(n) + 0.1


def test_gram_is_the_plain_cross_product_over_several_blocks():
    x, w = matrix()
    ones = np.column_stack([np.ones(len(x)), x])
    assert weighted_gram(x, w) == pytest.approx((ones * w[:, None]).T @ ones, rel=1e-12)


def test_correlation_by_hand():
    # x = 1, 2, 3 and z = 1, 3, 2: covariance 1/3, variances 2/3, correlation 1/2.
    x = np.array([[1.0, 1.0], [2.0, 3.0], [3.0, 2.0]])
    found = correlation_of(weighted_gram(x, np.ones(3)))
    assert found == pytest.approx(np.array([[1.0, 0.5], [0.5, 1.0]]), abs=1e-14)


def test_weighted_correlation_is_numpys():
    x, w = matrix()
    covariance = np.cov(x.T, aweights=w, ddof=0)
    deviation = np.sqrt(np.diag(covariance))
    expected = covariance / np.outer(deviation, deviation)
    assert correlation_of(weighted_gram(x, w)) == pytest.approx(expected, abs=1e-10)


def test_a_constant_column_correlates_with_nothing():
    x = np.column_stack([np.full(50, 0.3), np.linspace(0, 1, 50)])
    found = correlation_of(weighted_gram(x, np.ones(50)))
    assert found.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_vif_is_one_over_one_minus_r_squared():
    x, _ = matrix()
    correlation = np.corrcoef(x.T)
    target, others = x[:, 0], np.column_stack([np.ones(len(x)), x[:, 1:]])
    rest = target - others @ np.linalg.lstsq(others, target, rcond=None)[0]
    r_squared = 1.0 - rest.var() / target.var()
    assert variance_inflation(correlation)[0] == pytest.approx(
        1.0 / (1.0 - r_squared), rel=1e-6
    )


def test_vif_of_a_single_column_is_one():
    assert variance_inflation(np.eye(1)).tolist() == [1.0]


def test_vif_of_repeated_columns_is_huge_and_finite():
    vif = variance_inflation(np.ones((2, 2)))
    assert np.isfinite(vif).all()
    assert (vif > 1e9).all()


def test_dependent_columns_are_the_later_ones():
    x, w = matrix(k=3)
    doubled = np.column_stack([x, x[:, 0] - 2 * x[:, 2] + 1.0, np.full(len(x), 7.0)])
    assert dependent_columns(weighted_gram(doubled, w)) == [3, 4]
    assert dependent_columns(weighted_gram(x, w)) == []


def test_a_column_of_zeros_is_dependent():
    assert dependent_columns(weighted_gram(np.zeros((5, 1)), np.ones(5))) == [0]
