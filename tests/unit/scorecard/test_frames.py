"""Frames: columns and contents of the tables for people."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.score_scale import ScoreScale
from cfscore.scorecard import points_stage
from cfscore.scorecard._frames import coefficient_frame, points_frame, selection_frame
from cfscore.scorecard._logistic import fit_logistic
from cfscore.scorecard._logistic_fit import LogisticSample
from cfscore.scorecard._selection import Selection, Verdict
from tests.unit.scorecard.cards import w6_table


def test_points_frame_has_one_row_per_attribute():
    stage = points_stage({"inq": w6_table()}, {"inq": -1.0}, -2.0, ScoreScale())
    frame = points_frame(stage, {"inq": w6_table()})
    assert list(frame.columns) == [
        "characteristic",
        "attribute",
        "count",
        "bad_rate",
        "woe",
        "coefficient",
        "points",
        "policy",
        "log_odds",
        "note",
    ]
    assert frame.attribute.tolist() == [
        "[-inf, 1)",
        "[1, 2)",
        "[2, 3)",
        "[3, inf]",
        "MISSING",
    ]
    assert frame["count"].tolist() == [510, 320, 180, 90, 0]
    assert frame.note.tolist() == ["", "", "", "", "neutral (n < 30)"]
    assert frame.bad_rate[:4].tolist() == pytest.approx(
        [10 / 510, 20 / 320, 30 / 180, 40 / 90]
    )
    assert np.isnan(frame.bad_rate[4])
    assert frame.points.tolist() == [
        a.points for a in stage.characteristics[0].attributes
    ]


def test_coefficient_frame_shows_the_bound():
    rng = np.random.default_rng(0)
    woe = rng.normal(size=(500, 2))
    y = (rng.random(500) < 1 / (1 + np.exp(woe[:, 0] - woe[:, 1]))).astype(float)
    sample = LogisticSample.build(["a", "b"], woe, y, np.ones(500))
    fit = fit_logistic(sample)
    frame = coefficient_frame(Selection((), sample, fit))
    assert list(frame.columns) == [
        "characteristic",
        "coefficient",
        "standard_error",
        "z",
        "p_value",
        "vif",
        "bound_active",
    ]
    assert frame.characteristic.tolist() == ["(intercept)", "a", "b"]
    assert frame.coefficient.tolist() == [fit.intercept, *fit.coefficients]
    assert frame.bound_active.tolist() == [False, False, True]
    assert frame.standard_error.isna().tolist() == [False, False, True]
    r = np.corrcoef(woe.T)[0, 1]
    assert frame.vif[1] == pytest.approx(1 / (1 - r * r), rel=1e-6)
    assert np.isnan(frame.vif[0])


def test_selection_frame_keeps_the_order():
    verdicts = [
        Verdict("b", 0.3, True, "", np.nan, np.nan, "chosen"),
        Verdict("a", 0.01, False, "iv", 0.01, 0.02, "too low"),
    ]
    frame = selection_frame(verdicts)
    assert list(frame.columns) == [
        "characteristic",
        "iv",
        "chosen",
        "rule",
        "value",
        "limit",
        "reason",
    ]
    assert frame.characteristic.tolist() == ["b", "a"]
    assert frame.chosen.dtype == bool
