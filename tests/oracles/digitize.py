"""Plain form of the digitising kernels: one value at a time, by binary search."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def digitize(
    values: Sequence[float], cuts: Sequence[float], slot_attributes: Sequence[int]
) -> list[int]:
    """Return the attribute of each value; NaN has the last slot."""
    return [
        slot_attributes[bisect_right(cuts, value) if value == value else -1]
        for value in values
    ]


def gather_codes(codes: Sequence[int], code_attributes: Sequence[int]) -> list[int]:
    """Return the attribute of each category code; -1 is missing."""
    return [code_attributes[code + 1] for code in codes]
