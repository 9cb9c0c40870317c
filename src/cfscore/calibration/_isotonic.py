"""Isotonic calibration: observed bad rates in steps of rising log-odds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import isotonic_regression

from cfscore.calibration._sample import CalibrationSample, refuse_order
from cfscore.plan import IsotonicCalibration

__all__ = ["fit_isotonic"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Step:
    """Cases of one step: its range of log-odds, weighted cases and bads."""

    low: float
    high: float
    cases: float
    bads: float

    @property
    def odds(self) -> float:
        """Bads to goods, half a case added to both where one of them is absent."""
        goods = self.cases - self.bads
        if min(self.bads, goods) > 0.0:
            return self.bads / goods
        return (self.bads + 0.5) / (goods + 0.5)

    def joined(self, later: _Step) -> _Step:
        return _Step(
            self.low, later.high, self.cases + later.cases, self.bads + later.bads
        )


def fit_isotonic(sample: CalibrationSample) -> IsotonicCalibration:
    """Return the steps of the isotonic regression of bad on the log-odds.

    Parameters
    ----------
    sample : CalibrationSample
        Cases that the model was not trained on.

    Raises
    ------
    FitError
        When a single step remains, as the bad rate does not rise with the log-odds.

    Notes
    -----
    A step with ``k`` bads among ``n`` cases has the PD ``k / n``; the first and the
    last, where they hold no bad or no good, have ``(k + 1/2) / (n + 1)``, and are
    joined with their neighbour if that would put them out of order. Steps meet half
    way between the cases beside them; between the cases nothing is interpolated, so
    that every PD is an observed rate.

    References
    ----------
    Zadrozny, B. and Elkan, C. (2002), "Transforming classifier scores into accurate
    multiclass probability estimates", KDD '02, 694-699. DOI 10.1145/775047.775151.
    """
    steps = _in_order(_pooled_steps(sample))
    if len(steps) == 1:
        refuse_order("isotonic")
    edges = [_between(low.high, high.low) for low, high in pairwise(steps)]
    levels = [math.log(step.odds) for step in steps]
    return IsotonicCalibration(tuple(edges), tuple(levels))


def _pooled_steps(sample: CalibrationSample) -> list[_Step]:
    """Return runs of cases that pool-adjacent-violators gives one bad rate."""
    values, codes = np.unique(sample.log_odds, return_inverse=True)
    cases = np.bincount(codes, sample.weights)
    bads = np.bincount(codes, sample.weights * sample.y)
    rates = isotonic_regression(bads / cases, sample_weight=cases)
    first = np.flatnonzero(np.r_[True, np.diff(rates) > 0.0])
    last = np.r_[first[1:], len(values)] - 1
    return [
        _Step(float(values[i]), float(values[j]), float(n), float(k))
        for i, j, n, k in zip(
            first,
            last,
            np.add.reduceat(cases, first),
            np.add.reduceat(bads, first),
            strict=True,
        )
    ]


def _in_order(steps: list[_Step]) -> list[_Step]:
    """Join neighbours until the odds rise from step to step.

    They do so already, except where half a case was added or rounding tells two equal
    rates apart.
    """
    ordered: list[_Step] = []
    for step in steps:
        while ordered and ordered[-1].odds >= step.odds:
            step = ordered.pop().joined(step)  # noqa: PLW2901 - grows downwards
        ordered.append(step)
    return ordered


def _between(low: float, high: float) -> float:
    """Return an edge in ``(low, high]``, half way if there is room."""
    middle = low + (high - low) / 2.0
    return middle if middle > low else high
