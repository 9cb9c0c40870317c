"""Applications of a block: when, for what, with which consent, and the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import (
    CHANNELS,
    PRODUCTS,
    Applicants,
    draw_levels,
    logistic,
)
from cfscore.datasets._calendar import OBSERVED_UNTIL, draw_times
from cfscore.datasets._form import Form, draw_form
from cfscore.datasets._loan_book._clock import (
    DAY,
    HOUR,
    day_start,
    is_shocked_day,
    local_day,
)
from cfscore.datasets._loan_book._code_table import DataSource
from cfscore.datasets._loan_book._customer import Customers
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import row_number
from cfscore.datasets._loan_book._schema_application import TRUTH
from cfscore.datasets._outcome import LOG_ODDS_SHOCK

__all__ = [
    "MONTHLY_WEIGHT",
    "Applications",
    "draft_truth",
    "draw_applications",
    "exposed_share",
]

#: Most applications of one customer.
_MOST = 4
_MORE_MEAN = 0.42
_MORE_PER_RISK = 0.15
_GAP_DAYS = (25.0, 110.0)  # least, and mean of what exceeds it
_SAME_PRODUCT_SHARE = 0.75

_TERMS = (
    np.array([3, 6, 12, 24]),  # cash_loan
    np.array([3, 6, 12, 12]),  # bnpl_line
    np.array([6, 12, 12, 24]),  # micro_biz
)
_TERM_ENDS = np.array([0.12, 0.37, 0.82])

#: Share that consents to, and share of queries unanswered by, each source.
_CONSENT = {
    DataSource.BUREAU: 0.995,
    DataSource.CARD: 0.98,
    DataSource.WALLET: 0.95,
    DataSource.MERCHANT: 0.97,
}
_DOWN = {
    DataSource.BUREAU: 0.004,
    DataSource.CARD: 0.005,
    DataSource.WALLET: 0.003,
    DataSource.MERCHANT: 0.003,
}
#: Reports that were asked for in time and came after the application.
_LATE_REPORT_SHARE = 0.02

#: Log-odds of default of an applicant of latent risk 0, and their rise per unit of it.
#: Steeper than in the flat table: outcomes are all that models learn the risk from.
_LOG_ODDS_BASE = -2.50
_LOG_ODDS_PER_RISK = 1.50

#: How defaults spread over the instalments 1, 2, ... whose missing leads to 90 days
#: past due within twelve months.
MONTHLY_WEIGHT = np.array([0.15, 0.15, 0.14, 0.13, 0.12, 0.10, 0.08, 0.07, 0.06])


#: Digits kept of probability and risk, so that the last bit of ``exp`` does not show.
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Applications:
    """Applications of one block, by customer and time.

    Parameters
    ----------
    customer : array of shape (n,), int64
        Position of the customer in the block.
    owner : array of shape (n,), int64
        Number of the customer in the book.
    serial : array of shape (n,), int64
        0 for the customer's first application, 1 for the second, ...
    applied : array of shape (n,), int64, seconds
        When it was sent.
    applicants : Applicants
        Who applied, and for what.
    form : Form
        What was declared.
    term : array of shape (n,), int64, months
        Applied for.
    consent, down : array of shape (n,), int64
        Bits of the sources agreed to, and of those that did not answer.
    report_time, report_available : array of shape (n,), int64, seconds
        Of the credit report asked for.
    has_report : array of shape (n,), bool
        Whether one ever came.
    true_pd : array of shape (n,), float64
        Probability of default were it approved.
    would_default : array of shape (n,), bool
        Drawn with it.
    """

    customer: NDArray[np.int64]
    owner: NDArray[np.int64]
    serial: NDArray[np.int64]
    applied: NDArray[np.int64]
    applicants: Applicants
    form: Form
    term: NDArray[np.int64]
    consent: NDArray[np.int64]
    down: NDArray[np.int64]
    report_time: NDArray[np.int64]
    report_available: NDArray[np.int64]
    has_report: NDArray[np.bool_]
    true_pd: NDArray[np.float64]
    would_default: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of applications."""
        return self.customer.size

    @property
    def applied_day(self) -> NDArray[np.int64]:
        """Local day of the application."""
        return local_day(self.applied)

    @property
    def number(self) -> NDArray[np.int64]:
        """Number behind the token."""
        return row_number(self.owner, self.serial)


