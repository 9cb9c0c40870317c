"""Reports: which credit reports on the customers were made, and when they came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import HOUR, SNAPSHOT, local_day, month_start
from cfscore.datasets._loan_book._code_table import REPORT_REASONS
from cfscore.datasets._loan_book._customer import Customers
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import row_number
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._schema_bureau import BUREAU_REPORTS

__all__ = ["Reports", "draft_reports", "list_reports"]

_REASONS = tuple(REPORT_REASONS)
_MANAGEMENT, _APPROVAL = _REASONS.index("01"), _REASONS.index("02")

#: The bureau gives a score to files of at least this age.
_SCORED_MONTHS = 3


@dataclass(frozen=True, eq=False)
class Reports:
    """Reports on the customers of a block, by customer and time.

    Parameters
    ----------
    customer, owner : array of shape (n,), int64
        Position of the customer in the block, number in the book.
    number : array of shape (n,), int64
        Number behind the token.
    time, available : array of shape (n,), int64, seconds
        Made and delivered.
    reason : array of shape (n,), int64
        Number of the reason.
    hit : array of shape (n,), bool
        Whether there is a file.
    """

    customer: NDArray[np.int64]
    owner: NDArray[np.int64]
    number: NDArray[np.int64]
    time: NDArray[np.int64]
    available: NDArray[np.int64]
    reason: NDArray[np.int64]
    hit: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of reports."""
        return self.customer.size

    @property
    def day(self) -> NDArray[np.int64]:
        """Local day on which each was made."""
        return local_day(self.time)


def list_reports(
    customers: Customers,
    applications: Applications,
    managed: NDArray[np.int64],
    managed_at: NDArray[np.int64],
) -> Reports:
    """Return the reports for applications and for the management of running loans.

    Parameters
    ----------
    customers : Customers
        Who has a file.
    applications : Applications
        Each has asked for a report, unless its bits say otherwise.
    managed : array of shape (m,), int64
        Positions of customers with a report during a loan.
    managed_at : array of shape (m,), int64, seconds
        When it was made; those after the extraction are left out.

    Returns
    -------
    Reports
        By customer and time.
    """
    asked = applications.has_report.nonzero()[0]
    seen = managed_at < SNAPSHOT - HOUR
    managed, managed_at = managed[seen], managed_at[seen]
    customer = np.concatenate([applications.customer[asked], managed])
    time = np.concatenate([applications.report_time[asked], managed_at])
    available = np.concatenate(
        [applications.report_available[asked], managed_at + HOUR // 2]
    )
    reason = np.repeat([_APPROVAL, _MANAGEMENT], [asked.size, managed.size])
    order = np.lexsort((time, customer))
    customer = customer[order]
    owner = customers.first_number + customer
    return Reports(
        customer=customer,
        owner=owner,
        number=row_number(owner, running_number(customer)),
        time=time[order],
        available=available[order],
        reason=reason[order],
        hit=customers.has_file[customer],
    )


def draft_reports(
    rng: np.random.Generator,
    customers: Customers,
    reports: Reports,
    first_month: NDArray[np.int64],
) -> Draft:
    """Return the rows of ``bureau_reports``.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    customers : Customers
        On whom.
    reports : Reports
        Which reports.
    first_month : array of shape (n_customers,), int64
        Month of the first account of each customer with a file.

    Returns
    -------
    Draft
        One row per report.
    """
    n = reports.n
    opened = month_start(first_month[reports.customer])
    risk = customers.risk[reports.customer]
    score = 640 - 55 * (risk + 0.40 * rng.standard_normal(n))
    no_score = ~reports.hit | (reports.day - opened < _SCORED_MONTHS * 31)
    columns: dict[str, NDArray[np.generic]] = {
        "report_id": reports.number,
        "event_time": reports.time,
        "available_at": reports.available,
        "report_time": reports.time,
        "reason": reports.reason,
        "hit": reports.hit,
        "first_credit_month": opened,
        "vendor_score": score.round().clip(300, 900),
        "dispute_n": (rng.random(n) < 0.01) & reports.hit,
    }
    missing = {"first_credit_month": ~reports.hit, "vendor_score": no_score}
    return draft_table(BUREAU_REPORTS, reports.owner, columns, missing)
