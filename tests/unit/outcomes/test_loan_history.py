"""Loan history: a plain twin day by day, ends of loans, and what the snapshot knows."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cfscore.exceptions import SchemaError, UsageError
from cfscore.outcomes import LoanHistory, SettlementRules, loan_history
from tests.oracles.outcomes import PlainLoan, months, unpaid
from tests.unit.outcomes.books import SNAPSHOT, add_months, loan_tables, plain_loans

BOOKED = date(2025, 1, 10)
DUE = [add_months(BOOKED, k) for k in (1, 2, 3)]
LOAN = {"loan_id": ["A"], "disbursed_at": [BOOKED]}
INSTALMENTS = {
    "loan_id": ["A"] * 3,
    "seq": [1, 2, 3],
    "due_date": DUE,
    "due_principal": [100.0] * 3,
    "due_interest": [5.0] * 3,
}
NOTHING = {"loan_id": [], "paid_at": [], "amount": []}


def repaid(*payments: tuple[date, float], **columns: list) -> dict[str, list]:
    return {
        "loan_id": ["A"] * len(payments),
        "paid_at": [day for day, _ in payments],
        "amount": [amount for _, amount in payments],
        **columns,
    }


def months_of(repayments, snapshot=date(2025, 6, 30), loans=LOAN, **options):
    history = loan_history(loans, INSTALMENTS, repayments, snapshot=snapshot, **options)
    return history.months


@settings(max_examples=30)
@given(loans=st.lists(plain_loans(), min_size=2, max_size=6))
def test_equals_the_plain_twin(loans):
    history = loan_history(*loan_tables(loans), snapshot=SNAPSHOT)
    for number, loan in enumerate(loans):
        if loan.booked_on > SNAPSHOT:
            continue
        rows = history.months.filter(pl.col("loan_id") == f"L{number}")
        known = PlainLoan(
            loan.booked_on,
            loan.instalments,
            [part for part in loan.repayments if part[0] <= SNAPSHOT],
            known_date(loan.closed_on),
            known_date(loan.written_off_on),
        )
        expected = months(known, SNAPSHOT)
        for name in ("month_end", "mob", "dpd", "max_dpd", "ever_max_dpd", "bucket"):
            assert rows[name].to_list() == [row[name] for row in expected], name
        assert rows["written_off"].to_list() == [r["written_off"] for r in expected]
        assert rows["balance"].to_list() == pytest.approx(
            [settled_balance(known, row) for row in expected], abs=1e-9
        )


def known_date(day: date | None) -> date | None:
    return None if day is None or day > SNAPSHOT else day


def settled_balance(loan: PlainLoan, row: dict) -> float:
    """Return the balance, 0 once a loan without closing day has paid all but little."""
    if loan.closed_on is not None or loan.written_off_on is not None:
        return row["balance"]
    lacking = unpaid(loan, row["month_end"], "oldest_first")
    is_paid = max(lacking) <= 100 and sum(p + i for _, p, i in loan.instalments) > 100
    return 0.0 if is_paid else row["balance"]


@settings(max_examples=10)
@given(
    loans=st.lists(plain_loans(), min_size=2, max_size=6),
    snapshot=st.dates(date(2025, 2, 1), date(2025, 10, 31)),
)
def test_what_comes_after_the_snapshot_is_not_known(loans, snapshot):
    book, dues, paid = loan_tables(loans)
    early = loan_history(book, dues, paid, snapshot=snapshot)
    is_known = pl.col("paid_at") <= snapshot
    typed = pl.DataFrame(paid, schema_overrides={"paid_at": pl.Date})
    known = typed.filter(is_known)
    for column in ("closed_at", "writeoff_at"):
        book[column] = [d if d and d <= snapshot else None for d in book[column]]
    again = loan_history(book, dues, known, snapshot=snapshot)
    assert_frame_equal(early.months, again.months)
    assert_frame_equal(early.loans, again.loans)
    assert early.instalments.equals(again.instalments)


@settings(max_examples=8)
@given(loans=st.lists(plain_loans(), min_size=2, max_size=4), data=st.data())
def test_the_order_of_rows_plays_no_part(loans, data):
    tables = [pl.DataFrame(table) for table in loan_tables(loans)]
    seed = data.draw(st.integers(0, 99))
    shuffled = [table.sample(fraction=1.0, shuffle=True, seed=seed) for table in tables]
    history = loan_history(*tables, snapshot=SNAPSHOT)
    assert_frame_equal(
        history.months, loan_history(*shuffled, snapshot=SNAPSHOT).months
    )


def test_hand_worked_months():
    # The first instalment is paid on 20 March, 38 days late; on its eve it was 37 days
    # past due. At the end of March the second one, due 10 March, is the oldest.
    rows = months_of(repaid((date(2025, 3, 20), 105.0)))
    assert rows["mob"].to_list() == [0, 1, 2, 3, 4, 5]
    assert rows["dpd"].to_list() == [0, 18, 21, 51, 82, 112]
    assert rows["max_dpd"].to_list() == [0, 18, 37, 51, 82, 112]
    assert rows["bucket"].to_list() == [0, 1, 1, 2, 3, 4]
    assert rows["balance"].to_list() == [300.0, 300.0, 200.0, 200.0, 200.0, 200.0]


def test_interest_is_paid_before_principal():
    rows = months_of(repaid((date(2025, 2, 10), 4.0), (date(2025, 3, 1), 11.0)))
    # 5.00 of the 15.00 are the interest of the first instalment.
    assert rows["balance"].to_list() == [300.0, 300.0, 290.0, 290.0, 290.0, 290.0]


def test_stated_principal_is_taken_for_the_balance():
    repayments = repaid((date(2025, 2, 10), 105.0), principal=[104.0])
    assert months_of(repayments)["balance"].to_list()[1] == 196.0


def test_a_loan_settled_early_is_not_in_arrears():
    # It pays the principal without the interest of the later instalments: 10 too few.
    repayments = repaid((DUE[0], 105.0), (date(2025, 2, 20), 200.0))
    closed = {**LOAN, "closed_at": [date(2025, 2, 20)]}
    rows = months_of(repayments, loans=closed)
    assert rows["ever_max_dpd"].to_list() == [0] * 6
    assert rows["on_book"].to_list() == [True] + [False] * 5
    assert rows["balance"].to_list()[1:] == [0.0] * 5
    # Without the closing day it would seem to owe 10 from 10 April on.
    assert months_of(repayments)["dpd"].to_list() == [0, 0, 0, 20, 51, 81]


def test_arrears_before_closing_are_kept():
    closed = {**LOAN, "closed_at": [date(2025, 5, 20)]}
    rows = months_of(NOTHING, loans=closed)
    assert rows["dpd"].to_list() == [0, 18, 49, 79, 0, 0]
    assert rows["ever_max_dpd"].to_list() == [0, 18, 49, 79, 98, 98]


def test_a_loan_that_paid_all_leaves_the_book():
    rows = months_of(repaid((date(2025, 4, 10), 315.0)))
    assert rows["on_book"].to_list() == [True, True, True, False, False, False]


def test_a_written_off_loan_stays_in_the_last_bucket():
    lost = {**LOAN, "writeoff_at": [date(2025, 4, 15)]}
    rows = months_of(NOTHING, loans=lost)
    assert rows["bucket"].to_list() == [0, 1, 2, 7, 7, 7]
    assert rows["dpd"].to_list() == [0, 18, 49, 79, 110, 140]
    assert rows["written_off"].to_list() == [False] * 3 + [True] * 3
    assert rows["on_book"].to_list() == [True] * 3 + [False] * 3


def test_a_loan_that_its_guarantor_closed_is_lost():
    loans = {**LOAN, "status": ["compensated"], "closed_at": [date(2025, 5, 12)]}
    paid = repaid((date(2025, 5, 12), 315.0), payer=["guarantor"])
    assert months_of(paid, loans=loans)["bucket"].to_list() == [0, 1, 2, 3, 7, 7]
    rules = SettlementRules(payers=("borrower", "guarantor"))
    as_lender = months_of(paid, loans=loans, rules=rules)
    assert as_lender["bucket"].to_list() == [0, 1, 2, 3, 0, 0]


def test_months_end_with_the_last_complete_one():
    assert months_of(NOTHING, snapshot=date(2025, 3, 30))["mob"].to_list() == [0, 1]
    assert months_of(NOTHING, snapshot=date(2025, 3, 31))["mob"].to_list() == [0, 1, 2]


def test_loans_booked_after_the_snapshot_are_counted_and_left_out():
    history = loan_history(LOAN, INSTALMENTS, NOTHING, snapshot=date(2025, 1, 9))
    assert (history.n_not_booked, history.loans.height) == (1, 0)
    assert history.months.is_empty()


def test_cancelled_loans_need_neither_date_nor_instalments():
    loans = pl.DataFrame(
        {
            "loan_id": ["A", "B", "C"],
            "disbursed_at": [BOOKED, None, None],
            "status": ["active", "cancelled", None],
            "exclusion": [None, None, "cancelled"],
        }
    )
    history = loan_history(loans, INSTALMENTS, NOTHING, snapshot=date(2025, 6, 30))
    assert history.loans["exclusion"].to_list() == [None, "cancelled", "cancelled"]
    assert history.months["loan_id"].unique().to_list() == ["A"]


def test_further_columns_are_kept_and_filtered_by():
    loans = {**LOAN, "product": ["cash_loan"], "customer_id": [7]}
    history = loan_history(loans, INSTALMENTS, NOTHING, snapshot=date(2025, 6, 30))
    assert history.loans["product"].to_list() == ["cash_loan"]
    kept = history.filter(pl.col("product") == "cash_loan")
    assert (kept.loans.height, kept.months.height, kept.instalments.height) == (1, 6, 3)
    none = history.filter(pl.col("product") != "cash_loan")
    assert (none.loans.height, none.months.height, none.instalments.height) == (0, 0, 0)


def test_its_description_shows_no_row():
    history = loan_history(LOAN, INSTALMENTS, NOTHING, snapshot=date(2025, 6, 30))
    expected = "LoanHistory(1 loans, 6 month ends, 0 set aside, snapshot 2025-06-30)"
    assert repr(history) == expected


def test_a_history_without_its_columns_is_refused():
    empty = pl.DataFrame({"loan_id": []})
    with pytest.raises(SchemaError, match=r"14 schema fault.*'loans.booked_on'"):
        LoanHistory(SNAPSHOT, empty, empty, None, empty, empty["loan_id"])


def test_options_are_checked():
    with pytest.raises(UsageError, match=r"snapshot must be a datetime.date, got str"):
        loan_history(LOAN, INSTALMENTS, NOTHING, snapshot="2025-06-30")
    with pytest.raises(UsageError, match=r"on_bad must be one of 'strict'"):
        loan_history(LOAN, INSTALMENTS, NOTHING, snapshot=SNAPSHOT, on_bad="ignore")
