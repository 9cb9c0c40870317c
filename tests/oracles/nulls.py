"""Plain form of the null kernel: one row at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence


def fill_nulls(values: Sequence[float], valid: Sequence[bool]) -> list[float]:
    """Return each value that is valid, NaN for the others."""
    return [
        value if is_valid else math.nan
        for value, is_valid in zip(values, valid, strict=True)
    ]
