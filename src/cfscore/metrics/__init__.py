"""Metrics of a score, as functions of arrays, each with its sampling error.

Discrimination (``auc``, ``gini``, ``ks``, ``lift_table``) compares outcomes with a
risk; stability (``psi``, ``score_shift``) compares two samples on frozen bins.

Orientation is stated, never guessed: ``y`` is 1 for bad and 0 for good, and a larger
``risk`` is riskier unless the caller says ``higher_is="safer"``. A score that ranks
the wrong way round therefore has an AUC below one half and a negative Gini.
"""

from cfscore.metrics._auc import auc, gini, hanley_mcneil_standard_error
from cfscore.metrics._estimate import Estimate
from cfscore.metrics._ks import KsEstimate, ks
from cfscore.metrics._lift import lift_table
from cfscore.metrics._psi import StabilityIndex, psi, score_shift
from cfscore.metrics._sample import HigherIs

__all__ = [
    "Estimate",
    "HigherIs",
    "KsEstimate",
    "StabilityIndex",
    "auc",
    "gini",
    "hanley_mcneil_standard_error",
    "ks",
    "lift_table",
    "psi",
    "score_shift",
]
