"""Weight of evidence and information value from counts of goods and bads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

__all__ = [
    "information_p_value",
    "neighbour_p_values",
    "raw_woe",
    "smoothed_shares",
]

Floats = NDArray[np.float64]


def raw_woe(good: Floats, bad: Floats) -> Floats:
    """Return the unsmoothed weight of evidence of each bin; positive is safer.

    Parameters
    ----------
    good, bad : array of shape (n_bins,), float64
        Weighted goods and bads.

    Returns
    -------
    array of shape (n_bins,), float64
        ``ln[(good_i/G) / (bad_i/B)]``: ``+inf`` without bads, ``-inf`` without goods,
        NaN in an empty bin.

    Examples
    --------
    >>> raw_woe(np.array([50.0, 50.0, 0.0]), np.array([10.0, 0.0, 0.0]))
    array([-0.69314718,         inf,         nan])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        woe: Floats = np.log(good / good.sum()) - np.log(bad / bad.sum())
    return woe


def smoothed_shares(
    counts: Floats, laplace: float, filled: NDArray[np.bool_]
) -> Floats:
    """Return each bin's Laplace-smoothed share of the total of one class.

    Parameters
    ----------
    counts : array of shape (n_bins,), float64
        Weighted cases of one class (goods or bads).
    laplace : float
        Pseudo-cases ``a`` added to every filled bin; 0 means no smoothing.
    filled : array of shape (n_bins,), bool
        Bins that hold any case; the others get share 0 and do not count in ``k``.

    Returns
    -------
    array of shape (n_bins,), float64
        ``(c_i + a) / (C + a k)`` with ``k`` filled bins; sums to 1.
    """
    k = int(np.count_nonzero(filled))
    shares: Floats = (counts + laplace) / (counts.sum() + laplace * k)
    return np.where(filled, shares, 0.0)


def information_p_value(
    iv: float, n_bins: int, effective_good: float, effective_bad: float
) -> float:
    """Return the chance of an information value this large without any relation.

    Parameters
    ----------
    iv : float
        Information value, 0 or more.
    n_bins : int
        Bins it was summed over.
    effective_good, effective_bad : float
        Sample sizes; with weights Kish's effective sizes ``(sum w)^2 / sum w^2``.

    Returns
    -------
    float
        Upper tail probability in 0..1; small means a relation. 1 with fewer than two
        bins.

    Notes
    -----
    Without relation, ``IV / (1/G + 1/B)`` is about chi-square with ``k - 1`` degrees of
    freedom (the algebra of the population stability index: B. Yurdakul, 2018,
    "Statistical properties of the population stability index"). The bins are taken as
    given. As they were chosen on the same sample, the value is too small for noise:
    it exposes an impressive IV on few cases, and does not prove a relation.

    Examples
    --------
    >>> round(information_p_value(0.30, 5, effective_good=200, effective_bad=20), 3)
    0.244
    """
    if n_bins < 2:
        return 1.0
    spread = 1.0 / effective_good + 1.0 / effective_bad
    return float(chi2.sf(iv / spread, n_bins - 1))


def neighbour_p_values(good: Floats, bad: Floats) -> Floats:
    """Return the p-value of each pair of neighbouring bins having one bad rate.

    Parameters
    ----------
    good, bad : array of shape (n_bins,), float64
        Goods and bads in effective cases.

    Returns
    -------
    array of shape (n_bins - 1,), float64
        Two-sided two-proportion z-test with pooled variance; 1 where nothing can be
        told (an empty bin, or one class only in both).

    Examples
    --------
    >>> neighbour_p_values(np.array([90.0, 75.0]), np.array([10.0, 25.0])).round(4)
    array([0.0052])
    """
    total = good + bad
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (bad[:-1] + bad[1:]) / (total[:-1] + total[1:])
        spread = np.sqrt(pooled * (1.0 - pooled) * (1.0 / total[:-1] + 1.0 / total[1:]))
        p_values: Floats = 2.0 * norm.sf(np.abs(np.diff(bad / total)) / spread)
    return np.where(np.isnan(p_values), 1.0, p_values)
