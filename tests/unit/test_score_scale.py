"""The score scale: its ends and its parameters; hand cases are in plan/test_points."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.forest import scale_log_odds
from cfscore.exceptions import UsageError
from cfscore.score_scale import ScoreScale
from cfscore.scoring._row_score import probability

SCALE = ScoreScale()


@pytest.mark.parametrize(
    ("scale", "score", "pd"),
    [
        (ScoreScale(pdo=1), 1_700, 0.0),  # log-odds -766.4
        (SCALE, 1e6, 0.0),
        (SCALE, math.inf, 0.0),
        (SCALE, -1e6, 1.0),
        (SCALE, -math.inf, 1.0),
        (ScoreScale(pdo=5e-324), 601.0, 0.0),
        (ScoreScale(pdo=5e-324), -1e308, 1.0),
    ],
)
def test_pd_at_the_ends_of_the_scale(scale, score, pd):
    assert scale.pd_from_score(score) == pd


@given(st.floats(-1_000, 1_000))
def test_pd_follows_the_rule_of_the_scorer(log_odds):
    # factor 1 and offset 0, so that score and log-odds differ by the sign alone
    scale = ScoreScale(pdo=math.log(2.0), base_score=0.0, base_odds=1.0)
    assert (scale.factor, scale.offset) == (1.0, 0.0)
    pd, score = np.empty(1), np.empty(1)
    scale_log_odds(np.array([log_odds]), 0.0, 1.0, 0, pd, score)
    assert scale.pd_from_score(score[0]) == pd[0] == probability(log_odds)


@pytest.mark.parametrize("number", [np.int64(40), np.uint8(40), np.float32(40), 40.0])
def test_numbers_of_numpy_become_plain_ones(number):
    scale = ScoreScale(pdo=number, base_score=number, base_odds=number)
    assert scale == ScoreScale(40, 40, 40)
    for name in ("pdo", "base_score", "base_odds"):
        assert type(getattr(scale, name)) in (int, float)


@pytest.mark.parametrize("name", ["pdo", "base_score", "base_odds"])
@pytest.mark.parametrize(
    "value", [True, np.True_, "20", None, math.nan, np.float64("inf"), 10**400]
)
def test_other_parameters_are_refused_by_name(name, value):
    with pytest.raises(UsageError, match=f"ScoreScale {name} must be"):
        ScoreScale(**{name: value})


@pytest.mark.parametrize(
    "parameters",
    [
        {"pdo": 1.7e308},  # divided by ln 2
        {"pdo": 1e308},  # times ln 50 / ln 2
        {"pdo": 1e307, "base_score": 1.7e308, "base_odds": 0.02},  # 1.7e308 + 5.6e307
    ],
)
def test_scales_that_overflow_are_refused(parameters):
    with pytest.raises(UsageError, match="overflows"):
        ScoreScale(**parameters)
