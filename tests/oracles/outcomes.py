"""Plain twin of the loan history: one loan, one day at a time, in whole cents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass
class PlainLoan:
    """One loan: (due date, principal, interest) and (day, amount, seq) in cents."""

    booked_on: date
    instalments: list[tuple[date, int, int]]
    repayments: list[tuple[date, int, int | None]] = field(default_factory=list)
    closed_on: date | None = None
    written_off_on: date | None = None


def unpaid(loan: PlainLoan, day: date, allocation: str) -> list[int]:
    """Return what each instalment lacks at the close of a day."""
    if is_settled(loan, day):
        return [0] * len(loan.instalments)
    known = [(amount, seq) for paid, amount, seq in loan.repayments if paid <= day]
    lacking = []
    pot = sum(amount for amount, _ in known)
    for number, (_, principal, interest) in enumerate(loan.instalments, start=1):
        due = principal + interest
        if allocation == "recorded":
            pot = sum(amount for amount, seq in known if seq == number)
        paid = min(pot, due)
        pot -= paid
        lacking.append(due - paid)
    return lacking


def is_settled(loan: PlainLoan, day: date) -> bool:
    is_closed = loan.closed_on is not None and loan.closed_on <= day
    return is_closed and loan.written_off_on is None


def dpd(
    loan: PlainLoan,
    day: date,
    *,
    tolerance: int = 100,
    allocation: str = "oldest_first",
) -> int:
    lacking = unpaid(loan, day, allocation)
    together = 0
    for (due_date, _, _), missing in zip(loan.instalments, lacking, strict=True):
        # oldest first: small instalments that are all unpaid add up
        together = missing + (together if allocation == "oldest_first" else 0)
        if together > tolerance:
            return max(0, (day - due_date).days)
    return 0


def bucket(days: int) -> int:
    edges = [0, 30, 60, 90, 120, 150, 180]
    return sum(days > edge for edge in edges)


def balance(loan: PlainLoan, day: date) -> int:
    """Return the principal outstanding: interest is paid before principal."""
    lacking = unpaid(loan, day, "oldest_first")
    return sum(
        min(missing, principal)
        for (_, principal, _), missing in zip(loan.instalments, lacking, strict=True)
    )


def month_ends(booked_on: date, snapshot: date) -> list[date]:
    day, found = booked_on, []
    while day <= snapshot:
        if (day + ONE_DAY).day == 1:
            found.append(day)
        day += ONE_DAY
    return found


def months(loan: PlainLoan, snapshot: date, **options) -> list[dict]:
    """Return what a loan was like at each month end; every day is looked at."""
    rows, day, ever = [], loan.booked_on, 0
    for mob, end in enumerate(month_ends(loan.booked_on, snapshot)):
        highest = 0
        while day <= end:
            highest = max(highest, dpd(loan, day, **options))
            day += ONE_DAY
        ever = max(ever, highest)
        days = dpd(loan, end, **options)
        is_written_off = loan.written_off_on is not None and loan.written_off_on <= end
        is_closed = loan.closed_on is not None and loan.closed_on <= end
        rows.append(
            {
                "month_end": end,
                "mob": mob,
                "dpd": days,
                "max_dpd": highest,
                "ever_max_dpd": ever,
                "bucket": 7 if is_written_off else bucket(days),
                "written_off": is_written_off,
                "is_closed": is_closed,
                "balance": balance(loan, end) / 100,
            }
        )
    return rows


def label(
    rows: list[dict], *, bad_dpd: int, good_dpd: int, window: int, measure: str
) -> str:
    if len(rows) <= window:
        return "immature"
    row = rows[window]
    days = row["ever_max_dpd"] if measure == "ever" else row["dpd"]
    if days >= bad_dpd or row["written_off"]:
        return "bad"
    return "good" if days <= good_dpd else "indeterminate"
