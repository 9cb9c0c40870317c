"""Block: 256 customers with all their rows, drawn together."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import numpy as np

from cfscore.datasets._loan_book._account import draw_accounts
from cfscore.datasets._loan_book._application import (
    Applications,
    draft_truth,
    draw_applications,
)
from cfscore.datasets._loan_book._bureau_event import draft_public, draft_special
from cfscore.datasets._loan_book._bureau_file import (
    draft_accounts,
    draft_months,
    report_accounts,
)
from cfscore.datasets._loan_book._business import (
    draft_merchants,
    draft_receivables,
    draw_shops,
)
from cfscore.datasets._loan_book._clock import DAY
from cfscore.datasets._loan_book._customer import Customers, draw_customers
from cfscore.datasets._loan_book._default import draw_defaults
from cfscore.datasets._loan_book._draft import Draft
from cfscore.datasets._loan_book._inquiry import draft_inquiries, draw_inquiries
from cfscore.datasets._loan_book._loan import (
    Loans,
    draft_instalments,
    draft_loans,
    draw_loans,
)
from cfscore.datasets._loan_book._policy import BureauView, decide, draft_applications
from cfscore.datasets._loan_book._repayment import draft_repayments, draw_repayments
from cfscore.datasets._loan_book._reports import draft_reports, list_reports
from cfscore.datasets._loan_book._schema import LOAN_BOOK_TABLES
from cfscore.datasets._loan_book._status_chain import draw_chain
from cfscore.datasets._loan_book._transaction import draft_transactions
from cfscore.datasets._loan_book._wallet import draft_balances

__all__ = ["BLOCK_CUSTOMERS", "BlockPart", "block_streams", "draw_block"]

#: Customers drawn together. Part of the book's definition: changing it changes every
#: row. The customers of a block beyond the size of a book are drawn and dropped, so
#: that a larger book begins with the smaller.
BLOCK_CUSTOMERS = 256

#: Share of loans during which the bureau is asked again, and after how many days.
_MANAGED_SHARE, _MANAGED_DAYS = 0.25, (60, 200)


class BlockPart(IntEnum):
    """Independent stream of randomness of each part of a block.

    A part that draws more or less leaves the others as they are.
    """

    CUSTOMERS = 0
    APPLICATIONS = 1
    ACCOUNTS = 2
    CHAIN = 3
    INQUIRIES = 4
    DEFAULTS = 5
    POLICY = 6
    LOANS = 7
    REPAYMENTS = 8
    REPORTS = 9
    BUREAU_FILES = 10
    TRANSACTIONS = 11
    WALLET = 12
    BUSINESS = 13
    FAULTS = 14


#: Keeps the streams apart from those of the application table.
_BOOK = 1

Streams = Callable[[BlockPart], np.random.Generator]


def block_streams(seed: int, index: int) -> Streams:
    """Return a function that gives the source of randomness of a part of a block."""

    def stream(part: BlockPart) -> np.random.Generator:
        sequence = np.random.SeedSequence(seed, spawn_key=(index, part, _BOOK))
        return np.random.Generator(np.random.PCG64(sequence))

    return stream


def draw_block(seed: int, index: int) -> dict[str, Draft]:
    """Return the clean rows of every table of one block.

    Parameters
    ----------
    seed : int
        Which book.
    index : int
        Which block, from 0.

    Returns
    -------
    dict of str to Draft
        By name of the table, in the order of ``LOAN_BOOK_TABLES``.
    """
    rng = block_streams(seed, index)
    first_number = index * BLOCK_CUSTOMERS
    customers = draw_customers(rng(BlockPart.CUSTOMERS), first_number, BLOCK_CUSTOMERS)
    applications = draw_applications(rng(BlockPart.APPLICATIONS), customers)
    accounts = draw_accounts(rng(BlockPart.ACCOUNTS), customers)
    view = BureauView(
        accounts=accounts,
        chain=draw_chain(rng(BlockPart.CHAIN), accounts, customers.risk),
        inquiries=draw_inquiries(rng(BlockPart.INQUIRIES), customers, applications),
    )
    defaults = draw_defaults(rng(BlockPart.DEFAULTS), applications)
    policy = rng(BlockPart.POLICY)
    decisions = decide(policy, customers, applications, defaults, view)
    loans = draw_loans(rng(BlockPart.LOANS), applications, defaults, decisions)
    drafts = (
        customers.draft,
        draft_applications(policy, applications, defaults, decisions),
        draft_truth(applications),
        *_bureau_drafts(rng, customers, applications, view, loans),
        *_lending_drafts(rng(BlockPart.REPAYMENTS), customers, applications, loans),
        draft_transactions(rng(BlockPart.TRANSACTIONS), customers, applications),
        draft_balances(rng(BlockPart.WALLET), customers, applications),
        *_business_drafts(rng(BlockPart.BUSINESS), customers, applications),
    )
    found = {draft.table.name: draft for draft in drafts}
    return {name: found[name] for name in LOAN_BOOK_TABLES}


def _bureau_drafts(
    rng: Streams,
    customers: Customers,
    applications: Applications,
    view: BureauView,
    loans: Loans,
) -> tuple[Draft, ...]:
    source = rng(BlockPart.REPORTS)
    managed = np.flatnonzero(source.random(loans.n) < _MANAGED_SHARE)
    later = DAY * source.integers(*_MANAGED_DAYS, managed.size)
    reports = list_reports(
        customers,
        applications,
        loans.customer[managed],
        loans.disbursed[managed] + later,
    )
    accounts = view.accounts
    first_month = np.full(customers.n, 1 << 20, dtype=np.int64)
    np.minimum.at(first_month, accounts.customer, accounts.open_month)
    first_month[~customers.has_file] = 0
    files = rng(BlockPart.BUREAU_FILES)
    shown = report_accounts(files, reports, accounts, view.chain)
    return (
        draft_reports(source, customers, reports, first_month),
        draft_accounts(files, customers, reports, accounts, shown),
        draft_months(reports, accounts, shown),
        draft_special(reports, accounts, shown),
        draft_public(files, customers, reports),
        draft_inquiries(view.inquiries, reports),
    )


def _lending_drafts(
    rng: np.random.Generator,
    customers: Customers,
    applications: Applications,
    loans: Loans,
) -> tuple[Draft, ...]:
    repayments, ends = draw_repayments(rng, loans, customers.risk)
    return (
        draft_loans(loans, applications, ends),
        draft_instalments(loans),
        draft_repayments(loans, repayments),
    )


def _business_drafts(
    rng: np.random.Generator, customers: Customers, applications: Applications
) -> tuple[Draft, ...]:
    shops = draw_shops(rng, customers, applications)
    return (
        draft_merchants(rng, customers, shops),
        draft_receivables(rng, customers, shops),
    )
