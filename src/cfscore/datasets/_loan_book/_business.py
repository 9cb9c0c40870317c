"""Micro-business: the monthly panel of a shop, and what its customers owe it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import PRODUCTS, logistic
from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import (
    DAY,
    HOUR,
    SNAPSHOT,
    day_start,
    is_shocked_day,
    local_day,
    month_of_day,
    month_of_year,
    month_start,
)
from cfscore.datasets._loan_book._customer import Customers
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import N_CORES, row_number
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._schema_business import MERCHANTS_MONTHLY, RECEIVABLES

__all__ = ["Shops", "draft_merchants", "draft_receivables", "draw_shops"]

_MONTHS_BEFORE, _MONTHS_AFTER = 18, 2
_SUPPLIER_SHARE = 0.45
_INVOICES_PER_MONTH = 3.0

#: Relative sales by month of the year.
_SEASON = np.log(
    [0.95, 0.70, 0.95, 0.95, 1.00, 1.15, 0.95, 0.95, 1.05, 1.00, 1.50, 1.15]
)
#: Fall of ln sales from the macro shock on.
_SHOCK = 0.25


@dataclass(frozen=True, eq=False)
class Shops:
    """Shops of those who applied for a micro-business loan.

    Parameters
    ----------
    customer : array of shape (n,), int64
        Position of the owner in the block.
    first_month, last_month : array of shape (n,), int64, months
        Of the panel.
    opened_month : array of shape (n,), int64, months
        When the shop came to the platform.
    size : array of shape (n,), float64
        ln of the monthly sales in CNY.
    noise : array of shape (4, n), float64
        What is peculiar to each: refunds, disputes, rating, shipping.
    """

    customer: NDArray[np.int64]
    first_month: NDArray[np.int64]
    last_month: NDArray[np.int64]
    opened_month: NDArray[np.int64]
    size: NDArray[np.float64]
    noise: NDArray[np.float64]


def draw_shops(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> Shops:
    """Return the shops: 97 % of those who applied for such a loan have one."""
    micro = [level.text for level in PRODUCTS].index("micro_biz")
    is_micro = applications.applicants.product == micro
    first = np.full(customers.n, 1 << 20, dtype=np.int64)
    last = np.zeros(customers.n, dtype=np.int64)
    month = month_of_day(applications.applied_day[is_micro])
    np.minimum.at(first, applications.customer[is_micro], month)
    np.maximum.at(last, applications.customer[is_micro], month)
    has_shop = (last > 0) & (rng.random(customers.n) < 0.97)
    risk, wealth = customers.risk, customers.applicants.affluence
    age = np.exp(3.2 - 0.35 * risk + 0.6 * rng.standard_normal(customers.n))
    size = 10.6 + 0.45 * wealth - 0.15 * risk + 0.4 * rng.standard_normal(customers.n)
    customer = np.flatnonzero(has_shop)
    opened = first - age.clip(2, 150).astype(np.int64)
    return Shops(
        customer=customer,
        first_month=np.maximum(opened, first - _MONTHS_BEFORE)[customer],
        last_month=(last + _MONTHS_AFTER)[customer],
        opened_month=opened[customer],
        size=size[customer],
        noise=rng.standard_normal((4, customer.size)),
    )


def draft_merchants(
    rng: np.random.Generator, customers: Customers, shops: Shops
) -> Draft:
    """Return the rows of ``merchants_monthly``."""
    count = shops.last_month - shops.first_month + 1
    row = np.repeat(np.arange(shops.customer.size), count)
    month = shops.first_month[row] + running_number(row)
    end = day_start(month_start(month + 1))
    n, risk = row.size, customers.risk[shops.customer][row]
    noise, own = rng.standard_normal((7, n)), shops.noise[:, row]
    gmv = np.exp(
        shops.size[row]
        + _SEASON[month_of_year(month) - 1]
        - _SHOCK * is_shocked_day(month_start(month))
        - 0.006 * risk * (month - shops.first_month[row])
        + (0.10 + 0.08 * np.exp(0.4 * risk)) * noise[0]
    )
    orders = np.maximum(gmv / np.exp(4.4 + 0.2 * noise[1]), 1).astype(np.int64)
    owner = customers.first_number + shops.customer[row]
    wait = 2 * DAY + 9 * HOUR + rng.integers(0, 7, n) * DAY
    columns: dict[str, NDArray[np.generic]] = {
        "merchant_id": owner,
        "month": month_start(month),
        "event_time": end,
        "available_at": end + wait,
        "gmv": gmv.round(2),
        "orders": orders,
        "buyers": np.maximum(orders * (0.7 + 0.2 * rng.random(n)), 1).astype(np.int64),
        "refund_rate": logistic(
            -3.2 + 0.45 * risk + 0.40 * own[0] + 0.3 * noise[2]
        ).round(4),
        "dispute_rate": logistic(
            -5.0 + 0.60 * risk + 0.55 * own[1] + 0.4 * noise[3]
        ).round(4),
        "dsr": (4.75 - 0.07 * risk + 0.07 * own[2] + 0.05 * noise[4])
        .clip(1, 5)
        .round(2),
        "ad_spend": (gmv * 0.05 * np.exp(0.4 * noise[5])).round(2),
        "on_time_ship": logistic(
            3.4 - 0.5 * risk + 0.5 * own[3] + 0.4 * noise[6]
        ).round(4),
        "months_on_platform": month - shops.opened_month[row],
    }
    draft = draft_table(MERCHANTS_MONTHLY, owner, columns)
    return draft.take(columns["available_at"].astype(np.int64) < SNAPSHOT)


def draft_receivables(
    rng: np.random.Generator, customers: Customers, shops: Shops
) -> Draft:
    """Return the rows of ``receivables``: invoices of the shops that supply."""
    supplies = rng.random(shops.customer.size) < _SUPPLIER_SHARE
    months = shops.last_month - shops.first_month
    mean = np.where(supplies, months * _INVOICES_PER_MONTH, 0.0)
    row = np.repeat(np.arange(months.size), rng.poisson(mean))
    span = month_start(shops.last_month) - month_start(shops.first_month)
    day = month_start(shops.first_month)[row] + (
        rng.random(row.size) * span[row]
    ).astype(np.int64)
    order = np.lexsort((day, row))
    row, day = row[order], day[order]
    n, risk = row.size, customers.risk[shops.customer][row]
    owner = customers.first_number + shops.customer[row]
    written = day_start(day) + 9 * HOUR + rng.integers(0, 9 * HOUR, n)
    due = day + np.array([30, 60, 90])[rng.integers(0, 3, n)]
    delay = (
        np.exp(1.0 + 0.45 * risk + 0.9 * rng.standard_normal(n)).astype(np.int64) - 3
    )
    paid = np.maximum(due + delay, day + 5)
    columns: dict[str, NDArray[np.generic]] = {
        "invoice_id": row_number(owner, running_number(owner)),
        "supplier_id": owner,
        "core_id": (shops.customer[row] * 7 + rng.integers(0, 3, n)) % N_CORES,
        "event_time": written,
        "available_at": written + rng.integers(DAY, 10 * DAY, n),
        "amount": np.exp(shops.size[row] - 1.8 + 0.6 * rng.standard_normal(n)).round(2),
        "invoice_date": day,
        "due_date": due,
        "paid_date": paid,
        "dilution": logistic(-3.8 + 0.3 * risk + 0.5 * rng.standard_normal(n)).round(4),
        "confirmed_by_core": rng.random(n) < logistic(1.6 - 0.4 * risk),
    }
    missing = {"paid_date": paid >= local_day(np.array(SNAPSHOT))}
    draft = draft_table(RECEIVABLES, owner, columns, missing)
    return draft.take(columns["available_at"].astype(np.int64) < SNAPSHOT)
