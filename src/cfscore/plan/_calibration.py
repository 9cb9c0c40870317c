"""Calibration stage: from a model's log-odds of bad to calibrated ones, frozen.

Each form is non-decreasing, so that calibration never reverses the order of two
applicants, and a row has the same bits alone and in any batch.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfscore._kernels.calibration import (
    calibrate_affine,
    calibrate_beta,
    calibrate_steps,
)
from cfscore.exceptions import UsageError

__all__ = [
    "AffineCalibration",
    "BetaCalibration",
    "Calibration",
    "IsotonicCalibration",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AffineCalibration:
    """A line: ``intercept + slope * log_odds``.

    Sigmoid (Platt) calibration and every prior shift have this form. It can be folded
    into the points and contributions of a scorecard.

    Parameters
    ----------
    slope : float
        Finite and positive.
    intercept : float
        Finite.

    Raises
    ------
    UsageError
        When a number is not finite, or the slope would not keep the order of risk.

    Examples
    --------
    >>> AffineCalibration(slope=1.0, intercept=-1.5).apply([0.5, -2.0])
    array([-1. , -3.5])
    """

    slope: float
    intercept: float

    #: Whether the stage can be folded into points and contributions.
    is_affine: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check slope and intercept."""
        for name in ("slope", "intercept"):
            _keep_finite(self, name)
        if not self.slope > 0.0:
            msg = f"AffineCalibration slope must be positive, got {self.slope}."
            raise UsageError(msg)

    def apply(self, log_odds: ArrayLike, out: Floats | None = None) -> Floats:
        """Return the calibrated log-odds of every row.

        Parameters
        ----------
        log_odds : array of shape (n_rows,), float64
            Log-odds of bad; NaN stays NaN.
        out : array of shape (n_rows,), float64, C-contiguous, optional
            Written in place when given; may be ``log_odds`` itself.

        Returns
        -------
        array of shape (n_rows,), float64
            Log-odds of bad.
        """
        values, result = _as_vectors(log_odds, out)
        calibrate_affine(values, self.slope, self.intercept, result)
        return result

    def apply_one(self, log_odds: float) -> float:
        """Return the calibrated log-odds of one row, with the bits of ``apply``."""
        return self.intercept + self.slope * log_odds


