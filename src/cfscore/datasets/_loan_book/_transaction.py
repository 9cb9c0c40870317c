"""Card transactions: salaries, purchases, withdrawals and what else moves money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import (
    DAY,
    HOUR,
    SNAPSHOT,
    day_start,
    local_day,
    month_of_day,
    month_of_year,
    month_start,
    weekday,
)
from cfscore.datasets._loan_book._code_table import MERCHANT_CATEGORIES
from cfscore.datasets._loan_book._customer import Customers, Side
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import (
    CITIES_PER_TIER,
    N_SHOPS,
    TEXT_LEVELS,
    row_number,
)
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._schema_payment import TRANSACTIONS
from cfscore.datasets._payments import SALARY_LOG_ODDS

__all__ = ["draft_transactions"]

_KINDS = TRANSACTIONS.column("kind").levels
_PURCHASE, _WITHDRAW, _TRANSFER, _REFUND, _REPAY, _FEE = range(len(_KINDS))
_IN, _OUT = 0, 1
_POS, _ONLINE, _QR, _ATM = range(4)
_CREDIT, _DEBIT = 0, 1

_BEFORE_DAYS, _AFTER_DAYS = 400, 45

#: Relative spending by month of the year: new year in February, sales in June and
#: November.
_SEASON = np.array(
    [1.05, 1.15, 0.95, 0.97, 0.98, 1.05, 0.98, 0.97, 1.0, 1.02, 1.2, 1.1]
)
_LARGEST_SEASON = 1.2

#: Weight of each merchant category, and how it changes per unit of risk.
_CATEGORIES = tuple(MERCHANT_CATEGORIES)
_GROUPS = {  # group: (share, change per unit of risk, ln of the median amount)
    "grocery": (0.22, 0.00, 4.1),
    "dining": (0.20, 0.00, 4.0),
    "transport": (0.12, 0.00, 3.3),
    "travel": (0.02, -0.20, 6.3),
    "health": (0.04, 0.00, 4.8),
    "education": (0.015, -0.45, 6.6),
    "utilities": (0.08, 0.00, 4.4),
    "shopping": (0.18, 0.00, 5.1),
    "digital": (0.06, 0.20, 3.6),
    "gambling": (0.012, 1.00, 4.6),
    "nightlife": (0.02, 0.45, 5.2),
    "cash": (0.008, 0.70, 6.5),
    "financial": (0.015, 0.80, 6.0),
    "luxury": (0.006, -0.10, 7.3),
    "wholesale": (0.013, 0.00, 6.4),
}

#: Local hours of the day and of the night, in which risky customers are more awake.
_DAY_HOURS = np.arange(6, 23)
_NIGHT_HOURS = np.array([23, 0, 1, 2, 3, 4, 5])

_DECLINED_CODES = np.array([2, 2, 2, 3, 1])  # 51 three times as often as 61 and 05
_ROUND_AMOUNT = 1000.0

Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Holders:
    """Card holders of a block, with the habits of each.

    Parameters
    ----------
    customers : Customers
        Of the block.
    start, days : array of shape (n,), int64, days
        First day of the history of each customer, and its length; 0 without card.
    noise : array of shape (5, n), float64
        What is peculiar to each: spending, night, declines, withdrawals, salary.
    """

    customers: Customers
    start: NDArray[np.int64]
    days: NDArray[np.int64]
    noise: NDArray[np.float64]

    def risk_in(self, side: Side) -> NDArray[np.float64]:
        """Return the risk as one side of life shows it."""
        return self.customers.risk_in(side)


def draft_transactions(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> Draft:
    """Return the rows of ``transactions``.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    customers : Customers
        Card holders among them.
    applications : Applications
        The history runs from 400 days before the first to 45 days after the last.

    Returns
    -------
    Draft
        By customer and time; transactions known only after the extraction left out.
    """
    holders = _holders(rng, customers, applications)
    makers: tuple[Callable[[np.random.Generator, Holders], Columns], ...] = (
        _purchases,
        _withdrawals,
        _salaries,
        _transfers,
        _repayments,
        _fees,
    )
    parts = [make(rng, holders) for make in makers]
    parts.append(_refunds(rng, parts[0]))
    rows = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    rows["available_at"] = _available(rng, rows["event_time"])
    order = np.lexsort((rows["event_time"], rows["customer"]))
    order = order[rows["available_at"][order] < SNAPSHOT]
    rows = {name: values[order] for name, values in rows.items()}
    customer = rows.pop("customer")
    owner = customers.first_number + customer
    rows["txn_id"] = row_number(owner, running_number(owner))
    rows["card_token"] = owner * 2 + rows["card_kind"]
    missing = {
        "mcc": rows["mcc"] < 0,
        "merchant_token": rows["merchant_token"] < 0,
        "payer_token": rows["payer_token"] < 0,
        "city": rows["city"] < 0,
    }
    return draft_table(TRANSACTIONS, owner, rows, missing)


def _holders(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> Holders:
    start = customers.first_day - _BEFORE_DAYS
    last = np.zeros(customers.n, dtype=np.int64)
    np.maximum.at(last, applications.customer, applications.applied_day)
    end = np.minimum(last + _AFTER_DAYS, local_day(np.array(SNAPSHOT)))
    days = np.where(customers.has_card, end - start, 0)
    return Holders(customers, start, days, 0.10 * rng.standard_normal((5, customers.n)))


def _part(size: int, customer: NDArray[np.int64], **given: object) -> Columns:
    """Return columns of transactions, with the ordinary where nothing is given."""
    ordinary: dict[str, object] = {
        "card_kind": _DEBIT,
        "direction": _OUT,
        "kind": _PURCHASE,
        "amount": 0.0,
        "mcc": -1,
        "merchant_token": -1,
        "payer_token": -1,
        "city": -1,
        "channel": _ONLINE,
        "cross_border": False,
        "response": 0,
        "is_own_transfer": False,
        **given,
    }
    columns: Columns = {
        name: np.broadcast_to(np.asarray(value), (size,))
        for name, value in ordinary.items()
    }
    columns["customer"] = customer
    return columns


def _purchases(rng: np.random.Generator, holders: Holders) -> Columns:
    people, risk = holders.customers.applicants, holders.risk_in(Side.HABITS)
    cash = holders.risk_in(Side.CASH)
    per_day = np.exp(-0.80 + 0.20 * people.affluence + holders.noise[0])
    customer, day = _days(rng, holders, per_day * _LARGEST_SEASON)
    season = _SEASON[month_of_year(month_of_day(day)) - 1]
    is_kept = rng.random(day.size) * _LARGEST_SEASON < season
    customer, day = customer[is_kept], day[is_kept]
    n = customer.size
    mcc, amount = _draw_category(rng, risk[customer])
    amount *= np.exp(
        0.35 * people.affluence[customer]
        - 0.10 * risk[customer]
        + 0.8 * rng.standard_normal(n)
    )
    is_night = rng.random(n) < logistic(-2.2 + 0.85 * risk + holders.noise[1])[customer]
    declined = rng.random(n) < logistic(-3.0 + 1.00 * cash + holders.noise[2])[customer]
    kind = np.where(rng.random(n) < 0.45, _CREDIT, _DEBIT)
    # Round amounts on a credit card: cash in disguise.
    is_round = (kind == _CREDIT) & (
        rng.random(n) < logistic(-4.4 + 1.1 * risk)[customer]
    )
    amount = np.where(is_round, _ROUND_AMOUNT * rng.integers(1, 6, n), amount)
    channel = np.array([_QR, _QR, _QR, _ONLINE, _ONLINE, _POS])[rng.integers(0, 6, n)]
    away = np.where(channel == _ONLINE, -1, _draw_city(rng, holders, customer))
    return _part(
        n,
        customer,
        event_time=_instant(rng, day, is_night),
        card_kind=kind,
        amount=np.maximum(amount, 1.0).round(2),
        mcc=mcc,
        merchant_token=(rng.random(n) ** 2 * N_SHOPS / 24).astype(np.int64) * 24 + mcc,
        city=away,
        channel=channel,
        cross_border=rng.random(n) < 0.004,
        response=np.where(declined, _DECLINED_CODES[rng.integers(0, 5, n)], 0),
    )


def _withdrawals(rng: np.random.Generator, holders: Holders) -> Columns:
    habits, cash = holders.risk_in(Side.HABITS), holders.risk_in(Side.CASH)
    per_day = np.exp(-4.2 + 0.25 * habits + holders.noise[3])
    customer, day = _days(rng, holders, per_day)
    n = customer.size
    declined = rng.random(n) < logistic(-2.8 + 1.00 * cash)[customer]
    is_credit = rng.random(n) < logistic(-2.6 + 0.6 * habits)[customer]
    return _part(
        n,
        customer,
        event_time=_instant(rng, day, rng.random(n) < 0.1),
        card_kind=np.where(is_credit, _CREDIT, _DEBIT),
        kind=_WITHDRAW,
        amount=100.0 * rng.integers(1, 31, n),
        city=_draw_city(rng, holders, customer),
        channel=_ATM,
        response=np.where(declined, 2, 0),
    )


def _salaries(rng: np.random.Generator, holders: Holders) -> Columns:
    people = holders.customers.applicants
    risk = holders.customers.risk
    n = holders.customers.n
    log_odds = SALARY_LOG_ODDS[people.employment] - 1.0 * risk
    is_paid = (rng.random(n) < logistic(log_odds)) & (holders.days > 0)
    pay_day = rng.integers(5, 26, n)
    customer, month = _months(holders, is_paid)
    # Employers of risky customers are late or do not pay at all more often.
    is_skipped = rng.random(customer.size) < logistic(-4.0 + 0.8 * risk)[customer]
    customer, month = customer[~is_skipped], month[~is_skipped]
    day = month_start(month) + pay_day[customer] - 1
    # A pay day at the week-end moves to the Friday before.
    day -= np.maximum(weekday(day) - 4, 0)
    customer, day = _inside(holders, customer, day)
    spread = 0.01 + 0.02 * np.exp((0.6 * risk + holders.noise[4])[customer])
    amount = holders.customers.income[customer] * (
        1 + spread * rng.standard_normal(customer.size)
    )
    return _part(
        customer.size,
        customer,
        event_time=day_start(day) + 9 * HOUR + rng.integers(0, 3 * HOUR, day.size),
        direction=_IN,
        kind=_TRANSFER,
        amount=np.maximum(amount, 500.0).round(2),
        payer_token=holders.customers.first_number + customer,
    )


def _transfers(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return irregular money in and out, and what people send to themselves."""
    people = holders.customers.applicants
    risk = holders.customers.risk
    has_no_salary = SALARY_LOG_ODDS[people.employment] < 0
    per_day = np.where(has_no_salary, 0.10, 0.03) * np.exp(0.1 * people.affluence)
    customer, day = _days(rng, holders, per_day)
    n = customer.size
    is_own = rng.random(n) < 0.3
    out_share = logistic(-0.25 + 0.45 * risk)[customer]
    is_out = rng.random(n) < out_share
    amount = holders.customers.income[customer] * np.exp(
        -1.6 + 0.7 * rng.standard_normal(n)
    )
    payer = -2 - rng.integers(0, 1 << 20, n)
    return _part(
        n,
        customer,
        event_time=_instant(rng, day, rng.random(n) < 0.1),
        direction=np.where(is_out, _OUT, _IN),
        kind=_TRANSFER,
        amount=np.maximum(amount, 10.0).round(2),
        payer_token=np.where(is_out | is_own, -1, -payer + (1 << 40)),
        is_own_transfer=is_own,
    )


