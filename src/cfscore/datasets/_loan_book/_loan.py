"""Loans: what was lent on the approved applications, and on which schedule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import PRODUCTS
from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import (
    DAY,
    SNAPSHOT,
    add_months,
    day_start,
    local_day,
)
from cfscore.datasets._loan_book._default import Defaults
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import N_GUARANTORS, row_number
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._policy import Decisions
from cfscore.datasets._loan_book._schema_lending import INSTALMENTS, LOANS

__all__ = ["LoanEnds", "Loans", "draft_instalments", "draft_loans", "draw_loans"]

_MODES = LOANS.column("repay_mode").levels
_ANNUITY, _EQUAL, _BULLET, _FLAT = range(4)

#: Share of each mode, by product: annuity, equal_principal, bullet; the rest flat_fee.
_MODE_ENDS = np.cumsum(
    [[0.65, 0.10, 0.00], [0.0, 0.0, 0.0], [0.45, 0.35, 0.20]], axis=1
)

_GUARANTEED_SHARE = (0.35, 0.0, 0.15)
_GUARANTEE_FEE = 0.0015  # of the principal, with each instalment
_UPFRONT_SHARE, _UPFRONT_FEE = 0.10, 0.01

#: Draws on an instalment line: further ones on average, and the days between them.
_MORE_DRAWS_MEAN = 0.7
_MOST_DRAWS = 4
_DRAW_GAP_DAYS = (8, 70)
_DRAW_TERMS = np.array([3, 6, 6, 12])


@dataclass(frozen=True, eq=False)
class Loans:
    """Loans of the customers of a block, with their schedules.

    Parameters
    ----------
    application : array of shape (n,), int64
        Position of the application.
    customer, owner, number : array of shape (n,), int64
        Position of the customer, number of the customer, number behind the token.
    disbursed : array of shape (n,), int64, seconds
        Paid out.
    term : array of shape (n,), int64
        Instalments.
    rate : array of shape (n,), float64, per year
        Interest.
    mode : array of shape (n,), int64
        Number of the repayment mode.
    guarantor : array of shape (n,), int64
        Number of the guarantee company; -1 for none.
    upfront_fee : array of shape (n,), int64, cents
        Kept at disbursement.
    due_day : array of shape (n, longest), int64, days
        Due days; those from ``term`` on are not used.
    due_principal, due_interest, due_fee : array of shape (n, longest), int64, cents
        Schedule; 0 from ``term`` on.
    stop_seq : array of shape (n,), int64
        Instalments paid before the customer stops; ``term`` for those who do not.
    """

    application: NDArray[np.int64]
    customer: NDArray[np.int64]
    owner: NDArray[np.int64]
    number: NDArray[np.int64]
    disbursed: NDArray[np.int64]
    term: NDArray[np.int64]
    rate: NDArray[np.float64]
    mode: NDArray[np.int64]
    guarantor: NDArray[np.int64]
    upfront_fee: NDArray[np.int64]
    due_day: NDArray[np.int64]
    due_principal: NDArray[np.int64]
    due_interest: NDArray[np.int64]
    due_fee: NDArray[np.int64]
    stop_seq: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of loans."""
        return self.term.size

    @property
    def is_scheduled(self) -> NDArray[np.bool_]:
        """Whether there is an instalment, of shape (n, longest)."""
        return np.asarray(np.arange(self.due_day.shape[1]) < self.term[:, None])

    @property
    def due_total(self) -> NDArray[np.int64]:
        """Instalments in cents, of shape (n, longest)."""
        return self.due_principal + self.due_interest + self.due_fee

    @property
    def available(self) -> NDArray[np.int64]:
        """When the books of the day of disbursement are closed, in seconds."""
        return day_start(local_day(self.disbursed) + 1)


@dataclass(frozen=True, eq=False)
class LoanEnds:
    """How each loan ended.

    Parameters
    ----------
    closed, written_off : array of shape (n,), int64, seconds
        When; at or after the extraction where it did not happen.
    is_compensated : array of shape (n,), bool
        Paid by the guarantor.
    """

    closed: NDArray[np.int64]
    written_off: NDArray[np.int64]
    is_compensated: NDArray[np.bool_]


def draw_loans(
    rng: np.random.Generator,
    applications: Applications,
    defaults: Defaults,
    decisions: Decisions,
) -> Loans:
    """Return the loans on the approved applications.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    applications, defaults, decisions
        What was applied for, when it was paid out, and what was approved.

    Returns
    -------
    Loans
        By customer; instalment lines may be drawn several times.
    """
    application, draw, disbursed = _draw_payouts(rng, applications, defaults, decisions)
    n = application.size
    product = applications.applicants.product[application]
    is_line = product == [level.text for level in PRODUCTS].index("bnpl_line")
    amount = decisions.amount[application]
    part = np.maximum(np.round(amount * (0.2 + 0.5 * rng.random(n)) / 50), 4) * 50
    principal = (np.where(is_line, part, amount) * 100).astype(np.int64)
    term = np.where(
        draw > 0, _DRAW_TERMS[rng.integers(0, 4, n)], applications.term[application]
    )
    mode = (rng.random(n)[:, None] >= _MODE_ENDS[product]).sum(axis=1)
    is_guaranteed = rng.random(n) < np.array(_GUARANTEED_SHARE)[product]
    apr = decisions.apr[application]
    rate = np.where(mode == _FLAT, 0.0, apr - 0.03 * is_guaranteed)
    fee_rate = np.where(mode == _FLAT, 0.55 * apr / 12, 0.0)
    fee_rate += _GUARANTEE_FEE * is_guaranteed
    due_day = _due_days(local_day(disbursed), int(term.max(initial=1)))
    parts = _schedule(principal, term, rate, mode)
    fee = np.round(principal * fee_rate).astype(np.int64)
    is_due = np.arange(due_day.shape[1]) < term[:, None]
    owner = applications.owner[application]
    upfront = np.round(principal * _UPFRONT_FEE * (rng.random(n) < _UPFRONT_SHARE))
    stop_day = defaults.stop_day[application]
    return Loans(
        application=application,
        customer=applications.customer[application],
        owner=owner,
        number=row_number(owner, running_number(owner)),
        disbursed=disbursed,
        term=term,
        rate=rate.round(4),
        mode=mode,
        guarantor=np.where(is_guaranteed, rng.integers(0, N_GUARANTORS, n), -1),
        upfront_fee=upfront.astype(np.int64),
        due_day=due_day,
        due_principal=parts[0],
        due_interest=parts[1],
        due_fee=np.where(is_due, fee[:, None], 0),
        stop_seq=(is_due & (due_day < stop_day[:, None])).sum(axis=1),
    )


