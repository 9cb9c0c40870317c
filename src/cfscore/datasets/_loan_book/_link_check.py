"""Link checks: invariants between the rows of two tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._clock import local_day, month_of_day
from cfscore.datasets._loan_book._invariant import Breach
from cfscore.datasets._loan_book._row_check import Finding
from cfscore.datasets._loan_book._table_file import TableFile, duplicate_rows

__all__ = ["check_links"]

Tables = Mapping[str, TableFile]

_AGES = (18, 75)
_MICROSECONDS = 1_000_000
_SEQ_BASE = 1 << 16

#: Dates that lie before the report they stand in.
_REPORTED_DATES = {
    "bureau_accounts": ("open_date", "close_date", "info_date", "status_month"),
    "bureau_monthly_status": ("month",),
    "bureau_special": ("date",),
    "bureau_public": ("date",),
    "inquiries": ("inquiry_date",),
}


def check_links(table: TableFile, tables: Tables) -> Iterator[Finding]:
    """Yield the rows of a table that do not fit the rows of another.

    Parameters
    ----------
    table : TableFile
        Any table of the loan book.
    tables : mapping of str to TableFile
        Those that there are; what another table is needed for is left out.

    Yields
    ------
    tuple of (Breach, str, array of int64)
        Breach, column and rows.
    """
    for column, parent in table.info.references.items():
        if parent in tables:
            yield Breach.ORPHAN, column, _orphans(table, column, tables[parent])
    name = table.info.name
    if name in _REPORTED_DATES and "bureau_reports" in tables:
        yield from _check_dates(table, tables["bureau_reports"])
    if name == "customers" and "applications" in tables:
        rows = _out_of_age(table, tables["applications"])
        yield Breach.AGE_OUT_OF_RANGE, "birth_year", rows
    if name == "loans" and "instalments" in tables:
        rows = _principal_mismatch(table, tables["instalments"])
        yield Breach.PRINCIPAL_MISMATCH, "principal", rows
    if name == "repayments" and "instalments" in tables:
        rows = _overpaid(table, tables["instalments"])
        yield Breach.REPAYMENT_EXCEEDS_DUE, "amount", rows


def _orphans(table: TableFile, column: str, parent: TableFile) -> NDArray[np.int64]:
    (key,) = parent.info.key
    row = table.rows_of(column, parent, key)
    return np.flatnonzero((row < 0) & ~table.is_null(column))


def _check_dates(table: TableFile, reports: TableFile) -> Iterator[Finding]:
    report = table.rows_of("report_id", reports, "report_id")
    made = local_day(reports.integers("report_time") // _MICROSECONDS)
    last_day = np.append(made, np.iinfo(np.int64).max)[report]  # -1: no report
    for column in _REPORTED_DATES[table.info.name]:
        is_late = (table.integers(column) > last_day) & ~table.is_null(column)
        yield Breach.DATE_AFTER_REPORT, column, np.flatnonzero(is_late)


def _out_of_age(customers: TableFile, applications: TableFile) -> NDArray[np.int64]:
    customer = applications.rows_of("customer_id", customers, "customer_id")
    applied = applications.integers("applied_at") // _MICROSECONDS
    year = 1970 + month_of_day(local_day(applied)) // 12
    known = customer >= 0
    age = year[known] - customers.integers("birth_year")[customer[known]]
    is_out = (age < _AGES[0]) | (age > _AGES[1])
    return np.unique(customer[known][is_out])


def _principal_mismatch(loans: TableFile, instalments: TableFile) -> NDArray[np.int64]:
    loan = instalments.rows_of("loan_id", loans, "loan_id")
    loan[duplicate_rows(instalments.codes(*instalments.info.key))] = -1
    cents = _cents(instalments.floats("due_principal"))
    total = np.zeros(loans.n_rows, dtype=np.int64)
    np.add.at(total, loan[loan >= 0], cents[loan >= 0])
    differs = np.abs(_cents(loans.floats("principal")) - total) > 1
    differs[duplicate_rows(loans.codes("loan_id"))] = False
    return np.flatnonzero(differs)


def _overpaid(repayments: TableFile, instalments: TableFile) -> NDArray[np.int64]:
    """Return the payments with which an instalment is overpaid, and later ones."""
    first = instalments.rows_of("loan_id", instalments, "loan_id")
    codes = first * _SEQ_BASE + instalments.integers("seq")
    order = np.argsort(codes, kind="stable")  # the first of several with one key
    parts = ("due_principal", "due_interest", "due_fee")
    due = np.sum([_cents(instalments.floats(name)) for name in parts], axis=0)
    paid = _cents(repayments.floats("amount") - repayments.floats("penalty"))
    loan = repayments.rows_of("loan_id", instalments, "loan_id")
    wanted = loan * _SEQ_BASE + repayments.integers("seq", missing=-1)
    place = np.searchsorted(codes[order], wanted)
    instalment = order[place.clip(0, max(order.size - 1, 0))] if order.size else place
    is_linked = ~repayments.is_null("seq") & (loan >= 0)
    is_linked[is_linked] &= codes[instalment[is_linked]] == wanted[is_linked]
    is_linked[duplicate_rows(repayments.codes("repayment_id"))] = False
    rows = np.flatnonzero(is_linked)
    at = repayments.integers("paid_at")[rows]
    rows = rows[np.lexsort((at, instalment[rows]))]
    total = _running_total(paid[rows], instalment[rows])
    return np.sort(rows[total > due[instalment[rows]] + 1])


def _running_total(
    cents: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the sum so far within each run of equal groups."""
    total = np.cumsum(cents)
    is_first = np.ones(group.size, dtype=np.bool_)
    is_first[1:] = group[1:] != group[:-1]
    before = np.where(is_first, total - cents, 0)
    start = np.maximum.accumulate(np.where(is_first, np.arange(group.size), 0))
    return total - before[start]


def _cents(money: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(np.nan_to_num(money) * 100).astype(np.int64)
