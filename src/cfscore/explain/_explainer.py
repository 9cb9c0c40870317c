"""Explainer: what every model family offers for reasons and contributions."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cfscore.tables import ColumnBatch

__all__ = ["Explainer"]


class Explainer(Protocol):
    """Explains the blocks of rows that an engine has read."""

    @property
    def n_columns(self) -> int:
        """Number of features."""

    def explain(
        self,
        block: NDArray[Any],
        batch: ColumnBatch,
        rows: slice,
        reasons: NDArray[np.int16],
        contributions: NDArray[np.float64] | None,
    ) -> None:
        """Write reasons and contributions of a block of rows.

        Parameters
        ----------
        block : array of shape (n_columns, block)
            What the engine read the rows into.
        batch : ColumnBatch
            The rows' columns.
        rows : slice
            Which rows of the batch the block holds.
        reasons : array of shape (n_rows, k), int16
            Written: reason indices, most harmful first, -1 where there are fewer.
        contributions : array of shape (n_rows, n_columns), float64, or None
            Written: log-odds of bad, positive is riskier.
        """
