"""Application form: what applicants declare, and what they leave out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import CHANNELS, EMPLOYMENTS, Applicants, logistic

__all__ = ["Form", "draw_form", "median_income"]

_NO_EMPLOYMENT_SHARE = 0.04
_NO_EDUCATION_SHARE = 0.03

#: Log-odds of leaving out the income, and their change per unit of latent risk.
_NO_INCOME_BASE = -2.65
_NO_INCOME_RISK = 0.35

#: ln of the median declared income in CNY per month, by employment.
_LOG_INCOME = np.log([7500, 7200, 7000, 5800, 8200, 5200, 1800, 6200])

#: ln of the median amount applied for in CNY, by product.
_LOG_AMOUNT = np.log([9000, 3500, 60_000])

#: Employments without an employer.
_WITHOUT_EMPLOYER = ("个体工商户", "自由职业", "学生")

#: The channel whose clerks type a blank instead of leaving the field out.
_BLANK_CHANNEL = "线下 门店"


@dataclass(frozen=True, eq=False)
class Form:
    """What stands on the form, and where nothing does.

    Parameters
    ----------
    declared_income : array of shape (n,), float64, CNY per month
    employer_months : array of shape (n,), int32
    requested_amount : array of shape (n,), float64, CNY
    form_seconds : array of shape (n,), float64
    no_income, no_employer, no_employment, no_education : array of shape (n,), bool
        Fields that are missing.
    is_blank : array of shape (n,), bool
        Where a missing employment is blank text rather than null.
    """

    declared_income: NDArray[np.float64]
    employer_months: NDArray[np.int32]
    requested_amount: NDArray[np.float64]
    form_seconds: NDArray[np.float64]
    no_income: NDArray[np.bool_]
    no_employer: NDArray[np.bool_]
    no_employment: NDArray[np.bool_]
    no_education: NDArray[np.bool_]
    is_blank: NDArray[np.bool_]


def draw_form(rng: np.random.Generator, applicants: Applicants) -> Form:
    """Return the forms of the applicants.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    applicants : Applicants
        Who applied.

    Returns
    -------
    Form
        One row per applicant.
    """
    risk, n = applicants.latent_risk, applicants.latent_risk.size
    without_employer = np.isin(
        applicants.employment,
        [i for i, level in enumerate(EMPLOYMENTS) if level.text in _WITHOUT_EMPLOYER],
    )
    no_employment = rng.random(n) < _NO_EMPLOYMENT_SHARE
    at_counter = applicants.channel == [c.text for c in CHANNELS].index(_BLANK_CHANNEL)
    return Form(
        declared_income=_draw_income(rng, applicants),
        employer_months=_draw_employer_months(rng, applicants),
        requested_amount=_draw_amount(rng, applicants),
        form_seconds=np.exp(5.2 + 0.5 * rng.standard_normal(n)).round(1),
        no_income=rng.random(n) < logistic(_NO_INCOME_BASE + _NO_INCOME_RISK * risk),
        no_employer=without_employer | no_employment,
        no_employment=no_employment,
        no_education=rng.random(n) < _NO_EDUCATION_SHARE,
        is_blank=no_employment & at_counter,
    )


def median_income(employment: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the median income in CNY per month, by employment."""
    return np.asarray(np.exp(_LOG_INCOME[employment]))


def _draw_income(
    rng: np.random.Generator, applicants: Applicants
) -> NDArray[np.float64]:
    income = np.exp(
        _LOG_INCOME[applicants.employment]
        + 0.35 * applicants.affluence
        + 0.25 * rng.standard_normal(applicants.affluence.size)
    )
    # Most people declare round figures: half thousands, the others hundreds.
    step = np.where(rng.random(income.size) < 0.6, 500.0, 100.0)
    return np.maximum(np.round(income / step), 1.0) * step


def _draw_employer_months(
    rng: np.random.Generator, applicants: Applicants
) -> NDArray[np.int32]:
    months = np.exp(
        3.4
        + 0.015 * (applicants.age_years - 34.0)
        - 0.40 * applicants.latent_risk
        + 0.7 * rng.standard_normal(applicants.latent_risk.size)
    )
    # Nobody works before the age of 17.
    return months.clip(0.0, 12.0 * (applicants.age_years - 17.0)).astype(np.int32)


def _draw_amount(
    rng: np.random.Generator, applicants: Applicants
) -> NDArray[np.float64]:
    amount = np.exp(
        _LOG_AMOUNT[applicants.product]
        + 0.20 * applicants.latent_risk
        + 0.20 * applicants.affluence
        + 0.5 * rng.standard_normal(applicants.affluence.size)
    )
    return np.maximum(np.round(amount / 100.0), 5.0) * 100.0
