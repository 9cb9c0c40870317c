"""First- and second-payment default: who failed, and who is in the denominator."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from cfscore.exceptions import UsageError
from cfscore.outcomes import loan_history, payment_default
from tests.unit.outcomes.books import history_of

BOOKED = date(2025, 1, 10)
DUE = [date(2025, 2, 10), date(2025, 3, 10)]


def history(payments, snapshot=date(2025, 6, 30), **columns):
    """Return two instalments of 100 per loan; payments are days late, or None."""
    names = list(payments)
    paid = [
        (name, due + timedelta(days=late), 100.0)
        for name, delays in payments.items()
        for due, late in zip(DUE, delays, strict=True)
        if late is not None
    ]
    return loan_history(
        {"loan_id": names, "disbursed_at": [BOOKED] * len(names), **columns},
        {
            "loan_id": [name for name in names for _ in DUE],
            "seq": [1, 2] * len(names),
            "due_date": DUE * len(names),
            "due_principal": [100.0, 100.0] * len(names),
        },
        {
            "loan_id": [row[0] for row in paid],
            "paid_at": [row[1] for row in paid],
            "amount": [row[2] for row in paid],
        },
        snapshot=snapshot,
    )


def flags(defaults):
    return dict(defaults.loans.select("loan_id", "is_payment_default").iter_rows())


def test_the_limit_is_reached_at_the_close_of_its_day():
    # 30 days late is paid on the 30th day, at whose close nothing is past due.
    cases = {"in time": (0, 0), "30": (30, 0), "31": (31, 31), "never": (None, None)}
    assert flags(payment_default(history(cases))) == {
        "30": False,
        "31": True,
        "in time": False,
        "never": True,
    }


def test_a_second_payment_default_paid_the_first():
    cases = {"spd": (0, None), "fpd": (None, None), "late": (40, None), "good": (5, 5)}
    book = history(cases)
    first = flags(payment_default(book))
    second = flags(payment_default(book, instalment=2))
    assert first == {"fpd": True, "good": False, "late": True, "spd": False}
    assert second == {"fpd": False, "good": False, "late": False, "spd": True}
    assert payment_default(book, instalment=2).rate == 0.25


def test_the_denominator_is_of_loans_due_long_enough():
    cases = {"a": (0, 0), "b": (None, None)}
    last_day = DUE[0] + timedelta(days=30)
    known = payment_default(history(cases, snapshot=last_day))
    assert known.table.row(0) == ("2025-01", 2, 0, 1, 0.5)
    early = payment_default(history(cases, snapshot=last_day - timedelta(days=1)))
    assert early.table.row(0) == ("2025-01", 0, 2, 0, None)
    assert math.isnan(early.rate)
    assert flags(early) == {"a": None, "b": None}


def test_a_loan_without_such_an_instalment_is_in_no_denominator():
    third = payment_default(history({"a": (0, 0)}), instalment=3)
    assert third.table.row(0) == ("2025-01", 0, 1, 0, None)


def test_it_is_split_by_columns_of_the_loans():
    cases = {"a": (0, 0), "b": (None, None), "c": (0, 0), "d": (0, 0)}
    columns = {"grade": ["A", "B", None, "A"], "exclusion": [None] * 3 + ["staff"]}
    table = payment_default(history(cases, **columns), by="grade", cohort="quarter")
    assert table.table.select("cohort", "grade", "n_loans", "n_defaults").rows() == [
        ("2025-Q1", None, 1, 0),
        ("2025-Q1", "A", 1, 0),
        ("2025-Q1", "B", 1, 1),
    ]


def test_a_history_of_month_ends_is_refused():
    months_only = history_of({"A": [0]}, BOOKED, date(2025, 2, 28))
    with pytest.raises(UsageError, match=r"has no instalments.*Make it with loan_his"):
        payment_default(months_only)


def test_options_are_checked():
    book = history({"a": (0, 0)})
    with pytest.raises(UsageError, match=r"by must be .* out of none; unknown: grade"):
        payment_default(book, by=["grade"])
    with pytest.raises(UsageError, match=r"instalment must be a whole number"):
        payment_default(book, instalment=0)
    with pytest.raises(UsageError, match=r"cohort must be one of 'month', 'quarter'"):
        payment_default(book, cohort="week")
