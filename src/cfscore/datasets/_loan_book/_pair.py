"""Pair: rows that belong together because they name the same thing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["match", "running_number"]


def match(
    left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions (in left, in right) of all pairs of equal values.

    Parameters
    ----------
    left : array of shape (n,), int64
        In any order.
    right : array of shape (m,), int64
        Ascending.

    Returns
    -------
    left_row, right_row : array, int64
        By position in left, then in right.

    Examples
    --------
    >>> [list(map(int, rows)) for rows in match(np.array([7, 5]), np.array([5, 5, 6]))]
    [[1, 1], [0, 1]]
    """
    start = np.searchsorted(right, left, side="left")
    count = np.searchsorted(right, left, side="right") - start
    left_row = np.repeat(np.arange(left.size), count)
    first_pair = np.repeat(np.cumsum(count) - count, count)
    right_row = np.arange(left_row.size) - first_pair + np.repeat(start, count)
    return left_row, right_row


def running_number(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0, 1, ... within each run of rows with the same keys.

    Examples
    --------
    >>> running_number(np.array([4, 4, 9, 4])).tolist()
    [0, 1, 0, 0]
    """
    at = np.arange(keys[0].size)
    is_first = np.zeros(at.size, dtype=np.bool_)
    is_first[:1] = True
    for values in keys:
        is_first[1:] |= values[1:] != values[:-1]
    return np.asarray(at - np.maximum.accumulate(np.where(is_first, at, 0)))
