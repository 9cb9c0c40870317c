"""Scorecard: logistic regression on weights of evidence, written out as points.

A ``Scorecard`` refits its binner, selects characteristics with a written reason for
each, fits their coefficients under real sign bounds and turns them into the plan's own
points stage, through which it predicts.
"""

from cfscore.scorecard._development import aggregate_development
from cfscore.scorecard._frames import INTERCEPT
from cfscore.scorecard._points_stage import points_stage
from cfscore.scorecard._rules import SelectionRules
from cfscore.scorecard._scorecard import Scorecard
from cfscore.scorecard._training import TrainingSample

__all__ = [
    "INTERCEPT",
    "Scorecard",
    "SelectionRules",
    "TrainingSample",
    "aggregate_development",
    "points_stage",
]
