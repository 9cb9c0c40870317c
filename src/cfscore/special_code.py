"""Special codes: reserved values that say why there is no measurement.

Zero, missing and "no record" never share a value: a count of zero inquiries, a bureau
that has no file and a bureau that did not answer are three different facts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import IntEnum
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError

__all__ = [
    "SPECIAL_CODES",
    "SpecialCode",
    "codes_as_missing",
    "exact_numbers",
    "read_code",
    "read_codes",
]


class SpecialCode(IntEnum):
    """Reserved negative values of numeric columns: why there is no measurement."""

    NO_HIT = -9991
    """The bureau has no file on the applicant (thin file)."""
    NOT_APPLICABLE = -9992
    """There is a file, but nothing the column could measure."""
    NEVER = -9993
    """The event never happened; the best bin of a months-since column."""
    SOURCE_DOWN = -9994
    """The source did not answer; says nothing about the applicant."""
    NO_CONSENT = -9995
    """The applicant did not agree to the query; independent of risk."""
    INVALID = -9996
    """A value was computed that is no number, from records that contradict it."""


#: Reserved values of numeric columns by name; SpecialCode says what each means.
SPECIAL_CODES: dict[str, int] = {code.name: code.value for code in SpecialCode}


def read_codes(argument: str, value: Any) -> tuple[float | str, ...]:
    """Return declared special codes as numbers and texts.

    Numbers become floats, except whole numbers that no float64 equals: these stay
    whole, for a category is told by all digits of its number.

    Parameters
    ----------
    argument : str
        What an error calls them.
    value : iterable of number or str, or None
        As they were declared.

    Raises
    ------
    UsageError
        When it is no list, a code repeats, or one is neither a finite number nor a
        text that is not blank.
    """
    if value is None:
        return ()
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        msg = f"{argument} must be a list of numbers or texts."
        raise UsageError(msg)
    codes = tuple(read_code(argument, code) for code in value)
    if len(set(codes)) != len(codes):
        msg = f"{argument} must not repeat a code."
        raise UsageError(msg)
    return codes


def read_code(argument: str, code: Any) -> float | str:
    """Return one declared special code as number or text (see ``read_codes``)."""
    if isinstance(code, str) and code.strip():
        return code
    if isinstance(code, Real) and not isinstance(code, bool | np.bool_):
        number = _number(code)
        if math.isfinite(number):
            return number
    msg = f"{argument} must hold finite numbers or non-blank texts."
    raise UsageError(msg, hint="Missing values have a policy of their own: missing=.")


def _number(code: Real) -> float:
    """Return a float, or the whole number itself where no float equals it."""
    try:
        number = float(code)
    except OverflowError:
        return math.inf
    if isinstance(code, Integral) and number != int(code):
        return int(code)
    return number


def exact_numbers(argument: str, codes: Iterable[float | str]) -> tuple[float, ...]:
    """Return the numbers among special codes, for a numeric column.

    Parameters
    ----------
    argument : str
        What an error calls the codes.
    codes : iterable of float or str
        As ``read_codes`` returns them.

    Returns
    -------
    tuple of float
        Texts are left out.

    Raises
    ------
    UsageError
        When a whole number has no float64 of its own: its neighbour, which nobody
        declared, would be taken for it.

    Examples
    --------
    >>> exact_numbers("special_codes", (-7.0, "XNA", 2.0**53))
    (-7.0, 9007199254740992.0)
    """
    numbers = tuple(code for code in codes if not isinstance(code, str))
    n_inexact = sum(isinstance(code, int) for code in numbers)
    if n_inexact:
        msg = (
            f"{argument}: a numeric column holds float64 numbers, which {n_inexact} "
            "whole-number code(s) beyond 2**53 are not."
        )
        hint = (
            "Read a column of such codes as categories (categorical=[...]), and "
            "declare special codes column by column."
        )
        raise UsageError(msg, hint=hint)
    return numbers


def codes_as_missing(
    values: NDArray[np.float64], codes: Iterable[float]
) -> NDArray[np.float64]:
    """Return numbers with NaN in the place of special codes.

    Parameters
    ----------
    values : array, float64
        Never changed.
    codes : iterable of float
        Special codes.

    Returns
    -------
    array of the same shape, float64
        A copy.

    Examples
    --------
    >>> codes_as_missing(np.array([0.5, -7.0, -8.0]), (-7.0, -8.0)).tolist()
    [0.5, nan, nan]
    """
    is_code = np.isin(values, tuple(codes))
    return np.where(is_code, np.nan, values)
