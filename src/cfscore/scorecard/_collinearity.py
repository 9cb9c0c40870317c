"""Collinearity of weights of evidence: cross products, correlation, VIF."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

__all__ = ["correlation_of", "dependent_columns", "variance_inflation", "weighted_gram"]

Floats = NDArray[np.float64]

#: Rows multiplied at a time: a scaled copy of 120 columns takes 30 MiB. Blocks of 8,192
#: took twice as long where the threads of the BLAS had to share their cores.
_BLOCK_ROWS = 32_768
#: Share of a column's own size below which nothing of it is left to explain.
_DEPENDENT = 1e-10


def weighted_gram(woe: Floats, weights: Floats) -> Floats:
    """Return the weighted cross products of the columns, a column of ones first.

    Parameters
    ----------
    woe : array of shape (n_rows, n_columns)
        Columns.
    weights : array of shape (n_rows,)
        Not negative.

    Returns
    -------
    array of shape (n_columns + 1, n_columns + 1)
        ``sum_i w_i [1, x_i] [1, x_i]'``.
    """
    n_rows, n_columns = woe.shape
    gram = np.zeros((n_columns + 1, n_columns + 1))
    root = np.sqrt(weights)
    # Products this small gain nothing from a second BLAS thread and wait for it on a
    # shared machine: a fit took 13 s against 1.5 s with one thread (40,000 x 24).
    with threadpool_limits(1, user_api="blas"):
        for first in range(0, n_rows, _BLOCK_ROWS):
            rows = slice(first, first + _BLOCK_ROWS)
            block = woe[rows] * root[rows, None]
            gram[1:, 1:] += block.T @ block
            gram[0, 1:] += root[rows] @ block
    gram[0, 0] = weights.sum()
    gram[1:, 0] = gram[0, 1:]
    return gram


def correlation_of(gram: Floats) -> Floats:
    """Return the correlations of the columns of a weighted Gram matrix, -1..1.

    Parameters
    ----------
    gram : array of shape (n_columns + 1, n_columns + 1)
        See ``weighted_gram``.

    Returns
    -------
    array of shape (n_columns, n_columns)
        Weighted Pearson correlations; a column without variation correlates with none.
    """
    mean = gram[0, 1:] / gram[0, 0]
    covariance = gram[1:, 1:] / gram[0, 0] - np.outer(mean, mean)
    variance = np.diag(covariance).copy()
    varies = variance > _DEPENDENT * np.maximum(np.diag(gram)[1:] / gram[0, 0], 1e-300)
    deviation = np.sqrt(np.where(varies, variance, 1.0))
    correlation = covariance / np.outer(deviation, deviation)
    correlation[~varies, :] = correlation[:, ~varies] = 0.0
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(np.clip(correlation, -1.0, 1.0))


def variance_inflation(correlation: Floats) -> Floats:
    """Return the variance inflation factor of each column, 1 or more.

    Parameters
    ----------
    correlation : array of shape (n_columns, n_columns)
        Correlations of the columns.

    Returns
    -------
    array of shape (n_columns,)
        ``1 / (1 - R^2)`` of each column on the others; about 1e12 where a column is a
        combination of the others.

    Notes
    -----
    The factors are the diagonal of the inverse correlation matrix (Belsley, Kuh and
    Welsch, 1980, *Regression Diagnostics*, 3.2).

    Examples
    --------
    >>> variance_inflation(np.array([[1.0, 0.6], [0.6, 1.0]])).tolist()
    [1.5625, 1.5625]
    """
    ridge = 1e-12 * np.eye(len(correlation))
    inverse = np.linalg.inv(correlation + ridge)
    return np.asarray(np.diag(inverse).round(10), dtype=np.float64)


def dependent_columns(gram: Floats) -> list[int]:
    """Return the columns that are combinations of a constant and of earlier columns.

    Parameters
    ----------
    gram : array of shape (n_columns + 1, n_columns + 1)
        See ``weighted_gram``.
    """
    scale = np.sqrt(np.diag(gram))
    scale[scale == 0.0] = 1.0
    rest = gram / np.outer(scale, scale)
    dependent = []
    for j in range(len(rest)):
        pivot = rest[j, j]
        if pivot <= _DEPENDENT:
            dependent.append(j - 1)
            rest[j, :] = rest[:, j] = 0.0
        else:
            rest = rest - np.outer(rest[:, j], rest[j]) / pivot
    return dependent
