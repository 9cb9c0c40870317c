"""One odds scale: a score means the same odds, whichever model it comes from.

A scorecard and a boosted model, trained on the same applicants and calibrated on
others, are asked for their scores of a third sample. Near the anchor of the scale the
odds that are observed must be the anchor's odds, for both.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import beta

import cfscore as cf

SCALE = cf.ScoreScale(pdo=20, base_score=600, base_odds=10)


def applicants(n_rows: int, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    age = rng.uniform(18, 75, n_rows)
    debt = rng.gamma(2.0, 1.0, n_rows)
    city = rng.choice(["Oslo", "Rome", "Lima"], n_rows)
    log_odds = -2.8 - (age - 40) / 30 + 0.5 * debt + 0.6 * (city == "Lima")
    y = (rng.random(n_rows) < expit(log_odds)).astype(int)
    return {"age": age, "debt": debt, "city": city}, y


TRAINING, CALIBRATION, FRESH = (
    applicants(n_rows, seed)
    for seed, n_rows in enumerate([6_000, 30_000, 40_000], start=1)
)

QUICK = {"learning_rate": 0.1, "early_stopping_round": 20}

MODELS = {
    "scorecard": lambda: cf.Scorecard(cf.Binner(n_jobs=1)),
    "boosted": lambda: cf.BoostedModel({"age": -1, "debt": 1}, params=QUICK),
    "boosted, additive": lambda: cf.BoostedModel(interaction="none", params=QUICK),
    # Sees every bad twice, so that its odds are half of what they ought to be.
    "boosted, distorted": lambda: cf.BoostedModel(
        params={**QUICK, "scale_pos_weight": 2.0, "metric": "auc"}
    ),
}


@pytest.fixture(scope="module", params=MODELS)
def fitted(request):
    """Return a model's log-odds of the calibration and of the fresh sample."""
    model = MODELS[request.param]().fit(*TRAINING)
    return model.predict_log_odds(CALIBRATION[0]), model.predict_log_odds(FRESH[0])


def observed_odds(score, low, high):
    """Return the 99.9 % interval of the good:bad odds of scores in [low, high)."""
    y = FRESH[1][(score >= low) & (score < high)]
    n_bad, n_good = y.sum(), len(y) - y.sum()
    assert n_bad > 50
    rates = beta.ppf([0.0005, 0.9995], n_bad + 0.5, n_good + 0.5)
    return (1 / rates[1] - 1, 1 / rates[0] - 1)


@pytest.mark.parametrize("method", ["sigmoid", "beta"])
@pytest.mark.parametrize("doublings", [-1, 0, 1])
def test_scores_near_the_anchor_have_the_odds_of_the_anchor(fitted, method, doublings):
    held_out, fresh = fitted
    calibrator = cf.Calibrator(method).fit(held_out, CALIBRATION[1])
    score = SCALE.score_from_log_odds(calibrator.predict_log_odds(fresh))
    middle = SCALE.base_score + doublings * SCALE.pdo
    low, high = observed_odds(score, middle - 10.0, middle + 10.0)
    assert low < SCALE.base_odds * 2.0**doublings < high


def test_without_calibration_a_distorted_model_misses_its_odds():
    model = MODELS["boosted, distorted"]().fit(*TRAINING)
    score = SCALE.score_from_log_odds(model.predict_log_odds(FRESH[0]))
    middle = SCALE.base_score - SCALE.pdo
    low, _ = observed_odds(score, middle - 10.0, middle + 10.0)
    assert low > SCALE.base_odds / 2.0 * 1.3
