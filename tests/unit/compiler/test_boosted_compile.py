"""Plans of boosted models: the model's own predictions, from any table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cfscore as cf
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import AffineCalibration, IsotonicCalibration
from cfscore.scoring import golden_columns

N_ROWS = 3_000


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, N_ROWS).astype(float),
            "use of limits": rng.uniform(0, 1.2, N_ROWS),
            "城市": rng.choice(["north", "south", "east", None], N_ROWS),
            "owner": rng.choice([True, False], N_ROWS),
        }
    )
    frame.loc[rng.random(N_ROWS) < 0.1, "use of limits"] = np.nan
    log_odds = -1 - 0.03 * (frame.age - 40) + 0.8 * (frame["城市"] == "north")
    bad = (rng.random(N_ROWS) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return frame, bad


@pytest.fixture(scope="module")
def model(sample):
    return cf.BoostedModel(monotonic={"age": -1}, params={"n_estimators": 40}).fit(
        *sample
    )


def test_a_plan_predicts_what_the_model_predicts(model, sample):
    frame, _ = sample
    plan = cf.compile_plan(model)
    assert plan.schema == model.schema_
    assert plan.provenance.verified
    assert plan.provenance.training_fingerprint == model.training_fingerprint_
    batch = cf.Scorer(plan).score(frame, contributions=True)
    assert batch.log_odds.tolist() == model.predict_log_odds(frame).tolist()
    total = batch.base_value + batch.contributions.sum(axis=1)
    assert np.abs(total - batch.margin).max() < 1e-9


def test_missing_and_unseen_go_where_the_model_sends_them(model, sample):
    frame, _ = sample
    rows = frame.head(50).assign(
        **{"城市": ["elsewhere"] * 25 + [None] * 25, "age": None}
    )
    found = cf.Scorer(cf.compile_plan(model)).score(rows)
    assert found.log_odds.tolist() == model.predict_log_odds(rows).tolist()


def test_a_sigmoid_is_folded_in_and_steps_follow_the_margin(model, sample):
    frame, bad = sample
    log_odds = model.predict_log_odds(frame)
    sigmoid = cf.Calibrator("sigmoid").fit(log_odds, bad)
    folded = cf.compile_plan(model, calibrator=sigmoid)
    assert isinstance(folded.calibration, AffineCalibration)
    batch = cf.Scorer(folded).score(frame, contributions=True)
    assert batch.margin is batch.log_odds
    assert batch.log_odds == pytest.approx(
        sigmoid.predict_log_odds(log_odds), abs=1e-12
    )
    total = batch.base_value + batch.contributions.sum(axis=1)
    assert total == pytest.approx(batch.log_odds, abs=1e-9)
    steps = cf.Calibrator("isotonic").fit(log_odds, bad)
    staged = cf.compile_plan(model, calibrator=steps)
    assert isinstance(staged.calibration, IsotonicCalibration)
    batch = cf.Scorer(staged).score(frame, contributions=True)
    assert batch.margin.tolist() == log_odds.tolist()
    assert batch.log_odds.tolist() == steps.predict_log_odds(log_odds).tolist()
    total = batch.base_value + batch.contributions.sum(axis=1)
    assert total == pytest.approx(log_odds, abs=1e-9)


def test_a_scorecard_takes_an_affine_calibration_into_its_points(sample):
    frame, bad = sample
    card = cf.Scorecard().fit(frame, bad)
    log_odds = card.predict_log_odds(frame)
    shift = cf.Calibrator("prior_shift", target_rate=0.05).fit(log_odds, bad)
    plan = cf.compile_plan(card, calibrator=shift)
    batch = cf.Scorer(plan).score(frame)
    assert batch.log_odds == pytest.approx(shift.predict_log_odds(log_odds), abs=1e-9)
    scale = plan.scale
    expected = [scale.score_from_log_odds(x) for x in batch.log_odds.tolist()]
    assert batch.score == pytest.approx(expected, abs=1e-9)
    with pytest.raises(UsageError, match="A scorecard cannot be calibrated by 'beta'"):
        cf.compile_plan(card, calibrator=cf.Calibrator("beta").fit(log_odds, bad))


def test_another_scale_and_the_sample_it_was_developed_on(model, sample):
    plan = cf.compile_plan(model, scale=cf.ScoreScale(pdo=40), development=sample)
    batch = cf.Scorer(plan).score(sample[0])
    assert plan.development.n_rows == N_ROWS
    assert sum(plan.development.score_counts) == N_ROWS
    assert plan.development.bad_rate == pytest.approx(sample[1].mean())
    edges = np.array(plan.development.score_edges)
    counts = np.bincount(np.searchsorted(edges, batch.score, side="right"))
    assert counts.tolist() == list(plan.development.score_counts)


def test_arguments_of_other_families_are_refused(model):
    with pytest.raises(UsageError, match="apply to LightGBM models only"):
        cf.compile_plan(model, feature_names=["a"])
    with pytest.raises(UsageError, match="event='good' applies to foreign models"):
        cf.compile_plan(model, event="good")
    with pytest.raises(UsageError, match="calibrator must be a Calibrator, got str"):
        cf.compile_plan(model, calibrator="sigmoid")


def test_a_plan_that_differs_from_its_model_is_not_handed_out(model, monkeypatch):
    def shifted(self, X):
        return np.full(len(X["age"]), 0.25)

    monkeypatch.setattr(cf.BoostedModel, "predict_log_odds", shifted)
    with pytest.raises(CompileError, match="differs from its source on") as caught:
        cf.compile_plan(model)
    assert caught.value.code == "NOT_VERIFIED"


def test_golden_rows_meet_missing_unseen_and_both_booleans(model):
    columns = golden_columns(cf.compile_plan(model))
    assert {None, "unseen", "north"} <= set(columns["城市"])
    assert {None, "True", "False"} == set(columns["owner"])
