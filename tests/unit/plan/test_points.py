"""Points of attributes: W8 and W9 by hand, and the scale's promises."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.plan import Attribute, attribute_points
from cfscore.score_scale import ScoreScale

SCALE = ScoreScale()
LOG_ODDS = st.floats(-20, 20)


@pytest.mark.parametrize(
    ("pd", "score"),
    [
        (0.01, 619.71),
        (0.02, 599.4171),
        (0.05, 572.0814),
        (0.10, 550.5214),
        (0.20, 527.1229),
        (0.50, 487.1229),
    ],
)
def test_w8_score_of_pd(pd, score):
    assert SCALE.score_from_pd(pd) == pytest.approx(score, abs=1e-4)


def test_w8_pd_of_score():
    assert SCALE.pd_from_score(600) == pytest.approx(1 / 51, abs=1e-12)
    assert SCALE.pd_from_score(620) == pytest.approx(1 / 101, abs=1e-12)
    assert SCALE.pd_from_score(580) == pytest.approx(1 / 26, abs=1e-12)


# W9: intercept -2.302585; inquiries coefficient -0.8 on ln 5, ln 1.5, -ln 2, -ln 8;
# utilisation coefficient -0.6 on 0.9, 0.1, -1.1; two characteristics
INQUIRIES = [math.log(5), math.log(1.5), -math.log(2), -math.log(8)]
W9 = [
    (-0.8, INQUIRIES, [313.9316, 286.1401, 260.7807, 228.7807], [314, 286, 261, 229]),
    (-0.6, [0.9, 0.1, -1.1], [292.3618, 278.5120, 257.7371], [292, 279, 258]),
]


@pytest.mark.parametrize(("coefficient", "woe", "points", "rounded"), W9)
def test_w9_points(coefficient, woe, points, rounded):
    whole = ScoreScale(rounding="points")
    intercept = -math.log(10)
    found = [attribute_points(coefficient * w, intercept, SCALE, 2) for w in woe]
    assert found == pytest.approx(points, abs=1e-4)
    assert [
        attribute_points(coefficient * w, intercept, whole, 2) for w in woe
    ] == rounded


def test_w9_worst_applicant_and_neutral_points():
    intercept = -math.log(10)
    parts = (-0.8 * -math.log(8), -0.6 * -1.1)
    total = sum(attribute_points(part, intercept, SCALE, 2) for part in parts)
    assert total == pytest.approx(486.5179, abs=1e-4)
    assert SCALE.pd_from_score(total) == pytest.approx(0.505242, abs=1e-6)
    neutral = attribute_points(0.0, intercept, SCALE, 2)
    assert 2 * neutral == pytest.approx(553.5614, abs=1e-4)


@given(st.floats(1, 200), st.floats(0, 2000), st.floats(0.1, 1000), st.integers(1, 40))
def test_anchor_odds_hit_the_anchor_score_and_pdo_doubles_them(pdo, base, odds, n):
    scale = ScoreScale(pdo, base, odds)
    # n neutral attributes with the whole log-odds in the intercept
    for score, good_to_bad in ((base, odds), (base + pdo, 2 * odds)):
        intercept = -math.log(good_to_bad)
        total = n * attribute_points(0.0, intercept, scale, n)
        assert total == pytest.approx(score, rel=1e-9, abs=1e-6)


@given(st.lists(LOG_ODDS, min_size=1, max_size=12), LOG_ODDS)
def test_rounding_error_is_at_most_half_a_point_per_characteristic(parts, intercept):
    n = len(parts)
    whole = ScoreScale(rounding="points")
    rounded = sum(attribute_points(p, intercept, whole, n) for p in parts)
    exact = SCALE.score_from_log_odds(intercept + sum(parts))
    assert abs(rounded - exact) <= n / 2 + 1e-9


def test_attributes_hold_finite_numbers_only():
    with pytest.raises(UsageError, match="finite"):
        Attribute("x", "interval", "own", 1, 0.1, math.inf, 0.0, 0.0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"pdo": 0},
        {"pdo": -20},
        {"base_odds": 0},
        {"base_score": math.nan},
        {"pdo": "20"},
        {"rounding": "half"},
        {"pdo": True},
    ],
)
def test_impossible_scales_are_refused(arguments):
    with pytest.raises(UsageError, match=next(iter(arguments))):
        ScoreScale(**arguments)
