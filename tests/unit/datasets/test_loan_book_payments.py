"""Payments: transactions, balances and shops, in time and to the cent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.datasets import SNAPSHOT_AT


@pytest.fixture(scope="module")
def tables(clean_tables):
    names = ("transactions", "balances", "merchants_monthly", "receivables")
    frames = {name: clean_tables[name].to_pandas() for name in names}
    frames["truth"] = clean_tables["truth"].to_pandas()
    frames["applications"] = clean_tables["applications"].to_pandas()
    return frames


@pytest.fixture(scope="module")
def applied(tables):
    return (
        tables["applications"].groupby("customer_id")["applied_at"].agg(["min", "max"])
    )


@pytest.mark.slow
def test_transactions_cover_a_year_before_and_some_days_after(tables, applied):
    txn = tables["transactions"]
    before = (txn["customer_id"].map(applied["min"]) - txn["event_time"]).dt.days
    after = (txn["event_time"] - txn["customer_id"].map(applied["max"])).dt.days
    assert 395 < before.max() <= 401
    assert 30 < after.max() <= 61  # refunds come up to 15 days later
    has_card = applied.index.isin(txn["customer_id"])
    assert 0.92 < has_card.mean() < 0.99


def test_records_arrive_later(tables):
    for name in ("transactions", "balances", "merchants_monthly", "receivables"):
        lag = tables[name]["available_at"] - tables[name]["event_time"]
        assert lag.min() > pd.Timedelta(0), name
        assert (tables[name]["available_at"] < SNAPSHOT_AT).all(), name
    lag = tables["transactions"]["available_at"] - tables["transactions"]["event_time"]
    assert 0.8 < (lag < pd.Timedelta(hours=1)).mean() < 0.9
    assert 0.01 < (lag > pd.Timedelta(days=1.2)).mean() < 0.03


def test_transactions_of_a_customer_are_in_order(tables):
    txn = tables["transactions"]
    is_same = txn["customer_id"].eq(txn["customer_id"].shift())
    assert (txn["event_time"].diff()[is_same] >= pd.Timedelta(0)).all()
    assert txn["txn_id"].is_unique


def test_columns_are_filled_where_they_make_sense(tables):
    txn = tables["transactions"]
    is_shop = txn["kind"].isin(["purchase", "refund"])
    assert txn.loc[is_shop, ["mcc", "merchant_token"]].notna().all().all()
    assert (
        txn.loc[txn["kind"].isin(["withdraw", "fee", "transfer"]), "mcc"].isna().all()
    )
    assert txn.loc[txn["direction"] == "out", "payer_token"].isna().all()
    assert set(txn.loc[txn["channel"] == "ATM", "kind"]) == {"withdraw"}
    assert txn.loc[txn["kind"] == "refund", "direction"].eq("in").all()
    assert txn["city"].isna().equals(txn["channel"].eq("online"))
    assert (txn["amount"] > 0).all()


def test_salaries_come_from_one_payer_on_one_day(tables):
    txn = tables["transactions"]
    pay = txn[(txn["kind"] == "transfer") & txn["payer_token"].notna()]
    months = pay.groupby(["customer_id", "payer_token"]).size()
    salaried = months[months >= 6]
    n_card_holders = txn["customer_id"].nunique()
    assert 0.35 < len(salaried) / n_card_holders < 0.75
    day = pay["event_time"].dt.tz_convert("Asia/Shanghai").dt
    spread = day.day.groupby([pay["customer_id"], pay["payer_token"]]).agg(np.ptp)
    assert (spread[salaried.index] <= 2).all()  # the Friday before a week-end
    assert (
        day.day_of_week[pay["payer_token"].isin(salaried.reset_index()["payer_token"])]
        < 5
    ).all()


def test_spending_has_a_season(tables):
    txn = tables["transactions"].query("kind == 'purchase'")
    at = txn["event_time"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    span = at.groupby(txn["customer_id"]).agg(["min", "max"])
    # Those who are there all the autumn of 2025; November's sales are its peak.
    there = span[(span["min"] < "2025-09-25") & (span["max"] > "2026-01-05")].index
    at = at[txn["customer_id"].isin(there)]
    per_month = at[at.dt.year == 2025].dt.month.value_counts()
    assert per_month[11] > 1.05 * (per_month[10] + per_month[12]) / 2


@pytest.mark.slow
def test_balances_are_carried_forward_to_the_cent(tables, applied):
    days = tables["balances"]
    is_same = days["customer_id"].eq(days["customer_id"].shift()) & days["product"].eq(
        days["product"].shift()
    )
    expected = days["balance"].shift() + days["inflow"] - days["outflow"]
    assert np.abs((days["balance"] - expected)[is_same]).max() < 0.005
    step = pd.to_datetime(days["date"]).diff()[is_same]
    assert (step == pd.Timedelta(days=1)).all()
    assert (days[["balance", "inflow", "outflow"]] >= 0).all().all()
    has_wallet = applied.index.isin(days["customer_id"])
    assert 0.92 < has_wallet.mean() < 0.99
    # Rows stand there with and without consent: using them is what consent is for.
    no_consent = tables["applications"].query("consent_mask % 8 < 4")["customer_id"]
    assert no_consent.isin(days["customer_id"]).mean() > 0.8


def test_shops_belong_to_micro_businesses(tables):
    micro = tables["applications"].query("product == 'micro_biz'")["customer_id"]
    shops = tables["merchants_monthly"]
    assert set(shops["customer_id"]) <= set(micro)
    assert shops["customer_id"].nunique() > 0.85 * micro.nunique()
    for name in ("refund_rate", "dispute_rate", "on_time_ship"):
        assert shops[name].between(0, 1).all()
    assert shops["dsr"].between(1, 5).all()
    assert (shops["months_on_platform"] >= 0).all()
    invoices = tables["receivables"]
    assert set(invoices["supplier_id"]) <= set(shops["merchant_id"])
    assert (invoices["due_date"] > invoices["invoice_date"]).all()
    paid = invoices.dropna(subset="paid_date")
    assert (paid["paid_date"] > paid["invoice_date"]).all()
