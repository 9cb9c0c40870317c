"""Population stability index, with the error that its rules of thumb leave out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, chdtri

from cfscore.exceptions import InputError, UsageError
from cfscore.metrics._interval import check_confidence
from cfscore.metrics._sample import float_vector

__all__ = ["StabilityIndex", "psi", "score_shift"]

#: How far shares given by the caller may sum from 1: enough for ten bins printed with
#: four digits.
_SHARE_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False, repr=False)
class StabilityIndex:
    """A PSI with what is needed to judge it.

    ``float(index)`` is the value alone.

    Parameters
    ----------
    value : float
        PSI, >= 0; 0 = same distribution.
    contributions : array of shape (n_bins,), float64
        Part of each bin in ``value``, in the caller's order, each >= 0.
    expected_share, actual_share : array of shape (n_bins,), float64
        Shares as they entered, after smoothing where it was needed.
    n_expected, n_actual : float
        Cases on each side.
    degrees_of_freedom : int
        Bins that hold a case on either side, less one.
    p_value : float
        Probability of a PSI at least as large if nothing has shifted.
    critical_value : float
        PSI that is exceeded with probability ``1 - confidence`` if nothing has
        shifted.
    confidence : float
        Level of ``critical_value``, in (0, 1).
    smoothing : float
        Cases added to each bin of both sides; 0 where no bin was empty.
    """

    value: float
    contributions: NDArray[np.float64]
    expected_share: NDArray[np.float64]
    actual_share: NDArray[np.float64]
    n_expected: float
    n_actual: float
    degrees_of_freedom: int
    p_value: float
    critical_value: float
    confidence: float
    smoothing: float

    @property
    def is_shifted(self) -> bool:
        """Whether the value exceeds its critical value."""
        return self.value > self.critical_value

    def __float__(self) -> float:
        """Return the value."""
        return self.value

    def __repr__(self) -> str:
        """Return value, p-value and critical value."""
        return (
            f"StabilityIndex({self.value:.4f}, p={self.p_value:.4f}, "
            f"critical {self.critical_value:.4f} at {100 * self.confidence:g}%)"
        )


def psi(
    expected: ArrayLike,
    actual: ArrayLike,
    *,
    n_expected: float | None = None,
    n_actual: float | None = None,
    smoothing: float = 0.5,
    confidence: float = 0.95,
) -> StabilityIndex:
    """Return the population stability index of two samples on the same frozen bins.

    The bins are those of the development sample, MISSING, UNSEEN and special codes
    included; they are never redrawn from the sample at hand.

    Parameters
    ----------
    expected, actual : array of shape (n_bins,)
        Cases per bin, in the same order: development first, then the sample to
        judge. With ``n_expected`` or ``n_actual`` that side holds shares instead.
    n_expected, n_actual : float, optional
        Cases behind the shares of that side, positive. None says that the side holds
        counts; a side that sums to 1 is then refused, because shares without their
        number of cases have no p-value.
    smoothing : float, default 0.5
        Cases added to each bin of both sides as soon as one bin is empty on one side
        only; without it such a bin would be infinite. A bin empty on both sides says
        nothing: it contributes 0, is not smoothed and takes no degree of freedom.
        With 0 an index that would be infinite is refused.
    confidence : float, default 0.95
        Level of the critical value.

    Returns
    -------
    StabilityIndex
        The index, the contribution of each bin, its p-value and critical value.

    Raises
    ------
    UsageError
        When ``smoothing``, ``confidence``, ``n_expected`` or ``n_actual`` is not an
        allowed value.
    InputError
        When the sides differ in length, hold negative or missing values, are empty,
        or are shares where counts were announced or the reverse; or when the index
        is infinite and ``smoothing`` is 0.

    Notes
    -----
    ``PSI = sum_i (a_i - e_i) ln(a_i / e_i)`` over shares. Without a shift
    ``PSI / (1/N + 1/M)`` is about chi-squared with ``B - 1`` degrees of freedom, for
    independent cases and bins of several cases each. The customary limits 0.10 and
    0.25 ignore sample size and number of bins: with ten bins a PSI of 0.34 is chance
    between two samples of 100, and one of 0.004 is a shift between two of 10,000.

    The PSI of a characteristic on its bins is also called CSI.

    References
    ----------
    Yurdakul, B. and Naranjo, J. (2020), Statistical properties of the population
    stability index, Journal of Risk Model Validation 14.

    Examples
    --------
    >>> result = psi([200, 400, 600, 500, 300], [120, 270, 420, 405, 285])
    >>> result
    StabilityIndex(0.0189, p=0.0027, critical 0.0111 at 95%)
    >>> result.contributions.round(6).tolist()
    [0.004463, 0.002107, 0.00138, 0.001539, 0.009456]

    A category that development never saw weighs, and its smoothing is stated:

    >>> result = psi([500, 500, 0], [250, 250, 500])
    >>> round(float(result), 2), result.smoothing
    (3.79, 0.5)
    """
    check_confidence(confidence)
    _check_smoothing(smoothing)
    expected_counts = _counts("expected", expected, n_expected)
    actual_counts = _counts("actual", actual, n_actual)
    _check_same_bins(expected_counts, actual_counts)
    n, m = float(expected_counts.sum()), float(actual_counts.sum())

    occupied = (expected_counts > 0.0) | (actual_counts > 0.0)
    one_sided = occupied & ((expected_counts == 0.0) | (actual_counts == 0.0))
    added = smoothing if one_sided.any() else 0.0
    _check_finite(int(np.count_nonzero(one_sided)), added)
    expected_share = _shares(expected_counts, occupied, added)
    actual_share = _shares(actual_counts, occupied, added)
    contributions = _contributions(expected_share, actual_share, occupied)

    value, unit = float(contributions.sum()), 1.0 / n + 1.0 / m
    degrees = int(np.count_nonzero(occupied)) - 1
    return StabilityIndex(
        value=value,
        contributions=contributions,
        expected_share=expected_share,
        actual_share=actual_share,
        n_expected=n,
        n_actual=m,
        degrees_of_freedom=degrees,
        # One occupied bin cannot shift.
        p_value=float(chdtrc(degrees, value / unit)) if degrees else 1.0,
        critical_value=float(chdtri(degrees, 1.0 - confidence)) * unit
        if degrees
        else 0.0,
        confidence=confidence,
        smoothing=added,
    )


def score_shift(
    expected: ArrayLike,
    actual: ArrayLike,
    points: ArrayLike,
    *,
    n_expected: float | None = None,
    n_actual: float | None = None,
) -> float:
    """Return the change of the mean points of a characteristic; negative = riskier.

    Parameters
    ----------
    expected, actual : array of shape (n_bins,)
        Cases per bin, development first, or shares as for :func:`psi`.
    points : array of shape (n_bins,), score points
        Points of each bin; larger = safer.
    n_expected, n_actual : float, optional
        Cases behind shares, as for :func:`psi`.

    Returns
    -------
    float
        ``sum_i (a_i - e_i) points_i`` over shares, in score points.

    Raises
    ------
    InputError
        When the arrays differ in length or hold values that are refused by
        :func:`psi`.

    References
    ----------
    Siddiqi, N. (2006), Credit Risk Scorecards, characteristic analysis report.

    Examples
    --------
    >>> bins = [200, 400, 600, 500, 300], [120, 270, 420, 405, 285]
    >>> round(score_shift(*bins, points=[60, 50, 40, 30, 20]), 6)
    -1.6
    """
    expected_counts = _counts("expected", expected, n_expected)
    actual_counts = _counts("actual", actual, n_actual)
    worth = float_vector("points", points)
    _check_same_bins(expected_counts, actual_counts)
    if worth.size != actual_counts.size:
        msg = f"There are {actual_counts.size} bins but {worth.size} points."
        raise InputError(msg, code="LENGTH")
    change = actual_counts / actual_counts.sum()
    change -= expected_counts / expected_counts.sum()
    return float((change * worth).sum())


def _counts(side: str, values: ArrayLike, n: float | None) -> NDArray[np.float64]:
    """Return the cases per bin of one side, from counts or from shares of n cases."""
    array = float_vector(side, values)
    n_wrong = int(np.count_nonzero(~(np.isfinite(array) & (array >= 0.0))))
    if n_wrong:
        msg = f"{side} has {n_wrong} negative or infinite bin(s)."
        raise InputError(msg, code="NEGATIVE")
    total = float(array.sum())
    are_shares = abs(total - 1.0) <= _SHARE_TOLERANCE
    if n is None:
        return _announced_counts(side, array, total, are_shares)
    if not 0.0 < n < np.inf:
        msg = f"n_{side} must be a positive number of cases, got {n!r}."
        raise UsageError(msg)
    if not are_shares:
        msg = f"n_{side} is given, so {side} must be shares that sum to 1."
        hint = f"Pass counts without n_{side}."
        raise InputError(msg, code="NOT_SHARES", hint=hint)
    return np.asarray(array / total * n)


def _announced_counts(
    side: str, array: NDArray[np.float64], total: float, are_shares: bool
) -> NDArray[np.float64]:
    if total == 0.0:
        msg = f"{side} has no cases in any bin."
        raise InputError(msg, code="EMPTY")
    if are_shares:
        msg = f"{side} sums to 1: these are shares, whose number of cases is not known."
        raise InputError(msg, code="SHARES", hint=f"Pass n_{side} as well, or counts.")
    return array


def _check_same_bins(
    expected: NDArray[np.float64], actual: NDArray[np.float64]
) -> None:
    if expected.size != actual.size:
        msg = f"expected has {expected.size} bins but actual has {actual.size}."
        hint = "Both sides need the same frozen bins, empty ones as 0."
        raise InputError(msg, code="LENGTH", hint=hint)


def _check_smoothing(smoothing: float) -> None:
    if not 0.0 <= smoothing < np.inf:
        msg = f"smoothing must be a number of cases >= 0, got {smoothing!r}."
        raise UsageError(msg)


def _check_finite(n_one_sided: int, added: float) -> None:
    if n_one_sided and added == 0.0:
        msg = f"{n_one_sided} bin(s) are empty on one side: the index is infinite."
        raise InputError(msg, code="INFINITE", hint="Pass smoothing=0.5.")


def _shares(
    counts: NDArray[np.float64], occupied: NDArray[np.bool_], added: float
) -> NDArray[np.float64]:
    smoothed = counts + added * occupied
    return np.asarray(smoothed / smoothed.sum())


def _contributions(
    expected: NDArray[np.float64],
    actual: NDArray[np.float64],
    occupied: NDArray[np.bool_],
) -> NDArray[np.float64]:
    parts = np.zeros_like(expected)
    e, a = expected[occupied], actual[occupied]
    parts[occupied] = (a - e) * np.log(a / e)
    return parts
