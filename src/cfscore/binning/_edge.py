"""Edge: the number between two neighbouring values that reads best."""

from __future__ import annotations

import math

__all__ = ["readable_edge"]

_LARGEST_PRECISION = 17  # decimal digits that tell any two float64 apart


def readable_edge(low: float, high: float) -> float:
    """Return a number ``e`` with few digits and ``low < e <= high``.

    As intervals are ``[a, b)``, every such edge parts ``low`` from ``high``; the one
    with the fewest decimals near the middle is the one to print in a points table.

    Parameters
    ----------
    low, high : float
        Neighbouring training values, finite, ``low < high``.

    Examples
    --------
    >>> readable_edge(25.0, 26.0), readable_edge(0.1231, 0.1289)
    (26.0, 0.126)
    """
    middle = low / 2.0 + high / 2.0
    magnitude = math.floor(math.log10(max(abs(low), abs(high))))
    for digits in range(_LARGEST_PRECISION + 1):
        for target in (middle, high):
            edge = _rounded(target, digits - magnitude)
            if low < edge <= high:
                return edge + 0.0  # no -0.0 in a table
    return high


def _rounded(number: float, decimals: int) -> float:
    """Return a rounded number, infinity where it would be beyond the largest one."""
    try:
        return round(number, decimals)
    except OverflowError:
        return math.inf
