"""Plain form of the points kernels: one row at a time, added from left to right."""

from __future__ import annotations

import math
from collections.abc import Sequence

Table = Sequence[Sequence[float]]


def sum_row(attributes: Sequence[int], table: Table, start: float) -> float:
    """Return ``start`` plus the entry of each column's attribute, in column order."""
    total = start
    for entries, attribute in zip(table, attributes, strict=True):
        total += entries[attribute]
    return total


def probability(log_odds: float) -> float:
    """Return the logistic function, 0 where its exponential overflows."""
    try:
        return 1.0 / (1.0 + math.exp(-log_odds))
    except OverflowError:
        return 0.0


def count_attributes(rows: Sequence[Sequence[int]], sizes: Sequence[int]) -> list[int]:
    """Return the rows of each attribute, column after column."""
    counts = [[0] * size for size in sizes]
    for row in rows:
        for column, attribute in enumerate(row):
            counts[column][attribute] += 1
    return [n for column in counts for n in column]
