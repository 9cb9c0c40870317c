"""Outcome: labels follow the true probability; both drifts are at their dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from cfscore.datasets import (
    APPLICATION_COLUMNS,
    MACRO_SHOCK_AT,
    POPULATION_SHIFT_AT,
    application_table,
    truth_table,
)
from cfscore.metrics import gini, psi

AGE_EDGES = [0, 22, 26, 30, 36, 45, 100]


@pytest.fixture(scope="module")
def book():
    applications = application_table(customers=60_000, seed=5).to_pandas()
    truth = truth_table(customers=60_000, seed=5).to_pandas()
    return applications.join(truth.set_index("application_id"), "application_id")


def age_counts(rows):
    return pd.cut(rows["age_years"], AGE_EDGES, right=False).value_counts(sort=False)


def log_odds(rows):
    return np.log(rows["true_pd"] / (1 - rows["true_pd"]))


def test_labels_follow_the_true_probability(book):
    assert book["bad"].isin([0, 1]).all()
    quarter = book["applied_at"].dt.tz_localize(None).dt.to_period("Q")
    decile = pd.qcut(book["true_pd"], 10, labels=False)
    for groups in (np.zeros(len(book)), quarter, decile, book["product"]):
        for _, rows in book.groupby(groups):
            variance = (rows["true_pd"] * (1 - rows["true_pd"])).sum()
            excess = rows["bad"].sum() - rows["true_pd"].sum()
            assert abs(excess) < 4 * np.sqrt(variance)


def test_level_and_separation(book):
    assert 0.06 < book["bad"].mean() < 0.08
    assert 0.55 < gini(book["bad"], book["true_pd"]).value < 0.65
    before = book[book["applied_at"] < POPULATION_SHIFT_AT]
    assert before["latent_risk"].mean() == pytest.approx(0.0, abs=0.03)
    assert before["latent_risk"].std() == pytest.approx(1.0, abs=0.03)


def test_the_population_shifts_at_its_date_and_not_before(book):
    before = book[book["applied_at"] < POPULATION_SHIFT_AT]
    after = book[book["applied_at"] >= POPULATION_SHIFT_AT]
    earlier = before[before["applied_at"] < "2025-07-01"]
    later = before[before["applied_at"] >= "2025-07-01"]
    assert psi(age_counts(earlier), age_counts(later)).p_value > 0.001
    assert psi(age_counts(before), age_counts(after)).value > 0.25

    assert after["age_years"].mean() < before["age_years"].mean() - 4
    assert after["rural"].mean() > before["rural"].mean() + 0.10
    thin = book["pboc_inq_hard_90d"] == -9991
    assert thin[after.index].mean() > 1.7 * thin[before.index].mean()
    grown = book["channel"] == "信息流 广告"
    assert grown[after.index].mean() > 2 * grown[before.index].mean()
    # The form offers a new kind of employment.
    rider = book["app_employment"] == "网约车, 外卖 骑手"
    assert not rider[before.index].any()
    assert 0.04 < rider[after.index].mean() < 0.10


def test_the_shock_raises_the_same_applicants(book):
    # Log-odds less the part of the latent risk are constant up to the shock, and
    # constant from it on, half a unit higher. Small probabilities are left out:
    # rounded to nine digits they do not give their log-odds back exactly.
    rows = book[book["true_pd"] > 1e-3]
    level = log_odds(rows) - 1.25 * rows["latent_risk"]
    is_shocked = rows["applied_at"] >= MACRO_SHOCK_AT
    assert level[~is_shocked].to_numpy() == pytest.approx(-3.38, abs=1e-5)
    assert level[is_shocked].to_numpy() == pytest.approx(-2.88, abs=1e-5)


def test_bad_rates_rise_at_both_dates(book):
    at = book["applied_at"]
    before = book["bad"][at < POPULATION_SHIFT_AT].mean()
    shifted = book["bad"][(at >= POPULATION_SHIFT_AT) & (at < MACRO_SHOCK_AT)].mean()
    shocked = book["bad"][at >= MACRO_SHOCK_AT].mean()
    assert before < shifted < shocked


def test_the_truth_can_almost_be_reached_from_the_features(book):
    columns = [c for c in APPLICATION_COLUMNS if c.role in ("feature", "segment")]
    features = book[[c.name for c in columns]].copy()
    for column in columns:
        if column.arrow_type == "string":
            features[column.name] = pd.factorize(features[column.name])[0]
    x = features.astype(float).to_numpy()
    is_train = np.arange(len(book)) < 40_000
    model = HistGradientBoostingClassifier(
        learning_rate=0.08, max_leaf_nodes=6, max_iter=120, random_state=0
    )
    with threadpool_limits(1):  # threads that wait for each other are slower than one
        model.fit(x[is_train], book["bad"][is_train])
    test = book[~is_train]
    reached = gini(test["bad"], model.predict_proba(x[~is_train])[:, 1]).value
    best = gini(test["bad"], test["true_pd"]).value
    assert best - 0.075 < reached < best
