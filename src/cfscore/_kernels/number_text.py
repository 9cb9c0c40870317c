"""Number texts: digits to float64, where one rounding gives the right bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int32, int64, uint8

from cfscore._kernels.jit import kernel, read_only, writable

_SPACE, _PLUS, _MINUS, _POINT, _ZERO = 32, 43, 45, 46, 48
_LOWER_CASE = 32  # the bit that makes "E" an "e"
_E = 101
_MOST_DIGITS = 19  # of which any fit into 64 bits
_MOST_POWER_DIGITS = 3
_LARGEST_EXACT_INTEGER = np.uint64(2**53)
_LARGEST_EXACT_POWER = 22
_POWERS = 10.0 ** np.arange(_LARGEST_EXACT_POWER + 1)

#: What ``parse_decimals`` says of a cell.
DONE, TO_BE_ROUNDED, OTHER = 0, 1, 2


@kernel(
    (read_only(uint8), read_only(int32), writable(float64), writable(uint8)),
    (read_only(uint8), read_only(int64), writable(float64), writable(uint8)),
)
def parse_decimals(  # noqa: PLR0912, PLR0915 - a grammar is its branches
    data: Any, offsets: Any, values: Any, kinds: Any
) -> int:
    """Write the value and the kind of each text; return how many are not done.

    Text ``i`` is ``data[offsets[i] : offsets[i + 1]]``. ``DONE``: a number whose digits
    are an integer up to 2^53 and whose decimals are 22 at most: integer and power of
    ten are exact, so that their quotient is rounded once (W. D. Clinger, 1990,
    doi:10.1145/93542.93557); or spaces alone, then NaN. ``TO_BE_ROUNDED``: a number
    without spaces around it that has more digits, or an exponent. ``OTHER``: everything
    else, whole numbers beyond 2^53 among them. 15 ns a text of 7 digits.
    """
    n_open = np.int64(0)
    for row in range(offsets.shape[0] - 1):
        start = np.int64(offsets[row])
        stop = np.int64(offsets[row + 1])
        values[row] = np.nan
        i = start
        while i < stop and data[i] == _SPACE:
            i += 1
        while stop > i and data[stop - 1] == _SPACE:
            stop -= 1
        if i == stop:
            kinds[row] = DONE
            continue
        is_bare = i == start and stop == np.int64(offsets[row + 1])
        is_negative = data[i] == _MINUS
        if is_negative or data[i] == _PLUS:
            i += 1
        mantissa = np.uint64(0)
        n_digits = np.int64(0)  # significant ones
        first = i
        point = np.int64(-1)
        while i < stop:
            digit = np.int64(data[i]) - _ZERO
            if digit < 0 or digit > 9:
                if data[i] != _POINT or point >= 0:
                    break
                point = i
            else:
                n_digits += np.int64(mantissa != 0 or digit != 0)
                mantissa = mantissa * np.uint64(10) + np.uint64(digit)
            i += 1
        is_number = bool(i - first > np.int64(point >= 0))
        decimals = i - point - 1 if point >= 0 else np.int64(0)
        has_power = False
        if is_number and i < stop and data[i] | _LOWER_CASE == _E:
            has_power = True
            i += 1
            if i < stop and (data[i] == _MINUS or data[i] == _PLUS):
                i += 1
            first = i
            while i < stop and _ZERO <= data[i] <= _ZERO + 9:
                i += 1
            is_number = bool(0 < i - first <= _MOST_POWER_DIGITS)
        is_exact = n_digits <= _MOST_DIGITS and mantissa <= _LARGEST_EXACT_INTEGER
        is_whole = point < 0 and not has_power
        if not is_number or i < stop or (is_whole and not is_exact):
            kinds[row] = OTHER
        elif is_exact and decimals <= _LARGEST_EXACT_POWER and not has_power:
            value = np.float64(mantissa) / _POWERS[decimals]
            values[row] = -value if is_negative else value
            kinds[row] = DONE
        else:
            kinds[row] = TO_BE_ROUNDED if is_bare else OTHER
        n_open += np.int64(kinds[row] != DONE)
    return n_open  # type: ignore[return-value]
