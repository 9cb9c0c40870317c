"""Summing a points table over attribute indices, in column order.

``attributes`` is feature-major, shape (n_columns, block); only its first ``n_rows``
columns are used. Tables are flat: the entries of column ``j`` begin at ``starts[j]``.
"""

from __future__ import annotations

import math
from typing import Any

from numba import float64, int64, uint8, uint16

from cfscore._kernels.jit import kernel, read_only, writable

_ATTRIBUTES = read_only(uint16, 2)


@kernel(
    (
        _ATTRIBUTES,
        int64,
        read_only(int64),
        read_only(float64),
        read_only(float64),
        float64,
        writable(float64),
        writable(float64),
        writable(float64),
    )
)
def sum_points(
    attributes: Any,
    n_rows: Any,
    starts: Any,
    log_odds_parts: Any,
    points: Any,
    intercept: Any,
    log_odds: Any,
    pd: Any,
    score: Any,
) -> None:
    """Write log-odds of bad, PD and score of each row.

    ``score`` is the sum of the row's points, ``log_odds`` the intercept plus the
    row's parts, both added in column order from left to right.
    """
    for i in range(n_rows):
        log_odds[i] = intercept
        score[i] = 0.0
    for j in range(starts.shape[0] - 1):
        parts = log_odds_parts[starts[j] :]
        worth = points[starts[j] :]
        column = attributes[j]
        for i in range(n_rows):
            attribute = column[i]
            log_odds[i] += parts[attribute]
            score[i] += worth[attribute]
    for i in range(n_rows):
        pd[i] = 1.0 / (1.0 + math.exp(-log_odds[i]))


@kernel(
    (_ATTRIBUTES, int64, read_only(int64), read_only(float64), writable(float64, 2))
)
def gather_contributions(
    attributes: Any, n_rows: Any, starts: Any, contributions: Any, out: Any
) -> None:
    """Write the contribution of every cell; ``out`` has shape (n_rows, n_columns)."""
    for i in range(n_rows):
        for j in range(starts.shape[0] - 1):
            out[i, j] = contributions[starts[j] + attributes[j, i]]


@kernel((_ATTRIBUTES, int64, read_only(int64), writable(int64)))
def count_attributes(attributes: Any, n_rows: Any, starts: Any, counts: Any) -> None:
    """Add the rows of each attribute to ``counts``, flat like the tables."""
    for j in range(starts.shape[0] - 1):
        first = starts[j]
        column = attributes[j]
        for i in range(n_rows):
            counts[first + column[i]] += 1


@kernel((read_only(uint16), int64, read_only(uint8), read_only(uint8), writable(uint8)))
def mark_faults(
    column: Any, n_rows: Any, faults: Any, unreadable: Any, status: Any
) -> int:
    """Set the status of rows whose attribute is refused; return how many cells are.

    ``unreadable`` is the status before any policy: rows that could not be read keep
    their code and are not looked at again. The first fault of a row stands.
    """
    n_faults = 0
    for i in range(n_rows):
        fault = faults[column[i]]
        if fault != 0 and unreadable[i] == 0:
            n_faults += 1
            if status[i] == 0:
                status[i] = fault
    return n_faults


@kernel((read_only(float64), uint8, read_only(uint8), writable(uint8)))
def mark_infinite(values: Any, fault: Any, unreadable: Any, status: Any) -> None:
    """Set the status of rows with an infinite value, as ``mark_faults`` does."""
    for i in range(values.shape[0]):
        if math.isinf(values[i]) and unreadable[i] == 0 and status[i] == 0:
            status[i] = fault
