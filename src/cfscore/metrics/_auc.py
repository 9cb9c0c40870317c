"""AUC and Gini with DeLong's error."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfscore.exceptions import UsageError
from cfscore.metrics._estimate import Estimate
from cfscore.metrics._interval import check_confidence, logit_interval
from cfscore.metrics._sample import HigherIs, RiskGroups, effective_count, rank_by_risk

__all__ = ["auc", "gini", "hanley_mcneil_standard_error"]


def auc(
    y: ArrayLike,
    risk: ArrayLike,
    *,
    higher_is: HigherIs = "riskier",
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return the area under the ROC curve; larger is better, 0..1, 0.5 is chance.

    It is the probability that a random bad ranks riskier than a random good, a tie
    counting one half.

    Parameters
    ----------
    y : array of shape (n,)
        1 = bad, 0 = good.
    risk : array of shape (n,)
        Ranking variable: PD, log-odds, or a score with ``higher_is="safer"``.
    higher_is : {"riskier", "safer"}, default "riskier"
        What a larger ``risk`` means. Never guessed from the data.
    sample_weight : array of shape (n,), optional
        Sampling weights >= 0; only their ratios matter. None weighs all alike.
    confidence : float, default 0.95
        Coverage of the interval.

    Returns
    -------
    Estimate
        AUC with DeLong's standard error and an interval within [0, 1].

    Raises
    ------
    UsageError
        When ``higher_is`` or ``confidence`` is not an allowed value.
    InputError
        When the arrays are not numeric, have gaps, differ in length, or ``y`` is
        not binary with both classes present.

    Notes
    -----
    With ``psi`` = 1, 1/2 or 0 as bad ``i`` ranks riskier than, level with or safer
    than good ``j``::

        V10_i = mean_j psi_ij        V01_j = mean_i psi_ij        AUC = mean_i V10_i
        Var(AUC) = var(V10) / n_bad + var(V01) / n_good           (ddof 1)

    The interval is symmetric on the logit scale. It assumes independent cases. At an
    AUC of exactly 0 or 1 the variance formula gives 0; there the interval comes from
    the ``min(n_bad, n_good)`` disjoint pairs, all of which agree (Clopper-Pearson).
    With fewer than two cases of a class the interval is [0, 1].

    With weights the means are weighted and each class counts ``(sum w)^2 / sum w^2``
    cases.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44,
    837-845.

    Examples
    --------
    >>> y = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0]
    >>> pd = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.2, 0.1]
    >>> auc(y, pd)
    Estimate(0.7917 [0.3208, 0.9683] at 95%)
    >>> score = [310, 340, 355, 370, 380, 390, 400, 420, 450, 500]
    >>> float(auc(y, score, higher_is="safer")) == float(auc(y, pd))
    True
    """
    check_confidence(confidence)
    groups = rank_by_risk(y, risk, higher_is, sample_weight)
    v10, v01 = _placements(groups)
    value = _mean(v10, groups.bad)
    variance = _variance_of_mean(v10, groups.bad, groups.bad_squared)
    variance += _variance_of_mean(v01, groups.good, groups.good_squared)
    standard_error = math.sqrt(variance)
    lower, upper = _auc_interval(value, standard_error, confidence, groups)
    return Estimate(value, lower, upper, standard_error, confidence)


