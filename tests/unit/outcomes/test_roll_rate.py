"""Roll rate: worked value, ends of loans, balances, periods, and the 12-month form."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import InputError, UsageError
from cfscore.outcomes import (
    RollRates,
    historical_roll_rate,
    loan_history_from_months,
    roll_rate,
)
from tests.unit.outcomes.books import history_of, month_table

BOOKED = date(2025, 1, 5)
MARCH = date(2025, 3, 31)
COUNTS = [[900, 60, 0, 0], [70, 20, 30, 0], [6, 4, 5, 25], [1, 0, 1, 48]]
FIRST_DAY = [0, 1, 31, 61]


def test_worked_value():
    # As many loans as the table says are in bucket i in February and j in March.
    moves = [(i, j, n) for i, row in enumerate(COUNTS) for j, n in enumerate(row)]
    courses = {
        f"{i}-{j}-{number}": [FIRST_DAY[i], FIRST_DAY[j]]
        for i, j, n in moves
        for number in range(n)
    }
    history = history_of(courses, BOOKED, MARCH)
    rolls = roll_rate(history, worst=3, since=date(2025, 3, 1))
    assert rolls.buckets == ("M0", "M1", "M2", "M3+")
    assert rolls.counts.tolist() == COUNTS
    assert rolls.worse.tolist() == [0.0625, 0.25, 0.625]
    assert rolls.chain == pytest.approx(0.009766, abs=5e-7)
    assert rolls.cure == pytest.approx([0.5833, 0.15, 0.02], abs=5e-5)
    expected = [
        [0.9375, 0.0625, 0.0, 0.0],
        [0.5833, 0.1667, 0.25, 0.0],
        [0.15, 0.1, 0.125, 0.625],
        [0.02, 0.0, 0.02, 0.96],
    ]
    assert rolls.rates == pytest.approx(np.array(expected), abs=5e-5)
    assert rolls.totals.tolist() == [960, 120, 40, 50]


def test_the_table_shows_the_rates():
    table = RollRates(COUNTS).table()
    assert table.columns == [
        "bucket",
        "total",
        "M0",
        "M1",
        "M2",
        "M3+",
        "cure",
        "same",
        "worse",
    ]
    assert table.row(0) == ("M0", 960.0, 0.9375, 0.0625, 0.0, 0.0, None, 0.9375, 0.0625)
    assert table.row(3) == ("M3+", 50.0, 0.02, 0.0, 0.02, 0.96, 0.02, 0.96, None)


def test_a_bucket_without_loans_has_no_rates():
    rolls = RollRates([[1, 0], [0, 0]])
    assert np.isnan(rolls.rates[1]).all()
    assert rolls.table()["M0"].to_list() == [1.0, None]


def test_a_loan_moves_while_it_is_on_book():
    courses = {"settled": [20], "lost": [50], "paid": [0, 0, 0]}
    history = history_of(
        courses,
        BOOKED,
        date(2025, 4, 30),
        closed_at=[date(2025, 3, 9), None, None],
        writeoff_at=[None, date(2025, 3, 9), None],
    )
    # settled: M0 M1 M0, lost: M0 M2 M7+, paid: M0 M0 M0 M0; nothing starts off book.
    expected = np.zeros((8, 8))
    expected[0, 1] = expected[1, 0] = expected[0, 2] = expected[2, 7] = 1
    expected[0, 0] = 3
    assert roll_rate(history).counts.tolist() == expected.tolist()


def test_the_period_is_of_the_end_of_the_move():
    history = history_of({"a": [0, 20, 50, 80]}, BOOKED, date(2025, 5, 31))
    one = roll_rate(history, since=date(2025, 4, 1), until=date(2025, 4, 30))
    assert (one.counts.sum(), one.counts[1, 2]) == (1, 1)
    until = roll_rate(history, until=MARCH)
    assert (until.counts[0, 0], until.counts[0, 1], until.counts.sum()) == (1, 1, 2)


def test_excluded_loans_do_not_move():
    history = history_of(
        {"a": [0], "b": [0]}, BOOKED, date(2025, 2, 28), exclusion=["fraud", None]
    )
    assert roll_rate(history).counts.sum() == 1


def test_balances_weigh_a_move_by_what_it_starts_with():
    booked_on = {"a": BOOKED, "b": BOOKED}
    table = month_table({"a": [0, 20], "b": [0, 0]}, booked_on)
    loans = {"loan_id": ["a", "b"], "disbursed_at": [BOOKED] * 2}
    balances = [900.0, 900.0, 300.0, 200.0]
    history = loan_history_from_months(
        loans, {**table, "balance": balances}, snapshot=MARCH
    )
    march = roll_rate(history, worst=1, weight="balance", since=date(2025, 3, 1))
    assert march.counts.tolist() == [[300.0, 900.0], [0.0, 0.0]]
    assert (march.weight, march.worse[0]) == ("balance", 0.75)
    # The balance of the month of disbursement is not in the table.
    with pytest.raises(
        InputError, match=r"not known at the start of 2 move\(s\)\. Use"
    ):
        roll_rate(history, weight="balance")


def test_worst_before_against_worst_after():
    courses = {
        "gets worse": [0, 40, 0, 70, 0, 0],
        "gets well": [0, 0, 100, 0, 0, 0],
        "stays well": [0, 0, 0, 0, 0, 0],
    }
    history = history_of(courses, BOOKED, date(2025, 7, 31))
    # April is the last month before: months on book 1 to 3 against 4 to 6.
    rolls = historical_roll_rate(history, at=date(2025, 4, 15), months=3, worst=4)
    expected = np.zeros((5, 5))
    expected[2, 3] = expected[4, 0] = expected[0, 0] = 1
    assert rolls.counts.tolist() == expected.tolist()


def test_the_historical_form_asks_for_all_months_on_both_sides():
    courses = {"young": [0, 0], "old": [0] * 6, "settled": [0, 0]}
    booked_on = {"young": date(2025, 5, 2), "old": BOOKED, "settled": BOOKED}
    ends = [None, None, date(2025, 4, 2)]
    history = history_of(courses, booked_on, date(2025, 7, 31), closed_at=ends)
    rolls = historical_roll_rate(history, at=date(2025, 4, 30), months=3)
    assert rolls.counts.sum() == 1
    later = historical_roll_rate(history, at=date(2025, 5, 31), months=3)
    assert later.counts.sum() == 0


def test_the_historical_form_sees_days_between_month_ends():
    months = month_table({"a": [0, 0, 0, 0]}, {"a": BOOKED})
    loans = {"loan_id": ["a"], "disbursed_at": [BOOKED]}
    history = loan_history_from_months(
        loans, {**months, "max_dpd": [0, 31, 0, 29]}, snapshot=date(2025, 5, 31)
    )
    rolls = historical_roll_rate(history, at=MARCH, months=2)
    assert rolls.counts[2, 1] == 1


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.integers(0, 250), min_size=5, max_size=5), min_size=1, max_size=6
    ),
    st.integers(1, 7),
)
def test_equals_a_plain_count(courses, worst):
    history = history_of(
        {f"L{i}": course for i, course in enumerate(courses)}, BOOKED, date(2025, 6, 30)
    )
    expected = np.zeros((worst + 1, worst + 1))
    for course in courses:
        buckets = [min(worst, 7, -(-days // 30)) for days in [0, *course]]
        for before, after in itertools.pairwise(buckets):
            expected[before, after] += 1
    rolls = roll_rate(history, worst=worst)
    assert rolls.counts.tolist() == expected.tolist()
    known = rolls.totals > 0
    assert rolls.rates[known].sum(axis=1) == pytest.approx(1.0)


def test_the_counts_cannot_be_changed():
    counts = np.array([[1.0, 0.0], [0.0, 1.0]])
    rolls = RollRates(counts)
    counts[0, 0] = 9.0
    assert rolls.counts[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        rolls.counts[0, 0] = 9.0


@pytest.mark.parametrize(
    "counts", [[[1, 2]], [[1]], [1, 2], [[1, -1], [0, 0]], [[1, np.nan], [0, 0]]]
)
def test_other_matrices_are_refused(counts):
    with pytest.raises(InputError, match=r"counts (must be a square|has 1 negative)"):
        RollRates(counts)


def test_options_are_checked():
    history = history_of({"a": [0]}, BOOKED, date(2025, 2, 28))
    with pytest.raises(UsageError, match=r"worst must be a whole number from 1 to 7"):
        roll_rate(history, worst=8)
    with pytest.raises(UsageError, match=r"weight must be one of"):
        roll_rate(history, weight="amount")
    with pytest.raises(UsageError, match=r"since must be a datetime.date"):
        roll_rate(history, since="2025-01-01")
    with pytest.raises(UsageError, match=r"months must be a whole number"):
        historical_roll_rate(history, at=MARCH, months=0)
