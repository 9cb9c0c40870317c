"""Shift: log-odds of bad moved to another bad rate, all differences kept."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.special import expit

from cfscore.calibration._sample import CalibrationSample
from cfscore.plan import AffineCalibration

__all__ = ["fit_long_run_shift", "fit_prior_shift"]


def fit_prior_shift(sample: CalibrationSample, target_rate: float) -> AffineCalibration:
    """Return the shift from the sample's bad rate to the target's.

    Parameters
    ----------
    sample : CalibrationSample
        Drawn as the training sample was; only its bad rate counts.
    target_rate : float
        Bad rate where the model will be used, within (0, 1).

    Notes
    -----
    ``delta = logit(target_rate) - logit(bad_rate)``, which is Bayes' rule for another
    share of bads and unchanged goods and bads (Saerens, M., Latinne, P. and
    Decaestecker, C. (2002), "Adjusting the outputs of a classifier to new a priori
    probabilities", Neural Computation 14, 21-41. DOI
    10.1162/089976602753284446).
    """
    shift = _logit(target_rate) - _logit(sample.bad_rate)
    return AffineCalibration(slope=1.0, intercept=shift)


def fit_long_run_shift(
    sample: CalibrationSample, target_rate: float
) -> AffineCalibration:
    """Return the shift that gives the sample the target as its mean PD.

    Parameters
    ----------
    sample : CalibrationSample
        Its log-odds count, its outcomes do not.
    target_rate : float
        Long-run default rate, within (0, 1).
    """
    x, weights = sample.log_odds, sample.weights / sample.weights.sum()

    def excess(shift: float) -> float:
        return float(weights @ expit(x + shift)) - target_rate

    wanted = _logit(target_rate)
    # All PDs equal the target or lie on one side of it at these two shifts.
    low, high = wanted - x[-1], wanted - x[0]
    margin = 1e-9 * max(1.0, abs(low), abs(high))  # rounding must not hide the root
    shift = brentq(excess, low - margin, high + margin, xtol=1e-13, rtol=1e-14)
    return AffineCalibration(slope=1.0, intercept=float(shift))


def _logit(rate: float) -> float:
    return math.log(rate) - math.log1p(-rate)
