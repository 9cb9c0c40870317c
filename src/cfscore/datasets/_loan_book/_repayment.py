"""Repayments: how each loan is paid back, or is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._clock import (
    DAY,
    HOUR,
    SNAPSHOT,
    day_start,
    is_shocked_day,
    month_of_day,
    month_of_year,
)
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._loan import LoanEnds, Loans
from cfscore.datasets._loan_book._name import row_number
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._schema_lending import REPAYMENTS

__all__ = ["Repayments", "draft_repayments", "draw_repayments"]

_BORROWER, _GUARANTOR, _COLLECTION = range(3)
_UNPAID = 1 << 20  # a day that does not come

#: Log-odds of paying late and early, and their change per unit of risk.
_LATE_BASE, _LATE_PER_RISK = -2.3, 1.00
_LATE_SHOCK, _LATE_FEBRUARY = 0.30, 0.20
_EARLY_BASE, _EARLY_PER_RISK = -1.2, -0.80

#: Days late of those who pay in the end: ends of the ranges, and shares of each. None
#: reaches 60 days past due, which is what default means here.
_DELAY_ENDS = np.array([1, 6, 16, 30, 56])
_DELAY_SHARES = np.cumsum([0.56, 0.27, 0.145])

_SETTLED_EARLY_SHARE = 0.06
_CURED_SHARE, _CURED_DAYS = 0.08, (95, 141)
_GUARANTOR_DAYS = (92, 101)
_PART_PAID_SHARE, _PART_PAID_DAYS = 0.30, (10, 81)
_WRITE_OFF_DAYS = (185, 211)
_RECOVERED_SHARE, _MOST_RECOVERIES = 0.35, 3

_PENALTY_PER_DAY = 0.0005
_AUTO_DEBIT_SHARE = 0.6


@dataclass(frozen=True, eq=False)
class Repayments:
    """Payments towards the loans of a block, by loan and instalment.

    Parameters
    ----------
    loan : array of shape (n,), int64
        Position of the loan.
    seq : array of shape (n,), int64
        Instalment counted from 0; -1 for recoveries after write-off.
    paid, posted : array of shape (n,), int64, seconds
        Paid and posted, before the extraction.
    principal, interest, fee, penalty : array of shape (n,), int64, cents
        Parts of the payment.
    payer : array of shape (n,), int64
        Number of the payer.
    auto_debit : array of shape (n,), bool
        Collected from the card.
    """

    loan: NDArray[np.int64]
    seq: NDArray[np.int64]
    paid: NDArray[np.int64]
    posted: NDArray[np.int64]
    principal: NDArray[np.int64]
    interest: NDArray[np.int64]
    fee: NDArray[np.int64]
    penalty: NDArray[np.int64]
    payer: NDArray[np.int64]
    auto_debit: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Course:
    """Course of each loan.

    Parameters
    ----------
    pay_day : array of shape (n, longest), int64, days
        When each instalment is paid; a day that does not come if never.
    payer : array of shape (n,), int64
        Who pays from ``stop_seq`` on.
    is_lost : array of shape (n,), bool
        Stopped, and neither cured nor guaranteed.
    write_off_day : array of shape (n,), int64, days
        Of those that are lost.
    """

    pay_day: NDArray[np.int64]
    payer: NDArray[np.int64]
    is_lost: NDArray[np.bool_]
    write_off_day: NDArray[np.int64]


def draw_repayments(
    rng: np.random.Generator, loans: Loans, risk: NDArray[np.float64]
) -> tuple[Repayments, LoanEnds]:
    """Return the payments, and how each loan ended.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    loans : Loans
        What is paid back.
    risk : array of shape (n_customers,), float64
        Latent risk of the customers.

    Returns
    -------
    repayments : Repayments
        Those posted before the extraction.
    ends : LoanEnds
        Of every loan.
    """
    course = _draw_course(rng, loans, risk)
    regular = _pay_instalments(rng, loans, course)
    written_off = np.where(
        course.is_lost, day_start(course.write_off_day) + 10 * HOUR, SNAPSHOT
    )
    parts = [
        regular,
        _pay_in_part(rng, loans, course),
        _recover(rng, loans, course),
    ]
    together = _ordered(_posted_in_time(_joined(parts)))
    return together, LoanEnds(
        closed=_closing_times(loans, regular),
        written_off=written_off,
        is_compensated=course.payer == _GUARANTOR,
    )


def draft_repayments(loans: Loans, repayments: Repayments) -> Draft:
    """Return the rows of ``repayments``."""
    owner = loans.owner[repayments.loan]
    amount = (
        repayments.principal + repayments.interest + repayments.fee + repayments.penalty
    )
    columns: dict[str, NDArray[np.generic]] = {
        "repayment_id": row_number(owner, running_number(owner)),
        "loan_id": loans.number[repayments.loan],
        "event_time": repayments.paid,
        "available_at": repayments.posted,
        "paid_at": repayments.paid,
        "seq": repayments.seq + 1,
        "amount": amount / 100,
        "principal": repayments.principal / 100,
        "interest": repayments.interest / 100,
        "fee": repayments.fee / 100,
        "penalty": repayments.penalty / 100,
        "payer": repayments.payer,
        "auto_debit": repayments.auto_debit,
    }
    missing = {"seq": repayments.seq < 0}
    return draft_table(REPAYMENTS, owner, columns, missing)


def _draw_course(
    rng: np.random.Generator, loans: Loans, risk: NDArray[np.float64]
) -> Course:
    n = loans.n
    at = np.arange(loans.due_day.shape[1])
    due = loans.due_day
    on_time = due + _draw_delays(rng, due, risk[loans.customer])
    settles = rng.random(n) < _SETTLED_EARLY_SHARE
    settle_seq = 1 + (rng.random(n) * (loans.term - 1)).astype(np.int64)
    stops = loans.stop_seq < loans.term
    is_settled = (settles & ~stops)[:, None] & (at >= settle_seq[:, None])
    settle_day = due[np.arange(n), settle_seq.clip(0, at.size - 1)]
    pay_day = np.where(is_settled, settle_day[:, None], on_time)
    stop_due = due[np.arange(n), loans.stop_seq.clip(0, at.size - 1)]
    is_cured = stops & (rng.random(n) < _CURED_SHARE)
    is_paid_for = stops & ~is_cured & (loans.guarantor >= 0)
    cure_day = stop_due + rng.integers(*_CURED_DAYS, n)
    guarantor_day = stop_due + rng.integers(*_GUARANTOR_DAYS, n)
    is_after = at >= loans.stop_seq[:, None]
    resumed = np.maximum(pay_day, cure_day[:, None])
    pay_day = np.where(is_after & is_cured[:, None], resumed, pay_day)
    pay_day = np.where(is_after & is_paid_for[:, None], guarantor_day[:, None], pay_day)
    is_lost = stops & ~is_cured & ~is_paid_for
    pay_day = np.where(is_after & is_lost[:, None], _UNPAID, pay_day)
    return Course(
        # The oldest instalment is always paid first.
        pay_day=np.maximum.accumulate(pay_day, axis=1),
        payer=np.where(is_paid_for, _GUARANTOR, _BORROWER),
        is_lost=is_lost,
        write_off_day=stop_due + rng.integers(*_WRITE_OFF_DAYS, n),
    )


def _draw_delays(
    rng: np.random.Generator, due: NDArray[np.int64], risk: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return days between due and paid, negative for early payment."""
    shape = due.shape
    late_odds = (
        _LATE_BASE
        + _LATE_PER_RISK * risk[:, None]
        + _LATE_SHOCK * is_shocked_day(due)
        + _LATE_FEBRUARY * (month_of_year(month_of_day(due)) == 2)
    )
    is_late = rng.random(shape) < logistic(late_odds)
    is_early = (
        rng.random(shape) < logistic(_EARLY_BASE + _EARLY_PER_RISK * risk)[:, None]
    )
    band = np.searchsorted(_DELAY_SHARES, rng.random(shape), side="right")
    low, high = _DELAY_ENDS[band], _DELAY_ENDS[band + 1]
    delay = low + (rng.random(shape) * (high - low)).astype(np.int64)
    early = -1 - (rng.random(shape) * 10).astype(np.int64)
    return np.where(is_late, delay, np.where(is_early, early, 0))


