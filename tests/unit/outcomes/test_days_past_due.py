"""Days past due: worked value, allocation, time zones, and a plain twin."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import RecordFaultError, UsageError
from cfscore.outcomes import BUCKETS, SettlementRules, days_past_due
from tests.oracles.outcomes import dpd as plain_dpd
from tests.unit.outcomes.books import loan_tables, plain_loans

DUE = [date(2025, month, 10) for month in (2, 3, 4, 5)]
INSTALMENTS = {
    "loan_id": ["A"] * 4,
    "seq": [1, 2, 3, 4],
    "due_date": DUE,
    "due_principal": [100.0] * 4,
}


def repaid(*payments: tuple[date, float], **columns: list) -> dict[str, list]:
    return {
        "loan_id": ["A"] * len(payments),
        "paid_at": [day for day, _ in payments],
        "amount": [amount for _, amount in payments],
        **columns,
    }


def dpd_at(instalments, repayments, *days: date, **options) -> list[int]:
    return days_past_due(instalments, repayments, at=days, **options)["dpd"].to_list()


def test_worked_value():
    # Due 10 February (paid that day), 10 March (paid on the 25th), 10 April and 10 May.
    repayments = repaid((date(2025, 2, 10), 100.0), (date(2025, 3, 25), 100.0))
    at = [
        date(2025, 2, 28),
        date(2025, 3, 20),
        date(2025, 3, 31),
        date(2025, 4, 30),
        date(2025, 5, 31),
        date(2025, 6, 30),
    ]
    result = days_past_due(INSTALMENTS, repayments, at=at)
    assert result["date"].to_list() == at
    assert result["dpd"].to_list() == [0, 10, 0, 20, 51, 81]
    names = [BUCKETS[bucket] for bucket in result["bucket"]]
    assert names == ["M0", "M1", "M0", "M1", "M2", "M3"]


def test_the_due_day_is_0_and_the_day_of_payment_counts():
    repayments = repaid((date(2025, 2, 13), 400.0))
    days = [date(2025, 2, day) for day in (9, 10, 11, 12, 13)]
    assert dpd_at(INSTALMENTS, repayments, *days) == [0, 0, 1, 2, 0]


def test_without_repayments_the_first_instalment_ages():
    assert dpd_at(INSTALMENTS, repaid(), date(2025, 4, 1)) == [50]


def test_an_instant_has_its_day_in_the_time_zone():
    # 17:00 on the 20th in London is 01:00 on the 21st in Shanghai.
    paid_at = datetime(2025, 2, 20, 17, 0, tzinfo=UTC)
    repayments = repaid((paid_at, 400.0))
    day = date(2025, 2, 20)
    assert dpd_at(INSTALMENTS, repayments, day) == [10]
    assert dpd_at(INSTALMENTS, repayments, day, time_zone="UTC") == [0]


def test_a_repayment_counts_from_the_day_on_which_it_was_available():
    repayments = repaid((date(2025, 2, 12), 400.0), available_at=[date(2025, 2, 14)])
    days = [date(2025, 2, day) for day in (12, 13, 14)]
    assert dpd_at(INSTALMENTS, repayments, *days) == [2, 3, 0]


def test_a_partial_refund_makes_no_arrears():
    # Goods for 250 of 400 are returned after the first payment. The merchant pays, and
    # the borrower pays no more: 350 covers the first three instalments and half of the
    # fourth, which the borrower pays in time.
    repayments = repaid(
        (DUE[0], 100.0),
        (date(2025, 2, 20), 250.0),
        (DUE[3], 50.0),
        payer=["borrower", "merchant", "borrower"],
    )
    days = [DUE[0] + timedelta(days=k) for k in range(150)]
    assert set(dpd_at(INSTALMENTS, repayments, *days)) == {0}


def test_a_guarantor_does_not_end_the_borrowers_arrears():
    repayments = repaid((date(2025, 3, 1), 400.0), payer=["guarantor"])
    day = date(2025, 3, 12)
    assert dpd_at(INSTALMENTS, repayments, day) == [30]
    counted = SettlementRules(payers=("borrower", "guarantor"))
    assert dpd_at(INSTALMENTS, repayments, day, rules=counted) == [0]


def test_the_penalty_pays_no_instalment():
    repayments = repaid((DUE[0], 100.0), penalty=[5.0])
    assert dpd_at(INSTALMENTS, repayments, date(2025, 2, 20)) == [10]


@pytest.mark.parametrize(("lacking", "dpd"), [(1.0, 0), (1.01, 10)])
def test_the_tolerance_is_included(lacking, dpd):
    repayments = repaid((DUE[0], 100.0 - lacking))
    assert dpd_at(INSTALMENTS, repayments, date(2025, 2, 20)) == [dpd]


def test_what_was_let_pass_is_asked_for_with_the_next_instalment():
    repayments = repaid((DUE[0], 99.2), (DUE[1], 99.2))
    # 0.80 is let pass at the first; the second lacks 1.60 after it has filled that.
    assert dpd_at(INSTALMENTS, repayments, DUE[0] + timedelta(days=5)) == [0]
    assert dpd_at(INSTALMENTS, repayments, DUE[1] + timedelta(days=5)) == [5]


def test_sums_are_exact_without_a_tolerance():
    # 0.1 + 0.2 is more than 0.3 in floating point, and 3 x 33.33 less than 99.99.
    instalments = {**INSTALMENTS, "due_principal": [0.3, 99.99, 100.0, 100.0]}
    payments = [(DUE[0], part) for part in (0.1, 0.2, 33.33, 33.33, 33.33)]
    exact = SettlementRules(tolerance=0.0)
    days = [DUE[1] + timedelta(days=1), DUE[2] + timedelta(days=1)]
    assert dpd_at(instalments, repaid(*payments), *days, rules=exact) == [0, 1]


def test_recorded_repayments_stay_with_their_instalment():
    # The second instalment is paid and the first is not.
    repayments = repaid((DUE[0], 100.0), seq=[2])
    day = date(2025, 3, 20)
    recorded = SettlementRules(allocation="recorded")
    assert dpd_at(INSTALMENTS, repayments, day, rules=recorded) == [38]
    assert dpd_at(INSTALMENTS, repayments, day) == [10]


def test_recorded_repayments_must_name_an_instalment_that_is_there():
    repayments = repaid((DUE[0], 50.0), (DUE[0], 50.0), seq=[None, 9])
    recorded = SettlementRules(allocation="recorded")
    with pytest.raises(RecordFaultError) as caught:
        days_past_due(INSTALMENTS, repayments, at=DUE[0], rules=recorded)
    assert caught.value.counts == {
        ("repayments", "seq", "NULL_VALUE"): 1,
        ("repayments", "seq", "UNKNOWN_INSTALMENT"): 1,
    }
    with pytest.raises(RecordFaultError, match=r"'repayments.seq': 1 x NULL_VALUE"):
        days_past_due(INSTALMENTS, repaid((DUE[0], 5.0)), at=DUE[0], rules=recorded)


@settings(max_examples=25)
@given(
    data=st.data(),
    allocation=st.sampled_from(["oldest_first", "recorded"]),
    tolerance=st.sampled_from([0, 100, 400]),
)
def test_equals_the_plain_twin_on_every_day(data, allocation, tolerance):
    loan = data.draw(plain_loans(names_instalments=allocation == "recorded"))
    loan.closed_on = loan.written_off_on = None
    _, instalments, repayments = loan_tables([loan])
    days = [loan.booked_on + timedelta(days=k) for k in range(260)]
    rules = SettlementRules(tolerance=tolerance / 100, allocation=allocation)
    assert dpd_at(instalments, repayments, *days, rules=rules) == [
        plain_dpd(loan, day, tolerance=tolerance, allocation=allocation) for day in days
    ]


def test_options_are_checked():
    with pytest.raises(UsageError, match=r"at must hold at least one date"):
        days_past_due(INSTALMENTS, repaid(), at=[])
    with pytest.raises(UsageError, match=r"at must be a datetime.date, got datetime"):
        days_past_due(INSTALMENTS, repaid(), at=datetime(2025, 1, 1, tzinfo=UTC))
    with pytest.raises(UsageError, match=r"time_zone must be .*, got 'Mars'.*'UTC'"):
        days_past_due(INSTALMENTS, repaid(), at=DUE[0], time_zone="Mars")
    with pytest.raises(UsageError, match=r"tolerance must be a number of at least 0"):
        SettlementRules(tolerance=-1.0)
    with pytest.raises(UsageError, match=r"'oldest_first', 'recorded'; got 'newest'"):
        SettlementRules(allocation="newest")
    with pytest.raises(UsageError, match=r"payers must be .*; unknown: uncle\."):
        SettlementRules(payers=("uncle",))
