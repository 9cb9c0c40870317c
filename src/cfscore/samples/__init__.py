"""Samples: the table, target and weights that a model is fitted to, read strictly."""

from cfscore.samples._fingerprint import training_fingerprint
from cfscore.samples._table import as_table
from cfscore.samples._target import read_target, read_weights

__all__ = [
    "as_table",
    "read_target",
    "read_weights",
    "training_fingerprint",
]
