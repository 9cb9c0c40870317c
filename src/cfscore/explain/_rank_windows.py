"""Rank windows: columns of 16-bit ranks seen as columns of bytes.

A window of 255 cuts of a column is a column of its own, in which a rank counts from the
window's first cut and stops at both ends: ``rank <= cut`` there if and only if it is so
in the whole column. Columns that no node reads vanish.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["RankWindows", "rank_windows"]

_CUTS: Final = 255


@dataclass(frozen=True, eq=False)
class RankWindows:
    """Windows of rank columns and each node's test among them.

    Parameters
    ----------
    source : array of shape (n_windows,), int64
        Column of each window.
    first_cut : array of shape (n_windows,), int64
        Lowest cut of each window.
    node_column, node_cut : array of shape (n_nodes,), int64
        Window and cut within it, 0 to 254, of each node.
    """

    source: NDArray[np.int64]
    first_cut: NDArray[np.int64]
    node_column: NDArray[np.int64]
    node_cut: NDArray[np.int64]

    def ranks_within(self, ranks: NDArray[Any], n_rows: int) -> NDArray[np.uint8]:
        """Return the ranks of rows within every window.

        Parameters
        ----------
        ranks : array of shape (n_columns or more, n_rows or more), uint8 or uint16
            Ranks in the columns.
        n_rows : int
            Rows to use.

        Returns
        -------
        array of shape (n_windows, n_rows), uint8
            Ranks in the windows, 0 to 255; bytes are returned as they are.
        """
        if ranks.dtype == np.uint8:
            return ranks
        within = np.empty((len(self.source), n_rows), np.uint8)
        for window, (column, first) in enumerate(
            zip(self.source.tolist(), self.first_cut.tolist(), strict=True)
        ):
            ahead = ranks[column, :n_rows].astype(np.int32) - first
            within[window] = np.clip(ahead, 0, _CUTS)
        return within


def rank_windows(column: NDArray[Any], cut: NDArray[Any]) -> RankWindows:
    """Return the windows that tests ``ranks[column] <= cut`` need.

    Cuts given as bytes need none: every column is its own window.
    """
    column = column.astype(np.int64)
    if cut.dtype == np.uint8:
        columns = np.arange(int(column.max(initial=-1)) + 1)
        return RankWindows(
            columns, np.zeros_like(columns), column, cut.astype(np.int64)
        )
    n_windows = int(cut.max(initial=0)) // _CUTS + 1
    keys, node_column = np.unique(
        column * n_windows + cut // _CUTS, return_inverse=True
    )
    return RankWindows(
        source=keys // n_windows,
        first_cut=keys % n_windows * _CUTS,
        node_column=node_column.astype(np.int64),
        node_cut=cut.astype(np.int64) % _CUTS,
    )