def draft_instalments(loans: Loans) -> Draft:
    """Return the rows of ``instalments``."""
    row, seq = np.nonzero(loans.is_scheduled)
    columns: dict[str, NDArray[np.generic]] = {
        "loan_id": loans.number[row],
        "seq": seq + 1,
        "event_time": loans.disbursed[row],
        "available_at": loans.available[row],
        "due_date": loans.due_day[row, seq],
        "due_principal": loans.due_principal[row, seq] / 100,
        "due_interest": loans.due_interest[row, seq] / 100,
        "due_fee": loans.due_fee[row, seq] / 100,
    }
    return draft_table(INSTALMENTS, loans.owner[row], columns)


def draft_loans(loans: Loans, applications: Applications, ends: LoanEnds) -> Draft:
    """Return the rows of ``loans``.

    Parameters
    ----------
    loans : Loans
        Which loans.
    applications : Applications
        They were granted on.
    ends : LoanEnds
        How they ended.

    Returns
    -------
    Draft
        One row per loan, its state as of the extraction.
    """
    active, closed_code, compensated, written = range(4)
    is_closed, is_written = ends.closed < SNAPSHOT, ends.written_off < SNAPSHOT
    status = np.where(is_closed, closed_code, active)
    status[is_closed & ends.is_compensated] = compensated
    status[is_written] = written
    columns: dict[str, NDArray[np.generic]] = {
        "loan_id": loans.number,
        "application_id": applications.number[loans.application],
        "event_time": loans.disbursed,
        "available_at": loans.available,
        "disbursed_at": loans.disbursed,
        "principal": loans.due_principal.sum(axis=1) / 100,
        "term": loans.term,
        "rate_nominal": loans.rate,
        "repay_mode": loans.mode,
        "upfront_fee": loans.upfront_fee / 100,
        "monthly_fee": loans.due_fee[:, 0] / 100,
        "guarantor_token": loans.guarantor,
        "status": status,
        "closed_at": ends.closed,
        "writeoff_at": ends.written_off,
    }
    missing = {
        "guarantor_token": loans.guarantor < 0,
        "closed_at": ~is_closed,
        "writeoff_at": ~is_written,
    }
    return draft_table(LOANS, loans.owner, columns, missing)


def _draw_payouts(
    rng: np.random.Generator,
    applications: Applications,
    defaults: Defaults,
    decisions: Decisions,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return application, number of the draw and instant of each payout."""
    n = applications.n
    product = applications.applicants.product
    is_line = product == [level.text for level in PRODUCTS].index("bnpl_line")
    more = np.where(is_line, rng.poisson(_MORE_DRAWS_MEAN, n), 0)
    gap = rng.integers(*_DRAW_GAP_DAYS, (n, _MOST_DRAWS - 1))
    later = np.concatenate(
        [np.zeros((n, 1), dtype=np.int64), np.cumsum(gap, 1)], axis=1
    )
    disbursed = defaults.disbursed[:, None] + later * DAY
    is_made = decisions.is_approved[:, None] & (np.arange(_MOST_DRAWS) <= more[:, None])
    # Who has stopped paying does not draw.
    is_made &= local_day(disbursed) < defaults.stop_day[:, None]
    is_made &= disbursed < SNAPSHOT - DAY
    application, draw = np.nonzero(is_made)
    return application, draw, disbursed[application, draw]


def _due_days(disbursed_day: NDArray[np.int64], longest: int) -> NDArray[np.int64]:
    if not disbursed_day.size:
        return np.zeros((0, longest), dtype=np.int64)
    return np.stack([add_months(disbursed_day, k + 1) for k in range(longest)], axis=1)


def _schedule(
    principal: NDArray[np.int64],
    term: NDArray[np.int64],
    rate: NDArray[np.float64],
    mode: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return principal and interest of each instalment in cents.

    The last instalment takes what rounding has left, so that the principal adds up.
    """
    longest = int(term.max(initial=1))
    monthly = rate / 12
    growth = -np.expm1(-term * np.log1p(monthly))
    factor = np.divide(monthly, growth, out=np.zeros_like(rate), where=growth > 0)
    annuity = np.round(principal * factor).astype(np.int64)
    equal = principal // term
    due_principal = np.zeros((term.size, longest), dtype=np.int64)
    due_interest = np.zeros_like(due_principal)
    left = principal.copy()
    for seq in range(longest):
        interest = np.round(left * monthly).astype(np.int64)
        part = np.where(mode == _ANNUITY, annuity - interest, equal)
        part = np.where(mode == _BULLET, 0, part)
        part = np.where(seq + 1 == term, left, np.minimum(part, left))
        is_due = seq < term
        due_principal[:, seq] = np.where(is_due, part, 0)
        due_interest[:, seq] = np.where(is_due, interest, 0)
        left -= due_principal[:, seq]
    return due_principal, due_interest