def _repayments(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return what is paid to lenders each month."""
    risk = holders.risk_in(Side.DEBT)
    cash = holders.risk_in(Side.CASH)
    n_lenders = rng.poisson(np.exp(-0.1 + 0.35 * risk))
    customer, month = _months(holders, (n_lenders > 0) & (holders.days > 0))
    copies = np.repeat(np.arange(customer.size), n_lenders[customer])
    customer, month = customer[copies], month[copies]
    day = month_start(month) + rng.integers(0, 28, customer.size)
    customer, day = _inside(holders, customer, day)
    declined = rng.random(day.size) < logistic(-3.0 + 1.0 * cash)[customer]
    amount = holders.customers.income[customer] * np.exp(
        -2.4 + 0.4 * rng.standard_normal(day.size)
    )
    return _part(
        customer.size,
        customer,
        event_time=_instant(rng, day, np.zeros(day.size, dtype=np.bool_)),
        kind=_REPAY,
        amount=np.maximum(amount, 20.0).round(2),
        mcc=_CATEGORIES.index("6012"),
        merchant_token=N_SHOPS + rng.integers(0, 60, day.size),
        response=np.where(declined, 2, 0),
    )


def _fees(rng: np.random.Generator, holders: Holders) -> Columns:
    per_day = np.exp(-5.6 + 0.9 * holders.customers.risk)
    customer, day = _days(rng, holders, per_day)
    return _part(
        customer.size,
        customer,
        event_time=day_start(day) + 2 * HOUR,
        card_kind=_CREDIT,
        kind=_FEE,
        amount=(10.0 + 90.0 * rng.random(customer.size)).round(2),
    )


def _refunds(rng: np.random.Generator, purchases: Columns) -> Columns:
    """Return refunds of some purchases, days later."""
    is_chosen = (rng.random(purchases["amount"].size) < 0.02) & (
        purchases["response"] == 0
    )
    rows = {name: values[is_chosen] for name, values in purchases.items()}
    n = rows["amount"].size
    rows["event_time"] = rows["event_time"] + rng.integers(DAY, 15 * DAY, n)
    rows["kind"] = np.full(n, _REFUND)
    rows["direction"] = np.full(n, _IN)
    return rows


def _days(
    rng: np.random.Generator, holders: Holders, per_day: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return customer and day of events that happen so often a day."""
    customer = np.repeat(
        np.arange(holders.days.size), rng.poisson(per_day * holders.days)
    )
    at = (rng.random(customer.size) * holders.days[customer]).astype(np.int64)
    return customer, holders.start[customer] + at


def _months(
    holders: Holders, is_wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each wanted customer with each month of the history."""
    first = month_of_day(holders.start)
    count = month_of_day(holders.start + holders.days) - first + 1
    count = np.where(is_wanted, count, 0)
    customer = np.repeat(np.arange(count.size), count)
    return customer, first[customer] + running_number(customer)


def _inside(
    holders: Holders, customer: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    at = day - holders.start[customer]
    is_inside = (at >= 0) & (at < holders.days[customer])
    return customer[is_inside], day[is_inside]


def _instant(
    rng: np.random.Generator, day: NDArray[np.int64], is_night: NDArray[np.bool_]
) -> NDArray[np.int64]:
    n = day.size
    hour = np.where(
        is_night,
        _NIGHT_HOURS[rng.integers(0, _NIGHT_HOURS.size, n)],
        _DAY_HOURS[rng.integers(0, _DAY_HOURS.size, n)],
    )
    return np.asarray(day_start(day) + hour * HOUR + rng.integers(0, HOUR, n))


def _available(
    rng: np.random.Generator, event: NDArray[np.generic]
) -> NDArray[np.int64]:
    """Return when the records arrive: soon, in the next night, or days later."""
    instant = event.astype(np.int64)
    at = rng.random(instant.size)
    soon = instant + 30 + (at * 1800).astype(np.int64)
    next_night = (
        day_start(local_day(instant) + 1) + 2 * HOUR + (at * HOUR).astype(np.int64)
    )
    days_later = next_night + DAY + (at * 4 * DAY).astype(np.int64)
    return np.where(at < 0.85, soon, np.where(at < 0.98, next_night, days_later))


def _draw_category(
    rng: np.random.Generator, risk: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return number of the category and median amount of purchases.

    Customers share a table of ends for risks from -4 to 4 in steps of 0.1.
    """
    grid = np.linspace(-4.0, 4.0, 81)
    groups = [MERCHANT_CATEGORIES[code] for code in _CATEGORIES]
    share, slope, size = np.array([_GROUPS[group] for group in groups]).T
    share = share / np.array([groups.count(group) for group in groups])
    weight = share * np.exp(np.outer(grid, slope))
    ends = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    row = np.rint((risk.clip(-4, 4) + 4.0) * 10.0).astype(np.int64)
    # One search in all tables at once: that of row r lies in [r, r + 1).
    flat = (ends + np.arange(grid.size)[:, None]).ravel()
    found = np.searchsorted(flat, rng.random(risk.size) + row, side="right")
    category = (found - row * len(_CATEGORIES)).clip(0, len(_CATEGORIES) - 1)
    return category, np.exp(size[category])


def _draw_city(
    rng: np.random.Generator, holders: Holders, customer: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the home city mostly, another one now and then."""
    n, n_cities = customer.size, len(TEXT_LEVELS["city"])
    home = holders.customers.home_city[customer]
    away = logistic(-2.4 + 0.35 * holders.customers.risk)[customer]
    other = (
        home // CITIES_PER_TIER * CITIES_PER_TIER + rng.integers(0, 60, n)
    ) % n_cities
    return np.where(rng.random(n) < away, other, home)
