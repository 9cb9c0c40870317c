"""Shifts: prior and long-run, on hand-worked numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import expit, logit

from cfscore.calibration import Calibrator
from cfscore.score_scale import ScoreScale

ONE_IN_FIVE = [1, 0, 0, 0, 0]


def test_prior_shift_of_the_worked_case():
    # p = .30 under a bad share of .20, wanted under .05:
    # .30 (.05/.20) / (.30 (.05/.20) + .70 (.95/.80)) = 0.082759
    found = Calibrator("prior_shift", target_rate=0.05)
    found.fit(np.zeros(5), ONE_IN_FIVE)
    assert found.predict_pd([logit(0.30)])[0] == pytest.approx(0.082759, abs=5e-7)
    assert found.calibration_.slope == 1.0
    assert found.calibration_.intercept == pytest.approx(-1.558145, abs=5e-7)
    points = -ScoreScale().factor * found.calibration_.intercept
    assert points == pytest.approx(44.959, abs=5e-4)
    assert found.bad_rate_ == pytest.approx(0.2)


def test_prior_shift_is_bayes_rule():
    p = np.linspace(0.01, 0.99, 50)
    found = Calibrator("prior_shift", target_rate=0.03).fit(np.zeros(5), ONE_IN_FIVE)
    bad, good = p * 0.03 / 0.2, (1 - p) * 0.97 / 0.8
    assert found.predict_pd(logit(p)) == pytest.approx(bad / (bad + good))


def test_prior_shift_counts_weights():
    found = Calibrator("prior_shift", target_rate=0.5)
    found.fit([0.0, 0.0], [1, 0], sample_weight=[1.0, 3.0])
    assert found.calibration_.intercept == pytest.approx(math.log(3.0))


def test_long_run_shift_of_the_worked_case():
    pd = np.array([0.01, 0.02, 0.05, 0.10, 0.20])
    found = Calibrator("long_run", target_rate=0.06).fit(logit(pd), ONE_IN_FIVE)
    assert found.calibration_.intercept == pytest.approx(-0.270248, abs=5e-7)
    expected = [0.007650, 0.015336, 0.038617, 0.078170, 0.160227]
    assert found.predict_pd(logit(pd)) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize("target_rate", [1e-6, 0.3, 1 - 1e-6])
@pytest.mark.parametrize("spread", [0.0, 1.0, 300.0])
def test_long_run_shift_meets_its_target(target_rate, spread):
    x = spread * np.linspace(-1.0, 1.0, 101)
    y, weights = np.arange(101) % 2, np.linspace(0.0, 2.0, 101)
    found = Calibrator("long_run", target_rate=target_rate).fit(x, y, weights)
    mean = np.average(expit(found.predict_log_odds(x)), weights=weights)
    assert mean == pytest.approx(target_rate, rel=1e-6)


def test_a_shift_keeps_every_difference():
    x = np.array([-3.0, -1.0, 2.5])
    for method in ("prior_shift", "long_run"):
        found = Calibrator(method, target_rate=0.1).fit(x, [0, 1, 0])
        assert np.diff(found.predict_log_odds(x)) == pytest.approx(np.diff(x))
