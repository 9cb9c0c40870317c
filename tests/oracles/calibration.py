"""Plain form of the calibration kernels: one row at a time, as the formulas read."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence


def affine(log_odds: float, slope: float, intercept: float) -> float:
    """Return the line's value."""
    return intercept + slope * log_odds


def steps(log_odds: float, edges: Sequence[float], levels: Sequence[float]) -> float:
    """Return the level of the step that holds the log-odds."""
    return math.nan if math.isnan(log_odds) else levels[bisect_right(edges, log_odds)]


def beta(log_odds: float, a: float, b: float, c: float) -> float:
    """Return ``c + a ln(p) - b ln(1 - p)``, from the probability itself."""
    p = 1.0 / (1.0 + math.exp(-log_odds))
    q = 1.0 / (1.0 + math.exp(log_odds))
    return c + a * math.log(p) - b * math.log(q)
