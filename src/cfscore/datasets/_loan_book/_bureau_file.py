"""Bureau file: accounts and months as one report shows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._account import (
    Accounts,
    account_type,
    lender_type_of,
)
from cfscore.datasets._loan_book._clock import (
    add_months,
    day_start,
    month_of_day,
    month_start,
)
from cfscore.datasets._loan_book._customer import Customers, Side
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._name import row_number
from cfscore.datasets._loan_book._pair import match
from cfscore.datasets._loan_book._reports import Reports
from cfscore.datasets._loan_book._schema_bureau import (
    BUREAU_ACCOUNTS,
    BUREAU_MONTHLY_STATUS,
)
from cfscore.datasets._loan_book._status_chain import StatusChain, bucket_of_code

__all__ = ["ReportedAccounts", "draft_accounts", "draft_months", "report_accounts"]

_LONGEST_LAG_DAYS = 35
_MONTHS = 60
_NOT_OPEN, _CLOSED, _ENDED, _BAD_DEBT = (ord(c) for c in "/CGB")

#: Loan class of each bucket, as a number of FIVE_CLASSES.
_CLASS_OF_BUCKET = np.array([0, 1, 1, 1, 2, 2, 3, 4])
_NOT_CLASSIFIED = 5


@dataclass(frozen=True, eq=False)
class ReportedAccounts:
    """Accounts in reports, by report and account.

    Parameters
    ----------
    report, account : array of shape (n,), int64
        Positions in reports and accounts.
    info_day : array of shape (n,), int64, days
        When the lender last reported.
    status_month : array of shape (n,), int64, months
        Last month that is known: the last finished one, or the month of the end.
    codes : array of shape (n, 60), uint8
        Codes up to that month, oldest first.
    """

    report: NDArray[np.int64]
    account: NDArray[np.int64]
    info_day: NDArray[np.int64]
    status_month: NDArray[np.int64]
    codes: NDArray[np.uint8]

    @property
    def last_code(self) -> NDArray[np.uint8]:
        """Code of the last known month."""
        return self.codes[:, -1]


def report_accounts(
    rng: np.random.Generator, reports: Reports, accounts: Accounts, chain: StatusChain
) -> ReportedAccounts:
    """Return which accounts stand in which reports, and what is known of them.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness: the delay of 1 to 35 days with which lenders report.
    reports : Reports
        Of the customers of the block.
    accounts : Accounts
        Of the same customers.
    chain : StatusChain
        Codes of the accounts.

    Returns
    -------
    ReportedAccounts
        Without those closed more than 60 months before.
    """
    report, account = match(reports.customer, accounts.customer)
    lag = rng.integers(1, _LONGEST_LAG_DAYS + 1, report.size)
    info_day = reports.day[report] - lag
    last = month_of_day(info_day) - 1
    close = chain.close_month[account]
    is_shown = (accounts.open_day[account] <= info_day) & (close > last - _MONTHS)
    report, account, info_day = report[is_shown], account[is_shown], info_day[is_shown]
    status_month = np.minimum(last[is_shown], close[is_shown])
    codes = chain.window(account, status_month, _MONTHS)
    return ReportedAccounts(report, account, info_day, status_month, codes)


def draft_accounts(
    rng: np.random.Generator,
    customers: Customers,
    reports: Reports,
    accounts: Accounts,
    shown: ReportedAccounts,
) -> Draft:
    """Return the rows of ``bureau_accounts``."""
    of, n = accounts.take(shown.account), shown.report.size
    is_closed = np.isin(shown.last_code, [_CLOSED, _ENDED])
    bucket = bucket_of_code(shown.last_code)
    amounts = _amounts(rng, customers, of, shown, is_closed)
    is_card, is_revolving = of.is_type("R2", "R3"), of.is_type("R1", "R2", "R3", "R4")
    is_shared, is_recovery = of.is_type("R4"), of.is_type("C1")
    has_amount = of.is_type("D1", "R1", "C1")
    classified = np.where(
        rng.random(n) < 0.01, _NOT_CLASSIFIED, _CLASS_OF_BUCKET[bucket]
    )
    columns: dict[str, NDArray[np.generic]] = {
        "report_id": reports.number[shown.report],
        "acct_no": of.number,
        "event_time": reports.time[shown.report],
        "available_at": reports.available[shown.report],
        "type": of.type,
        "org_type": lender_type_of(of.org),
        "org_token": of.org,
        "biz_type": of.biz_type,
        "currency": is_card & (of.number % 23 == 0),
        "open_date": of.open_day,
        "mature_date": add_months(of.open_day, np.where(of.term > 0, of.term, 36)),
        "close_date": month_start(shown.status_month) + 14,
        "amount": of.amount,
        "limit": of.limit,
        "agreement_token": row_number(reports.owner[shown.report], of.org),
        **amounts,
        "overdue_terms": bucket,
        "five_class": classified,
        "status": _statuses(of, shown.last_code, bucket),
        "guarantee": np.where(of.term > 60, 1, np.where(of.number % 13 == 0, 2, 3)),
        "repay_freq": np.where(is_recovery, 2, 0),
        "terms": of.term,
        "info_date": shown.info_day,
        "status_month": month_start(shown.status_month),
        "status_24m": shown.codes[:, -24:],
        "status_60m": shown.codes,
    }
    missing = {
        "mature_date": is_card | is_recovery,
        "close_date": ~is_closed,
        "amount": ~has_amount,
        "limit": ~is_revolving,
        "shared_limit": ~is_shared,
        "agreement_token": ~is_shared,
        "used": ~is_revolving,
        "terms": of.term == 0,
        "remain_terms": of.term == 0,
        "avg_used_6m": ~is_card,
        "max_used": ~is_card,
    }
    owner = reports.owner[shown.report]
    return draft_table(BUREAU_ACCOUNTS, owner, columns, missing)


def draft_months(
    reports: Reports, accounts: Accounts, shown: ReportedAccounts
) -> Draft:
    """Return the rows of ``bureau_monthly_status``."""
    row, at = np.nonzero(shown.codes != _NOT_OPEN)
    code = shown.codes[row, at]
    bucket = bucket_of_code(code)
    of = shown.account[row]
    due = np.where(
        accounts.monthly_due[of] > 0,
        accounts.monthly_due[of],
        0.1 * (accounts.limit[of] + accounts.amount[of]),
    )
    report = shown.report[row]
    month = shown.status_month[row] - (_MONTHS - 1) + at
    columns: dict[str, NDArray[np.generic]] = {
        "report_id": reports.number[report],
        "acct_no": accounts.number[of],
        "event_time": day_start(month_start(month + 1)),
        "available_at": reports.available[report],
        "month": month_start(month),
        "code": _code_numbers()[code],
        "overdue_amount": (bucket * due).round(2),
    }
    return draft_table(BUREAU_MONTHLY_STATUS, reports.owner[report], columns)


def _code_numbers() -> NDArray[np.int64]:
    """Return the number of each ASCII code in the code table."""
    numbers = np.full(128, -1, dtype=np.int64)
    for number, text in enumerate(BUREAU_MONTHLY_STATUS.column("code").levels):
        numbers[ord(text)] = number
    return numbers


def _amounts(
    rng: np.random.Generator,
    customers: Customers,
    of: Accounts,
    shown: ReportedAccounts,
    is_closed: NDArray[np.bool_],
) -> dict[str, NDArray[np.generic]]:
    """Return the columns in money, and the instalments to come."""
    n = of.n
    risk, wealth = customers.risk_in(Side.DEBT), customers.applicants.affluence
    bucket = bucket_of_code(shown.last_code)
    paid_terms = (shown.status_month - of.open_month - bucket).clip(0, of.term)
    remain = np.where(is_closed, 0, of.term - paid_terms)
    use = 1.12 * logistic(
        -0.55 + 1.05 * risk[of.customer] + 0.25 * of.use + 0.15 * rng.standard_normal(n)
    )
    used = np.where(is_closed, 0.0, of.limit * use)
    share = np.where(of.term > 0, remain / np.maximum(of.term, 1), 0.0)
    owed = np.where(of.term > 0, of.amount * share, np.where(of.limit > 0, used, 0.0))
    balance = np.where(of.is_type("C1"), of.amount, owed)
    due = np.where(of.term > 0, of.monthly_due, 0.1 * used)
    due = np.where(is_closed | of.is_type("C1"), 0.0, due)
    is_bad_debt = shown.last_code == _BAD_DEBT
    overdue = np.where(is_bad_debt, balance, np.minimum(bucket * due, balance + due))
    shared = np.maximum(np.round(np.exp(9.6 + 0.45 * wealth) / 1000), 1) * 2000
    shared = np.maximum(shared[of.customer], of.limit)
    return {
        "shared_limit": shared,
        "balance": balance.round(2),
        "used": used.round(2),
        "due_month": due.round(2),
        "paid_month": np.where(bucket > 0, 0.0, due).round(2),
        "overdue_total": overdue.round(2),
        "remain_terms": np.where(bucket > 0, np.maximum(remain, bucket), remain),
        "avg_used_6m": (used * (0.85 + 0.2 * rng.random(n))).round(2),
        "max_used": (used * (1.1 + 0.4 * rng.random(n))).round(2),
    }


def _statuses(
    of: Accounts, last_code: NDArray[np.uint8], bucket: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return numbers of ACCOUNT_STATUSES, whose meaning depends on the type."""
    normal, past_due, settled, bad_debt, gone = 0, 1, 2, 3, 4
    status = np.where(bucket > 0, past_due, normal)
    status[last_code == _CLOSED] = settled
    status[last_code == _ENDED] = gone
    status[last_code == _BAD_DEBT] = bad_debt
    is_card = of.is_type("R2", "R3")
    card = np.where(last_code == _CLOSED, bad_debt, normal)  # 4: closed card
    card[(last_code == _BAD_DEBT) | (last_code == _ENDED)] = gone  # 5: bad debt
    status[is_card] = card[is_card]
    status[of.type == account_type("C1")] = normal
    return status
