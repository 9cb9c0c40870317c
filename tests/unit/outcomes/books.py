"""Small books of loans, and hypothesis strategies that draw them."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import strategies as st

from cfscore.outcomes import LoanHistory, loan_history_from_months
from tests.oracles.outcomes import PlainLoan

SNAPSHOT = date(2025, 10, 31)


def loan_tables(loans: list[PlainLoan]) -> tuple[dict, dict, dict]:
    """Return loans, instalments and repayments as raw tables."""
    names = [f"L{number}" for number in range(len(loans))]
    dues = [
        (name, seq, *part)
        for name, loan in zip(names, loans, strict=True)
        for seq, part in enumerate(loan.instalments, start=1)
    ]
    paid = [
        (name, *part)
        for name, loan in zip(names, loans, strict=True)
        for part in loan.repayments
    ]
    return (
        {
            "loan_id": names,
            "disbursed_at": [loan.booked_on for loan in loans],
            "closed_at": [loan.closed_on for loan in loans],
            "writeoff_at": [loan.written_off_on for loan in loans],
        },
        {
            "loan_id": [row[0] for row in dues],
            "seq": [row[1] for row in dues],
            "due_date": [row[2] for row in dues],
            "due_principal": [row[3] / 100 for row in dues],
            "due_interest": [row[4] / 100 for row in dues],
        },
        {
            "loan_id": [row[0] for row in paid],
            "paid_at": [row[1] for row in paid],
            "amount": [row[2] / 100 for row in paid],
            "seq": [row[3] for row in paid],
        },
    )


def month_table(
    dpd_by_loan: dict[str, list[int]], booked_on: dict[str, date]
) -> dict[str, list]:
    """Return month ends from MOB 1 on with the given days past due."""
    rows = [
        (name, month_end_after(booked_on[name], month), days)
        for name, course in dpd_by_loan.items()
        for month, days in enumerate(course, start=1)
    ]
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return dict(zip(("loan_id", "month_end", "dpd"), map(list, columns), strict=True))


def month_end_after(day: date, months: int) -> date:
    """Return the end of the month that is so many months later."""
    return add_months(day.replace(day=1), months + 1) - timedelta(days=1)


def history_of(
    dpd_by_loan: dict[str, list[int]],
    booked_on: date | dict[str, date],
    snapshot: date,
    **columns,
) -> LoanHistory:
    """Return the history of loans whose days past due from MOB 1 on are given."""
    if isinstance(booked_on, date):
        booked_on = dict.fromkeys(dpd_by_loan, booked_on)
    loans = pl.DataFrame(
        {
            "loan_id": list(dpd_by_loan),
            "disbursed_at": [booked_on[name] for name in dpd_by_loan],
            **columns,
        }
    )
    months = month_table(dpd_by_loan, booked_on)
    return loan_history_from_months(loans, months, snapshot=snapshot)


def add_months(day: date, months: int) -> date:
    index = 12 * day.year + day.month - 1 + months
    return date(index // 12, index % 12 + 1, min(day.day, 28))


@st.composite
def plain_loans(draw: st.DrawFn, *, names_instalments: bool = False) -> PlainLoan:
    """Return a loan with a monthly schedule that is paid in any way there is."""
    booked_on = date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 330)))
    n_instalments = draw(st.integers(1, 5))
    principal = st.sampled_from([0, 5_000, 10_000])
    instalments = [
        (
            add_months(booked_on, number),
            draw(principal),
            draw(st.sampled_from([0, 300, 1_000])),
        )
        for number in range(1, n_instalments + 1)
    ]
    owed = [p + i for _, p, i in instalments]
    repayments = []
    for _ in range(draw(st.integers(0, 6))):
        left = sum(owed) - sum(amount for _, amount, _ in repayments)
        if left <= 0:
            break
        seq = draw(st.integers(1, n_instalments)) if names_instalments else None
        amount = draw(st.sampled_from([1, 99, 101, 300, 5_000, 5_300, 10_000, 11_000]))
        day = booked_on + timedelta(days=draw(st.integers(0, 200)))
        repayments.append((day, min(amount, left), seq))
    is_closed, is_written_off = draw(st.booleans()), draw(st.integers(0, 3)) == 0
    after = st.integers(0, 250).map(lambda days: booked_on + timedelta(days=days))
    return PlainLoan(
        booked_on=booked_on,
        instalments=instalments,
        repayments=repayments,
        closed_on=draw(after) if is_closed else None,
        written_off_on=draw(after) if is_written_off else None,
    )
