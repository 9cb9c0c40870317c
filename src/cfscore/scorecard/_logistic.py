"""Logistic regression of bad on weight of evidence, with real sign bounds.

The objective is the weighted negative log-likelihood plus an optional L2 penalty on the
slopes, the intercept free of it::

    f(b0, b) = sum_i w_i [ln(1 + exp(eta_i)) - y_i eta_i] + |b|^2 / (2 C)
    eta_i    = b0 + sum_j b_j WOE_ij                      b_j <= 0 where bounded

It is minimised by Newton steps on the bounded quadratic model: the intercept is
profiled out, the rest is a non-negative least-squares problem in ``-b`` (Lawson and
Hanson, 1974, *Solving Least Squares Problems*, ch. 23) whose active set is exact, so a
slope at its bound is 0.0 and not merely small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, cholesky, eigh, solve_triangular
from scipy.optimize import nnls
from scipy.special import expit

from cfscore.exceptions import FitError
from cfscore.scorecard._collinearity import dependent_columns, weighted_gram
from cfscore.scorecard._logistic_fit import LogisticFit, LogisticSample

__all__ = ["fit_logistic"]

Floats = NDArray[np.float64]

#: Largest component of the projected gradient, per unit of weight, at an optimum.
_TOLERANCE = 1e-12
#: What must be reached where rounding keeps the gradient from going further down.
_LOOSE_TOLERANCE = 1e-8
_MOST_ITERATIONS = 100
#: Mean p(1 - p) in some direction below which outcomes are separated along it.
_SEPARATED = 1e-7


def fit_logistic(
    sample: LogisticSample,
    *,
    bounded: bool = True,
    C: float | None = None,
    start: Floats | None = None,
) -> LogisticFit:
    """Return the coefficients that minimise the penalised negative log-likelihood.

    Parameters
    ----------
    sample : LogisticSample
        WOE, outcome and weights; both outcomes with positive weight.
    bounded : bool, default True
        Whether each slope must be <= 0, so that more WOE never means more risk.
    C : float, optional
        Inverse strength of the L2 penalty, scikit-learn's meaning; None is no penalty.
    start : array of shape (n_columns + 1,), optional
        Where to begin, the intercept first; the base rate alone otherwise. Columns that
        are started from are not checked for dependence again.

    Returns
    -------
    LogisticFit
        The optimum; its projected gradient was checked.

    Raises
    ------
    FitError
        When columns are linearly dependent, when the outcome is separated completely
        (both only without a penalty), or when no optimum is reached.

    Notes
    -----
    Without a penalty the maximum likelihood estimate exists only if no direction of
    the columns separates bad from good (Albert and Anderson, 1984, Biometrika 71).
    """
    objective = _Objective(sample, 0.0 if C is None else 1.0 / C)
    if C is None and start is None:
        _require_independent(sample)
    state = objective.at(objective.base_rate() if start is None else start)
    best = math.inf
    for iteration in range(_MOST_ITERATIONS):
        slack = _optimality_gap(state, bounded) / sample.total_weight
        if slack <= _TOLERANCE or (slack <= _LOOSE_TOLERANCE and slack >= 0.5 * best):
            return _finish(sample, state, bounded, iteration, C)
        best = min(best, slack)
        state = _line_search(objective, state, _newton_step(sample, state, bounded))
    raise _not_converged()


@dataclass(frozen=True, eq=False)
class _State:
    """The objective at one point (intercept first) with its first two derivatives."""

    point: Floats
    value: float
    gradient: Floats
    information: Floats


class _Objective:
    """The penalised negative log-likelihood of a sample."""

    def __init__(self, sample: LogisticSample, penalty: float) -> None:
        self.sample = sample
        self.penalty = penalty

    def base_rate(self) -> Floats:
        """Return the point of the base rate alone."""
        sample = self.sample
        bad = float(sample.weights @ sample.y)
        point = np.zeros(len(sample.names) + 1)
        point[0] = math.log(bad / (sample.total_weight - bad))
        return point

    def value(self, point: Floats) -> float:
        """Return the objective at a point."""
        eta = self.sample.woe @ point[1:] + point[0]
        return self._loss(eta) + 0.5 * self.penalty * float(point[1:] @ point[1:])

    def _loss(self, eta: Floats) -> float:
        sample = self.sample
        return float(sample.weights @ (np.logaddexp(0.0, eta) - sample.y * eta))

    def at(self, point: Floats) -> _State:
        """Return value, gradient and information at a point."""
        sample, slopes = self.sample, point[1:]
        eta = sample.woe @ slopes + point[0]
        pd = expit(eta)
        residual = sample.weights * (pd - sample.y)
        gradient = np.empty_like(point)
        gradient[0] = residual.sum()
        gradient[1:] = residual @ sample.woe + self.penalty * slopes
        information = weighted_gram(sample.woe, sample.weights * pd * expit(-eta))
        information[1:, 1:] += self.penalty * np.eye(len(slopes))
        value = self._loss(eta) + 0.5 * self.penalty * float(slopes @ slopes)
        return _State(point, value, gradient, information)


def _optimality_gap(state: _State, bounded: bool) -> float:
    """Return the largest component of the projected gradient."""
    gradient = state.gradient.copy()
    if bounded:
        held = (state.point[1:] == 0.0) & (gradient[1:] < 0.0)
        gradient[1:][held] = 0.0
    return float(np.abs(gradient).max())


def _newton_step(sample: LogisticSample, state: _State, bounded: bool) -> Floats:
    """Return the step to the minimum of the quadratic model within the bounds."""
    try:
        if bounded:
            free = np.concatenate(([True], _model_slopes(state) < 0.0))
            step = _step_on(state, np.flatnonzero(free))
            step[1:] = np.minimum(step[1:], -state.point[1:])
            return step
        return _step_on(state, np.arange(len(state.point)))
    except np.linalg.LinAlgError as error:
        raise _separation_error(sample, None) from error
    except RuntimeError as error:  # the least-squares solver has given up
        raise _not_converged() from error


def _model_slopes(state: _State) -> Floats:
    """Return the slopes <= 0 that minimise the quadratic model, exact zeros included.

    With the intercept profiled out the model is
    ``1/2 d' S d + g' d``, ``S = H_11 - h h' / h_00``, and ``z = -(b + d) >= 0`` solves
    ``min |L' z - t|`` with ``S = L L'`` and ``L t = g - S b``.
    """
    cross = state.information[1:, 0] / state.information[0, 0]
    reduced = state.information[1:, 1:] - np.outer(cross, state.information[0, 1:])
    gradient = state.gradient[1:] - cross * state.gradient[0]
    lower = cholesky(reduced, lower=True)
    slopes = state.point[1:]
    target = solve_triangular(lower, gradient - reduced @ slopes, lower=True)
    solution, _ = nnls(lower.T, target, maxiter=30 * len(slopes) + 100)
    return np.asarray(-solution)


def _step_on(state: _State, free: NDArray[np.intp]) -> Floats:
    """Return the Newton step with the other slopes put to 0.

    The free components solve their own equations again, which is more accurate than
    what non-negative least squares returns.
    """
    step = -state.point
    step[free] = 0.0
    pull = state.gradient + state.information @ step
    factor = cho_factor(state.information[np.ix_(free, free)])
    step[free] = -cho_solve(factor, pull[free])
    return step


def _line_search(objective: _Objective, state: _State, step: Floats) -> _State:
    """Return the state after the longest halved step that lowers the objective enough.

    The bounds form a convex set, so no halving leaves them. Close to the optimum, where
    the promised decrease drowns in rounding, the full step is taken as it is.
    """
    slope = float(state.gradient @ step)
    length = 1.0
    if -slope > 1e-9 * max(1.0, abs(state.value)):
        while length > 1e-10:
            value = objective.value(state.point + length * step)
            if value <= state.value + 1e-4 * length * slope:
                break
            length *= 0.5
    return objective.at(state.point + length * step)


def _finish(
    sample: LogisticSample,
    state: _State,
    bounded: bool,
    n_iterations: int,
    C: float | None,
) -> LogisticFit:
    slopes = state.point[1:]
    if C is None:
        _require_overlap(sample, state, bounded)
    penalty = 0.0 if C is None else 0.5 * float(slopes @ slopes) / C
    return LogisticFit(
        intercept=float(state.point[0]),
        coefficients=slopes,
        bounded=bounded,
        gradient=state.gradient,
        information=state.information,
        log_likelihood=penalty - state.value,
        n_iterations=n_iterations,
    )


def _require_independent(sample: LogisticSample) -> None:
    """Refuse columns that are linear combinations of others and the intercept."""
    dependent = [sample.names[j] for j in dependent_columns(sample.gram)]
    if dependent:
        msg = (
            f"{len(dependent)} characteristic(s) have a WOE that is constant or a "
            f"combination of the others: {sorted(dependent)[:10]}."
        )
        hint = "Leave them out, use selection='auto', or set C, for example C=1.0."
        raise FitError(msg, code="COLLINEAR", hint=hint)


def _require_overlap(sample: LogisticSample, state: _State, bounded: bool) -> None:
    """Refuse an optimum that only rounding has stopped on its way to infinity."""
    slopes = state.point[1:]
    free = np.concatenate(([True], (slopes != 0.0) | (not bounded)))
    used = np.flatnonzero(free)
    gram = sample.gram[np.ix_(used, used)]
    curvature, directions = eigh(state.information[np.ix_(used, used)], gram)
    if curvature[0] <= _SEPARATED:
        reach = np.abs(directions[:, 0]) * np.sqrt(np.diag(gram))
        names = ["", *sample.names]
        culprit = names[used[int(np.argmax(reach[1:])) + 1]] if len(used) > 1 else None
        raise _separation_error(sample, culprit)


def _not_converged() -> FitError:
    msg = f"The logistic regression has not converged in {_MOST_ITERATIONS} steps."
    return FitError(msg, code="NOT_CONVERGED", hint="Set C, for example C=1.0.")


def _separation_error(sample: LogisticSample, culprit: str | None) -> FitError:
    named = f", foremost {culprit!r}" if culprit else ""
    msg = (
        f"The characteristics{named} separate bad from good completely, so that no "
        f"finite coefficients fit best ({len(sample.y)} rows)."
    )
    hint = (
        "Look for a column that knows the outcome, merge bins without bad or good, or "
        "set C, for example C=1.0."
    )
    return FitError(msg, code="SEPARATED", hint=hint)
