"""Customers of a block: who they are, how risky, and what they have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import EDUCATIONS, Applicants, draw_applicants
from cfscore.datasets._bureau import no_file_probability
from cfscore.datasets._calendar import ApplicationTimes, draw_times
from cfscore.datasets._form import median_income
from cfscore.datasets._loan_book._clock import DAY, HOUR, local_day, month_of_day
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import CITIES_PER_TIER
from cfscore.datasets._loan_book._schema_application import CUSTOMERS

__all__ = ["Customers", "Side", "draw_customers"]

_NO_CARD_SHARE = 0.02
_NO_WALLET_SHARE = 0.03
_NO_EDUCATION_SHARE = 0.03
_NO_EMPLOYMENT_SHARE = 0.04

#: Share of the married, widowed and divorced at 20, 30, 40, 50, 60 and 70 years.
_AT_AGE = np.array([20.0, 30.0, 40.0, 50.0, 60.0, 70.0])
_MARRIED = np.array([0.05, 0.60, 0.76, 0.78, 0.74, 0.62])
_WIDOWED = np.array([0.00, 0.00, 0.01, 0.03, 0.10, 0.28])
_DIVORCED = np.array([0.00, 0.05, 0.10, 0.11, 0.09, 0.06])


#: Standard deviation, before centring, of what one side of life shows beyond the
#: latent risk. The three deviations of a customer add up to nothing: what one side
#: overstates the others understate. Small, because a model learns from a few thousand
#: defaults only how to weigh signs that mostly agree.
_SIDE_SD = 0.15


class Side(IntEnum):
    """Side of a customer's life in which the risk shows."""

    CASH = 0
    """Balances and declined payments."""
    DEBT = 1
    """Use of limits, inquiries, lenders other than banks."""
    HABITS = 2
    """Nights, gambling, cash withdrawals."""


@dataclass(frozen=True, eq=False)
class Customers:
    """Customers of one block, each at the first application.

    Parameters
    ----------
    first_number : int
        Number of the first customer in the book.
    times : ApplicationTimes
        When each applied first.
    applicants : Applicants
        Who they are, and what each applied for first.
    income : array of shape (n,), float64, CNY per month
        True income.
    has_file, has_card, has_wallet : array of shape (n,), bool
        In the bureau, in the card network, with the wallet.
    home_city : array of shape (n,), int64
        Number of the city of residence.
    no_employment : array of shape (n,), bool
        Left out on the form.
    deviation : array of shape (3, n), float64
        What each side of life shows beyond the latent risk; adds up to 0.
    draft : Draft
        Rows of ``customers``.
    """

    first_number: int
    times: ApplicationTimes
    applicants: Applicants
    income: NDArray[np.float64]
    has_file: NDArray[np.bool_]
    has_card: NDArray[np.bool_]
    has_wallet: NDArray[np.bool_]
    home_city: NDArray[np.int64]
    no_employment: NDArray[np.bool_]
    deviation: NDArray[np.float64]
    draft: Draft

    @property
    def n(self) -> int:
        """Number of customers."""
        return self.income.size

    @property
    def risk(self) -> NDArray[np.float64]:
        """Latent risk, larger = riskier."""
        return self.applicants.latent_risk

    def risk_in(self, side: Side) -> NDArray[np.float64]:
        """Return the risk as one side of life shows it."""
        return np.asarray(self.risk + self.deviation[side])

    @property
    def first_day(self) -> NDArray[np.int64]:
        """Local day of the first application."""
        return local_day(self.times.applied_at // 1_000_000)


def draw_customers(rng: np.random.Generator, first_number: int, n: int) -> Customers:
    """Return n customers from that number of the book on.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    first_number : int
        Number of the first.
    n : int
        Customers.

    Returns
    -------
    Customers
        In no order of time.
    """
    times = draw_times(rng, n)
    people = draw_applicants(rng, times)
    income = (
        median_income(people.employment)
        * np.exp(0.35 * people.affluence - 0.05 * people.latent_risk)
        * np.exp(0.1 * rng.standard_normal(n))
    )
    no_employment = rng.random(n) < _NO_EMPLOYMENT_SHARE
    deviation = _SIDE_SD * rng.standard_normal((len(Side), n))
    return Customers(
        first_number=first_number,
        times=times,
        applicants=people,
        income=income.round(2),
        has_file=rng.random(n) >= no_file_probability(times, people),
        has_card=rng.random(n) >= _NO_CARD_SHARE,
        has_wallet=rng.random(n) >= _NO_WALLET_SHARE,
        home_city=(people.city_tier - 1) * CITIES_PER_TIER
        + rng.integers(0, CITIES_PER_TIER, n),
        no_employment=no_employment,
        deviation=deviation - deviation.mean(axis=0),
        draft=_draft(rng, first_number, times, people, no_employment),
    )


def _draft(
    rng: np.random.Generator,
    first_number: int,
    times: ApplicationTimes,
    people: Applicants,
    no_employment: NDArray[np.bool_],
) -> Draft:
    n = people.age_years.size
    applied = times.applied_at // 1_000_000
    before = HOUR / 4 + rng.standard_exponential(n) * 6 * DAY
    first_seen = applied - before.astype(np.int64)
    year = 1970 + month_of_day(local_day(applied)) // 12
    columns: dict[str, NDArray[np.generic]] = {
        "event_time": first_seen,
        "available_at": first_seen,
        "first_seen_at": first_seen,
        "birth_year": year - people.age_years,
        "gender": (rng.random(n) < 0.58).astype(np.int64),
        "edu_code": people.education,
        "marital": _draw_marital(rng, people.age_years),
        "residence": people.residence,
        "employment": people.employment,
        "city_tier": people.city_tier,
        "rural": people.rural,
    }
    assert len(EDUCATIONS) == len(CUSTOMERS.column("edu_code").levels)
    missing = {
        "edu_code": rng.random(n) < _NO_EDUCATION_SHARE,
        "employment": no_employment,
    }
    owner = first_number + np.arange(n, dtype=np.int64)
    return draft_table(CUSTOMERS, owner, columns, missing)


def _draw_marital(
    rng: np.random.Generator, age: NDArray[np.int32]
) -> NDArray[np.int64]:
    married, widowed, divorced = (
        np.interp(age, _AT_AGE, share) for share in (_MARRIED, _WIDOWED, _DIVORCED)
    )
    single = 1.0 - married - widowed - divorced
    ends = np.cumsum([single, married, widowed], axis=0)
    return np.asarray((rng.random(age.size) >= ends).sum(axis=0))
