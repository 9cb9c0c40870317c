"""Inquiries: who asked for a customer's report, when and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._account import lender_type_of
from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import SNAPSHOT, day_start, local_day
from cfscore.datasets._loan_book._code_table import INQUIRY_REASONS
from cfscore.datasets._loan_book._customer import Customers, Side
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import N_BANKS, N_LENDERS
from cfscore.datasets._loan_book._pair import match, running_number
from cfscore.datasets._loan_book._reports import Reports
from cfscore.datasets._loan_book._schema_bureau import INQUIRIES

__all__ = ["HARD_REASONS", "Inquiries", "draft_inquiries", "draw_inquiries"]

_REASONS = tuple(INQUIRY_REASONS)

#: Reasons that are credit decisions.
HARD_REASONS = tuple(_REASONS.index(r) for r in ("02", "03", "08", "20", "24", "26"))

#: What is asked for, hard and soft, with its share.
_HARD_MIX = (("02", 0.55), ("03", 0.22), ("26", 0.12), ("08", 0.05), ("20", 0.06))
_SOFT_MIX = (("01", 0.72), ("21", 0.05), ("25", 0.06), ("22", 0.04), ("self", 0.13))

_HISTORY_DAYS = 730
_SHOPPING_DAYS = 60
_REPEATED_SHARE = 0.10


@dataclass(frozen=True, eq=False)
class Inquiries:
    """Inquiries about the customers of a block, by customer and day.

    Parameters
    ----------
    customer : array of shape (n,), int64
        Position of the customer in the block.
    day : array of shape (n,), int64, days
        When.
    reason : array of shape (n,), int64
        Number of the reason.
    org : array of shape (n,), int64
        Number of the lender that asked.
    """

    customer: NDArray[np.int64]
    day: NDArray[np.int64]
    reason: NDArray[np.int64]
    org: NDArray[np.int64]

    def hard_count(
        self, customer: NDArray[np.int64], day: NDArray[np.int64], days: int
    ) -> NDArray[np.int64]:
        """Return how many credit decisions were asked for in the days before each day.

        Parameters
        ----------
        customer : array of shape (n,), int64
            Of whom.
        day : array of shape (n,), int64
            Up to and including.
        days : int
            How far back.

        Returns
        -------
        array of shape (n,), int64
            Counts.
        """
        row, at = match(customer, self.customer)
        back = day[row] - self.day[at]
        is_hard = np.isin(self.reason[at], HARD_REASONS)
        is_counted = is_hard & (back >= 0) & (back <= days)
        return np.bincount(row[is_counted], minlength=customer.size)


def draw_inquiries(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> Inquiries:
    """Return the inquiries of other lenders and of the customers themselves.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    customers : Customers
        About whom.
    applications : Applications
        Shopping around precedes them.

    Returns
    -------
    Inquiries
        From two years before the first application until the extraction.
    """
    start = customers.first_day - _HISTORY_DAYS - 30
    months = (local_day(np.array(SNAPSHOT)) - start) / 30.44
    noise = 0.10 * rng.standard_normal(customers.n)
    risk = customers.risk_in(Side.DEBT)
    hard_mean = months * np.exp(-0.9 + 0.90 * risk + noise)
    soft_mean = months * np.exp(-1.4 + 0.15 * risk)
    shopping_mean = np.exp(0.0 + (0.90 * risk + noise)[applications.customer])
    parts = [
        _spread(rng, np.arange(customers.n), hard_mean, start, months, _HARD_MIX),
        _spread(rng, np.arange(customers.n), soft_mean, start, months, _SOFT_MIX),
        _spread(
            rng,
            applications.customer,
            shopping_mean,
            applications.applied_day - _SHOPPING_DAYS,
            np.full(applications.n, _SHOPPING_DAYS / 30.44),
            _HARD_MIX,
        ),
    ]
    customer, day, reason = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    org = rng.integers(0, N_LENDERS, customer.size)
    is_bank = np.isin(reason, [_REASONS.index("03"), _REASONS.index("01")])
    org = np.where(is_bank & (rng.random(org.size) < 0.8), org % N_BANKS, org)
    # The same lender asks again on the same day: one inquiry to a careful reader.
    again = np.flatnonzero(rng.random(customer.size) < _REPEATED_SHARE)
    rows = np.concatenate([np.arange(customer.size), again])
    rows = rows[np.lexsort((day[rows], customer[rows]))]
    return Inquiries(customer[rows], day[rows], reason[rows], org[rows])


def draft_inquiries(inquiries: Inquiries, reports: Reports) -> Draft:
    """Return the rows of ``inquiries``: what each report with a hit lists."""
    own = reports.hit.nonzero()[0]
    report, at = match(reports.customer, inquiries.customer)
    back = reports.day[report] - inquiries.day[at]
    is_listed = reports.hit[report] & (back >= 0) & (back <= _HISTORY_DAYS)
    report, at = report[is_listed], at[is_listed]
    # Own inquiries: those for the customer's earlier reports, and for this one.
    later, earlier = match(reports.customer[own], reports.customer[own])
    is_before = reports.time[own[earlier]] <= reports.time[own[later]]
    later, earlier = own[later[is_before]], own[earlier[is_before]]
    report = np.concatenate([report, later])
    day = np.concatenate([inquiries.day[at], reports.day[earlier]])
    reason = np.concatenate([inquiries.reason[at], _own_reason(reports)[earlier]])
    org = np.concatenate([inquiries.org[at], np.full(later.size, N_LENDERS)])
    order = np.lexsort((day, report))
    report, day, reason, org = report[order], day[order], reason[order], org[order]
    is_self = reason == _REASONS.index("self")
    columns: dict[str, NDArray[np.generic]] = {
        "report_id": reports.number[report],
        "n": running_number(report) + 1,
        "event_time": day_start(day),
        "available_at": reports.available[report],
        "inquiry_date": day,
        "org_type": lender_type_of(org),
        "org_token": org,
        "reason": reason,
    }
    missing = {"org_type": is_self, "org_token": is_self}
    return draft_table(INQUIRIES, reports.owner[report], columns, missing)


def _own_reason(reports: Reports) -> NDArray[np.int64]:
    codes = np.array([_REASONS.index("01"), _REASONS.index("02")])
    return codes[reports.reason]


def _spread(
    rng: np.random.Generator,
    customer: NDArray[np.int64],
    mean: NDArray[np.float64],
    start: NDArray[np.int64],
    months: NDArray[np.float64],
    mix: tuple[tuple[str, float], ...],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return customer, day and reason of inquiries spread evenly over a period."""
    row = np.repeat(np.arange(customer.size), rng.poisson(mean))
    day = start[row] + (rng.random(row.size) * months[row] * 30.44).astype(np.int64)
    ends = np.cumsum([share for _, share in mix])[:-1]
    pick = np.searchsorted(ends, rng.random(row.size), side="right")
    reason = np.array([_REASONS.index(text) for text, _ in mix])[pick]
    return customer[row], day, reason
