"""Plain form of the number kernel: one regular expression and exact fractions."""

from __future__ import annotations

import math
import re
from fractions import Fraction

DONE, TO_BE_ROUNDED, OTHER = 0, 1, 2

_NUMBER = re.compile(
    r"([+-]?)(?:([0-9]+)(?:(\.)([0-9]*))?|(\.)([0-9]+))(?:[eE]([+-]?[0-9]{1,3}))?"
)


def parse_decimal(text: str) -> tuple[float, int]:
    """Return the value and the kind of one text."""
    body = text.strip(" ")
    if not body:
        return math.nan, DONE
    match = _NUMBER.fullmatch(body)
    if match is None or not body.isascii():
        return math.nan, OTHER
    sign, whole, point, decimals, lone_point, lone_decimals, power = match.groups()
    decimals = decimals or lone_decimals or ""
    digits = int((whole or "") + decimals)
    is_exact = digits <= 2**53
    is_whole = not point and not lone_point and power is None
    if is_whole and not is_exact:
        return math.nan, OTHER
    if not is_exact or len(decimals) > 22 or power is not None:
        return math.nan, TO_BE_ROUNDED if body == text else OTHER
    value = float(Fraction(digits, 10 ** len(decimals)))
    return (-value if sign == "-" else value), DONE
