"""Count: a whole number that a caller gave, of Python or of numpy."""

from __future__ import annotations

import operator
from typing import Any

from cfscore.exceptions import UsageError

__all__ = ["whole_number"]


def whole_number(name: str, value: Any, least: int = 0) -> int:
    """Return an argument as an ``int``.

    Parameters
    ----------
    name : str
        The argument, for messages.
    value : int or numpy integer
        Booleans and floats, also whole ones, are none.
    least : {0, 1}, default 0
        Smallest value allowed.

    Raises
    ------
    UsageError
        When it is no integer, or below ``least``.

    Examples
    --------
    >>> import numpy as np
    >>> whole_number("reasons", np.int64(4))
    4
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        what = "a positive integer" if least else "an integer >= 0"
        msg = f"{name} must be {what}, got {value!r}."
        raise UsageError(msg)
    return number
