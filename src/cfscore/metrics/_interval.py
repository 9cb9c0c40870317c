"""Confidence intervals of shares, of their differences and of an AUC."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError

__all__ = [
    "check_confidence",
    "logit_interval",
    "newcombe_interval",
    "normal_quantile",
    "wilson_interval",
]


def check_confidence(confidence: float) -> None:
    """Check that a confidence level lies strictly between 0 and 1.

    Raises
    ------
    UsageError
        When it does not; 95 meant as a percentage is the usual cause.
    """
    if not 0.0 < confidence < 1.0:
        msg = f"confidence must lie between 0 and 1, such as 0.95; got {confidence!r}."
        raise UsageError(msg)


def normal_quantile(confidence: float) -> float:
    """Return the two-sided standard normal quantile, 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2.0)


def logit_interval(
    share: float, standard_error: float, confidence: float
) -> tuple[float, float]:
    """Return the interval of a share in (0, 1), symmetric on the logit scale.

    It stays within (0, 1), which the plain interval ``share +- z se`` does not.

    Parameters
    ----------
    share : float
        Strictly between 0 and 1.
    standard_error : float
        Of the share; the delta method carries it to the logit scale.
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    tuple of float
        Lower and upper end.
    """
    centre = math.log(share / (1.0 - share))
    reach = normal_quantile(confidence) * standard_error / (share * (1.0 - share))
    return _logistic(centre - reach), _logistic(centre + reach)


def wilson_interval(
    share: NDArray[np.float64], n: NDArray[np.float64], confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Wilson's score interval of shares.

    Parameters
    ----------
    share : array of any shape, float64
        Observed shares, 0 and 1 included.
    n : array of the same shape, float64
        Cases, or effective cases of a weighted sample; positive.
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    tuple of array
        Lower and upper ends, within [0, 1].

    References
    ----------
    Wilson, E. B. (1927), Journal of the American Statistical Association 22,
    209-212.
    """
    z = normal_quantile(confidence)
    centre = (share + z * z / (2.0 * n)) / (1.0 + z * z / n)
    spread = np.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n))
    reach = z * spread / (1.0 + z * z / n)
    # At a share of 0 or 1 the end on that side is the share itself, which rounding
    # may miss by one part in 10^16.
    lower = np.minimum(centre - reach, share).clip(min=0.0)
    upper = np.maximum(centre + reach, share).clip(max=1.0)
    return lower, upper


def newcombe_interval(
    first: tuple[float, float], second: tuple[float, float], confidence: float
) -> tuple[float, float]:
    """Return the interval of the difference of two independent shares.

    Parameters
    ----------
    first, second : tuple of (share, n)
        Each share with its (effective) number of cases.
    confidence : float
        Coverage, in (0, 1).

    Returns
    -------
    tuple of float
        Lower and upper end of ``first - second``, within [-1, 1].

    Notes
    -----
    The hybrid score interval: with Wilson limits ``l, u`` of each share,
    ``d - sqrt((p1 - l1)^2 + (u2 - p2)^2)`` to ``d + sqrt((u1 - p1)^2 + (p2 - l2)^2)``.
    Unlike the plain interval it has a width at shares of 0 and 1.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    shares = np.array([first[0], second[0]])
    lower, upper = wilson_interval(shares, np.array([first[1], second[1]]), confidence)
    difference = float(shares[0] - shares[1])
    down = math.hypot(shares[0] - lower[0], upper[1] - shares[1])
    up = math.hypot(upper[0] - shares[0], shares[1] - lower[1])
    return max(-1.0, difference - down), min(1.0, difference + up)


def _logistic(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))
