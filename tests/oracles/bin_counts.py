"""Plain form of the counting kernel: one element at a time."""

from __future__ import annotations

from collections.abc import Sequence

Totals = tuple[list[int], list[float], list[float]]


def bin_counts(
    codes: Sequence[int],
    rows: Sequence[int],
    good: Sequence[float],
    bad: Sequence[float],
    n_codes: int,
) -> Totals:
    """Return the rows, goods and bads of each code."""
    totals: Totals = [0] * n_codes, [0.0] * n_codes, [0.0] * n_codes
    for code, *parts in zip(codes, rows, good, bad, strict=True):
        for total, part in zip(totals, parts, strict=True):
            total[code] += part
    return totals
