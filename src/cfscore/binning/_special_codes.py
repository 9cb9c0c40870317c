"""Special codes: declared values that are no measurements, by kind of column."""

from __future__ import annotations

from typing import Any

import numpy as np

from cfscore.tables import InputField

__all__ = ["category_key", "special_codes_of"]


def category_key(value: Any) -> str:
    """Return the category key of a text, boolean or number.

    Examples
    --------
    >>> category_key("A"), category_key(True), category_key(-7.0), category_key(0.5)
    ('A', 'True', '-7', '0.5')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def special_codes_of(
    field: InputField, codes: tuple[float | str, ...]
) -> tuple[Any, ...]:
    """Return the codes that a column can hold, in the form in which it holds them.

    A numeric column takes the numbers, a categorical one texts and numbers as keys, a
    boolean one none. So one list can be declared for a whole table.

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
        return tuple(code for code in codes if not isinstance(code, str))
    return tuple(dict.fromkeys(category_key(code) for code in codes))
