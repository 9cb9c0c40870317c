"""Logistic fit: what a regression on WOE is fitted to, and its optimum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.stats import norm

from cfscore.scorecard._collinearity import weighted_gram

__all__ = ["LogisticFit", "LogisticSample"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LogisticSample:
    """What a logistic regression is fitted to.

    Parameters
    ----------
    names : tuple of str
        Characteristics, one per column; used in messages only.
    woe : array of shape (n_rows, n_columns), float64
        Weight of evidence, positive is safer.
    y : array of shape (n_rows,), float64
        1 = bad, 0 = good.
    weights : array of shape (n_rows,), float64
        Case weights, not negative.
    gram : array of shape (n_columns + 1, n_columns + 1), float64
        Weighted cross products, see ``weighted_gram``.
    """

    names: tuple[str, ...]
    woe: Floats
    y: Floats
    weights: Floats
    gram: Floats

    @classmethod
    def build(
        cls, names: Sequence[str], woe: Floats, y: Floats, weights: Floats
    ) -> LogisticSample:
        """Return the sample with its cross products."""
        n_rows, n_columns = woe.shape
        assert len(names) == n_columns
        assert y.shape == weights.shape == (n_rows,)
        return cls(tuple(names), woe, y, weights, weighted_gram(woe, weights))

    def select(self, columns: Sequence[int]) -> LogisticSample:
        """Return the sample with the given columns only, in the given order."""
        picked = [0, *(j + 1 for j in columns)]
        return LogisticSample(
            tuple(self.names[j] for j in columns),
            np.ascontiguousarray(self.woe[:, list(columns)]),
            self.y,
            self.weights,
            self.gram[np.ix_(picked, picked)],
        )

    @property
    def total_weight(self) -> float:
        """Sum of the weights."""
        return float(self.gram[0, 0])


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """An optimum, with its curvature.

    Parameters
    ----------
    intercept : float
        Log-odds of bad at WOE 0.
    coefficients : array of shape (n_columns,)
        Change of the log-odds of bad per unit of WOE.
    bounded : bool
        Whether slopes above 0 were forbidden.
    gradient : array of shape (n_columns + 1,)
        Of the objective, the intercept first; negative where a bound holds a slope.
    information : array of shape (n_columns + 1, n_columns + 1)
        Second derivatives of the objective, the intercept first.
    log_likelihood : float
        Weighted, without the penalty.
    n_iterations : int
        Newton steps taken.
    """

    intercept: float
    coefficients: Floats
    bounded: bool
    gradient: Floats
    information: Floats
    log_likelihood: float
    n_iterations: int

    @cached_property
    def at_bound(self) -> NDArray[np.bool_]:
        """Slopes that the bound holds at exactly 0.0; shape (n_columns,)."""
        return np.asarray((self.coefficients == 0.0) & self.bounded)

    @cached_property
    def covariance(self) -> Floats:
        """Inverse observed information of the free coefficients, NaN for the others.

        Shape (n_columns + 1, n_columns + 1), the intercept first. Slopes at their bound
        are taken as fixed at 0. Weights count as repetitions: a case of weight 2 is
        worth two cases. With a penalty its curvature is part of the information.
        """
        free = np.flatnonzero(np.concatenate(([True], ~self.at_bound)))
        result = np.full_like(self.information, np.nan)
        factor = cho_factor(self.information[np.ix_(free, free)])
        result[np.ix_(free, free)] = cho_solve(factor, np.eye(len(free)))
        return result

    @cached_property
    def standard_errors(self) -> Floats:
        """Standard errors, the intercept first; NaN at a bound."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def z(self) -> Floats:
        """Wald statistics, the intercept first; NaN at a bound."""
        estimates = np.concatenate(([self.intercept], self.coefficients))
        return np.asarray(estimates / self.standard_errors)

    @cached_property
    def p_values(self) -> Floats:
        """Two-sided Wald p-values, the intercept first; NaN at a bound."""
        return np.asarray(2.0 * norm.sf(np.abs(self.z)))

    def without(self, columns: Sequence[int]) -> Floats:
        """Return the optimum without some columns, by the quadratic model at this one.

        Shape (n_columns + 1 - len(columns),), the intercept first. The model holds the
        dropped slopes at 0 (Lawless and Singhal, 1978, Biometrics 34, 318-327); slopes
        that it would put above a bound are put on it.
        """
        point = np.concatenate(([self.intercept], self.coefficients))
        dropped = [j + 1 for j in columns if not self.at_bound[j]]
        if dropped:
            covariance = np.nan_to_num(self.covariance)
            block = covariance[np.ix_(dropped, dropped)]
            point -= covariance[:, dropped] @ np.linalg.solve(block, point[dropped])
        if self.bounded:
            point[1:] = np.minimum(point[1:], 0.0)
        return np.delete(point, [j + 1 for j in columns])

    def score_z(self, column: int) -> float:
        """Return the score statistic of a slope held at 0, standard normal if it is 0.

        Positive means that the data pull the slope above its bound.
        """
        free = np.flatnonzero(np.concatenate(([True], ~self.at_bound)))
        j = column + 1
        cross = self.information[free, j]
        factor = cho_factor(self.information[np.ix_(free, free)])
        variance = self.information[j, j] - cross @ cho_solve(factor, cross)
        return float(-self.gradient[j] / math.sqrt(max(variance, 1e-300)))