def gini(
    y: ArrayLike,
    risk: ArrayLike,
    *,
    higher_is: HigherIs = "riskier",
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return the Gini coefficient ``2 AUC - 1``; larger is better, -1..1.

    It equals the accuracy ratio of the CAP curve and Somers' D of bad against risk.

    Parameters
    ----------
    y : array of shape (n,)
        1 = bad, 0 = good.
    risk : array of shape (n,)
        Ranking variable: PD, log-odds, or a score with ``higher_is="safer"``.
    higher_is : {"riskier", "safer"}, default "riskier"
        What a larger ``risk`` means. A score ranked the wrong way round has a
        negative Gini.
    sample_weight : array of shape (n,), optional
        Sampling weights >= 0; None weighs all alike.
    confidence : float, default 0.95
        Coverage of the interval.

    Returns
    -------
    Estimate
        Gini with the interval of the AUC carried over, within [-1, 1].

    Raises
    ------
    UsageError, InputError
        As for :func:`auc`.

    See Also
    --------
    auc : The interval and its assumptions.

    Examples
    --------
    >>> gini([1, 1, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    Estimate(0.7778 [-0.4773, 0.9890] at 95%)
    """
    area = auc(
        y,
        risk,
        higher_is=higher_is,
        sample_weight=sample_weight,
        confidence=confidence,
    )
    return Estimate(
        value=2.0 * area.value - 1.0,
        lower=2.0 * area.lower - 1.0,
        upper=2.0 * area.upper - 1.0,
        standard_error=2.0 * area.standard_error,
        confidence=confidence,
    )


def hanley_mcneil_standard_error(auc: float, n_bad: int, n_good: int) -> float:
    """Return the standard error to expect of an AUC, before any data are seen.

    For planning a sample; for data at hand :func:`auc` has the better error.

    Parameters
    ----------
    auc : float
        Expected AUC, in [0, 1].
    n_bad, n_good : int
        Cases of each class, at least one.

    Returns
    -------
    float
        Standard error of the AUC; that of the Gini is twice as large.

    Raises
    ------
    UsageError
        When the AUC lies outside [0, 1] or a class has no case.

    Notes
    -----
    ``Var = [A(1 - A) + (n_bad - 1)(Q1 - A^2) + (n_good - 1)(Q2 - A^2)] / (n_bad
    n_good)`` with ``Q1 = A / (2 - A)``, ``Q2 = 2 A^2 / (1 + A)``, exact for
    exponentially distributed risks.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29-36.

    Examples
    --------
    Thirty bads leave a Gini uncertain by a fifth:

    >>> round(2 * 1.96 * hanley_mcneil_standard_error(0.75, 30, 970), 3)
    0.204
    """
    if not 0.0 <= auc <= 1.0:
        msg = f"auc must lie between 0 and 1, got {auc!r}."
        raise UsageError(msg)
    if n_bad < 1 or n_good < 1:
        msg = f"n_bad and n_good must be at least 1, got {n_bad!r} and {n_good!r}."
        raise UsageError(msg)
    q1 = auc / (2.0 - auc) - auc**2
    q2 = 2.0 * auc**2 / (1.0 + auc) - auc**2
    variance = auc * (1.0 - auc) + (n_bad - 1) * q1 + (n_good - 1) * q2
    return math.sqrt(variance / (n_bad * n_good))


def _placements(
    groups: RiskGroups,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return DeLong's V10 of a bad and V01 of a good, for each group of equal risk."""
    bad_to_here, good_to_here = np.cumsum(groups.bad), np.cumsum(groups.good)
    n_bad, n_good = bad_to_here[-1], good_to_here[-1]
    v10 = (n_good - good_to_here + groups.good / 2.0) / n_good
    v01 = (bad_to_here - groups.bad / 2.0) / n_bad
    return v10, v01


def _mean(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    return float((weight * values).sum() / weight.sum())


def _variance_of_mean(
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    squared: NDArray[np.float64],
) -> float:
    """Return the variance of a weighted mean; NaN for fewer than two cases."""
    n = float(effective_count(weight.sum(), squared.sum()))
    if n <= 1.0:
        return math.nan
    deviation = values - _mean(values, weight)
    plain = float((squared * deviation**2).sum() / weight.sum() ** 2)
    return plain * n / (n - 1.0)


def _auc_interval(
    value: float, standard_error: float, confidence: float, groups: RiskGroups
) -> tuple[float, float]:
    if math.isnan(standard_error):
        return 0.0, 1.0
    if 0.0 < value < 1.0:
        return logit_interval(value, standard_error, confidence)
    n_bad = effective_count(groups.bad.sum(), groups.bad_squared.sum())
    n_good = effective_count(groups.good.sum(), groups.good_squared.sum())
    agreed = ((1.0 - confidence) / 2.0) ** (1.0 / float(min(n_bad, n_good)))
    return (agreed, 1.0) if value == 1.0 else (0.0, 1.0 - agreed)
