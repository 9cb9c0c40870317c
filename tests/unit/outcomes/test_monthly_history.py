"""History from month ends: the same as from dated records, and no gap passes."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cfscore.exceptions import RecordFaultError
from cfscore.outcomes import label, loan_history, loan_history_from_months
from tests.unit.outcomes.books import (
    SNAPSHOT,
    history_of,
    loan_tables,
    month_table,
    plain_loans,
)

BOOKED = date(2025, 1, 10)
LOANS = {"loan_id": ["A"], "disbursed_at": [BOOKED]}
MONTHS = month_table({"A": [0, 20, 50]}, {"A": BOOKED})  # February to April
APRIL = date(2025, 4, 30)


def counts_of(months, loans=LOANS, snapshot=APRIL):
    with pytest.raises(RecordFaultError) as caught:
        loan_history_from_months(loans, months, snapshot=snapshot)
    return caught.value.counts


@settings(max_examples=15)
@given(loans=st.lists(plain_loans(), min_size=2, max_size=6))
def test_is_the_same_as_from_dated_records(loans):
    book, dues, paid = loan_tables(loans)
    dated = loan_history(book, dues, paid, snapshot=SNAPSHOT)
    # Loans that paid all have a closing day only in the dated history.
    ends = dated.loans.select("loan_id", pl.col("closed_on").alias("closed_at"))
    loans_table = pl.DataFrame(book).drop("closed_at").join(ends, on="loan_id")
    columns = ["loan_id", "month_end", "dpd", "max_dpd", "balance"]
    again = loan_history_from_months(
        loans_table, dated.months.select(columns), snapshot=SNAPSHOT
    )
    assert_frame_equal(again.months, dated.months)


def test_months_after_the_end_of_a_loan_follow_from_it():
    ends = {
        "closed_at": [date(2025, 3, 5), None],
        "writeoff_at": [None, date(2025, 3, 5)],
    }
    dpd = {"paid": [40], "lost": [40]}
    history = history_of(dpd, BOOKED, APRIL, **ends)
    rows = history.months.sort("loan_id", "mob", descending=[True, False])
    assert rows["dpd"].to_list() == [0, 40, 0, 0, 0, 40, 40, 40]
    assert rows["ever_max_dpd"].to_list() == [0, 40, 40, 40, 0, 40, 40, 40]
    assert rows["bucket"].to_list() == [0, 2, 0, 0, 0, 2, 7, 7]
    assert rows["on_book"].to_list() == [True, True, False, False] * 2


def test_the_most_of_a_month_may_be_more_than_its_last():
    months = {**MONTHS, "max_dpd": [31, 20, 50]}
    history = loan_history_from_months(LOANS, months, snapshot=APRIL)
    assert history.months["ever_max_dpd"].to_list() == [0, 31, 31, 50]
    assert history.months["balance"].null_count() == 4


def test_a_missing_month_is_a_fault_and_no_month_without_arrears():
    gap = {name: values[:1] + values[2:] for name, values in MONTHS.items()}
    assert counts_of(gap) == {("months", "month_end", "MONTH_GAP"): 1}
    none = {name: [] for name in MONTHS}
    assert counts_of(none) == {("months", "month_end", "MONTH_GAP"): 3}
    # The months must go on to the last complete one.
    late = counts_of(MONTHS, snapshot=date(2025, 6, 30))
    assert late == {("months", "month_end", "MONTH_GAP"): 2}


def test_the_month_of_disbursement_may_be_left_out():
    history = loan_history_from_months(LOANS, MONTHS, snapshot=APRIL)
    assert history.months["dpd"].to_list() == [0, 0, 20, 50]


def test_excluded_loans_need_no_months():
    loans = {**LOANS, "exclusion": ["staff"]}
    none = {name: [] for name in MONTHS}
    history = loan_history_from_months(loans, none, snapshot=APRIL)
    assert label(history).frame["label"].to_list() == ["excluded"]


def test_months_after_the_snapshot_are_not_known():
    history = loan_history_from_months(LOANS, MONTHS, snapshot=date(2025, 3, 31))
    assert history.months["dpd"].to_list() == [0, 0, 20]


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"loan_id": None}, "loan_id", "NULL_KEY"),
        ({"loan_id": "B"}, "loan_id", "UNKNOWN_LOAN"),
        ({"month_end": None}, "month_end", "NULL_KEY"),
        ({"month_end": date(2025, 3, 31)}, "month_end", "DUPLICATE_KEY"),
        ({"month_end": date(2025, 4, 29)}, "month_end", "NOT_MONTH_END"),
        ({"month_end": date(2024, 12, 31)}, "month_end", "BEFORE_DISBURSAL"),
        ({"dpd": None}, "dpd", "NULL_VALUE"),
        ({"dpd": -1}, "dpd", "NEGATIVE"),
        ({"max_dpd": None}, "max_dpd", "NULL_VALUE"),
        ({"max_dpd": 49}, "max_dpd", "BELOW_DPD"),
        ({"balance": None}, "balance", "NULL_VALUE"),
        ({"balance": -1.0}, "balance", "NEGATIVE"),
        ({"balance": float("inf")}, "balance", "NOT_FINITE"),
    ],
)
def test_each_fault_has_its_place_and_code(changes, column, code):
    months = {**MONTHS, "max_dpd": [60] * 3, "balance": [9.0] * 3}
    months = {name: [*values] for name, values in months.items()}
    for name, value in changes.items():
        months[name][-1] = value
    assert counts_of(months)["months", column, code] >= 1


def test_quarantined_loans_are_set_aside():
    booked_on = {"A": BOOKED, "B": BOOKED}
    months = month_table({"A": [0, 0, 0], "B": [0, -4, 0]}, booked_on)
    loans = {"loan_id": ["A", "B"], "disbursed_at": [BOOKED] * 2}
    history = loan_history_from_months(
        loans, months, snapshot=APRIL, on_bad="quarantine"
    )
    assert history.set_aside.to_list() == ["B"]
    assert history.months["loan_id"].unique().to_list() == ["A"]
