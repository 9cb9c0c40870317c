"""Plain form of the quantising kernels: one value at a time, by binary search."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence


def rank_values(
    values: Sequence[float], thresholds: Sequence[float], missing_rank: int
) -> list[int]:
    """Return the number of thresholds below each value; NaN has a rank of its own."""
    return [
        missing_rank if math.isnan(value) else bisect_left(thresholds, value)
        for value in values
    ]


def blank_codes(values: Sequence[float], codes: Sequence[float]) -> list[float]:
    """Return values, NaN in the place of codes."""
    return [math.nan if value in codes else value for value in values]


def replace_missing(
    values: Sequence[float],
    ranks: Sequence[int],
    missing_rank: int,
    zero_is_missing: bool,
    zero_bound: float,
) -> list[int]:
    """Return ranks with another one where the value is missing."""
    return [
        missing_rank
        if math.isnan(value) or (zero_is_missing and abs(value) <= zero_bound)
        else rank
        for value, rank in zip(values, ranks, strict=True)
    ]


def rank_members(values: Sequence[float], members: set[int]) -> list[int]:
    """Return 0 where the integer part of a value is a member, else 1."""
    return [
        0
        if math.isfinite(value) and value > -1.0 and math.trunc(value) in members
        else 1
        for value in values
    ]


def gather_ranks(codes: Sequence[int], code_ranks: Sequence[int]) -> list[int]:
    """Return the rank of each category code; -1 is missing."""
    return [code_ranks[code + 1] for code in codes]
