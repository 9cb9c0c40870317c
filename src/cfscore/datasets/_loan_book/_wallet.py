"""Wallet: daily balances of wallet and wealth product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import HOUR, SNAPSHOT, day_start, local_day
from cfscore.datasets._loan_book._customer import Customers, Side
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._schema_payment import BALANCES

__all__ = ["draft_balances"]

_WALLET, _WEALTH = range(2)
_BEFORE_DAYS, _AFTER_DAYS = 190, 30

_SPEND_SHARE = 0.45  # of days with an outgoing payment
_PANIC = 0.85  # share of the balance taken out at once


@dataclass(frozen=True, eq=False)
class Series:
    """Daily balances to draw, one row per customer and product.

    Parameters
    ----------
    customer, product : array of shape (n,), int64
        Whose, and which.
    start, days : array of shape (n,), int64, days
        First day, and how many.
    level : array of shape (n,), float64, CNY
        Balance after a top-up.
    gap : array of shape (n,), float64, days
        Between top-ups.
    panic : array of shape (n,), float64
        Chance a day to take out almost everything.
    """

    customer: NDArray[np.int64]
    product: NDArray[np.int64]
    start: NDArray[np.int64]
    days: NDArray[np.int64]
    level: NDArray[np.float64]
    gap: NDArray[np.float64]
    panic: NDArray[np.float64]


def draft_balances(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> Draft:
    """Return the rows of ``balances``.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    customers : Customers
        Holders of wallets among them.
    applications : Applications
        The days run from 190 before the first to 30 after the last.

    Returns
    -------
    Draft
        By customer, product and day; balance = balance of the day before + inflow -
        outflow, to the cent.
    """
    series = _series(rng, customers, applications)
    balance, inflow, outflow = _draw_cents(rng, series)
    at, row = np.nonzero(np.arange(balance.shape[0])[:, None] < series.days)
    order = np.argsort(row, kind="stable")
    at, row = at[order], row[order]
    day = series.start[row] + at
    columns: dict[str, NDArray[np.generic]] = {
        "product": series.product[row],
        "date": day,
        "event_time": day_start(day + 1),
        "available_at": day_start(day + 1) + 3 * HOUR,
        "balance": balance[at, row] / 100,
        "inflow": inflow[at, row] / 100,
        "outflow": outflow[at, row] / 100,
    }
    owner = customers.first_number + series.customer[row]
    return draft_table(BALANCES, owner, columns)


def _series(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> Series:
    risk, wealth = customers.risk_in(Side.CASH), customers.applicants.affluence
    n = customers.n
    has_wealth = customers.has_wallet & (rng.random(n) < logistic(-1.2 + wealth))
    wallet = np.flatnonzero(customers.has_wallet)
    wealthy = np.flatnonzero(has_wealth)
    customer = np.concatenate([wallet, wealthy])
    product = np.repeat([_WALLET, _WEALTH], [wallet.size, wealthy.size])
    order = np.lexsort((product, customer))
    customer, product = customer[order], product[order]
    last = np.zeros(n, dtype=np.int64)
    np.maximum.at(last, applications.customer, applications.applied_day)
    # The last day is known before the extraction.
    end = np.minimum(last + _AFTER_DAYS, local_day(np.array(SNAPSHOT)) - 1)
    noise = rng.standard_normal((2, n))
    level = np.exp(6.8 - 0.95 * risk + 0.15 * wealth + 0.10 * noise[0])
    gap = np.exp(2.1 + 0.70 * risk + 0.10 * noise[1]).clip(1.0, 60.0)
    is_wealth = product == _WEALTH
    start = customers.first_day - _BEFORE_DAYS
    return Series(
        customer=customer,
        product=product,
        start=start[customer],
        days=(end - start)[customer],
        level=np.where(is_wealth, 4.0, 1.0) * level[customer],
        gap=np.where(is_wealth, 3.0, 1.0) * gap[customer],
        panic=np.exp(-6.2 + 0.7 * risk)[customer],
    )


def _draw_cents(
    rng: np.random.Generator, series: Series
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return balance, inflow and outflow in cents, of shape (longest, n)."""
    n, longest = series.level.size, int(series.days.max(initial=0))
    shape = (longest, n)
    top_up = rng.random(shape) < 1.0 / series.gap
    # Float32 is exact enough for a share, and draws twice as fast.
    spend = rng.random(shape, dtype=np.float32)
    part = rng.random(shape, dtype=np.float32)
    fill = np.exp(0.3 * rng.standard_normal(shape, dtype=np.float32))
    is_wallet = series.product == _WALLET
    spends = spend < np.where(is_wallet, _SPEND_SHARE, 0.03).astype(np.float32)
    panics = spend > (1.0 - series.panic)
    share = np.where(panics, _PANIC + 0.15 * part, 0.3 * part * spends)
    goal = np.rint(100 * series.level * fill).astype(np.int64)
    balance, inflow, outflow = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    now = (50 * series.level).astype(np.int64)
    for at in range(longest):
        coming = np.where(top_up[at], np.maximum(goal[at] - now, 0), 0)
        going = (share[at] * (now + coming)).astype(np.int64)
        now = now + coming - going
        balance[at], inflow[at], outflow[at] = now, coming, going
    return balance, inflow, outflow
