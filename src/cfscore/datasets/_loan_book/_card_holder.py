"""Card holder: whose transactions are drawn, over which days, and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import (
    HOUR,
    SNAPSHOT,
    day_start,
    local_day,
    month_of_day,
)
from cfscore.datasets._loan_book._customer import Customers, Side
from cfscore.datasets._loan_book._pair import running_number

__all__ = [
    "Card",
    "Channel",
    "Columns",
    "Direction",
    "Holders",
    "Kind",
    "Response",
    "draw_instants",
    "find_holders",
    "inside_history",
    "months_of_history",
    "spread_days",
    "transaction_columns",
]

_BEFORE_DAYS, _AFTER_DAYS = 400, 45

#: Local hours of the day and of the night, in which risky customers are more awake.
_DAY_HOURS = np.arange(6, 23)
_NIGHT_HOURS = np.array([23, 0, 1, 2, 3, 4, 5])

Columns = dict[str, NDArray[np.generic]]


class Kind(IntEnum):
    """Number of each kind of transaction."""

    PURCHASE = 0
    WITHDRAW = 1
    TRANSFER = 2
    REFUND = 3
    REPAY = 4
    FEE = 5


class Direction(IntEnum):
    """Number of each direction."""

    IN = 0
    OUT = 1


class Channel(IntEnum):
    """Number of each channel."""

    POS = 0
    ONLINE = 1
    QR = 2
    ATM = 3


class Response(IntEnum):
    """Number of each response."""

    APPROVED = 0
    REFUSED = 1
    NO_FUNDS = 2
    OVER_AMOUNT = 3


class Card(IntEnum):
    """Number of each kind of card."""

    CREDIT = 0
    DEBIT = 1


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


def find_holders(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> Holders:
    """Return the habits of the customers, and the days of those that have a card."""
    start = customers.first_day - _BEFORE_DAYS
    last = np.zeros(customers.n, dtype=np.int64)
    np.maximum.at(last, applications.customer, applications.applied_day)
    end = np.minimum(last + _AFTER_DAYS, local_day(np.array(SNAPSHOT)))
    days = np.where(customers.has_card, end - start, 0)
    return Holders(customers, start, days, 0.10 * rng.standard_normal((5, customers.n)))


def transaction_columns(
    size: int, customer: NDArray[np.int64], **given: object
) -> Columns:
    """Return columns of transactions, with the ordinary where nothing is given."""
    ordinary: dict[str, object] = {
        "card_kind": Card.DEBIT,
        "direction": Direction.OUT,
        "kind": Kind.PURCHASE,
        "amount": 0.0,
        "mcc": -1,
        "merchant_token": -1,
        "payer_token": -1,
        "city": -1,
        "channel": Channel.ONLINE,
        "cross_border": False,
        "response": Response.APPROVED,
        "is_own_transfer": False,
        **given,
    }
    columns: Columns = {
        name: np.broadcast_to(np.asarray(value), (size,))
        for name, value in ordinary.items()
    }
    columns["customer"] = customer
    return columns


def spread_days(
    rng: np.random.Generator, holders: Holders, per_day: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return customer and day of events that happen so often a day."""
    customer = np.repeat(
        np.arange(holders.days.size), rng.poisson(per_day * holders.days)
    )
    at = (rng.random(customer.size) * holders.days[customer]).astype(np.int64)
    return customer, holders.start[customer] + at


def months_of_history(
    holders: Holders, is_wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each wanted customer with each month of the history."""
    first = month_of_day(holders.start)
    count = month_of_day(holders.start + holders.days) - first + 1
    count = np.where(is_wanted, count, 0)
    customer = np.repeat(np.arange(count.size), count)
    return customer, first[customer] + running_number(customer)


def inside_history(
    holders: Holders, customer: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the customers and days that lie in the history of the customer."""
    at = day - holders.start[customer]
    is_inside = (at >= 0) & (at < holders.days[customer])
    return customer[is_inside], day[is_inside]


def draw_instants(
    rng: np.random.Generator, day: NDArray[np.int64], is_night: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return an instant of each day, at night or not."""
    n = day.size
    hour = np.where(
        is_night,
        _NIGHT_HOURS[rng.integers(0, _NIGHT_HOURS.size, n)],
        _DAY_HOURS[rng.integers(0, _DAY_HOURS.size, n)],
    )
    return np.asarray(day_start(day) + hour * HOUR + rng.integers(0, HOUR, n))
