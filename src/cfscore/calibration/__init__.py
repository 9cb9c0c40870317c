"""Calibration: from a model's log-odds of bad to log-odds that mean what they say.

A ``Calibrator`` is fitted on cases that the model was not trained on, and finds a
frozen stage that a plan carries between the model and the score scale.
"""

from cfscore.calibration._calibrator import Calibrator

__all__ = ["Calibrator"]
