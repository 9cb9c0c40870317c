"""Training sample: one table, its outcome and its weights, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.binning import BinTable
from cfscore.plan import assign_attributes
from cfscore.scorecard._logistic_fit import LogisticSample
from cfscore.tables import ColumnBatch

__all__ = ["TrainingSample"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainingSample:
    """The rows that a card is fitted to.

    Parameters
    ----------
    batch : ColumnBatch
        The table, every column of the binner's schema.
    y : array of shape (n_rows,), float64
        1 = bad, 0 = good.
    weights : array of shape (n_rows,), float64
        Case weights; 1 where none were given.
    """

    batch: ColumnBatch
    y: Floats
    weights: Floats

    @property
    def bad_rate(self) -> float:
        """Weighted share of bad."""
        return float(self.weights @ self.y / self.weights.sum())

    def weights_of_evidence(
        self, names: Sequence[str], tables: Mapping[str, BinTable]
    ) -> LogisticSample:
        """Return the WOE of the named characteristics with outcome and weights."""
        woe = np.empty((self.batch.n_rows, len(names)))
        for j, name in enumerate(names):
            table = tables[name]
            attributes = assign_attributes(table.bins, self.batch.columns[name])
            np.take(table.woe, attributes, out=woe[:, j])
        return LogisticSample.build(names, woe, self.y, self.weights)