def draw_applications(rng: np.random.Generator, customers: Customers) -> Applications:
    """Return the applications of the customers.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    customers : Customers
        Who applies.

    Returns
    -------
    Applications
        At least one of each customer.
    """
    customer, serial, applied = _draw_times(rng, customers)
    people = _at_application(rng, customers, customer, serial)
    pick = np.searchsorted(_TERM_ENDS, rng.random(customer.size), side="right")
    consent, down = _draw_sources(rng, customer.size)
    report_time = (
        applied
        - HOUR // 30
        - (rng.random(customer.size) ** 2 * 3 * DAY).astype(np.int64)
    )
    delivery = report_time + (applied - report_time) * rng.random(applied.size) * 0.9
    late = applied + HOUR // 6 + (rng.random(applied.size) * 2 * DAY).astype(np.int64)
    has_report = (consent & ~down & DataSource.BUREAU) > 0
    is_late = has_report & (rng.random(applied.size) < _LATE_REPORT_SHARE)
    log_odds = (
        _LOG_ODDS_BASE
        + _LOG_ODDS_PER_RISK * people.latent_risk
        + LOG_ODDS_SHOCK * exposed_share(local_day(applied))
    )
    true_pd = logistic(log_odds).round(_DIGITS)
    return Applications(
        customer=customer,
        owner=customers.first_number + customer,
        serial=serial,
        applied=applied,
        applicants=people,
        form=draw_form(rng, people),
        term=np.stack(_TERMS)[people.product, pick],
        consent=consent,
        down=down | np.where(is_late, int(DataSource.BUREAU), 0),
        report_time=report_time,
        report_available=np.where(is_late, late, delivery.astype(np.int64)),
        has_report=has_report,
        true_pd=true_pd,
        would_default=rng.random(true_pd.size) < true_pd,
    )


def draft_truth(applications: Applications) -> Draft:
    """Return the rows of ``truth``."""
    columns: dict[str, NDArray[np.generic]] = {
        "application_id": applications.number,
        "event_time": applications.applied,
        "available_at": applications.applied,
        "true_pd": applications.true_pd,
        "would_default": applications.would_default,
        "latent_x": applications.applicants.latent_risk.round(_DIGITS),
    }
    never = {"available_at": np.ones(applications.n, dtype=np.bool_)}
    return draft_table(TRUTH, applications.owner, columns, never)


def exposed_share(applied_day: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the part of the risk of each application that lies after the shock."""
    month = np.arange(1, MONTHLY_WEIGHT.size + 1) * 30
    shocked = is_shocked_day(applied_day[:, None] + month)
    return np.asarray(shocked @ MONTHLY_WEIGHT)


def _draw_times(
    rng: np.random.Generator, customers: Customers
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return customer, serial number and instant of each application."""
    n = customers.n
    mean = _MORE_MEAN * np.exp(_MORE_PER_RISK * customers.risk)
    more = np.minimum(rng.poisson(mean), _MOST - 1)
    gap = _GAP_DAYS[0] + _GAP_DAYS[1] * rng.standard_exponential((n, _MOST - 1))
    days_later = np.cumsum(gap.astype(np.int64), axis=1)
    first = customers.times.applied_at // 1_000_000
    time_of_day = draw_times(rng, n * (_MOST - 1)).applied_at // 1_000_000 % DAY
    local = (time_of_day.reshape(n, _MOST - 1) + 8 * HOUR) % DAY
    later = day_start(local_day(first)[:, None] + days_later) + local
    applied = np.concatenate([first[:, None], later], axis=1)
    is_wanted = np.arange(_MOST) <= more[:, None]
    is_wanted &= applied < int(OBSERVED_UNTIL.timestamp())
    customer, serial = np.nonzero(is_wanted)
    return customer, serial, applied[customer, serial]


def _at_application(
    rng: np.random.Generator,
    customers: Customers,
    customer: NDArray[np.int64],
    serial: NDArray[np.int64],
) -> Applicants:
    """Return the applicants: later applications may be for another product."""
    shifted = customers.times.is_shifted[customer]
    people = customers.applicants.take(customer)
    is_changed = (serial > 0) & (rng.random(customer.size) >= _SAME_PRODUCT_SHARE)
    product = draw_levels(rng, PRODUCTS, shifted)
    channel = draw_levels(rng, CHANNELS, shifted)
    return replace(
        people,
        product=np.where(is_changed, product, people.product),
        channel=np.where(is_changed, channel, people.channel),
    )


def _draw_sources(
    rng: np.random.Generator, n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    consent, down = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for source in DataSource:
        agreed = rng.random(n) < _CONSENT[source]
        fails = rng.random(n) < _DOWN[source]
        consent |= np.where(agreed, int(source), 0)
        down |= np.where(agreed & fails, int(source), 0)
    return consent, down
