"""Prebins: a classification tree cuts ordered cells into at most 20 fine bins."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["OrderedCells", "tree_cuts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class OrderedCells:
    """Rows, goods and bads of cells that may only be joined with their neighbours.

    Parameters
    ----------
    rows : array of shape (n_cells,), int64
        Cases.
    good, bad : array of shape (n_cells,), float64
        Weighted goods and bads.
    """

    rows: Ints
    good: Floats
    bad: Floats

    def merge(self, cuts: Ints) -> OrderedCells:
        """Return the cells joined between cuts; cut ``p`` parts p - 1 from p."""
        if not len(self.rows):
            return self
        starts = np.concatenate([np.zeros(1, np.int64), cuts])
        return OrderedCells(
            np.add.reduceat(self.rows, starts),
            np.add.reduceat(self.good, starts),
            np.add.reduceat(self.bad, starts),
        )


def tree_cuts(
    cells: OrderedCells, *, max_prebins: int, min_rows: float, min_weight: float
) -> Ints:
    """Return the cuts of a best-first classification tree over ordered cells.

    The tree takes the split with the largest fall of Gini impurity first, as
    scikit-learn's with ``max_leaf_nodes``. It is grown here because that one rounds
    values to float32, counts a minimum in rows or in weight but not in both, and
    needs every row where the sums of each distinct value are enough.

    Parameters
    ----------
    cells : OrderedCells
        Cells in order of value (or of bad rate, for categories).
    max_prebins : int
        Largest number of leaves.
    min_rows : float
        Cases that every leaf must have.
    min_weight : float
        Weight that every leaf must have.

    Returns
    -------
    array of shape (n_prebins - 1,), int64
        Ascending positions in 1..n_cells - 1. Every leaf holds goods and bads.

    Examples
    --------
    >>> ones = np.ones(4)
    >>> cells = OrderedCells(np.full(4, 10), np.array([9.0, 9, 5, 5]), ones)
    >>> tree_cuts(cells, max_prebins=2, min_rows=10, min_weight=0.0)
    array([2])
    """
    sums = _CumulatedCells(cells)
    best = sums.best_split(0, len(cells.rows), min_rows, min_weight)
    heap = [best] if best else []
    cuts: list[int] = []
    while heap and len(cuts) < max_prebins - 1:
        _, cut, low, high = heapq.heappop(heap)
        cuts.append(cut)
        for child in ((low, cut), (cut, high)):
            best = sums.best_split(*child, min_rows, min_weight)
            if best:
                heapq.heappush(heap, best)
    return np.array(sorted(cuts), dtype=np.int64)


class _CumulatedCells:
    """Running sums, from which the sums of any stretch of cells are differences."""

    def __init__(self, cells: OrderedCells) -> None:
        self.rows = np.concatenate([[0], np.cumsum(cells.rows)])
        self.good = np.concatenate([[0.0], np.cumsum(cells.good)])
        self.bad = np.concatenate([[0.0], np.cumsum(cells.bad)])

    def best_split(
        self, low: int, high: int, min_rows: float, min_weight: float
    ) -> tuple[float, int, int, int] | None:
        """Return (-gain, cut, low, high) of the best cut inside low..high, if any."""
        if high - low < 2:
            return None
        inner = slice(low + 1, high)
        gain = np.full(high - low - 1, self._impurity(*self._sums(low, high)))
        allowed = np.ones(high - low - 1, dtype=np.bool_)
        for start, stop in ((low, inner), (inner, high)):
            good, bad = self._sums(start, stop)
            rows = self.rows[stop] - self.rows[start]
            allowed &= (good > 0.0) & (bad > 0.0)
            allowed &= (rows >= min_rows) & (good + bad >= min_weight)
            gain -= self._impurity(good, bad)
        gain[~allowed] = -np.inf
        first = int(np.argmax(gain))
        if not gain[first] > 0.0:
            return None
        return -float(gain[first]), low + 1 + first, low, high

    def _sums(self, start: int | slice, stop: int | slice) -> tuple[Floats, Floats]:
        return self.good[stop] - self.good[start], self.bad[stop] - self.bad[start]

    @staticmethod
    def _impurity(good: Floats, bad: Floats) -> Floats:
        """Return weight times Gini impurity (half of it, which changes no order)."""
        total = good + bad
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(total > 0.0, good * bad / total, 0.0)
