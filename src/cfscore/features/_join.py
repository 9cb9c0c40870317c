"""Joining: keys of two tables in types that can be compared."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cfscore.exceptions import SchemaError

__all__ = ["as_key", "matched"]


def as_key(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return a key column in the type that keys are compared in.

    Whole numbers that pandas has made floats, because some are missing, are whole
    numbers again; a fraction is no key and finds nothing.
    """
    if dtype.is_float():
        return pl.when(column == column.floor()).then(column).cast(pl.Int64)
    return column.cast(pl.Int64) if dtype.is_integer() else column


def matched(
    left: pl.LazyFrame, right: pl.LazyFrame, on: Sequence[str], table: str
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Return two tables whose keys have the same types.

    Parameters
    ----------
    left, right : LazyFrame
        The tables.
    on : sequence of str
        Key columns of both.
    table : str
        Name of the right one, for messages.

    Raises
    ------
    SchemaError
        When a key has types that cannot be compared.
    """
    for name in on:
        ours, theirs = left.collect_schema()[name], right.collect_schema()[name]
        if ours.is_numeric() and theirs.is_numeric():
            left = left.with_columns(as_key(pl.col(name), ours))
            right = right.with_columns(as_key(pl.col(name), theirs))
        elif theirs == pl.Null:
            right = right.with_columns(pl.col(name).cast(ours))
        elif ours == pl.Null:
            left = left.with_columns(pl.col(name).cast(theirs))
        elif ours != theirs:
            fault = f"is {ours} on one side and {theirs} in table {table!r}"
            hint = "Give the key the same type in both tables."
            raise SchemaError([(name, "KEY_TYPES", fault)], hint=hint)
    return left, right
