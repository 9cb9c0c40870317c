"""Samples for the tests of the logistic regression."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from cfscore.scorecard._logistic_fit import LogisticSample


def sample_of(x, y, weights=None, names=None):
    x, y = np.asarray(x, float), np.asarray(y, float)
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, float)
    names = names or [f"c{j}" for j in range(x.shape[1])]
    return LogisticSample.build(names, x, y, weights)


def random_sample(seed, n=400, k=4, weighted=False, slopes=None):
    """Return correlated columns, some of which raise risk."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, k)) @ (np.eye(k) + 0.6 * rng.normal(size=(k, k)))
    slopes = rng.normal(-0.4, 0.7, k) if slopes is None else np.asarray(slopes)
    y = rng.random(n) < expit(-0.8 + x @ slopes)
    y[:2] = [True, False]
    return sample_of(x, y, rng.random(n) + 0.2 if weighted else None)


def objective(sample, point, penalty=0.0):
    eta = sample.woe @ point[1:] + point[0]
    loss = sample.weights @ (np.logaddexp(0, eta) - sample.y * eta)
    return loss + 0.5 * penalty * point[1:] @ point[1:]


def point_of(fit):
    return np.concatenate([[fit.intercept], fit.coefficients])


def suppressed():
    """Return WOE of two columns alike, one of which is right only on its own.

    Both lower risk when looked at alone. Beside the first the second raises it.
    """
    rng = np.random.default_rng(11)
    first = rng.normal(size=4000)
    second = 0.9 * first + 0.45 * rng.normal(size=4000)
    y = rng.random(4000) < expit(-1.0 - 1.5 * first + 0.6 * second)
    return np.column_stack([first, second]), y
