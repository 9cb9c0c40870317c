"""Payments: card transactions and wallet of each applicant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import Applicants, logistic
from cfscore.datasets._dictionary import SpecialCode

__all__ = ["SALARY_LOG_ODDS", "draw_card", "draw_wallet"]

#: Share of applicants without a card in the network, and of unanswered queries.
_NO_CARD_SHARE = 0.05
_CARD_DOWN_SHARE = 0.005

#: Share of applicants who refuse the wallet query, and of those without a wallet.
#: The refusal is drawn without regard to risk: nothing is to be learnt from it.
_NO_CONSENT_SHARE = 0.10
_NO_WALLET_SHARE = 0.06

#: A share of declined purchases below this is none at all.
_DECLINED_FLOOR = 0.01

#: Log-odds of a regular salary by employment, in the order of EMPLOYMENTS.
SALARY_LOG_ODDS = np.array([2.2, 1.9, 1.1, 0.9, -2.0, -1.6, -2.5, -1.0])


def draw_card(
    rng: np.random.Generator, applicants: Applicants
) -> tuple[dict[str, NDArray[np.generic]], NDArray[np.bool_]]:
    """Return the ``upay_*`` columns and where the salary flag is missing.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    applicants : Applicants
        Who applied.

    Returns
    -------
    columns : dict of str to array of shape (n,)
        float64 columns with special codes, and the flag without them.
    is_missing : array of shape (n,), bool
        Where the other columns hold a code, so that the flag is not known.
    """
    risk, n = applicants.latent_risk, applicants.latent_risk.size
    spend = np.exp(8.6 + 0.55 * applicants.affluence + 0.6 * rng.standard_normal(n))
    night = logistic(-2.2 + 0.55 * risk + 0.7 * rng.standard_normal(n))
    declined = logistic(-3.6 + 0.75 * risk + 0.85 * rng.standard_normal(n))
    columns: dict[str, NDArray[np.generic]] = {
        "upay_m_90d": spend.round(2),
        "upay_night_share_90d": night.round(4),
        "upay_declined_share_90d": np.where(
            declined < _DECLINED_FLOOR, 0.0, declined.round(4)
        ),
    }
    has_no_card = rng.random(n) < _NO_CARD_SHARE
    is_down = rng.random(n) < _CARD_DOWN_SHARE
    for values in columns.values():
        values[has_no_card] = SpecialCode.NOT_APPLICABLE
        values[is_down] = SpecialCode.SOURCE_DOWN
    log_odds = SALARY_LOG_ODDS[applicants.employment] - 1.0 * risk
    columns["upay_salary_detected"] = rng.random(n) < logistic(log_odds)
    return columns, has_no_card | is_down


def draw_wallet(
    rng: np.random.Generator, applicants: Applicants
) -> dict[str, NDArray[np.generic]]:
    """Return the ``wallet_*`` columns, special codes included.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    applicants : Applicants
        Who applied.

    Returns
    -------
    dict of str to array of shape (n,)
        float64 and int32 columns; each code stands in all of them at once.
    """
    risk, n = applicants.latent_risk, applicants.latent_risk.size
    balance = np.exp(
        6.6 - 0.75 * risk + 0.45 * applicants.affluence + 0.9 * rng.standard_normal(n)
    )
    gap = np.exp(2.1 + 0.40 * risk + 0.5 * rng.standard_normal(n)).clip(1.0, 90.0)
    columns: dict[str, NDArray[np.generic]] = {
        "wallet_bal_avg_90d": balance.round(2),
        "wallet_topup_gap_days": gap.astype(np.int32),
    }
    has_no_wallet = rng.random(n) < _NO_WALLET_SHARE
    refused = rng.random(n) < _NO_CONSENT_SHARE
    for values in columns.values():
        values[has_no_wallet] = SpecialCode.NOT_APPLICABLE
        values[refused] = SpecialCode.NO_CONSENT
    return columns
