"""Calibrating log-odds of bad: affine, in steps, or by the beta family.

The loops hold no vectorised form of ``exp`` or ``log1p``, so that a row has the same
bits alone and in any batch.
"""

from __future__ import annotations

import math
from typing import Any

from numba import float64

from cfscore._kernels.jit import kernel, read_only, writable


@kernel((read_only(float64), float64, float64, writable(float64)))
def calibrate_affine(log_odds: Any, slope: Any, intercept: Any, out: Any) -> None:
    """Write ``intercept + slope * log_odds`` of each row; ``out`` may be the input."""
    for i in range(log_odds.shape[0]):
        out[i] = intercept + slope * log_odds[i]


@kernel((read_only(float64), read_only(float64), read_only(float64), writable(float64)))
def calibrate_steps(log_odds: Any, edges: Any, levels: Any, out: Any) -> None:
    """Write the level of the step that each row lies in, NaN for NaN.

    Step ``i`` is ``edges[i - 1] <= log_odds < edges[i]``; the plain form is
    ``levels[bisect_right(edges, log_odds)]``.
    """
    for i in range(log_odds.shape[0]):
        value = log_odds[i]
        low, high = 0, edges.shape[0]
        while low < high:
            middle = (low + high) // 2
            if value < edges[middle]:
                high = middle
            else:
                low = middle + 1
        out[i] = levels[low] if value == value else value


@kernel((read_only(float64), float64, float64, float64, writable(float64)))
def calibrate_beta(log_odds: Any, a: Any, b: Any, c: Any, out: Any) -> None:
    """Write ``c + a ln(p) - b ln(1 - p)`` of each row, ``p`` being its PD.

    With ``t = ln(1 + exp(-|x|))`` both logarithms are free of overflow:
    ``-ln(p) = max(-x, 0) + t`` and ``-ln(1 - p) = max(x, 0) + t``.
    """
    for i in range(log_odds.shape[0]):
        value = log_odds[i]
        tail = math.log1p(math.exp(-abs(value)))
        total = c
        if a > 0.0:  # 0 times an infinite logarithm has no value
            total -= a * (max(-value, 0.0) + tail)
        if b > 0.0:
            total += b * (max(value, 0.0) + tail)
        out[i] = total if value == value else value
