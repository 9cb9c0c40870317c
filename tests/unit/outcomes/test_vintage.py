"""Vintage: worked value, account denominators, censored ages, and a plain count."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.outcomes import LabelDefinition, label, loan_history, vintage
from tests.oracles.outcomes import months
from tests.unit.outcomes.books import (
    SNAPSHOT,
    history_of,
    loan_tables,
    month_table,
    plain_loans,
)

JULY = date(2025, 7, 31)


def cohort(name: str, n_loans: int, cumulative_bads: list[int]) -> dict[str, list[int]]:
    """Return courses of loans of which so many are bad by the end of each month."""
    courses = {}
    for number in range(n_loans):
        first = next((i for i, n in enumerate(cumulative_bads) if number < n), None)
        n_months = len(cumulative_bads)
        late = 0 if first is None else n_months - first
        courses[f"{name}{number}"] = [0] * (n_months - late) + [30] * late
    return courses


def test_worked_value():
    january = cohort("j", 1000, [2, 9, 18, 25, 30, 33])
    february = cohort("f", 1250, [3, 14, 27, 39, 48])
    booked_on = dict.fromkeys(january, date(2025, 1, 20))
    booked_on |= dict.fromkeys(february, date(2025, 2, 3))
    curves = vintage(history_of(january | february, booked_on, JULY), dpd=30)
    assert curves.table().rows() == [
        ("2025-01", 1000, 0.002, 0.009, 0.018, 0.025, 0.03, 0.033),
        # Month 6 is not reached: missing, and no copy of month 5.
        ("2025-02", 1250, 0.0024, 0.0112, 0.0216, 0.0312, 0.0384, None),
    ]
    assert curves.frame["n_bad"].to_list() == [
        2,
        9,
        18,
        25,
        30,
        33,
        3,
        14,
        27,
        39,
        48,
        None,
    ]


def test_a_loan_counts_once_and_not_once_a_month():
    # 10 of 100 loans are bad from their first month on. Over the rows of three months
    # the share is 10 of 300, 3.33 %; of the loans it is 10 %.
    history = history_of(
        cohort("a", 100, [10, 10, 10]), date(2025, 1, 1), date(2025, 4, 30)
    )
    assert vintage(history).table().row(0) == ("2025-01", 100, 0.1, 0.1, 0.1)
    assert vintage(history).frame["n_loans"].to_list() == [100] * 3


def test_loans_that_left_the_book_stay_in_the_denominator():
    courses = {
        "settled": [0],
        "lost": [40],
        "paid": [0] * 6,
        "bad": [0, 0, 0, 0, 0, 30],
    }
    history = history_of(
        courses,
        date(2025, 1, 5),
        JULY,
        closed_at=[date(2025, 3, 2), None, None, None],
        writeoff_at=[None, date(2025, 3, 2), None, None],
    )
    row = vintage(history).table().row(0)
    assert row == ("2025-01", 4, 0.25, 0.25, 0.25, 0.25, 0.25, 0.5)


def test_current_falls_when_loans_cure():
    courses = {"cured": [0, 40, 0], "paid": [0, 0, 0]}
    history = history_of(courses, date(2025, 1, 5), date(2025, 4, 30))
    ever, current = vintage(history), vintage(history, measure="current")
    assert ever.table().row(0)[2:] == (0.0, 0.5, 0.5)
    assert current.table().row(0)[2:] == (0.0, 0.5, 0.0)


def test_a_cohort_is_as_old_as_its_youngest_loan():
    booked_on = {"a": date(2025, 1, 5), "b": date(2025, 3, 5)}
    history = history_of(
        {"a": [0, 0, 0, 0, 0, 30], "b": [0, 30, 60, 90]}, booked_on, JULY
    )
    quarter = vintage(history, cohort="quarter").table()
    assert quarter.rows() == [("2025-Q1", 2, 0.0, 0.5, 0.5, 0.5)]
    assert vintage(history, cohort="year").table()["cohort"].to_list() == ["2025"]
    by_month = vintage(history).table()
    assert by_month.row(0) == ("2025-01", 1, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def test_balances_are_of_the_first_bad_month_end():
    from cfscore.outcomes import loan_history_from_months

    booked_on = {"a": date(2025, 1, 5), "b": date(2025, 1, 6)}
    table = month_table({"a": [0, 30, 60], "b": [0, 0, 0]}, booked_on)
    loans = {
        "loan_id": ["a", "b"],
        "disbursed_at": list(booked_on.values()),
        "principal": [1000.0, 3000.0],
    }
    balances = [900.0, 800.0, 700.0, 2500.0, 2000.0, 1500.0]
    history = loan_history_from_months(
        loans, {**table, "balance": balances}, snapshot=date(2025, 4, 30)
    )
    curves = vintage(history)
    assert curves.table("balance").row(0) == ("2025-01", 2, 0.0, 0.2, 0.2)
    assert curves.frame["booked_amount"].to_list() == [4000.0] * 3
    current = vintage(history, measure="current").table("balance")
    assert current.row(0) == ("2025-01", 2, 0.0, 0.2, 0.175)
    # Unknown balances make the share unknown from the first bad loan on.
    unknown = vintage(
        loan_history_from_months(loans, table, snapshot=date(2025, 4, 30))
    )
    assert unknown.table("balance").row(0) == ("2025-01", 2, 0.0, None, None)
    assert unknown.table().row(0) == ("2025-01", 2, 0.0, 0.5, 0.5)


def test_it_is_split_by_columns_of_the_loans():
    courses = {"a": [30], "b": [0], "c": [0], "d": [30]}
    history = history_of(
        courses,
        date(2025, 1, 5),
        date(2025, 2, 28),
        grade=["B", "A", None, "A"],
        exclusion=[None, None, None, "test"],
    )
    assert vintage(history, by="grade").table().rows() == [
        ("2025-01", None, 1, 0.0),
        ("2025-01", "A", 1, 0.0),
        ("2025-01", "B", 1, 1.0),
    ]


def test_a_cohort_without_a_complete_month_has_no_curve():
    booked_on = {"a": date(2025, 1, 5), "b": date(2025, 2, 5)}
    history = history_of({"a": [0], "b": []}, booked_on, date(2025, 2, 28))
    assert vintage(history).table().rows() == [
        ("2025-01", 1, 0.0),
        ("2025-02", 1, None),
    ]
    young = history_of({"a": []}, date(2025, 1, 5), date(2025, 1, 31))
    assert vintage(young).frame.is_empty()


@pytest.mark.slow
@settings(max_examples=12)
@given(
    loans=st.lists(plain_loans(), min_size=3, max_size=8),
    dpd=st.integers(1, 95),
    measure=st.sampled_from(["ever", "current"]),
)
def test_equals_a_plain_count_and_the_labels(loans, dpd, measure):
    for loan in loans:
        loan.closed_on = None
        loan.repayments = [part for part in loan.repayments if part[0] <= SNAPSHOT]
        if loan.written_off_on and loan.written_off_on > SNAPSHOT:
            loan.written_off_on = None
    history = loan_history(*loan_tables(loans), snapshot=SNAPSHOT)
    curves = vintage(history, dpd=dpd, measure=measure)
    twins = [
        (loan.booked_on.strftime("%Y-%m"), months(loan, SNAPSHOT))
        for loan in loans
        if loan.booked_on <= SNAPSHOT
    ]
    days = "ever_max_dpd" if measure == "ever" else "dpd"
    for name, mob, n_loans, n_bad in curves.frame.select(
        "cohort", "mob", "n_loans", "n_bad"
    ).iter_rows():
        members = [rows for cohort_name, rows in twins if cohort_name == name]
        assert n_loans == len(members)
        if any(len(rows) <= mob for rows in members):
            assert n_bad is None
            continue
        is_bad = [
            rows[mob][days] >= dpd or rows[mob]["written_off"] for rows in members
        ]
        assert n_bad == sum(is_bad)
    for mob in curves.frame["mob"].unique():
        labels = label(history, definition=LabelDefinition(dpd, mob, dpd - 1, measure))
        mature = curves.frame.filter(curves.frame["mob"] == mob).drop_nulls("n_bad")
        assert labels.counts["bad"] == mature["n_bad"].sum()
        assert labels.counts["good"] == mature["n_loans"].sum() - mature["n_bad"].sum()


def test_options_are_checked():
    history = history_of({"a": [0]}, date(2025, 1, 5), date(2025, 2, 28))
    with pytest.raises(UsageError, match=r"weight must be one of 'count', 'balance'"):
        vintage(history).table("loans")
    with pytest.raises(UsageError, match=r"by must be .*; unknown: cohort"):
        vintage(history, by=["cohort"])
    with pytest.raises(UsageError, match=r"dpd must be a whole number"):
        vintage(history, dpd=30.0)
