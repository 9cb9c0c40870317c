"""Choosing the k most harmful reasons of each row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int16, int64, uint16

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

_BLOCK = 128


@subroutine
def _choose(
    harm: Any, n_reasons: Any, minimum: Any, inquiries: Any, worst: Any, chosen: Any
) -> None:
    """Write the indices of the most harmful reasons of one row into ``chosen``.

    A reason is inserted into the k worst so far, in ascending index, so that a tie
    stays behind. ``worst`` is scratch space of k numbers.
    """
    k = chosen.shape[0]
    chosen[:] = -1
    worst[:] = 0.0
    for r in range(n_reasons):
        h = harm[r]
        if k > 0 and h > worst[k - 1] and h >= minimum:
            place = k - 1
            while place > 0 and h > worst[place - 1]:
                worst[place] = worst[place - 1]
                chosen[place] = chosen[place - 1]
                place -= 1
            worst[place] = h
            chosen[place] = r
    if inquiries >= 0 and k > 0 and chosen[k - 1] >= 0:
        h = harm[inquiries]
        cited = False
        for place in range(k):
            cited = cited or chosen[place] == inquiries
        if not cited and h > 0.0 and h >= minimum:
            chosen[k - 1] = inquiries


@kernel(
    (
        read_only(uint16, 2),
        int64,
        read_only(int64),
        read_only(float64),
        read_only(int16),
        int64,
        float64,
        int64,
        writable(int16, 2),
    )
)
def rank_reasons(
    attributes: Any,
    n_rows: Any,
    starts: Any,
    contributions: Any,
    reason_of: Any,
    n_reasons: Any,
    minimum: Any,
    inquiries: Any,
    out: Any,
) -> None:
    """Write the reason indices of each row, most harmful first, -1 where fewer.

    The contributions (log-odds of bad) of a row are added per reason in column order;
    a reason is adverse when its sum is positive and at least ``minimum``. Ties go to
    the smaller index. An adverse ``inquiries`` reason that is not among the first k
    takes the last place. ``out`` has shape (rows, k).

    Rows are taken in small blocks so that each column is read along its rows.
    """
    k = out.shape[1]
    harm = np.empty((_BLOCK, n_reasons), np.float64)
    worst = np.empty(k, np.float64)
    for start in range(0, n_rows, _BLOCK):
        n = min(_BLOCK, n_rows - start)
        harm[:n] = 0.0
        for j in range(starts.shape[0] - 1):
            parts = contributions[starts[j] :]
            reasons = reason_of[starts[j] :]
            column = attributes[j, start : start + n]
            for i in range(n):
                reason = reasons[column[i]]
                if reason >= 0:
                    harm[i, reason] += parts[column[i]]
        for i in range(n):
            _choose(harm[i], n_reasons, minimum, inquiries, worst, out[start + i])


@kernel(
    (
        read_only(float64, 2),
        read_only(int16),
        read_only(int64),
        read_only(int16, 2),
        int64,
        float64,
        int64,
        writable(int16, 2),
    )
)
def rank_contributions(
    contributions: Any,
    reason_of: Any,
    rule_of: Any,
    ruled: Any,
    n_reasons: Any,
    minimum: Any,
    inquiries: Any,
    out: Any,
) -> None:
    """Write the reason indices of each row, as ``rank_reasons`` does.

    ``contributions`` has shape (rows, n_features) and ``reason_of`` the reason of each
    feature. A feature with special rules has its place in ``rule_of`` (else -1), and
    ``ruled``, shape (n_ruled, rows), holds the reason of each of its rows.
    """
    n_rows, n_features = contributions.shape
    harm = np.empty(n_reasons + 1, np.float64)
    worst = np.empty(max(out.shape[1], 1), np.float64)
    for i in range(n_rows):
        harm[:] = 0.0
        for j in range(n_features):
            rule = rule_of[j]
            reason = np.int64(reason_of[j] if rule < 0 else ruled[rule, i])
            # the last place gathers what is never cited
            harm[reason if reason >= 0 else n_reasons] += contributions[i, j]
        _choose(harm, n_reasons, minimum, inquiries, worst, out[i])
