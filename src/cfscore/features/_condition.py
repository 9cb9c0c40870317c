"""Condition: which facts count, by the values of their columns.

``{"direction": "out"}`` asks for a value, ``{"kind": ["repay", "fee"]}`` for one of
several, ``{"amount": {"at_least": 1000}}`` compares. Conditions on several columns
must all hold. Text is compared without blanks around it; missing and blank text are
one thing and meet no condition but ``missing`` and ``not``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from cfscore.exceptions import SchemaError, UsageError
from cfscore.features._spelling import spelling_hint

__all__ = ["Condition", "check_condition", "condition_label", "condition_mask"]

#: Per column a value, a list of values, or a mapping of comparisons to operands.
Condition = Mapping[str, Any]

_Values = str | float | int | bool | Sequence[Any]


def _is_one_of(column: pl.Expr, operand: Any) -> pl.Expr:
    return column.is_in(
        list(operand) if isinstance(operand, list | tuple) else [operand]
    )


#: Comparisons by name. Each returns null or False for a missing value but those that
#: speak of missing values.
_COMPARISONS: dict[str, Callable[[pl.Expr, Any], pl.Expr]] = {
    "above": lambda column, operand: column > operand,
    "at_least": lambda column, operand: column >= operand,
    "at_most": lambda column, operand: column <= operand,
    "below": lambda column, operand: column < operand,
    "is": _is_one_of,
    "missing": lambda column, operand: column.is_null() == pl.lit(operand),
    "multiple_of": lambda column, operand: column.cast(pl.Float64) % operand == 0,
    "not": lambda column, operand: ~_is_one_of(column, operand).fill_null(value=False),
    "starts_with": lambda column, operand: column.str.starts_with(operand),
}


def check_condition(condition: Condition, what: str) -> None:
    """Refuse a condition that cannot be understood.

    Parameters
    ----------
    condition : mapping of str to value
        See the module.
    what : str
        Name of the argument, for messages.

    Raises
    ------
    UsageError
        When a comparison is unknown or an operand has a wrong type.
    """
    for column, name, operand in _parts(condition):
        if name not in _COMPARISONS:
            msg = f"{what}[{column!r}] has an unknown comparison {name!r}."
            raise UsageError(msg, hint=spelling_hint(name, _COMPARISONS))
        if not _is_operand(name, operand):
            msg = f"{what}[{column!r}]: {name!r} cannot take {type(operand).__name__}."
            raise UsageError(msg, hint="Give a text, a number, or a list of them.")


def _is_operand(name: str, operand: Any) -> bool:
    if name == "missing":
        return isinstance(operand, bool)
    if name == "starts_with":
        return isinstance(operand, str)
    if name == "multiple_of":
        return isinstance(operand, int | float) and operand > 0
    if isinstance(operand, list | tuple):
        plain = all(isinstance(value, str | int | float) for value in operand)
        return name in ("is", "not") and plain and len(operand) > 0
    return isinstance(operand, str | int | float)


def _parts(condition: Condition) -> Iterator[tuple[str, str, Any]]:
    """Yield column, comparison and operand of every part."""
    for column, wanted in condition.items():
        if isinstance(wanted, Mapping):
            for name, operand in wanted.items():
                yield column, name, operand
        else:
            yield column, "is", wanted


def condition_label(condition: Condition) -> str:
    """Return a condition as the middle of a feature's name.

    Examples
    --------
    >>> condition_label({"direction": "out", "amount": {"at_least": 1000}})
    'out_amount_at_least_1000'
    """
    words = []
    for column, name, operand in _parts(condition):
        values = operand if isinstance(operand, list | tuple) else [operand]
        is_plain_text = name == "is" and all(isinstance(v, str) for v in values)
        head = [] if is_plain_text else [column, *([] if name == "is" else [name])]
        words += [*head, *(str(value) for value in values)]
    return "_".join(words)


def condition_mask(condition: Condition, schema: pl.Schema) -> pl.Expr:
    """Return a boolean expression, never null, that is True where a condition holds.

    Parameters
    ----------
    condition : mapping of str to value
        Checked; an empty one always holds.
    schema : polars schema
        Of the columns at hand; text in it is already free of blanks.

    Raises
    ------
    SchemaError
        When an operand cannot be compared with the type of its column.
    """
    masks = []
    for column, name, operand in _parts(condition):
        fault = _mismatch(schema[column], name, operand)
        if fault:
            raise SchemaError([(column, "TYPE_DIFFERS", fault)])
        mask = _mask(pl.col(column), schema[column], name, operand)
        masks.append(mask.fill_null(value=False))
    return pl.all_horizontal(masks) if masks else pl.lit(value=True)


def _mask(column: pl.Expr, dtype: pl.DataType, name: str, operand: Any) -> pl.Expr:
    """Return one comparison, its operand in the type of the column."""
    if name == "missing":
        return _COMPARISONS[name](column, operand)
    values = list(operand) if isinstance(operand, list | tuple) else [operand]
    if dtype in (pl.String, pl.Null):
        # A column without any value has no type; as text it meets no comparison.
        column, values = column.cast(pl.String), [str(value) for value in values]
    elif dtype == pl.Boolean:
        values = [bool(value) for value in values]
    elif dtype.is_integer() and all(isinstance(value, int) for value in values):
        column = column.cast(pl.Int64)  # exact, where a float would not be
    else:
        column, values = column.cast(pl.Float64), [float(value) for value in values]
    return _COMPARISONS[name](column, values if len(values) > 1 else values[0])


def _mismatch(dtype: pl.DataType, name: str, operand: Any) -> str | None:
    """Return why a column cannot be compared with an operand."""
    values = operand if isinstance(operand, list | tuple) else [operand]
    if name == "missing" or dtype == pl.Null:
        return None
    if dtype == pl.String:
        wrong = name == "multiple_of" or any(isinstance(v, bool) for v in values)
        return "holds text, which is compared with text" if wrong else None
    if dtype == pl.Boolean:
        wrong = name not in ("is", "not") or not all(v in (0, 1) for v in values)
        return "holds True and False; compare it with those" if wrong else None
    if not dtype.is_numeric():
        return f"has type {dtype}, which no condition can compare"
    wrong = name == "starts_with" or any(isinstance(v, str) for v in values)
    return "holds numbers, which are compared with numbers" if wrong else None
