"""Row ranker: one row to its ranks, without the machinery of blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.quantize import (
    MEMBERSHIP,
    ORDERED,
    ORDERED_ZERO_MISSING,
    rank_one,
)
from cfscore.execution._rank_layout import RankColumn, RankLayout
from cfscore.plan import MISSING_ZERO, ZERO_BOUND

__all__ = ["RowRanker"]


class RowRanker:
    """A rank layout as flat arrays for single rows.

    Parameters
    ----------
    layout : RankLayout
        Immutable, so a ranker may be shared between threads.
    """

    def __init__(self, layout: RankLayout) -> None:
        self.dtype = layout.dtype
        self.n_columns = layout.n_columns
        self._thresholds, self._threshold_starts = _flat(
            [feature.thresholds for feature in layout.features], np.float64
        )
        none = np.empty(0, np.uint8)
        self._outside, self._outside_starts = _flat(
            [none if c.outside is None else c.outside for c in layout.columns], np.uint8
        )
        self._feature = np.array([c.feature for c in layout.columns], np.int32)
        self._kind = np.array([_kind(c) for c in layout.columns], np.uint8)
        self._missing_rank = np.array(
            [c.missing_rank for c in layout.columns], np.int32
        )

    def rank(self, values: NDArray[np.float64]) -> NDArray[Any]:
        """Return the ranks of one row.

        Parameters
        ----------
        values : array of shape (n_features,), float64
            What the trees see: NaN for missing, codes for categories.

        Returns
        -------
        array of shape (n_columns,)
            As a block would hold them in one of its columns.
        """
        ranks = np.empty(self.n_columns, self.dtype)
        rank_one(
            values,
            self._thresholds,
            self._threshold_starts,
            self._feature,
            self._kind,
            self._missing_rank,
            self._outside,
            self._outside_starts,
            ZERO_BOUND,
            ranks,
        )
        return ranks


def _kind(column: RankColumn) -> int:
    if column.outside is not None:
        return MEMBERSHIP
    return ORDERED_ZERO_MISSING if column.missing_type == MISSING_ZERO else ORDERED


def _flat(
    arrays: list[NDArray[Any]], dtype: Any
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return arrays one after the other, and where each begins."""
    starts = np.cumsum([0, *map(len, arrays)], dtype=np.int64)
    return np.concatenate([*arrays, np.empty(0)]).astype(dtype), starts
