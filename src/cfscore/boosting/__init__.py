"""Boosting: gradient-boosted trees by LightGBM, constrained as credit models must be.

A ``BoostedModel`` reads any table through ``tables``, hands LightGBM numbers and
nothing else, holds declared directions and interactions to their word, and keeps what
it found as LightGBM's own text, from which a plan is compiled.
"""

from cfscore.boosting._boosted_model import BoostedModel
from cfscore.boosting._encoding import UNSEEN_CODE, FeatureEncoding
from cfscore.boosting._settings import DEFAULTS
from cfscore.boosting._tuning import SEARCH_SPACE

__all__ = [
    "DEFAULTS",
    "SEARCH_SPACE",
    "UNSEEN_CODE",
    "BoostedModel",
    "FeatureEncoding",
]
