"""Truth: calibrated, separating, drifting at its dates, within reach of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.datasets import MACRO_SHOCK_AT, POPULATION_SHIFT_AT
from cfscore.datasets._loan_book._application import (
    MONTHLY_WEIGHT,
    draw_applications,
    exposed_share,
)
from cfscore.datasets._loan_book._block import (
    BLOCK_CUSTOMERS,
    BlockPart,
    block_streams,
)
from cfscore.datasets._loan_book._customer import draw_customers
from cfscore.metrics import gini

#: The first local day that begins at or after the shock, which is at 8 o'clock.
SHOCK_DAY = int(MACRO_SHOCK_AT.timestamp()) // 86_400 + 1


@pytest.fixture(scope="module")
def applications():
    """Applications of 20,480 customers with their truth, without anything else."""
    parts = []
    for index in range(80):
        rng = block_streams(11, index)
        first = index * BLOCK_CUSTOMERS
        customers = draw_customers(rng(BlockPart.CUSTOMERS), first, BLOCK_CUSTOMERS)
        drawn = draw_applications(rng(BlockPart.APPLICATIONS), customers)
        people = drawn.applicants
        columns = {
            "customer": drawn.owner,
            "serial": drawn.serial,
            "applied_at": pd.to_datetime(drawn.applied, unit="s", utc=True),
            "true_pd": drawn.true_pd,
            "bad": drawn.would_default,
            "risk": people.latent_risk,
            "age": people.age_years,
            "rural": people.rural,
            "has_file": customers.has_file[drawn.customer],
            "no_wallet_consent": (drawn.consent & 4) == 0,
            "down": drawn.down > 0,
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def test_outcomes_follow_the_true_probability(applications):
    quarter = applications["applied_at"].dt.tz_localize(None).dt.to_period("Q")
    decile = pd.qcut(applications["true_pd"], 10, labels=False)
    for groups in (np.zeros(len(applications)), quarter, decile):
        for _, rows in applications.groupby(groups):
            variance = (rows["true_pd"] * (1 - rows["true_pd"])).sum()
            excess = rows["bad"].sum() - rows["true_pd"].sum()
            assert abs(excess) < 4 * np.sqrt(variance)


def test_level_and_separation(applications):
    assert 0.16 < applications["bad"].mean() < 0.20
    found = gini(applications["bad"].to_numpy(), applications["true_pd"].to_numpy())
    assert 0.62 < found.value < 0.68
    before = applications[applications["applied_at"] < POPULATION_SHIFT_AT]
    assert before["risk"].mean() == pytest.approx(0.0, abs=0.05)
    assert before["risk"].std() == pytest.approx(1.0, abs=0.03)


def test_customers_apply_several_times(applications):
    n = applications.groupby("customer").size()
    assert n.max() == 4
    assert 0.2 < (n > 1).mean() < 0.4
    gaps = applications.groupby("customer")["applied_at"].diff().dropna()
    assert gaps.min() > pd.Timedelta(days=24)


def test_the_population_shifts_at_its_date(applications):
    first = applications[applications["serial"] == 0]
    is_after = first["applied_at"] >= POPULATION_SHIFT_AT
    before, after = first[~is_after], first[is_after]
    assert after["age"].mean() < before["age"].mean() - 4
    assert after["rural"].mean() > before["rural"].mean() + 0.10
    assert (~after["has_file"]).mean() > 1.5 * (~before["has_file"]).mean()


def test_the_shock_raises_what_lies_behind_it():
    # Of an application d days before the shock, the instalments from month
    # ceil(d / 30) on fall due behind it.
    weights = np.cumsum(MONTHLY_WEIGHT[::-1])[::-1]
    assert weights[0] == pytest.approx(1.0)
    days = SHOCK_DAY - np.array([0, 30, 31, 90, 271, 400])
    expected = [1.0, 1.0, weights[1], weights[2], 0.0, 0.0]
    assert exposed_share(days) == pytest.approx(expected)


def test_log_odds_are_those_of_risk_and_shock(applications):
    rows = applications[applications["true_pd"].between(0.01, 0.99)]
    log_odds = np.log(rows["true_pd"] / (1 - rows["true_pd"]))
    level = log_odds - 1.50 * rows["risk"]
    is_early = rows["applied_at"] < MACRO_SHOCK_AT - pd.Timedelta(days=280)
    is_late = rows["applied_at"] >= MACRO_SHOCK_AT
    assert level[is_early].to_numpy() == pytest.approx(-2.50, abs=1e-5)
    assert level[is_late].to_numpy() == pytest.approx(-2.00, abs=1e-5)
    assert level.max() - level.min() == pytest.approx(0.5, abs=1e-5)


def test_consent_and_failures_say_nothing_about_risk(applications):
    for name in ("no_wallet_consent", "down"):
        groups = applications.groupby(name)["risk"]
        error = groups.std() / np.sqrt(groups.size())
        assert abs(groups.mean().diff().iloc[-1]) < 4 * np.hypot(*error)


# ----------------------------------------------------------- old policy, features


def test_the_old_policy_sees_the_risk_through_noise(clean_tables):
    decided = clean_tables["applications"].to_pandas()
    truth = clean_tables["truth"].to_pandas().set_index("application_id")
    truth = truth.loc[decided["application_id"]].reset_index()
    by_decision = truth["true_pd"].groupby(decided["decision"]).mean()
    assert by_decision["reject"] > 1.8 * by_decision["approve"]
    assert 0.55 < (decided["decision"] == "approve").mean() < 0.75
    assert 0.5 < -decided["score_then"].corr(truth["latent_x"]) < 0.9
    # Some are approved below the cut-off: what a reject inference can lean on.
    assert decided["override"].sum() > 5
    assert set(decided["reject_rule"].dropna()) >= {"SCORE", "DELINQUENCY_3_OR_6"}
    is_rejected = decided["decision"] == "reject"
    assert decided["reject_rule"].notna().equals(is_rejected)
    assert truth["would_default"][is_rejected].any()


def test_the_policy_leaves_less_to_separate(clean_tables):
    decided = clean_tables["applications"].to_pandas()
    approved = decided["application_id"][decided["decision"] == "approve"]
    truth = clean_tables["truth"].to_pandas().set_index("application_id")["true_pd"]
    of_approved = expected_gini(truth[approved].to_numpy())
    assert 0.52 < of_approved < 0.65
    assert of_approved < expected_gini(truth.to_numpy()) - 0.04


def expected_gini(true_pd: np.ndarray, score: np.ndarray | None = None) -> float:
    """Return the Gini of probabilities, or a score, over all outcomes they may have."""
    bad, good = true_pd[:, None], 1 - true_pd[None, :]
    score = true_pd if score is None else score
    ahead = np.sign(score[:, None] - score[None, :])
    return float((bad * good * ahead).sum() / (bad * good).sum())


def test_the_truth_is_within_reach_of_the_raw_data(clean_tables):
    """A handful of plain point-in-time features gives most of the latent risk away."""
    features = plain_features(clean_tables)
    truth = clean_tables["truth"].to_pandas().set_index("application_id")["latent_x"]
    x, y = features.to_numpy(), truth[features.index].to_numpy()
    x = np.column_stack([x, np.ones(len(x))])
    is_train = np.arange(len(x)) % 2 == 0
    weights, *_ = np.linalg.lstsq(x[is_train], y[is_train], rcond=None)
    error = y[~is_train] - x[~is_train] @ weights
    assert 1 - error.var() / y[~is_train].var() > 0.90


def test_no_feature_stands_in_for_the_truth(clean_tables):
    """A year of nights or of balances comes to 0.95 of the Gini of the true PD."""
    decided = clean_tables["applications"].to_pandas()
    approved = decided["application_id"][decided["decision"] == "approve"]
    truth = clean_tables["truth"].to_pandas().set_index("application_id")["true_pd"]
    true_pd = truth[approved].to_numpy()
    limit = 0.97 * expected_gini(true_pd)
    for name, values in plain_features(clean_tables).loc[approved].items():
        assert abs(expected_gini(true_pd, values.to_numpy())) < limit, name


def plain_features(tables) -> pd.DataFrame:
    """Return ranks of what was known before each application, 0 where nothing was."""
    applications = tables["applications"].to_pandas()[
        ["application_id", "customer_id", "applied_at", "employer_months"]
    ]
    found = applications.set_index("application_id")[["employer_months"]]

    def known(name: str, days: int) -> pd.DataFrame:
        rows = tables[name].to_pandas().merge(applications, on="customer_id")
        since = rows["applied_at"] - pd.Timedelta(days=days)
        return rows[
            (rows["available_at"] < rows["applied_at"]) & (rows["event_time"] >= since)
        ]

    txn = known("transactions", 365)
    hour = txn["event_time"].dt.tz_convert("Asia/Shanghai").dt.hour
    buys = txn["kind"].eq("purchase")
    by = txn["application_id"]
    found["night"] = ((hour >= 23) | (hour < 6))[buys].groupby(by[buys]).mean()
    found["declined"] = txn["response"].ne("00").groupby(by).mean()
    risky = txn["mcc"].isin(["7995", "6011", "6051", "6012", "5813"])
    found["risky"] = risky[buys].groupby(by[buys]).mean()
    found["fees"] = txn["kind"].eq("fee").groupby(by).sum()
    days = known("balances", 180)
    found["balance"] = (
        days[days["product"] == "wallet"].groupby("application_id")["balance"].mean()
    )
    reports = known("bureau_reports", 5).sort_values("report_time")
    reports = reports.drop_duplicates("application_id", keep="last")[
        ["application_id", "report_id", "vendor_score"]
    ]
    found["vendor_score"] = reports.set_index("application_id")["vendor_score"]
    accounts = tables["bureau_accounts"].to_pandas().merge(reports, on="report_id")
    totals = accounts.groupby("application_id")[["used", "limit"]].sum()
    found["use"] = totals["used"] / totals["limit"].where(totals["limit"] > 0)
    inquiries = tables["inquiries"].to_pandas().merge(reports, on="report_id")
    hard = inquiries[inquiries["reason"].isin(["02", "03", "08", "20", "24", "26"])]
    found["inquiries"] = hard.groupby("application_id").size()
    oldest = pd.to_datetime(accounts.groupby("application_id")["open_date"].min())
    found["oldest"] = oldest.astype("int64")
    return found.rank(pct=True).sub(0.5).fillna(0.0)
