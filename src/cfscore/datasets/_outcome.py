"""Outcome: the true probability of default of an applicant, and its label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import Applicants, logistic
from cfscore.datasets._calendar import ApplicationTimes

__all__ = ["LOG_ODDS_SHOCK", "Outcomes", "draw_outcomes"]

#: Log-odds of bad of an applicant of latent risk 0, and their rise per unit of it.
_LOG_ODDS_BASE = -3.38
_LOG_ODDS_PER_RISK = 1.25

#: Rise of the log-odds of bad of every applicant from the macro shock on.
LOG_ODDS_SHOCK = 0.50

#: Digits kept of probability and risk: enough to tell any two applicants apart, few
#: enough that the last bit of ``exp``, which processors differ in, does not show.
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What happened, and how likely it was.

    Parameters
    ----------
    latent_risk : array of shape (n,), float64
        Larger = riskier.
    true_pd : array of shape (n,), float64
        Probability of default, in (0, 1).
    bad : array of shape (n,), int8
        1 with probability ``true_pd``, else 0.
    """

    latent_risk: NDArray[np.float64]
    true_pd: NDArray[np.float64]
    bad: NDArray[np.int8]


def draw_outcomes(
    rng: np.random.Generator, times: ApplicationTimes, applicants: Applicants
) -> Outcomes:
    """Return the outcomes of the applicants.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    times : ApplicationTimes
        When each applied; the macro shock raises every probability after it.
    applicants : Applicants
        Who applied.

    Returns
    -------
    Outcomes
        ``true_pd = logistic(base + slope * latent_risk + shock)``.
    """
    risk = applicants.latent_risk
    log_odds = _LOG_ODDS_BASE + _LOG_ODDS_PER_RISK * risk
    true_pd = logistic(log_odds + LOG_ODDS_SHOCK * times.is_shocked).round(_DIGITS)
    return Outcomes(
        latent_risk=risk.round(_DIGITS),
        true_pd=true_pd,
        bad=(rng.random(risk.size) < true_pd).astype(np.int8),
    )
