"""Bureau events: special transactions of accounts, and public records."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._account import Accounts
from cfscore.datasets._loan_book._bureau_file import ReportedAccounts
from cfscore.datasets._loan_book._clock import (
    SNAPSHOT,
    add_months,
    day_start,
    local_day,
    month_of_day,
    month_start,
)
from cfscore.datasets._loan_book._customer import Customers
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._pair import match, running_number
from cfscore.datasets._loan_book._reports import Reports
from cfscore.datasets._loan_book._schema_bureau import BUREAU_PUBLIC, BUREAU_SPECIAL

__all__ = ["draft_public", "draft_special"]

_KINDS = BUREAU_SPECIAL.column("kind").levels
_EXTENSION, _EARLY = _KINDS.index("1"), _KINDS.index("5")
_GUARANTOR, _ASSETS = _KINDS.index("2"), _KINDS.index("3")
_CODE_KINDS = ((ord("D"), _GUARANTOR), (ord("Z"), _ASSETS))

#: Adverse records are deleted five years after the event.
_KEPT_DAYS = 5 * 365
_PUBLIC_ENDS = np.cumsum([0.25, 0.40, 0.25])


def draft_special(
    reports: Reports, accounts: Accounts, shown: ReportedAccounts
) -> Draft:
    """Return the rows of ``bureau_special``.

    Months paid by a guarantor or with assets, early settlements and a few extensions.
    """
    of = accounts.take(shown.account)
    everyone = np.arange(of.n)
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], int]] = []
    for code, code_kind in _CODE_KINDS:
        row, at = np.nonzero(shown.codes == code)
        found.append((row, shown.status_month[row] - 59 + at, code_kind))
    planned = month_of_day(add_months(of.open_day, of.term))
    is_early = (shown.codes[:, -1] == ord("C")) & (of.term > 0)
    is_early &= shown.status_month < planned
    found.append((everyone[is_early], shown.status_month[is_early], _EARLY))
    # An extension is a property of the account, so that every report agrees on it.
    is_extended = (of.number % 29 == 0) & (of.term > 0)
    is_extended &= of.open_month + 2 <= shown.status_month
    found.append((everyone[is_extended], of.open_month[is_extended] + 1, _EXTENSION))
    row = np.concatenate([rows for rows, _, _ in found])
    month = np.concatenate([months for _, months, _ in found])
    kind = np.repeat([k for _, _, k in found], [rows.size for rows, _, _ in found])
    order = np.lexsort((kind, month, row))
    row, month, kind = row[order], month[order], kind[order]
    day = month_start(month) + 14
    report = shown.report[row]
    size = np.where(of.amount > 0, of.amount, of.limit)[row]
    columns: dict[str, NDArray[np.generic]] = {
        "report_id": reports.number[report],
        "acct_no": of.number[row],
        "n": running_number(row) + 1,
        "event_time": day_start(day),
        "available_at": reports.available[report],
        "kind": kind,
        "date": day,
        "amount": (0.3 * size).round(2),
        "months_changed": np.where(kind == _EXTENSION, 3, 0),
    }
    return draft_table(BUREAU_SPECIAL, reports.owner[report], columns)


def draft_public(
    rng: np.random.Generator, customers: Customers, reports: Reports
) -> Draft:
    """Return the rows of ``bureau_public``: more of them for riskier customers."""
    last = int(local_day(np.array(SNAPSHOT)))
    span = last - (customers.first_day - _KEPT_DAYS)
    mean = span / _KEPT_DAYS * np.exp(-3.3 + 0.8 * customers.risk)
    person = np.repeat(np.arange(customers.n), rng.poisson(mean))
    day = last - (rng.random(person.size) * span[person]).astype(np.int64)
    kind = np.searchsorted(_PUBLIC_ENDS, rng.random(person.size), side="right")
    amount = np.exp(8.5 + 0.9 * rng.standard_normal(person.size)).round(2)
    order = np.lexsort((day, person))
    person, day, kind, amount = person[order], day[order], kind[order], amount[order]
    report, at = match(reports.customer, person)
    back = reports.day[report] - day[at]
    is_listed = reports.hit[report] & (back >= 0) & (back <= _KEPT_DAYS)
    report, at = report[is_listed], at[is_listed]
    columns: dict[str, NDArray[np.generic]] = {
        "report_id": reports.number[report],
        "n": running_number(report) + 1,
        "event_time": day_start(day[at]),
        "available_at": reports.available[report],
        "kind": kind[at],
        "date": day[at],
        "amount": amount[at],
    }
    return draft_table(BUREAU_PUBLIC, reports.owner[report], columns)
