"""Lending: schedules to the cent, and days past due that tell the drawn outcome."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from cfscore.datasets import MACRO_SHOCK_AT, SNAPSHOT_AT
from cfscore.datasets._loan_book._loan import _schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_DAY = SNAPSHOT_AT.astimezone(SHANGHAI).date()


def local_date(instant) -> date:
    return instant.astimezone(SHANGHAI).date()


def month_end_after(day: date, months: int) -> date:
    """Return the last day of the month that lies so many months later."""
    first = (pd.Period(day, "M") + months + 1).to_timestamp().date()
    return first - timedelta(days=1)


@pytest.fixture(scope="module")
def tables(clean_tables):
    names = ("loans", "instalments", "repayments", "applications", "truth")
    return {name: clean_tables[name].to_pandas() for name in names}


@pytest.fixture(scope="module")
def paid_dates(tables):
    """Date on which each instalment was paid in full, by loan and number."""
    due = {
        (row.loan_id, row.seq): row.due_principal + row.due_interest + row.due_fee
        for row in tables["instalments"].itertuples()
    }
    so_far, done = defaultdict(float), {}
    payments = tables["repayments"].dropna(subset="seq").sort_values("paid_at")
    for row in payments.itertuples():
        key = (row.loan_id, int(row.seq))
        so_far[key] += row.amount - row.penalty
        if so_far[key] >= due[key] - 0.005:
            done.setdefault(key, local_date(row.paid_at))
    return done


@pytest.fixture(scope="module")
def worst(tables, paid_dates):
    """Most days past due within 12 months on book, by loan; plain Python."""
    loans = tables["loans"].set_index("loan_id")["disbursed_at"]
    found = dict.fromkeys(loans.index, 0)
    for row in tables["instalments"].itertuples():
        horizon = month_end_after(local_date(loans[row.loan_id]), 12)
        until = min(paid_dates.get((row.loan_id, row.seq), LAST_DAY), horizon)
        found[row.loan_id] = max(found[row.loan_id], (until - row.due_date).days)
    return found


@pytest.fixture(scope="module")
def first_loans(tables, worst):
    """First loan of each application that had its twelve months, with the truth."""
    loans = tables["loans"].assign(worst=lambda t: t["loan_id"].map(worst))
    loans = loans.sort_values("disbursed_at").drop_duplicates("application_id")
    is_mature = loans["disbursed_at"] < MACRO_SHOCK_AT - pd.Timedelta(days=2)
    return loans[is_mature].merge(
        tables["truth"].drop(columns=["customer_id", "event_time", "available_at"]),
        on="application_id",
    )


# ------------------------------------------------------------------ schedules


def test_annuity_to_the_cent():
    # 12,000 at 1 % a month over 3 months: 4,080.27 each; principal and interest of
    # 3,960.27/120.00, 3,999.87/80.40, 4,039.86/40.40 (the last takes the rounding).
    principal, interest = _schedule(
        np.array([1_200_000]), np.array([3]), np.array([0.12]), np.array([0])
    )
    assert interest.tolist() == [[12000, 8040, 4040]]
    assert principal.tolist() == [[396027, 399987, 403986]]


def test_other_modes_to_the_cent():
    # 1,000.00 at 12 %: equal principal, bullet, flat fee (no interest).
    principal, interest = _schedule(
        np.full(3, 100_000), np.full(3, 3), np.array([0.12, 0.12, 0.0]), np.arange(1, 4)
    )
    assert principal.tolist() == [
        [33333, 33333, 33334],
        [0, 0, 100_000],
        [33333, 33333, 33334],
    ]
    assert interest.tolist() == [[1000, 667, 333], [1000, 1000, 1000], [0, 0, 0]]


def test_schedules_add_up_and_fall_due_monthly(tables):
    loans, instalments = tables["loans"].set_index("loan_id"), tables["instalments"]
    by_loan = instalments.groupby("loan_id")
    assert (by_loan.size() == loans["term"][by_loan.size().index]).all()
    total = by_loan["due_principal"].sum().round(2)
    assert (total == loans["principal"][total.index]).all()
    months = pd.PeriodIndex(instalments["due_date"], freq="M").astype("int64")
    paid_out = loans["disbursed_at"][instalments["loan_id"]].dt.tz_convert(SHANGHAI)
    start = pd.PeriodIndex(paid_out.dt.date, freq="M").astype("int64")
    assert (months - start == instalments["seq"]).all()


def test_loans_belong_to_approvals(tables):
    decided = tables["applications"].set_index("application_id")
    loans = tables["loans"]
    application = decided.loc[loans["application_id"]]
    assert (application["decision"] == "approve").all()
    assert (
        application["decided_at"].to_numpy() < loans["disbursed_at"].to_numpy()
    ).all()
    assert (
        application["approved_amount"].to_numpy() >= loans["principal"] - 0.01
    ).all()
    assert set(decided.index[decided["decision"] == "approve"]) == set(
        loans["application_id"]
    )


# ------------------------------------------------------------------- outcomes


@pytest.mark.parametrize("days", [60, 90])
def test_days_past_due_tell_the_outcome_that_was_drawn(first_loans, days):
    assert len(first_loans) > 250
    assert first_loans["would_default"].sum() > 10
    assert ((first_loans["worst"] >= days) == first_loans["would_default"]).all()


def test_some_good_loans_are_late(first_loans):
    good = first_loans[~first_loans["would_default"]]
    assert 0.1 < (good["worst"] > 0).mean() < 0.8
    assert 0.002 < (good["worst"] >= 30).mean() < 0.08


def test_oldest_instalments_are_paid_first(paid_dates):
    by_loan = defaultdict(list)
    for (loan, seq), paid in sorted(paid_dates.items()):
        by_loan[loan].append((seq, paid))
    # Of payments made together just before the extraction, some are posted after it.
    recent = LAST_DAY - timedelta(days=7)
    by_loan = {loan: p for loan, p in by_loan.items() if max(d for _, d in p) < recent}
    assert len(by_loan) > 200
    for payments in by_loan.values():
        numbers, dates = zip(*payments, strict=True)
        assert numbers == tuple(range(1, len(numbers) + 1))
        assert list(dates) == sorted(dates)


def test_state_on_the_day_of_extraction(tables, paid_dates):
    n_paid = pd.Series(defaultdict(int), dtype="int64")
    n_paid = pd.Series([loan for loan, _ in paid_dates]).value_counts()
    for loan in tables["loans"].itertuples():
        is_paid = n_paid.get(loan.loan_id, 0) == loan.term
        assert is_paid == (loan.status in ("closed", "compensated"))
        assert is_paid != pd.isna(loan.closed_at)
        assert (loan.status == "written_off") != pd.isna(loan.writeoff_at)
    assert set(tables["loans"]["status"]) == {
        "active",
        "closed",
        "compensated",
        "written_off",
    }


def test_payments_are_sums_of_their_parts(tables):
    payments = tables["repayments"]
    parts = payments[["principal", "interest", "fee", "penalty"]].sum(axis=1)
    assert np.abs(payments["amount"] - parts).max() < 1e-6
    assert (payments["amount"] > 0).all()
    assert (payments["available_at"] < SNAPSHOT_AT).all()
    lag = payments["available_at"] - payments["paid_at"]
    assert pd.Timedelta(0) < lag.min()
    assert lag.max() < pd.Timedelta(days=6)
    # What a guarantor or collection pays is never an automatic debit of a card.
    assert (payments.loc[payments["auto_debit"], "payer"] == "borrower").all()


def test_price_stays_below_the_ceiling(tables):
    assert tables["applications"]["apr_nominal"].max() < 0.24
    assert tables["loans"]["rate_nominal"].between(0, 0.24).all()


def test_who_owes_gets_nothing_more(tables, worst):
    applications = tables["applications"].merge(tables["truth"], on="application_id")
    refused = applications[applications["reject_rule"] == "OWN_PAST_DUE"]
    assert len(refused) > 0
    borrowers = set(
        tables["loans"]["customer_id"][tables["loans"]["loan_id"].map(worst) >= 6]
    )
    assert set(refused["customer_id_x"]) <= borrowers