def _pay_instalments(
    rng: np.random.Generator, loans: Loans, course: Course
) -> Repayments:
    is_paid = loans.is_scheduled & (course.pay_day < _UNPAID)
    loan, seq = np.nonzero(is_paid)
    day, due = course.pay_day[loan, seq], loans.due_day[loan, seq]
    is_after = seq >= loans.stop_seq[loan]
    payer = np.where(is_after, course.payer[loan], _BORROWER)
    is_auto = (rng.random(loan.size) < _AUTO_DEBIT_SHARE) & (day >= due)
    is_auto &= payer == _BORROWER
    total = loans.due_total[loan, seq]
    penalty = np.round(total * _PENALTY_PER_DAY * (day - due).clip(0))
    paid, posted = _draw_instants(rng, day, is_auto)
    return Repayments(
        loan=loan,
        seq=seq,
        paid=paid,
        posted=posted,
        principal=loans.due_principal[loan, seq],
        interest=loans.due_interest[loan, seq],
        fee=loans.due_fee[loan, seq],
        penalty=penalty.astype(np.int64),
        payer=payer,
        auto_debit=is_auto,
    )


def _pay_in_part(rng: np.random.Generator, loans: Loans, course: Course) -> Repayments:
    """Return payments that do not suffice, towards the oldest unpaid instalment."""
    is_chosen = course.is_lost & (rng.random(loans.n) < _PART_PAID_SHARE)
    loan = np.flatnonzero(is_chosen)
    seq = loans.stop_seq[loan]
    day = loans.due_day[loan, seq] + rng.integers(*_PART_PAID_DAYS, loan.size)
    share = 0.1 + 0.5 * rng.random(loan.size)
    paid, posted = _draw_instants(rng, day, np.ones(loan.size, dtype=np.bool_))
    return Repayments(
        loan=loan,
        seq=seq,
        paid=paid,
        posted=posted,
        principal=(share * loans.due_principal[loan, seq]).astype(np.int64),
        interest=(share * loans.due_interest[loan, seq]).astype(np.int64),
        fee=(share * loans.due_fee[loan, seq]).astype(np.int64),
        penalty=np.zeros(loan.size, dtype=np.int64),
        payer=np.full(loan.size, _BORROWER),
        auto_debit=np.ones(loan.size, dtype=np.bool_),
    )


