"""Points: W8 and W9 by hand, policies, and the promises of the scale."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.score_scale import ScoreScale
from cfscore.scorecard import points_stage
from tests.unit.scorecard.cards import edited_tables, repeated, table_with_woe, w6_table

W9_COEFFICIENTS = {"inq": -0.8, "util": -0.6}
W9_INTERCEPT = -2.302585


def w9_stage(scale=None):
    tables = {"inq": w6_table(), "util": table_with_woe([0.9, 0.1, -1.1])}
    scale = scale or ScoreScale()
    return points_stage(tables, W9_COEFFICIENTS, W9_INTERCEPT, scale)


def points_of(characteristic):
    return [a.points for a in characteristic.attributes]


# ---------------------------------------------------------------- W6, W8, W9


def test_w6_woe_of_the_bin_table():
    # ln 5, ln 1.5, -ln 2, -ln 8
    assert w6_table().woe[:4] == pytest.approx(
        [math.log(5), math.log(1.5), -math.log(2), -math.log(8)], abs=1e-12
    )


def test_w9_points():
    inq, util = w9_stage().characteristics
    assert points_of(inq)[:4] == pytest.approx(
        [313.9316, 286.1401, 260.7807, 228.7807], abs=1e-4
    )
    assert points_of(util)[:3] == pytest.approx(
        [292.3618, 278.5120, 257.7371], abs=1e-4
    )
    # MISSING was never seen: WOE 0, the neutral points.
    assert points_of(inq)[4] == pytest.approx(276.7807, abs=1e-4)
    assert points_of(util)[3] == pytest.approx(276.7807, abs=1e-4)


def test_w9_worst_applicant_has_the_score_of_the_pd():
    inq, util = w9_stage().characteristics
    total = points_of(inq)[3] + points_of(util)[2]
    assert total == pytest.approx(486.5179, abs=1e-4)
    assert ScoreScale().score_from_pd(0.505242) == pytest.approx(total, abs=1e-4)


def test_w9_rounded_points():
    inq, util = w9_stage(ScoreScale(rounding="points")).characteristics
    assert points_of(inq)[:4] == [314, 286, 261, 229]
    assert points_of(util)[:3] == [292, 279, 258]
    exact_inq, exact_util = w9_stage().characteristics
    # W9: the largest error of a sum is 0.7073, within n/2 = 1.
    errors = [
        abs(a + b - c - d)
        for a, c in zip(points_of(inq)[:4], points_of(exact_inq)[:4], strict=True)
        for b, d in zip(points_of(util)[:3], points_of(exact_util)[:3], strict=True)
    ]
    assert max(errors) == pytest.approx(0.7073, abs=1e-4)


def test_w9_weighted_mean_of_the_points():
    inq = w9_stage().characteristics[0]
    counts = [a.count for a in inq.attributes]
    assert counts == [510, 320, 180, 90, 0]
    mean = np.average(points_of(inq), weights=counts)
    assert mean == pytest.approx(290.1825, abs=1e-4)


def test_log_odds_are_never_rounded():
    for scale in (ScoreScale(), ScoreScale(rounding="points")):
        for characteristic in w9_stage(scale).characteristics:
            for a in characteristic.attributes:
                assert a.log_odds == characteristic.coefficient * a.woe


# ---------------------------------------------------------------- the scale


SCALES = st.builds(
    ScoreScale,
    pdo=st.floats(1, 200),
    base_score=st.floats(-500, 1500),
    base_odds=st.floats(0.1, 1000),
)
SLOPES = st.floats(-3, 0)


@given(scale=SCALES, a=SLOPES, b=SLOPES, intercept=st.floats(-6, 3))
def test_points_add_up_to_the_score_of_the_log_odds(scale, a, b, intercept):
    tables = {"inq": w6_table(), "util": table_with_woe([0.9, 0.1, -1.1])}
    stage = points_stage(tables, {"inq": a, "util": b}, intercept, scale)
    for i in range(4):
        for j in range(3):
            x = stage.characteristics[0].attributes[i]
            y = stage.characteristics[1].attributes[j]
            expected = scale.score_from_log_odds(intercept + x.log_odds + y.log_odds)
            assert x.points + y.points == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(scale=SCALES)
def test_anchor_odds_hit_the_anchor_score_and_pdo_doubles_the_odds(scale):
    # One characteristic; its two attributes have odds base_odds and 2 base_odds.
    anchor, double = -math.log(scale.base_odds), -math.log(2 * scale.base_odds)
    table = table_with_woe([-anchor, -double])
    stage = points_stage({"util": table}, {"util": -1.0}, 0.0, scale)
    first, second = points_of(stage.characteristics[0])[:2]
    assert first == pytest.approx(scale.base_score, rel=1e-9, abs=1e-6)
    assert second - first == pytest.approx(scale.pdo, rel=1e-9, abs=1e-6)


@given(a=st.floats(-3, 3), intercept=st.floats(-6, 3))
def test_the_sign_of_woe_does_not_matter(a, intercept):
    table = table_with_woe([0.9, 0.1, -1.1])
    flipped = replace(table, woe=-table.woe)
    one = points_stage({"util": table}, {"util": a}, intercept, ScoreScale())
    two = points_stage({"util": flipped}, {"util": -a}, intercept, ScoreScale())
    assert points_of(one.characteristics[0]) == points_of(two.characteristics[0])


@given(slopes=st.lists(SLOPES, min_size=1, max_size=6), intercept=st.floats(-6, 3))
def test_rounding_moves_a_score_by_half_a_point_a_characteristic(slopes, intercept):
    table = table_with_woe([0.9, 0.1, -1.1])
    names = [f"u{j}" for j in range(len(slopes))]
    tables = {name: replace(table, name=name) for name in names}
    coefficients = dict(zip(names, slopes, strict=True))
    exact = points_stage(tables, coefficients, intercept, ScoreScale())
    scale = ScoreScale(rounding="points")
    rounded = points_stage(tables, coefficients, intercept, scale)
    for i in range(3):
        sums = [
            sum(c.attributes[i].points for c in stage.characteristics)
            for stage in (exact, rounded)
        ]
        assert abs(sums[0] - sums[1]) <= len(slopes) / 2 + 1e-9
        assert sums[1] == int(sums[1])


# ---------------------------------------------------------------- policies


def policy_tables(**settings):
    """Return tables of a numeric column with missing cases and a text column."""
    x, y = repeated((80, 60, 40), (10, 20, 40))
    text = np.array(["A", "B", "C"], object)[x.astype(int)]
    x[:25] = np.nan
    edits = {"x": [1, 2], "c": [["A"], ["B"], ["C"]]}
    return edited_tables({"x": x, "c": text}, y, edits, laplace=0.5, **settings)


def last_attributes(tables, coefficient=-1.0):
    stage = points_stage(
        tables, {"x": coefficient, "c": coefficient}, -2.0, ScoreScale()
    )
    x, c = stage.characteristics
    return x.attributes[-1], c.attributes[-1], stage


def test_worst_has_the_fewest_points():
    missing, unseen, stage = last_attributes(
        policy_tables(missing="worst", unseen="worst")
    )
    for attribute, characteristic in zip(
        (missing, unseen), stage.characteristics, strict=True
    ):
        own = [a.points for a in characteristic.attributes if a.policy == "own"]
        assert attribute.policy == "worst"
        assert attribute.points == min(own)


def test_worst_has_the_fewest_points_under_a_positive_coefficient():
    tables = policy_tables(missing="worst", unseen="missing")
    tables["c"] = replace(tables["c"], policies=(*["own"] * 3, "worst", "missing"))
    missing, unseen, stage = last_attributes(tables, coefficient=0.7)
    own = [a for a in stage.characteristics[0].attributes if a.policy == "own"]
    assert missing.points == min(a.points for a in own)
    assert missing.woe == max(a.woe for a in own)
    assert unseen.points == stage.characteristics[1].attributes[-2].points
    assert unseen.points == min(points_of(stage.characteristics[1])[:3])


def test_unseen_as_missing_has_the_points_of_missing():
    x, y = repeated((80, 60, 40), (10, 20, 40))
    text = np.array(["A", "B", None], object)[x.astype(int)]
    tables = edited_tables(
        {"c": text}, y, {"c": [["A"], ["B"]]}, unseen="missing", min_bin_count=5
    )
    stage = points_stage(tables, {"c": -1.0}, -2.0, ScoreScale())
    missing, unseen = stage.characteristics[0].attributes[-2:]
    assert (missing.policy, unseen.policy) == ("own", "missing")
    assert missing.woe != 0.0
    assert (unseen.woe, unseen.points) == (missing.woe, missing.points)


def test_error_is_shown_with_the_points_of_woe_zero():
    _, unseen, stage = last_attributes(policy_tables(unseen="error"))
    assert unseen.policy == "error"
    assert unseen.woe == unseen.log_odds == 0.0
    scale = ScoreScale()
    share = scale.score_from_log_odds(stage.intercept) / 2
    assert unseen.points == pytest.approx(share, abs=1e-9)


def test_neutral_is_woe_zero():
    missing, unseen, _ = last_attributes(policy_tables(missing="neutral"))
    assert (missing.policy, missing.woe) == ("neutral", 0.0)
    assert (unseen.policy, unseen.woe) == ("neutral", 0.0)
    assert unseen.bad_rate is None


def test_a_coefficient_of_zero_gives_equal_points_and_no_minus_zero():
    _, _, stage = last_attributes(policy_tables(), coefficient=0.0)
    for characteristic in stage.characteristics:
        assert len(set(points_of(characteristic))) == 1
        parts = [a.log_odds for a in characteristic.attributes]
        assert [math.copysign(1, part) for part in parts] == [1.0] * len(parts)


def test_the_order_is_that_of_the_coefficients():
    stage = points_stage(policy_tables(), {"c": -1.0, "x": -1.0}, 0.0, ScoreScale())
    assert stage.schema.names == ("c", "x")