@dataclass(frozen=True)
class IsotonicCalibration:
    """A step function of the log-odds, constant on ``[edge, next edge)``.

    Parameters
    ----------
    edges : tuple of float
        Finite, strictly ascending log-odds at which the steps begin; ``k`` edges
        separate ``k + 1`` steps, the first reaching down to ``-inf``.
    log_odds : tuple of float
        Calibrated log-odds of each step, finite and non-decreasing.

    Raises
    ------
    UsageError
        When edges or steps are out of order, not finite, or do not match in number.

    Examples
    --------
    >>> steps = IsotonicCalibration(edges=(-2.0, 0.0), log_odds=(-4.0, -1.5, 0.5))
    >>> steps.apply([-2.1, -2.0, -0.1, 0.0, float("nan")])
    array([-4. , -1.5, -1.5,  0.5,  nan])
    """

    edges: tuple[float, ...]
    log_odds: tuple[float, ...]

    is_affine: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Check edges and steps."""
        for name in ("edges", "log_odds"):
            _keep_finite_tuple(self, name)
        if len(self.log_odds) != len(self.edges) + 1:
            msg = (
                f"IsotonicCalibration needs one step more than edges, got "
                f"{len(self.log_odds)} step(s) and {len(self.edges)} edge(s)."
            )
            raise UsageError(msg)
        if (np.diff(self.edges) <= 0.0).any():
            msg = "IsotonicCalibration edges must be strictly ascending."
            raise UsageError(msg)
        if (np.diff(self.log_odds) < 0.0).any():
            msg = "IsotonicCalibration log_odds must not fall from step to step."
            raise UsageError(msg)

    def apply(self, log_odds: ArrayLike, out: Floats | None = None) -> Floats:
        """Return the calibrated log-odds of every row.

        Parameters
        ----------
        log_odds : array of shape (n_rows,), float64
            Log-odds of bad; NaN stays NaN.
        out : array of shape (n_rows,), float64, C-contiguous, optional
            Written in place when given; may be ``log_odds`` itself.

        Returns
        -------
        array of shape (n_rows,), float64
            Log-odds of bad.
        """
        values, result = _as_vectors(log_odds, out)
        calibrate_steps(values, *self._arrays, result)
        return result

    def apply_one(self, log_odds: float) -> float:
        """Return the calibrated log-odds of one row, with the bits of ``apply``."""
        if log_odds != log_odds:
            return log_odds
        return self.log_odds[bisect_right(self.edges, log_odds)]

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats]:
        return np.array(self.edges, np.float64), np.array(self.log_odds, np.float64)


@dataclass(frozen=True)
class BetaCalibration:
    """The beta family: ``c + a ln(p) - b ln(1 - p)`` with ``p = 1 / (1 + exp(-x))``.

    Parameters
    ----------
    a, b : float
        Finite, not negative, not both 0: how fast calibrated log-odds fall towards
        low, and rise towards high risk.
    c : float
        Finite.

    Raises
    ------
    UsageError
        When a parameter is outside its range.

    References
    ----------
    Kull, M., Silva Filho, T. and Flach, P. (2017), "Beyond sigmoids: how to obtain
    well-calibrated probabilities from binary classifiers with beta calibration",
    Electronic Journal of Statistics 11, 5052-5080. DOI 10.1214/17-EJS1338SI.

    Examples
    --------
    >>> BetaCalibration(a=1.0, b=1.0, c=0.0).apply([-3.0, 0.0, 2.0])
    array([-3.,  0.,  2.])
    """

    a: float
    b: float
    c: float

    is_affine: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Check the parameters."""
        for name in ("a", "b", "c"):
            _keep_finite(self, name)
        if min(self.a, self.b) < 0.0 or self.a == self.b == 0.0:
            msg = (
                "BetaCalibration a and b must not be negative, nor both 0, got "
                f"a={self.a} and b={self.b}."
            )
            raise UsageError(msg)

    def apply(self, log_odds: ArrayLike, out: Floats | None = None) -> Floats:
        """Return the calibrated log-odds of every row.

        Parameters
        ----------
        log_odds : array of shape (n_rows,), float64
            Log-odds of bad; NaN stays NaN.
        out : array of shape (n_rows,), float64, C-contiguous, optional
            Written in place when given; may be ``log_odds`` itself.

        Returns
        -------
        array of shape (n_rows,), float64
            Log-odds of bad.
        """
        values, result = _as_vectors(log_odds, out)
        calibrate_beta(values, self.a, self.b, self.c, result)
        return result

    def apply_one(self, log_odds: float) -> float:
        """Return the calibrated log-odds of one row, with the bits of ``apply``."""
        tail = math.log1p(math.exp(-abs(log_odds)))
        total = self.c
        if self.a > 0.0:
            total -= self.a * (max(-log_odds, 0.0) + tail)
        if self.b > 0.0:
            total += self.b * (max(log_odds, 0.0) + tail)
        return total if log_odds == log_odds else log_odds


#: What a plan may hold between a model's log-odds and the score scale.
Calibration = AffineCalibration | IsotonicCalibration | BetaCalibration


def _as_vectors(log_odds: ArrayLike, out: Floats | None) -> tuple[Floats, Floats]:
    values = np.ascontiguousarray(log_odds, dtype=np.float64)
    if values.ndim != 1:
        msg = f"log_odds must be one-dimensional, got shape {values.shape}."
        raise UsageError(msg)
    return values, np.empty_like(values) if out is None else out


def _keep_finite(stage: Any, name: str) -> None:
    """Replace a number of a stage by the same float, once it is known to be finite."""
    number = _finite(f"{type(stage).__name__} {name}", getattr(stage, name))
    object.__setattr__(stage, name, number)


def _keep_finite_tuple(stage: Any, name: str) -> None:
    what, values = f"{type(stage).__name__} {name}", getattr(stage, name)
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        msg = f"{what} must be a sequence of numbers, got {type(values).__name__}."
        raise UsageError(msg)
    numbers = tuple(_finite(what, value) for value in values)
    object.__setattr__(stage, name, numbers)


def _finite(what: str, value: Any) -> float:
    is_number = isinstance(value, int | float | np.integer | np.floating)
    if not is_number or isinstance(value, bool):
        msg = f"{what} must be a number, got {type(value).__name__}."
        raise UsageError(msg)
    if not math.isfinite(value):
        msg = f"{what} must be finite, got {value}."
        raise UsageError(msg)
    return float(value)
