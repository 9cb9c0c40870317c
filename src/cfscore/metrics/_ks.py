"""KS: the largest distance between the risk distributions of bads and goods."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cfscore.metrics._estimate import Estimate
from cfscore.metrics._interval import check_confidence, newcombe_interval
from cfscore.metrics._sample import HigherIs, effective_count, rank_by_risk

__all__ = ["KsEstimate", "ks"]


@dataclass(frozen=True, repr=False)
class KsEstimate(Estimate):
    """A KS with its interval and the place where it is reached.

    Parameters
    ----------
    value, lower, upper, standard_error, confidence : float
        As in :class:`Estimate`.
    cutoff : float
        Value of the caller's risk or score that parts the sample best: the cases at
        the cut-off or riskier against the rest. Of several, the riskiest.
    is_oriented : bool
        True where the bads are over-represented on the risky side of the cut-off;
        False shows a variable that ranks the other way round than was stated.

    Examples
    --------
    >>> ks([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1]).cutoff
    0.9
    """

    cutoff: float
    is_oriented: bool


def ks(
    y: ArrayLike,
    risk: ArrayLike,
    *,
    higher_is: HigherIs = "riskier",
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> KsEstimate:
    """Return the Kolmogorov-Smirnov distance; larger is better separated, 0..1.

    Parameters
    ----------
    y : array of shape (n,)
        1 = bad, 0 = good.
    risk : array of shape (n,)
        Ranking variable: PD, log-odds, or a score with ``higher_is="safer"``.
    higher_is : {"riskier", "safer"}, default "riskier"
        What a larger ``risk`` means. The distance itself is the same either way;
        ``is_oriented`` of the result is not.
    sample_weight : array of shape (n,), optional
        Sampling weights >= 0; None weighs all alike.
    confidence : float, default 0.95
        Coverage of the interval.

    Returns
    -------
    KsEstimate
        The distance with its interval, its cut-off and its orientation.

    Raises
    ------
    UsageError
        When ``higher_is`` or ``confidence`` is not an allowed value.
    InputError
        When the arrays are not numeric, have gaps, differ in length, or ``y`` is
        not binary with both classes present.

    Notes
    -----
    ``KS = max_s |F_bad(s) - F_good(s)|``, taken over the distinct values, so that
    tied cases are never parted.

    Where bads and goods differ and the maximum is reached at one place, the sample KS
    is asymptotically normal, with the variance of the difference of the two shares at
    that place. The interval is therefore that of a difference of two independent
    shares, in Newcombe's form, cut at 0. It takes no random numbers. It is not a
    test: between equal distributions the sample KS is positive on average, and the
    lower end may be above 0.

    References
    ----------
    Raghavachari, M. (1973), Annals of Statistics 1, 67-73.
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890.

    Examples
    --------
    >>> y = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0]
    >>> pd = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.2, 0.1]
    >>> result = ks(y, pd)
    >>> result
    KsEstimate(0.5833 [0.0000, 0.8292] at 95%)
    >>> result.cutoff, result.is_oriented
    (0.6, True)
    """
    check_confidence(confidence)
    groups = rank_by_risk(y, risk, higher_is, sample_weight)
    bad_share = np.cumsum(groups.bad) / groups.bad.sum()
    good_share = np.cumsum(groups.good) / groups.good.sum()
    at = int(np.argmax(np.abs(bad_share - good_share)))
    n_bad = effective_count(groups.bad.sum(), groups.bad_squared.sum())
    n_good = effective_count(groups.good.sum(), groups.good_squared.sum())
    shares = [
        (float(bad_share[at]), float(n_bad)),
        (float(good_share[at]), float(n_good)),
    ]
    larger, smaller = sorted(shares, reverse=True)
    lower, upper = newcombe_interval(larger, smaller, confidence)
    return KsEstimate(
        value=larger[0] - smaller[0],
        lower=max(0.0, lower),
        upper=upper,
        standard_error=math.sqrt(sum(p * (1.0 - p) / n for p, n in shares)),
        confidence=confidence,
        cutoff=float(groups.value[at]),
        is_oriented=bool(bad_share[at] >= good_share[at]),
    )
