"""Calibration sample: log-odds of bad with their outcomes, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import FitError, InputError
from cfscore.samples import read_target, read_weights

__all__ = ["CalibrationSample", "read_log_odds", "read_sample", "refuse_order"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CalibrationSample:
    """Cases of positive weight, in ascending order of log-odds.

    Parameters
    ----------
    log_odds : array of shape (n_rows,), float64
        Log-odds of bad, finite, ascending.
    y : array of shape (n_rows,), float64
        1 = bad, 0 = good; both occur.
    weights : array of shape (n_rows,), float64
        Positive case weights; they count as repetitions.
    """

    log_odds: Floats
    y: Floats
    weights: Floats

    @property
    def n_bad(self) -> float:
        """Weighted bads."""
        return float(self.weights @ self.y)

    @property
    def n_good(self) -> float:
        """Weighted goods."""
        return float(self.weights @ (1.0 - self.y))

    @property
    def bad_rate(self) -> float:
        """Weighted share of bad."""
        return self.n_bad / (self.n_bad + self.n_good)

    @property
    def is_constant(self) -> bool:
        """Whether all log-odds are the same."""
        return bool(self.log_odds[0] == self.log_odds[-1])

    @property
    def is_separated(self) -> bool:
        """Whether no bad has smaller log-odds than a good."""
        goods, bads = self.log_odds[self.y == 0.0], self.log_odds[self.y == 1.0]
        return bool(bads[0] >= goods[-1])


def read_log_odds(log_odds: Any) -> Floats:
    """Return log-odds of bad as a vector.

    Parameters
    ----------
    log_odds : array-like of shape (n_rows,) or (n_rows, 1)
        Finite numbers.

    Raises
    ------
    InputError
        When it has another shape, or holds anything but finite numbers.
    """
    values = np.asarray(log_odds)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        msg = f"log_odds must have one value per row, found shape {values.shape}."
        raise InputError(msg, code="SHAPE")
    try:
        numbers = values.astype(np.float64) if values.dtype.kind in "biufO" else None
    except (TypeError, ValueError):
        numbers = None
    if numbers is None:
        msg = "log_odds must hold numbers."
        raise InputError(msg, code="NOT_NUMERIC")
    n_wrong = int(np.count_nonzero(~np.isfinite(numbers)))
    if n_wrong:
        msg = f"log_odds must be finite; {n_wrong} of {numbers.size} are not."
        hint = "Leave rows without a score out; a PD of 0 or 1 has no log-odds."
        raise InputError(msg, code="NOT_FINITE", hint=hint)
    return numbers


def read_sample(log_odds: Any, y: Any, sample_weight: Any) -> CalibrationSample:
    """Check and order a calibration sample.

    Parameters
    ----------
    log_odds : array-like of shape (n_rows,)
        Log-odds of bad.
    y : array-like of shape (n_rows,)
        1 = bad, 0 = good.
    sample_weight : array-like of shape (n_rows,) or None
        Not negative; rows of weight 0 are left out.

    Raises
    ------
    InputError
        When the log-odds are not finite numbers.
    FitError
        When the target or the weights are wrong, lengths differ, or one class is
        missing.
    """
    values, outcome = read_log_odds(log_odds), read_target(y)
    if len(values) != len(outcome):
        msg = f"log_odds has {len(values)} row(s) but the target y has {len(outcome)}."
        raise FitError(msg, code="SHAPE")
    weights = read_weights(sample_weight, len(outcome))
    order = np.argsort(values, kind="stable")
    order = order[weights[order] > 0.0]
    sample = CalibrationSample(values[order], outcome[order], weights[order])
    if not (sample.n_bad and sample.n_good):
        msg = (
            "The target y needs goods (0) and bads (1), with positive weight; it holds "
            "only one class."
        )
        raise FitError(msg, code="ONE_CLASS")
    return sample


def refuse_order(method: str) -> NoReturn:
    """Refuse a sample in which risk does not rise with the log-odds.

    Raises
    ------
    FitError
        Always.
    """
    msg = (
        f"Calibration by {method!r} found that the bad rate does not rise with the "
        "log-odds, and would reverse the order of risk."
    )
    hint = "Pass log-odds of bad (larger = riskier) and a target with 1 for bad."
    raise FitError(msg, code="NO_ORDER", hint=hint)
