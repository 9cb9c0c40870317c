"""Money flow: salaries, transfers, payments to lenders, and fees."""

from __future__ import annotations

import numpy as np

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._card_holder import (
    Card,
    Columns,
    Direction,
    Holders,
    Kind,
    Response,
    draw_instants,
    inside_history,
    months_of_history,
    spread_days,
    transaction_columns,
)
from cfscore.datasets._loan_book._clock import (
    HOUR,
    day_start,
    month_start,
    weekday,
)
from cfscore.datasets._loan_book._code_table import MERCHANT_CATEGORIES
from cfscore.datasets._loan_book._customer import Side
from cfscore.datasets._loan_book._name import N_SHOPS
from cfscore.datasets._payments import SALARY_LOG_ODDS

__all__ = ["draw_fees", "draw_repayments_to_lenders", "draw_salaries", "draw_transfers"]

_FINANCIAL = tuple(MERCHANT_CATEGORIES).index("6012")


def draw_salaries(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return the salaries of those who have one, on a fixed day of the month."""
    people = holders.customers.applicants
    risk = holders.customers.risk
    n = holders.customers.n
    log_odds = SALARY_LOG_ODDS[people.employment] - 1.0 * risk
    is_paid = (rng.random(n) < logistic(log_odds)) & (holders.days > 0)
    pay_day = rng.integers(5, 26, n)
    customer, month = months_of_history(holders, is_paid)
    # Employers of risky customers are late or do not pay at all more often.
    is_skipped = rng.random(customer.size) < logistic(-4.0 + 0.8 * risk)[customer]
    customer, month = customer[~is_skipped], month[~is_skipped]
    day = month_start(month) + pay_day[customer] - 1
    # A pay day at the week-end moves to the Friday before.
    day -= np.maximum(weekday(day) - 4, 0)
    customer, day = inside_history(holders, customer, day)
    spread = 0.01 + 0.02 * np.exp((0.9 * risk + holders.noise[4])[customer])
    amount = holders.customers.income[customer] * (
        1 + spread * rng.standard_normal(customer.size)
    )
    return transaction_columns(
        customer.size,
        customer,
        event_time=day_start(day) + 9 * HOUR + rng.integers(0, 3 * HOUR, day.size),
        direction=Direction.IN,
        kind=Kind.TRANSFER,
        amount=np.maximum(amount, 500.0).round(2),
        payer_token=holders.customers.first_number + customer,
    )


def draw_transfers(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return irregular money in and out, and what people send to themselves."""
    people = holders.customers.applicants
    risk = holders.customers.risk
    has_no_salary = SALARY_LOG_ODDS[people.employment] < 0
    per_day = np.where(has_no_salary, 0.10, 0.03) * np.exp(0.1 * people.affluence)
    customer, day = spread_days(rng, holders, per_day)
    n = customer.size
    is_own = rng.random(n) < 0.3
    out_share = logistic(-0.25 + 0.45 * risk)[customer]
    is_out = rng.random(n) < out_share
    amount = holders.customers.income[customer] * np.exp(
        -1.6 + 0.7 * rng.standard_normal(n)
    )
    # Numbers that are no customer's, so that no payer is an employer.
    stranger = (1 << 40) + 2 + rng.integers(0, 1 << 20, n)
    return transaction_columns(
        n,
        customer,
        event_time=draw_instants(rng, day, rng.random(n) < 0.1),
        direction=np.where(is_out, Direction.OUT, Direction.IN),
        kind=Kind.TRANSFER,
        amount=np.maximum(amount, 10.0).round(2),
        payer_token=np.where(is_out | is_own, -1, stranger),
        is_own_transfer=is_own,
    )


def draw_repayments_to_lenders(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return what is paid to lenders each month."""
    risk = holders.risk_in(Side.DEBT)
    cash = holders.risk_in(Side.CASH)
    n_lenders = rng.poisson(np.exp(-0.1 + 0.35 * risk))
    customer, month = months_of_history(holders, (n_lenders > 0) & (holders.days > 0))
    copies = np.repeat(np.arange(customer.size), n_lenders[customer])
    customer, month = customer[copies], month[copies]
    day = month_start(month) + rng.integers(0, 28, customer.size)
    customer, day = inside_history(holders, customer, day)
    declined = rng.random(day.size) < logistic(-3.3 + 1.50 * cash)[customer]
    amount = holders.customers.income[customer] * np.exp(
        -2.4 + 0.4 * rng.standard_normal(day.size)
    )
    return transaction_columns(
        customer.size,
        customer,
        event_time=draw_instants(rng, day, np.zeros(day.size, dtype=np.bool_)),
        kind=Kind.REPAY,
        amount=np.maximum(amount, 20.0).round(2),
        mcc=_FINANCIAL,
        merchant_token=N_SHOPS + rng.integers(0, 60, day.size),
        response=np.where(declined, Response.NO_FUNDS, 0),
    )


def draw_fees(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return fees on credit cards, for being late above all."""
    per_day = np.exp(-5.6 + 0.9 * holders.customers.risk)
    customer, day = spread_days(rng, holders, per_day)
    return transaction_columns(
        customer.size,
        customer,
        event_time=day_start(day) + 2 * HOUR,
        card_kind=Card.CREDIT,
        kind=Kind.FEE,
        amount=(10.0 + 90.0 * rng.random(customer.size)).round(2),
    )
