"""Binning: values become bins, and bins become weights of evidence.

A ``Binner`` cuts every characteristic of a development sample into intervals or
groups (with optbinning as the solver, or by hand), counts goods and bads in each, and
fixes what missing, special and unseen values are worth. What it found is read from
its ``BinTable`` objects; nothing of the solver is kept.
"""

from cfscore.binning._binner import Binner
from cfscore.binning._characteristic import ZeroCellWarning
from cfscore.binning._sample import SampleTotals
from cfscore.binning._settings import BinningSettings
from cfscore.binning._table import BinTable

__all__ = [
    "BinTable",
    "Binner",
    "BinningSettings",
    "SampleTotals",
    "ZeroCellWarning",
]
