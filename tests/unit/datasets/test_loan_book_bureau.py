"""Bureau: reports agree with themselves, with each other and with their time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.datasets import OWN_ORG_TOKEN, SOURCE_BITS
from cfscore.datasets._loan_book._code_table import MONTHLY_STATUSES
from cfscore.datasets._loan_book._pair import match, running_number
from cfscore.datasets._loan_book._status_chain import bucket_of_code

BUREAU = SOURCE_BITS["BUREAU"]


@pytest.fixture(scope="module")
def tables(clean_tables):
    names = [
        n
        for n in clean_tables
        if n.startswith(("bureau_", "inq", "app", "cust", "truth"))
    ]
    return {name: clean_tables[name].to_pandas() for name in names}


@pytest.fixture(scope="module")
def accounts(tables):
    made = tables["bureau_reports"].set_index("report_id")
    frame = tables["bureau_accounts"]
    local = made["report_time"][frame["report_id"]].dt.tz_convert("Asia/Shanghai")
    return frame.assign(
        report_date=local.dt.tz_localize(None).dt.normalize().to_numpy()
    )


def test_buckets_of_codes():
    codes = np.frombuffer("".join(MONTHLY_STATUSES).encode(), dtype=np.uint8)
    buckets = dict(zip(MONTHLY_STATUSES, bucket_of_code(codes).tolist(), strict=True))
    assert [buckets[c] for c in "NM*A#/CG"] == [0] * 8
    assert [buckets[c] for c in "1234567"] == [1, 2, 3, 4, 5, 6, 7]
    assert (buckets["D"], buckets["Z"], buckets["B"]) == (3, 3, 7)


def test_pairs_are_those_of_two_loops():
    rng = np.random.default_rng(5)
    left, right = rng.integers(0, 9, 30), np.sort(rng.integers(0, 9, 40))
    rows = [(i, j) for i in range(30) for j in range(40) if left[i] == right[j]]
    assert list(zip(*map(list, match(left, right)), strict=True)) == rows
    assert running_number(np.array([3, 3, 3]), np.array([1, 2, 2])).tolist() == [
        0,
        0,
        1,
    ]


def test_both_forms_of_the_statuses_agree(tables):
    months = tables["bureau_monthly_status"].sort_values(
        ["report_id", "acct_no", "month"]
    )
    joined = months.groupby(["report_id", "acct_no"])["code"].agg("".join)
    accounts = tables["bureau_accounts"].set_index(["report_id", "acct_no"])
    assert accounts["status_60m"].str.len().eq(60).all()
    assert (accounts["status_24m"] == accounts["status_60m"].str[-24:]).all()
    written = accounts["status_60m"].str.lstrip("/")
    written = written[written != ""].sort_index()
    assert (joined.sort_index() == written).all()
    assert joined.index.equals(written.index)
    last = months.drop_duplicates(["report_id", "acct_no"], keep="last")
    last = last.set_index(["report_id", "acct_no"])["month"]
    assert (accounts.loc[last.index, "status_month"] == last).all()


def test_months_are_known_up_to_35_days_before_the_report(accounts):
    lag = (accounts["report_date"] - pd.to_datetime(accounts["info_date"])).dt.days
    assert (lag.min(), lag.max()) == (1, 35)
    status_month = pd.PeriodIndex(accounts["status_month"], freq="M")
    info_month = pd.PeriodIndex(accounts["info_date"], freq="M")
    is_open = accounts["close_date"].isna()
    assert (info_month[is_open] - 1 == status_month[is_open]).all()
    assert (status_month <= info_month - 1).all()


def test_later_reports_repeat_the_past(tables, accounts):
    """The months that two reports on one account have in common are the same."""
    reports = tables["bureau_reports"].set_index("report_id")
    frame = accounts.assign(at=reports["report_time"][accounts["report_id"]].to_numpy())
    frame = frame.sort_values(["acct_no", "at"])
    frame = frame[frame["acct_no"].isin(frame["acct_no"].unique()[:150])]
    later = frame.shift(-1)
    is_pair = frame["acct_no"] == later["acct_no"]
    one, two = frame[is_pair], later[is_pair]
    for column in ("type", "org_token", "open_date"):
        assert (one[column] == two[column]).all()
    month, next_month = (
        pd.PeriodIndex(views["status_month"], freq="M").astype("int64")
        for views in (one, two)
    )
    pairs = zip(next_month - month, one["status_60m"], two["status_60m"], strict=True)
    compared = [(n, old, new) for n, old, new in pairs if 0 <= n < 60]
    assert len(compared) > 60
    assert all(old[n:] == new[: 60 - n] for n, old, new in compared)


def test_no_file_means_no_rows(tables):
    reports = tables["bureau_reports"].set_index("report_id")
    assert 0.7 < reports["hit"].mean() < 0.95
    for name in ("bureau_accounts", "inquiries", "bureau_public", "bureau_special"):
        assert reports["hit"][tables[name]["report_id"]].all()
    # A file may hold nothing but accounts closed more than 60 months before.
    listed = reports.index[reports["hit"]].isin(tables["bureau_accounts"]["report_id"])
    assert 0.9 < listed.mean() < 1.0
    assert (
        reports.loc[~reports["hit"], ["vendor_score", "first_credit_month"]]
        .isna()
        .all()
        .all()
    )


def test_thin_files_are_rural_and_young(tables):
    customers = tables["customers"].set_index("customer_id")
    hit = tables["bureau_reports"].groupby("customer_id")["hit"].max()
    people = customers.loc[hit.index]
    assert (~hit[people["rural"]]).mean() > 1.3 * (~hit[~people["rural"]]).mean()
    assert people["birth_year"][~hit].mean() > people["birth_year"][hit].mean() + 2


def test_each_application_has_its_report_or_says_why(tables):
    applications = tables["applications"]
    approvals = tables["bureau_reports"].query("reason == '02'")
    answered = applications.merge(approvals, on="customer_id")
    waited = answered["applied_at"] - answered["report_time"]
    answered = answered[
        waited.between(pd.Timedelta(0), pd.Timedelta(days=3, minutes=3))
    ]
    in_time = set(
        answered.loc[
            answered["available_at_y"] < answered["applied_at"], "application_id"
        ]
    )
    mask = applications["consent_mask"] & ~applications["source_down_mask"] & BUREAU
    assert in_time == set(applications["application_id"][mask > 0])
    # Some come after the application: known too late, and marked as not answered.
    late = set(
        answered.loc[
            answered["available_at_y"] > answered["applied_at"], "application_id"
        ]
    )
    down = applications["application_id"][
        (applications["source_down_mask"] & BUREAU) > 0
    ]
    assert late
    assert late <= set(down)


def test_each_report_lists_its_own_inquiry(tables):
    own = tables["inquiries"].query(f"org_token == '{OWN_ORG_TOKEN}'")
    reports = tables["bureau_reports"].query("hit")
    date = reports["report_time"].dt.tz_convert("Asia/Shanghai").dt.date
    expected = set(zip(reports["report_id"], date, reports["reason"], strict=True))
    found = set(zip(own["report_id"], own["inquiry_date"], own["reason"], strict=True))
    assert expected <= found
    asked_by_self = tables["inquiries"].query("reason == 'self'")
    assert asked_by_self[["org_type", "org_token"]].isna().all().all()


def test_amounts_fit_the_accounts(accounts):
    is_card = accounts["type"].isin(["R2", "R3"])
    assert (
        accounts["limit"]
        .notna()
        .eq(accounts["type"].isin(["R1", "R2", "R3", "R4"]))
        .all()
    )
    assert (accounts["used"].dropna() <= 1.12 * accounts["limit"].dropna() + 0.01).all()
    assert accounts.loc[is_card, "terms"].isna().all()
    closed = accounts[accounts["close_date"].notna()]
    assert (closed[["balance", "due_month"]] == 0).all().all()
    assert closed["status_24m"].str[-1].isin(["C", "G"]).all()
    assert not accounts["status_60m"].str[:-1].str.contains("[CG]").any()
    shared = accounts.dropna(subset="agreement_token")
    per_agreement = shared.groupby(["report_id", "agreement_token"])[
        "shared_limit"
    ].nunique()
    assert (per_agreement == 1).all()


def test_arrears_follow_the_risk(tables, accounts):
    risk = tables["truth"].groupby("customer_id")["latent_x"].first()
    late = (
        accounts["status_60m"]
        .str.count("[1-7BDZ]")
        .groupby(accounts["customer_id"])
        .max()
    )
    risk = risk[late.index]
    assert risk[late > 0].mean() > risk[late == 0].mean() + 0.5
