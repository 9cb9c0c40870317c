"""Shapley values by their definition: every coalition of every feature."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

Row = list[float]


def interventional(
    margin: Callable[[Row], float], row: Row, background: list[Row]
) -> list[float]:
    """Return the Shapley values of one row against the rows of a background."""

    def value(coalition: tuple[int, ...]) -> float:
        mixed = [
            [row[j] if j in coalition else other[j] for j in range(len(row))]
            for other in background
        ]
        return math.fsum(map(margin, mixed)) / len(background)

    return [_shapley(value, j, len(row)) for j in range(len(row))]


def _shapley(value: Callable[[tuple[int, ...]], float], j: int, n: int) -> float:
    others = [k for k in range(n) if k != j]
    total = []
    for size in range(n):
        weight = 1.0 / (n * math.comb(n - 1, size))
        for coalition in combinations(others, size):
            total.append(weight * (value((*coalition, j)) - value(coalition)))
    return math.fsum(total)
