"""One row of a points table: attributes, sums and reasons in a single call."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import float64, int16, int64, uint16

from cfscore._kernels.jit import kernel, read_only, writable
from cfscore._kernels.reasons import choose_reasons_one


@kernel(
    (
        read_only(float64),
        read_only(float64),
        read_only(int64),
        read_only(uint16),
        read_only(int64),
        read_only(float64, 2),
        read_only(int16),
        float64,
        int64,
        float64,
        int64,
        writable(int64),
        writable(float64),
    )
)
def score_points_one(
    values: Any,
    cuts: Any,
    cut_starts: Any,
    slot_attributes: Any,
    starts: Any,
    table: Any,
    reason_of: Any,
    intercept: Any,
    n_reasons: Any,
    minimum: Any,
    inquiries: Any,
    reasons: Any,
    harms: Any,
) -> tuple[float, float, float]:
    """Return log-odds of bad, PD and score; write the most harmful reasons.

    The row of ``digitize``, ``sum_points`` and ``rank_reasons``, with their bits.
    ``cuts`` of column ``j`` are those from ``cut_starts[j]``; it has two slots more
    than cuts, the last for NaN. ``table`` holds log-odds, points and contribution of
    every attribute, shape (3, n_attributes). ``reasons`` and ``harms``, shape (k,), are
    written: reason index and log-odds of bad, -1 and 0 where there are fewer.
    """
    log_odds, score = intercept, 0.0
    # the last place gathers what is never cited
    harm = np.zeros(n_reasons + 1)
    for j in range(values.shape[0]):
        x, first, n_cuts = values[j], cut_starts[j], cut_starts[j + 1] - cut_starts[j]
        slot = np.int64(n_cuts + 1)
        if x == x:
            slot = np.int64(0)
            for c in range(n_cuts):
                slot += np.int64(not (x < cuts[first + c]))
        at = starts[j] + np.int64(slot_attributes[first + 2 * j + slot])
        log_odds += table[0, at]
        score += table[1, at]
        reason = np.int64(reason_of[at])
        harm[reason if reason >= 0 else n_reasons] += table[2, at]
    choose_reasons_one(harm, n_reasons, minimum, inquiries, reasons, harms)
    return log_odds, 1.0 / (1.0 + math.exp(-log_odds)), score
