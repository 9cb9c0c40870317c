"""Card transactions: all that moves on the cards of a block, in order of time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._card_holder import Columns, Holders, find_holders
from cfscore.datasets._loan_book._clock import (
    DAY,
    HOUR,
    SNAPSHOT,
    day_start,
    local_day,
)
from cfscore.datasets._loan_book._customer import Customers
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._money_flow import (
    draw_fees,
    draw_repayments_to_lenders,
    draw_salaries,
    draw_transfers,
)
from cfscore.datasets._loan_book._name import row_number
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._schema_payment import TRANSACTIONS
from cfscore.datasets._loan_book._spending import (
    draw_purchases,
    draw_refunds,
    draw_withdrawals,
)

__all__ = ["draft_transactions"]

#: Drawn one after the other; refunds follow, as they need the purchases.
_MAKERS: tuple[Callable[[np.random.Generator, Holders], Columns], ...] = (
    draw_purchases,
    draw_withdrawals,
    draw_salaries,
    draw_transfers,
    draw_repayments_to_lenders,
    draw_fees,
)


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
    holders = find_holders(rng, customers, applications)
    parts = [draw(rng, holders) for draw in _MAKERS]
    parts.append(draw_refunds(rng, parts[0]))
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
