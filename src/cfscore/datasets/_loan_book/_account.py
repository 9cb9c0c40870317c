"""Accounts at all lenders: what each customer has had open, and since when."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._clock import (
    SNAPSHOT,
    add_months,
    local_day,
    month_of_day,
)
from cfscore.datasets._loan_book._code_table import ACCOUNT_TYPES, LENDER_TYPES
from cfscore.datasets._loan_book._customer import Customers, Side
from cfscore.datasets._loan_book._name import N_BANKS, N_LENDERS, row_number
from cfscore.datasets._loan_book._pair import running_number
from cfscore.datasets._loan_book._schema_bureau import BUREAU_ACCOUNTS

__all__ = ["Accounts", "account_type", "draw_accounts", "lender_type_of"]

_TYPES = tuple(ACCOUNT_TYPES)
_BUSINESSES = BUREAU_ACCOUNTS.column("biz_type").levels
_LENDERS = tuple(LENDER_TYPES)

_MOST = 24
_AFTER_PER_MONTH = 0.05

#: Share of each type among accounts of banks and of other lenders, in the order of
#: ACCOUNT_TYPES: D1, R1, R2, R3, R4, C1.
_TYPE_ENDS_BANK = np.cumsum([0.24, 0.08, 0.58, 0.04, 0.05])
_TYPE_ENDS_OTHER = np.cumsum([0.58, 0.08, 0.00, 0.00, 0.29])

_LOAN_TERMS = np.array([3, 6, 12, 12, 24, 36])
_EARLY_SHARE = 0.15
_NEVER = 1 << 20  # a month that does not come


def account_type(text: str) -> int:
    """Return the number of a type of account."""
    return _TYPES.index(text)


def lender_type_of(org: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the kind of each lender; its own kind is microloan."""
    pattern = ("24", "51", "24", "23", "51", "21", "24", "12")
    other = np.array([_LENDERS.index(text) for text in pattern])[org % len(pattern)]
    is_own = org == N_LENDERS
    kind = np.where(org < N_BANKS, _LENDERS.index("11"), other)
    return np.where(is_own, _LENDERS.index("51"), kind)


