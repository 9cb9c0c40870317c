"""Bureau file: what the credit reference centre reports on each applicant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import Applicants, logistic
from cfscore.datasets._calendar import ApplicationTimes
from cfscore.datasets._dictionary import SpecialCode

__all__ = ["draw_bureau", "no_file_probability"]

#: Share of applications for which the bureau did not answer.
_DOWN_SHARE = 0.004

#: Log-odds of having no file: for a town dweller of 30 years, per year younger, for
#: rural applicants, from the population shift on, and per unit of latent risk.
_NO_HIT_BASE = -2.25
_NO_HIT_PER_YEAR = -0.07
_NO_HIT_RURAL = 0.7
_NO_HIT_SHIFTED = 0.4
_NO_HIT_RISK = 0.15

#: A delinquency propensity at or above these steps is bucket 1, 2, ..., 7.
_BUCKET_STEPS = (0.0, 0.9, 1.5, 1.9, 2.2, 2.45, 2.7)


def draw_bureau(
    rng: np.random.Generator, times: ApplicationTimes, applicants: Applicants
) -> dict[str, NDArray[np.generic]]:
    """Return the ``pboc_*`` columns of each applicant, special codes included.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    times : ApplicationTimes
        When each applied.
    applicants : Applicants
        Who applied.

    Returns
    -------
    dict of str to array of shape (n,)
        int32 and float64 columns by name. NO_HIT and SOURCE_DOWN stand in all of
        them at once.
    """
    risk = applicants.latent_risk
    unsettled = rng.poisson(np.exp(0.45 + 0.34 * risk + 0.3 * _noise(rng, risk)))
    inquiries = rng.poisson(np.exp(0.40 + 0.55 * risk + 0.3 * _noise(rng, risk)))
    worst_bucket, months_since = _draw_delinquency(rng, risk)
    columns: dict[str, NDArray[np.generic]] = {
        "pboc_dpd_max_24m": worst_bucket,
        "pboc_dpd_months_since_1p": months_since,
        "pboc_card_util_sum": _draw_utilisation(rng, risk, applicants.affluence),
        "pboc_inq_hard_90d": inquiries.astype(np.int32),
        "pboc_acct_oldest_months": _draw_oldest(rng, risk, applicants.age_years),
        "pboc_acct_unsettled_n": unsettled.astype(np.int32),
        "pboc_org_nonbank_share": _draw_nonbank_share(rng, risk, unsettled),
    }
    has_no_file = rng.random(risk.size) < no_file_probability(times, applicants)
    is_down = rng.random(risk.size) < _DOWN_SHARE
    for values in columns.values():
        values[has_no_file] = SpecialCode.NO_HIT
        values[is_down] = SpecialCode.SOURCE_DOWN
    return columns


def no_file_probability(
    times: ApplicationTimes, applicants: Applicants
) -> NDArray[np.float64]:
    """Return the probability that the bureau has no file on each applicant."""
    return logistic(
        _NO_HIT_BASE
        + _NO_HIT_PER_YEAR * (applicants.age_years - 30.0)
        + _NO_HIT_RURAL * applicants.rural
        + _NO_HIT_SHIFTED * times.is_shifted
        + _NO_HIT_RISK * applicants.latent_risk
    )


def _noise(rng: np.random.Generator, like: NDArray[np.float64]) -> NDArray[np.float64]:
    return rng.standard_normal(like.size)


def _draw_delinquency(
    rng: np.random.Generator, risk: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the worst bucket in 24 months and the months since one was past due.

    A worst bucket above 0 means that some month of the last 24 was past due.
    """
    propensity = -1.3 + 0.9 * risk + 0.7 * _noise(rng, risk)
    bucket = np.searchsorted(_BUCKET_STEPS, propensity, side="right").astype(np.int32)
    # The riskier, the more recent: the share of the window that has passed since.
    recent = 1 + np.floor(24.0 * rng.random(risk.size) ** np.exp(0.25 * risk))
    earlier = 25 + np.floor(36.0 * rng.random(risk.size))
    had_earlier = rng.random(risk.size) < logistic(-1.8 + 0.5 * risk)
    months = np.where(had_earlier, earlier, float(SpecialCode.NEVER))
    months = np.where(bucket > 0, recent, months).astype(np.int32)
    # No account was open within 24 months: nothing could be past due.
    is_inactive = (bucket == 0) & (rng.random(risk.size) < 0.03)
    bucket[is_inactive] = SpecialCode.NOT_APPLICABLE
    return bucket, months


def _draw_utilisation(
    rng: np.random.Generator,
    risk: NDArray[np.float64],
    affluence: NDArray[np.float64],
) -> NDArray[np.float64]:
    used = 1.15 * logistic(-0.55 + 0.85 * risk + 0.8 * _noise(rng, risk))
    has_card = rng.random(risk.size) < logistic(1.5 + 0.6 * affluence)
    return np.where(has_card, used.round(4), float(SpecialCode.NOT_APPLICABLE))


def _draw_oldest(
    rng: np.random.Generator,
    risk: NDArray[np.float64],
    age: NDArray[np.int32],
) -> NDArray[np.int32]:
    months = np.exp(4.2 + 0.015 * (age - 34.0) - 0.40 * risk + 0.6 * _noise(rng, risk))
    # Nobody borrows before the age of 17.
    return months.clip(1.0, 12.0 * (age - 17.0)).astype(np.int32)


def _draw_nonbank_share(
    rng: np.random.Generator,
    risk: NDArray[np.float64],
    unsettled: NDArray[np.int64],
) -> NDArray[np.float64]:
    tendency = logistic(-0.7 + 0.8 * risk + 0.5 * _noise(rng, risk))
    n_nonbank = rng.binomial(unsettled, tendency)
    share = (n_nonbank / np.maximum(unsettled, 1)).round(4)
    return np.where(unsettled > 0, share, float(SpecialCode.NOT_APPLICABLE))
