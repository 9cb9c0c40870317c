"""Choosing the k most harmful reasons of each row.

Rows are taken in small blocks, reason by reason, so that every inner loop runs over
rows in vector instructions. The plain form sorts the adverse reasons of a row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int16, int64, uint16

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

_BLOCK = 128


@subroutine
def _insert_reasons(
    harm: Any, n: Any, n_reasons: Any, minimum: Any, worst: Any, chosen: Any
) -> None:
    """Keep the k most harmful reasons of a block of rows, most harmful first.

    ``harm`` has shape (n_reasons + 1, block), its last row without meaning; ``worst``
    and ``chosen`` (reasons as floats), shape (k, block), are written. Reasons come in
    ascending index, each before those that harm less, so that a tie stays behind.
    """
    k = worst.shape[0]
    for p in range(k):
        for i in range(n):
            worst[p, i] = 0.0
            chosen[p, i] = -1.0
    for r in range(n_reasons):
        # a float like what it stands beside: the loops stay one vector wide
        reason = np.float64(r)
        for i in range(n):
            h = harm[r, i]
            harm[r, i] = h if h >= minimum else -1.0
        for p in range(k - 1, 0, -1):
            q = p - 1
            for i in range(n):
                h, here, above = harm[r, i], worst[p, i], worst[q, i]
                same, moved = chosen[p, i], chosen[q, i]
                is_below = above >= h
                next_worst = h if is_below else above
                next_chosen = reason if is_below else moved
                takes = h > here
                worst[p, i] = next_worst if takes else here
                chosen[p, i] = next_chosen if takes else same
        if k > 0:
            for i in range(n):
                h, here, same = harm[r, i], worst[0, i], chosen[0, i]
                takes = h > here
                worst[0, i] = h if takes else here
                chosen[0, i] = reason if takes else same


@subroutine
def _write_reasons(
    harm: Any, n: Any, inquiries: Any, chosen: Any, out: Any, start: Any
) -> None:
    """Write the chosen reasons of a block of rows to ``out``, shape (rows, k).

    An adverse ``inquiries`` reason that is not among them takes the last place.
    """
    k = chosen.shape[0]
    for i in range(n):
        for p in range(k):
            out[start + i, p] = np.int16(chosen[p, i])
    if inquiries < 0 or k == 0:
        return
    for i in range(n):
        cited = False
        for p in range(k):
            cited = cited or chosen[p, i] == inquiries
        if chosen[k - 1, i] >= 0 and not cited and harm[inquiries, i] > 0.0:
            out[start + i, k - 1] = inquiries


@subroutine
def choose_reasons_one(
    harm: Any, n_reasons: Any, minimum: Any, inquiries: Any, reasons: Any, harms: Any
) -> None:
    """Write the most harmful reasons of one row and their harm, -1 and 0 where fewer.

    ``harm``, shape (n_reasons + 1,), has a last place without meaning.
    """
    k = reasons.shape[0]
    for p in range(k):
        reasons[p] = -1
        harms[p] = 0.0
    for r in range(n_reasons):
        h = harm[r]
        if k > 0 and h > harms[k - 1] and h >= minimum:
            place = k - 1
            while place > 0 and h > harms[place - 1]:
                harms[place] = harms[place - 1]
                reasons[place] = reasons[place - 1]
                place -= 1
            harms[place] = h
            reasons[place] = r
    if inquiries >= 0 and k > 0 and reasons[k - 1] >= 0:
        h = harm[inquiries]
        cited = False
        for p in range(k):
            cited = cited or reasons[p] == inquiries
        if not cited and h > 0.0 and h >= minimum:
            reasons[k - 1] = inquiries
            harms[k - 1] = h


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
    """
    k = out.shape[1]
    # the last row gathers what is never cited
    harm = np.empty((n_reasons + 1, _BLOCK), np.float64)
    worst = np.empty((k, _BLOCK), np.float64)
    chosen = np.empty((k, _BLOCK), np.float64)
    # Unsigned: an index that cannot be negative needs no test, and loops vectorise.
    size, end = np.uint64(_BLOCK), np.uint64(n_rows)
    for start in range(np.uint64(0), end, size):
        n = min(size, end - start)
        harm[:] = 0.0
        for j in range(starts.shape[0] - 1):
            first, reason = starts[j], np.int64(reason_of[starts[j]])
            is_one = True
            for a in range(starts[j], starts[j + 1]):
                is_one = is_one and reason_of[a] == reason
            if is_one:
                own = reason if reason >= 0 else n_reasons
                for i in range(n):
                    harm[own, i] += contributions[first + attributes[j, start + i]]
            else:
                for i in range(n):
                    at = first + attributes[j, start + i]
                    reason = np.int64(reason_of[at])
                    harm[reason if reason >= 0 else n_reasons, i] += contributions[at]
        _insert_reasons(harm, n, n_reasons, minimum, worst, chosen)
        _write_reasons(harm, n, inquiries, chosen, out, start)


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
    k = out.shape[1]
    # the last row gathers what is never cited
    harm = np.empty((n_reasons + 1, _BLOCK), np.float64)
    worst = np.empty((k, _BLOCK), np.float64)
    chosen = np.empty((k, _BLOCK), np.float64)
    for start in range(0, n_rows, _BLOCK):
        n = min(_BLOCK, n_rows - start)
        harm[:] = 0.0
        for i in range(n):
            for j in range(n_features):
                rule = rule_of[j]
                reason = np.int64(reason_of[j] if rule < 0 else ruled[rule, start + i])
                own = reason if reason >= 0 else n_reasons
                harm[own, i] += contributions[start + i, j]
        _insert_reasons(harm, n, n_reasons, minimum, worst, chosen)
        _write_reasons(harm, n, inquiries, chosen, out, start)


@kernel(
    (
        read_only(float64),
        read_only(int16),
        int64,
        float64,
        int64,
        writable(int64),
        writable(float64),
    )
)
def rank_contributions_one(
    contributions: Any,
    reason_of: Any,
    n_reasons: Any,
    minimum: Any,
    inquiries: Any,
    reasons: Any,
    harms: Any,
) -> None:
    """Write the reasons of one row of contributions, as ``rank_contributions`` does.

    ``reason_of`` holds the reason of each feature of that row. ``reasons`` and
    ``harms``, shape (k,), are written: reason index and log-odds of bad, -1 and 0 where
    there are fewer.
    """
    # the last place gathers what is never cited
    harm = np.zeros(n_reasons + 1)
    for j in range(contributions.shape[0]):
        reason = np.int64(reason_of[j])
        harm[reason if reason >= 0 else n_reasons] += contributions[j]
    choose_reasons_one(harm, n_reasons, minimum, inquiries, reasons, harms)