def _recover(rng: np.random.Generator, loans: Loans, course: Course) -> Repayments:
    """Return what collection brings in after write-off, towards the whole loan."""
    n_payments = np.where(
        course.is_lost & (rng.random(loans.n) < _RECOVERED_SHARE),
        rng.integers(1, _MOST_RECOVERIES + 1, loans.n),
        0,
    )
    loan = np.repeat(np.arange(loans.n), n_payments)
    day = course.write_off_day[loan] + rng.integers(5, 120, loan.size)
    is_after = np.arange(loans.due_day.shape[1]) >= loans.stop_seq[:, None]
    owed = (loans.due_principal * is_after).sum(axis=1)[loan]
    paid, posted = _draw_instants(rng, day, np.zeros(loan.size, dtype=np.bool_))
    nothing = np.zeros(loan.size, dtype=np.int64)
    part = (owed * (0.02 + 0.1 * rng.random(loan.size))).astype(np.int64)
    return Repayments(
        loan=loan,
        seq=np.full(loan.size, -1),
        paid=paid,
        posted=posted,
        principal=part,
        interest=nothing,
        fee=nothing,
        penalty=nothing,
        payer=np.full(loan.size, _COLLECTION),
        auto_debit=np.zeros(loan.size, dtype=np.bool_),
    )


def _draw_instants(
    rng: np.random.Generator, day: NDArray[np.int64], is_auto: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when a payment of each day is made, and when it is posted."""
    n = day.size
    second = np.where(is_auto, 10 * HOUR, 8 * HOUR + rng.integers(0, 14 * HOUR, n))
    paid = day_start(day) + second + rng.integers(0, 1800, n)
    at = rng.random(n)
    wait = np.where(
        at < 0.70, at * 2 * HOUR, np.where(at < 0.95, at * DAY, 5 * at * DAY)
    )
    return paid, paid + 60 + wait.astype(np.int64)


def _closing_times(loans: Loans, regular: Repayments) -> NDArray[np.int64]:
    """Return when the last instalment was posted, if all have been."""
    last_paid = np.zeros(loans.n, dtype=np.int64)
    last_posted = np.zeros(loans.n, dtype=np.int64)
    np.maximum.at(last_paid, regular.loan, regular.paid)
    np.maximum.at(last_posted, regular.loan, regular.posted)
    n_paid = np.bincount(regular.loan, minlength=loans.n)
    is_done = (n_paid == loans.term) & (last_posted < SNAPSHOT)
    return np.where(is_done, last_paid, SNAPSHOT)


def _joined(parts: list[Repayments]) -> Repayments:
    names = Repayments.__dataclass_fields__
    return Repayments(
        **{name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    )


def _posted_in_time(repayments: Repayments) -> Repayments:
    return _taken(repayments, repayments.posted < SNAPSHOT)


def _ordered(repayments: Repayments) -> Repayments:
    order = np.lexsort((repayments.paid, repayments.loan))
    return _taken(repayments, order)


def _taken(
    repayments: Repayments, rows: NDArray[np.int64] | NDArray[np.bool_]
) -> Repayments:
    names = Repayments.__dataclass_fields__
    return Repayments(**{name: getattr(repayments, name)[rows] for name in names})
