"""Spending: purchases, withdrawals and refunds, by habits and by means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._card_holder import (
    Card,
    Channel,
    Columns,
    Direction,
    Holders,
    Kind,
    Response,
    draw_instants,
    spread_days,
    transaction_columns,
)
from cfscore.datasets._loan_book._clock import DAY, month_of_day, month_of_year
from cfscore.datasets._loan_book._code_table import MERCHANT_CATEGORIES
from cfscore.datasets._loan_book._customer import Side
from cfscore.datasets._loan_book._name import CITIES_PER_TIER, N_SHOPS, TEXT_LEVELS

__all__ = ["draw_purchases", "draw_refunds", "draw_withdrawals"]

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
    "gambling": (0.015, 1.20, 4.6),
    "nightlife": (0.02, 0.60, 5.2),
    "cash": (0.008, 0.70, 6.5),
    "financial": (0.018, 1.00, 6.0),
    "luxury": (0.006, -0.10, 7.3),
    "wholesale": (0.013, 0.00, 6.4),
}

#: Each is as likely as the others: three in six purchases are by QR code.
_CHANNELS = np.array([Channel.QR] * 3 + [Channel.ONLINE] * 2 + [Channel.POS])
_DECLINED = np.array([Response.NO_FUNDS] * 3 + [Response.OVER_AMOUNT, Response.REFUSED])
_ROUND_AMOUNT = 1000.0


def draw_purchases(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return purchases, declined ones included; nights and vices tell the habits."""
    people, risk = holders.customers.applicants, holders.risk_in(Side.HABITS)
    cash = holders.risk_in(Side.CASH)
    per_day = np.exp(-0.60 + 0.20 * people.affluence + holders.noise[0])
    customer, day = spread_days(rng, holders, per_day * _LARGEST_SEASON)
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
    is_night = rng.random(n) < logistic(-2.2 + 1.30 * risk + holders.noise[1])[customer]
    declined = rng.random(n) < logistic(-2.9 + 1.50 * cash + holders.noise[2])[customer]
    kind = np.where(rng.random(n) < 0.45, Card.CREDIT, Card.DEBIT)
    # Round amounts on a credit card: cash in disguise.
    is_round = (kind == Card.CREDIT) & (
        rng.random(n) < logistic(-4.0 + 1.4 * risk)[customer]
    )
    amount = np.where(is_round, _ROUND_AMOUNT * rng.integers(1, 6, n), amount)
    channel = _CHANNELS[rng.integers(0, _CHANNELS.size, n)]
    away = np.where(channel == Channel.ONLINE, -1, _draw_city(rng, holders, customer))
    return transaction_columns(
        n,
        customer,
        event_time=draw_instants(rng, day, is_night),
        card_kind=kind,
        amount=np.maximum(amount, 1.0).round(2),
        mcc=mcc,
        merchant_token=(rng.random(n) ** 2 * N_SHOPS / 24).astype(np.int64) * 24 + mcc,
        city=away,
        channel=channel,
        cross_border=rng.random(n) < 0.004,
        response=np.where(declined, _DECLINED[rng.integers(0, _DECLINED.size, n)], 0),
    )


def draw_withdrawals(rng: np.random.Generator, holders: Holders) -> Columns:
    """Return withdrawals of cash, on a credit card more often by the riskier."""
    habits, cash = holders.risk_in(Side.HABITS), holders.risk_in(Side.CASH)
    per_day = np.exp(-4.2 + 0.25 * habits + holders.noise[3])
    customer, day = spread_days(rng, holders, per_day)
    n = customer.size
    declined = rng.random(n) < logistic(-2.8 + 1.00 * cash)[customer]
    is_credit = rng.random(n) < logistic(-2.6 + 0.6 * habits)[customer]
    return transaction_columns(
        n,
        customer,
        event_time=draw_instants(rng, day, rng.random(n) < 0.1),
        card_kind=np.where(is_credit, Card.CREDIT, Card.DEBIT),
        kind=Kind.WITHDRAW,
        amount=100.0 * rng.integers(1, 31, n),
        city=_draw_city(rng, holders, customer),
        channel=Channel.ATM,
        response=np.where(declined, Response.NO_FUNDS, 0),
    )


def draw_refunds(rng: np.random.Generator, purchases: Columns) -> Columns:
    """Return refunds of some purchases, days later."""
    is_chosen = (rng.random(purchases["amount"].size) < 0.02) & (
        purchases["response"] == 0
    )
    rows = {name: values[is_chosen] for name, values in purchases.items()}
    n = rows["amount"].size
    rows["event_time"] = rows["event_time"] + rng.integers(DAY, 15 * DAY, n)
    rows["kind"] = np.full(n, Kind.REFUND)
    rows["direction"] = np.full(n, Direction.IN)
    return rows


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
    away = logistic(-2.3 + 1.00 * holders.customers.risk)[customer]
    other = (
        home // CITIES_PER_TIER * CITIES_PER_TIER + rng.integers(0, 60, n)
    ) % n_cities
    return np.where(rng.random(n) < away, other, home)
