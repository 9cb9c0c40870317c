"""Special codes: declared values of numeric columns that the trees see as missing."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from cfscore.exceptions import UsageError
from cfscore.special_code import exact_numbers, read_codes
from cfscore.tables import InputField, InputSchema

__all__ = ["resolve_special_codes"]

_ARGUMENT = "special_codes"


def resolve_special_codes(
    special_codes: Any, schema: InputSchema
) -> dict[str, tuple[float, ...]]:
    """Return the special codes of every numeric column that has any.

    Parameters
    ----------
    special_codes : mapping of str to list of float, list, or None
        Declared codes by column; the numbers of a list hold for all numeric columns.
    schema : InputSchema
        Columns and kinds.

    Returns
    -------
    dict of str to tuple of float
        In column order.

    Raises
    ------
    UsageError
        When a column is unknown (the closest name is suggested) or not numeric, or a
        code is no finite number, is a whole number that no float64 equals, or repeats.
    """
    if not isinstance(special_codes, Mapping):
        codes = exact_numbers(_ARGUMENT, read_codes(_ARGUMENT, special_codes))
        numeric = [field.name for field in schema.fields if field.kind == "numeric"]
        return dict.fromkeys(numeric, codes) if codes else {}
    unknown = [name for name in special_codes if name not in schema.names]
    if unknown:
        close = get_close_matches(str(unknown[0]), schema.names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else None
        msg = f"{_ARGUMENT} names columns that X does not have: {unknown[:20]}."
        raise UsageError(msg, hint=hint)
    found = {
        field.name: _codes_of(field, special_codes[field.name])
        for field in schema.fields
        if field.name in special_codes
    }
    return {name: codes for name, codes in found.items() if codes}


def _codes_of(field: InputField, declared: Any) -> tuple[float, ...]:
    argument = f"{_ARGUMENT}[{field.name!r}]"
    codes = read_codes(argument, declared)
    if codes and field.kind != "numeric":
        msg = f"{argument}: a {field.kind} column has no special codes in a forest."
        hint = "A category is told apart by its key, without being declared."
        raise UsageError(msg, hint=hint)
    numbers = exact_numbers(argument, codes)
    if len(numbers) < len(codes):
        msg = f"{argument}: special codes of a numeric column are numbers."
        raise UsageError(msg)
    return numbers
