"""Values: the numbers of each application, and what is computed of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Values", "divided", "paired", "row_sums"]

_Floats = NDArray[np.float64]
_Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Values:
    """Numbers by application; each result is NaN for an application that has none.

    Parameters
    ----------
    n : int
        Number of applications.
    rows : array of shape (n_values,), int64
        Application of each number, ascending.
    numbers : array of shape (n_values,), float64
        The numbers, none of them NaN.
    """

    n: int
    rows: _Integers
    numbers: _Floats

    def summed(self, codes: _Integers) -> Values:
        """Return one number per application and code: the sum of those with it."""
        keys, first, group = np.unique(
            paired(self.rows, codes), return_index=True, return_inverse=True
        )
        sums = row_sums(group, self.numbers, len(keys))
        return Values(self.n, self.rows[first], sums)

    def count(self) -> _Floats:
        """Return how many numbers there are; 0, not NaN, for none."""
        return np.bincount(self.rows, minlength=self.n).astype(np.float64)

    def total(self) -> _Floats:
        """Return the sums; 0, not NaN, for none."""
        return row_sums(self.rows, self.numbers, self.n)

    def mean(self) -> _Floats:
        """Return the means."""
        return divided(self.total(), self.count())

    def deviation(self, ddof: int) -> _Floats:
        """Return the standard deviations of more than ``ddof`` numbers."""
        apart = self.numbers - self.mean()[self.rows]
        squares = row_sums(self.rows, apart * apart, self.n)
        variance = divided(squares, (self.count() - ddof).clip(min=0.0))
        return np.asarray(np.sqrt(variance), dtype=np.float64)

    def minimum(self) -> _Floats:
        """Return the smallest numbers."""
        return self._reduced(np.minimum)

    def maximum(self) -> _Floats:
        """Return the largest numbers."""
        return self._reduced(np.maximum)

    def median(self) -> _Floats:
        """Return the middle numbers, or the mean of the two middle ones."""
        ordered = self.numbers[np.lexsort((self.numbers, self.rows))]
        rows, starts, counts = self._groups()
        low = ordered[starts + (counts - 1) // 2]
        high = ordered[starts + counts // 2]
        return self._spread(rows, (low + high) / 2.0)

    def _reduced(self, larger: np.ufunc) -> _Floats:
        rows, starts, _ = self._groups()
        if not len(rows):
            return np.full(self.n, np.nan)
        return self._spread(rows, larger.reduceat(self.numbers, starts))

    def _groups(self) -> tuple[_Integers, _Integers, _Integers]:
        """Return the applications that have numbers, and where theirs are."""
        rows, starts, counts = np.unique(
            self.rows, return_index=True, return_counts=True
        )
        return rows, starts, counts

    def _spread(self, rows: _Integers, found: _Floats) -> _Floats:
        spread = np.full(self.n, np.nan)
        spread[rows] = found
        return spread


def paired(rows: _Integers, codes: _Integers) -> _Integers:
    """Return one number per pair, in the order of rows and then codes (all >= 0)."""
    return rows * (int(codes.max(initial=0)) + 1) + codes


def row_sums(rows: _Integers, numbers: _Floats, n: int) -> _Floats:
    """Return the sum of the numbers of each row, added one by one in their order."""
    sums = np.bincount(rows, weights=numbers, minlength=n)
    return sums.astype(np.float64, copy=False)


def divided(above: _Floats, below: _Floats) -> _Floats:
    """Return quotients, NaN where the denominator is 0."""
    quotient = np.full(len(above), np.nan)
    np.divide(above, below, out=quotient, where=below != 0.0)
    return quotient
