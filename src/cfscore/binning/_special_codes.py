"""Special codes: declared values that are no measurements, by kind of column."""

from __future__ import annotations

from typing import Any

from cfscore.special_code import exact_numbers
from cfscore.tables import InputField, read_category

__all__ = ["code_key", "special_codes_of"]


def code_key(code: float | str) -> str:
    """Return a special code as the category that tables read in its place.

    Examples
    --------
    >>> code_key("XNA"), code_key(-7.0), code_key(0.5), code_key(99999999999999999)
    ('XNA', '-7', '0.5', '99999999999999999')
    """
    key, _ = read_category(code)
    assert key is not None  # neither blank nor beyond the range of float64
    return key


def special_codes_of(
    field: InputField, codes: tuple[float | str, ...]
) -> tuple[Any, ...]:
    """Return the codes that a column can hold, in the form in which it holds them.

    A numeric column takes the numbers, a categorical one texts and numbers as keys, a
    boolean one none. So one list can be declared for a whole table.

    Raises
    ------
    UsageError
        When a numeric column would have to hold a whole number that no float64 equals.

    Examples
    --------
    >>> special_codes_of(InputField("util", "numeric"), (-7.0, "XNA"))
    (-7.0,)
    >>> special_codes_of(InputField("city", "categorical"), (-7.0, "XNA"))
    ('-7', 'XNA')
    """
    if field.kind == "boolean":
        return ()
    if field.kind == "numeric":
        return exact_numbers(f"special_codes of column {field.name!r}", codes)
    return tuple(dict.fromkeys(map(code_key, codes)))