@dataclass(frozen=True, eq=False)
class Accounts:
    """Accounts of the customers of a block, by customer.

    Parameters
    ----------
    customer : array of shape (n,), int64
        Position of the customer in the block.
    number : array of shape (n,), int64
        Number behind the token.
    type, org, biz_type : array of shape (n,), int64
        Numbers of type, lender and business.
    open_day : array of shape (n,), int64, days
        Opened.
    term : array of shape (n,), int64, months
        Instalments; 0 where the account is revolving.
    close_month : array of shape (n,), int64, months
        Month in which it closes when nothing is past due then.
    amount, limit, monthly_due : array of shape (n,), float64, CNY
        Lent; limit; instalment. 0 where there is none.
    use : array of shape (n,), float64
        Tendency to use the limit, standard normal.
    """

    customer: NDArray[np.int64]
    number: NDArray[np.int64]
    type: NDArray[np.int64]
    org: NDArray[np.int64]
    biz_type: NDArray[np.int64]
    open_day: NDArray[np.int64]
    term: NDArray[np.int64]
    close_month: NDArray[np.int64]
    amount: NDArray[np.float64]
    limit: NDArray[np.float64]
    monthly_due: NDArray[np.float64]
    use: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Number of accounts."""
        return self.customer.size

    @property
    def open_month(self) -> NDArray[np.int64]:
        """Month of the opening."""
        return month_of_day(self.open_day)

    def is_type(self, *texts: str) -> NDArray[np.bool_]:
        """Return which accounts are of these types."""
        return np.isin(self.type, [account_type(text) for text in texts])

    def take(self, rows: NDArray[np.int64]) -> Accounts:
        """Return the accounts at these positions."""
        return Accounts(
            **{field.name: getattr(self, field.name)[rows] for field in fields(self)}
        )


def draw_accounts(rng: np.random.Generator, customers: Customers) -> Accounts:
    """Return the accounts of the customers that have a file.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    customers : Customers
        Whose accounts.

    Returns
    -------
    Accounts
        Those opened by the day of the extraction; the first of each customer at
        least two months before the first application.
    """
    customer, open_day = _draw_openings(rng, customers)
    n = customer.size
    debt = customers.risk_in(Side.DEBT)[customer]
    wealth = customers.applicants.affluence[customer]
    is_bank = rng.random(n) >= logistic(
        -0.7 + 1.0 * debt + 0.15 * rng.standard_normal(customers.n)[customer]
    )
    org = np.where(
        is_bank, rng.integers(0, N_BANKS, n), rng.integers(N_BANKS, N_LENDERS, n)
    )
    kind = _draw_type(rng, is_bank)
    is_loan = kind == account_type("D1")
    term = np.where(is_loan, _LOAN_TERMS[rng.integers(0, _LOAN_TERMS.size, n)], 0)
    is_house = is_loan & is_bank & (rng.random(n) < 0.12 * np.exp(0.5 * wealth))
    term = np.where(is_house, 240, term)
    size = np.exp(9.3 + 0.45 * wealth + 0.35 * rng.standard_normal(n))
    amount = np.where(is_house, 30 * size, np.where(is_bank, 2 * size, 0.7 * size))
    amount = np.maximum(np.round(amount / 100), 5) * 100
    has_limit = ~np.isin(kind, [account_type("D1"), account_type("C1")])
    biz_type = _biz_type(rng, kind, org, is_house)
    return Accounts(
        customer=customer,
        number=row_number(customers.first_number + customer, running_number(customer)),
        type=kind,
        org=org,
        biz_type=biz_type,
        open_day=open_day,
        term=term,
        close_month=_draw_close(rng, kind, open_day, term),
        amount=np.where(np.isin(kind, [0, 1, 5]), amount, 0.0),
        limit=np.where(has_limit, np.maximum(np.round(size / 1000), 1) * 1000, 0.0),
        monthly_due=np.where(is_loan, amount * (1 / np.maximum(term, 1) + 0.004), 0.0),
        use=0.6 * rng.standard_normal(customers.n)[customer]
        + 0.8 * rng.standard_normal(n),
    )


def _draw_openings(
    rng: np.random.Generator, customers: Customers
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return customer and day of each opening, by customer and day."""
    n, risk = customers.n, customers.risk
    age = customers.applicants.age_years
    months = np.exp(
        3.9 + 0.015 * (age - 34.0) - 0.90 * risk + 0.15 * rng.standard_normal(n)
    )
    # Nobody borrows before the age of 18.
    months = months.clip(2.5, np.maximum(12.0 * (age - 18.0), 2.5))
    until_now = np.exp(0.85 + 0.30 * risk) * np.sqrt(months / 50.0)
    first_day = customers.first_day
    left_months = (local_day(np.array(SNAPSHOT)) - first_day) / 30.44
    later = _AFTER_PER_MONTH * np.exp(0.3 * risk) * left_months
    n_before = 1 + np.minimum(rng.poisson(until_now), _MOST // 2 - 1)
    n_after = np.minimum(rng.poisson(later), _MOST // 2)
    at = np.arange(_MOST)
    # The oldest account first, then the others, the more the nearer; then later ones.
    share = rng.random((n, _MOST))
    back = 30.44 * months[:, None] * np.where(at == 0, 1.0, share**1.4)
    is_before = at < n_before[:, None]
    ahead = 30.44 * left_months[:, None] * share
    day = first_day[:, None] + np.where(is_before, -back, ahead).astype(np.int64)
    is_wanted = is_before | (at < (n_before + n_after)[:, None])
    is_wanted &= customers.has_file[:, None]
    customer, column = np.nonzero(is_wanted)
    open_day = day[customer, column]
    order = np.lexsort((open_day, customer))
    return customer[order], open_day[order]


def _draw_type(
    rng: np.random.Generator, is_bank: NDArray[np.bool_]
) -> NDArray[np.int64]:
    at = rng.random(is_bank.size)
    bank = np.searchsorted(_TYPE_ENDS_BANK, at, side="right")
    other = np.searchsorted(_TYPE_ENDS_OTHER, at, side="right")
    return np.where(is_bank, bank, other)


def _biz_type(
    rng: np.random.Generator,
    kind: NDArray[np.int64],
    org: NDArray[np.int64],
    is_house: NDArray[np.bool_],
) -> NDArray[np.int64]:
    names = _BUSINESSES
    consumer, operating = names.index("consumer"), names.index("operating")
    biz = np.where(rng.random(kind.size) < 0.88, consumer, operating)
    is_card = np.isin(kind, [account_type("R2"), account_type("R3")])
    is_car = (lender_type_of(org) == _LENDERS.index("23")) & (kind == 0)
    biz = np.where(is_card, names.index("card"), biz)
    biz = np.where(is_car, names.index("car"), biz)
    return np.where(is_house, names.index("housing"), biz)


def _draw_close(
    rng: np.random.Generator,
    kind: NDArray[np.int64],
    open_day: NDArray[np.int64],
    term: NDArray[np.int64],
) -> NDArray[np.int64]:
    n = kind.size
    share = np.where(rng.random(n) < _EARLY_SHARE, 0.2 + 0.7 * rng.random(n), 1.0)
    months = np.maximum((term * share).astype(np.int64), 1)
    ends = month_of_day(add_months(open_day, months))
    is_closed = rng.random(n) < 0.15
    revolving = np.where(
        is_closed, month_of_day(open_day) + rng.integers(6, 60, n), _NEVER
    )
    return np.where(term > 0, ends, revolving)
