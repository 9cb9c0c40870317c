"""Inference: the schema of a development table from its types and contents."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import numpy as np

from cfscore.exceptions import SchemaError, UsageError
from cfscore.tables._arrow import is_text
from cfscore.tables._cell import UNREADABLE, plain_cell
from cfscore.tables._containers import MatrixTable, open_table
from cfscore.tables._raw import ArrowCells, CodedCells, NumpyCells, RawColumn
from cfscore.tables._read import bare_faults, checked_names, pick_columns
from cfscore.tables._schema import InputField, InputSchema, Kind

__all__ = ["infer_schema"]

_FAMILIES: dict[type, Kind] = {
    bool: "boolean",
    int: "numeric",
    float: "numeric",
    Decimal: "numeric",
    str: "categorical",
}


def infer_schema(
    table: Any, *, categorical: Iterable[str] | None = None
) -> InputSchema:
    """Return a schema with one field per column of a development table.

    Booleans are boolean; numbers, decimals and columns without any value are numeric;
    text and dictionaries (pandas category, polars Categorical and Enum) are
    categorical. Columns of Python objects go by their non-missing cells.

    Parameters
    ----------
    table : table
        See ``read_table``. The columns of a bare array are named ``x0``, ``x1``, ...
    categorical : iterable of str, optional
        Columns to read as categories whatever they hold.

    Raises
    ------
    SchemaError
        Names are blank, repeated or not text, a type is not supported, or a column
        mixes numbers, booleans and text; lists all faults.
    UsageError
        ``categorical`` names a column that is not there.

    Examples
    --------
    >>> schema = infer_schema({"age": [31, None], "owner": [True, False]})
    >>> [(field.name, field.kind) for field in schema.fields]
    [('age', 'numeric'), ('owner', 'boolean')]
    """
    source = open_table(table)
    names = checked_names(source)
    if names is None:
        assert isinstance(source, MatrixTable)
        names = tuple(f"x{position}" for position in range(source.n_columns))
    _refuse_blank(names)
    forced = _known_names(categorical, names)
    raws, _ = pick_columns(source, names)
    fields, faults = [], []
    for name, raw in zip(names, raws, strict=True):
        kind, fault = ("categorical", None) if name in forced else _kind_of(raw)
        if fault is None:
            fields.append(InputField(name, kind))
        else:
            faults.append((name, "MIXED_TYPES", fault))
    schema = InputSchema(tuple(fields))
    faults = faults or bare_faults(source, schema)
    if faults:
        raise SchemaError(faults)
    return schema


def _refuse_blank(names: tuple[str, ...]) -> None:
    """Refuse names of spaces alone: a feature's name is the code of its reason."""
    faults = [
        (name, "NAME", f"column {place} of the table has a blank name; rename it")
        for place, name in enumerate(names, start=1)
        if name.isspace()
    ]
    if faults:
        raise SchemaError(faults)


def _known_names(
    categorical: Iterable[str] | None, names: tuple[str, ...]
) -> frozenset[str]:
    """Return the names to force, all of which must be columns."""
    if isinstance(categorical, str):
        msg = "categorical must be a list of column names, got one text."
        raise UsageError(msg, hint=f"Write [{categorical!r}].")
    forced = tuple(categorical or ())
    for name in forced:
        if name not in names:
            close = get_close_matches(str(name), names, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else None
            msg = f"categorical names {name!r}, which is not a column of the table."
            raise UsageError(msg, hint=hint)
    return frozenset(forced)


def _kind_of(raw: RawColumn) -> tuple[Kind, str | None]:
    """Return the kind of a raw column and, if it mixes kinds, what is wrong."""
    if isinstance(raw, NumpyCells):
        return ("boolean" if raw.values.dtype == np.bool_ else "numeric"), None
    if isinstance(raw, ArrowCells):
        return ("categorical" if is_text(raw.array.type) else "numeric"), None
    if isinstance(raw, CodedCells):
        return "categorical", None
    return _kind_of_objects(raw.cells)


def _kind_of_objects(cells: list[Any]) -> tuple[Kind, str | None]:
    """Return the kind of Python objects by the types of the non-missing ones."""
    found: dict[type, Kind | None] = {}
    for cell in cells:
        if type(cell) not in found:
            plain = plain_cell(cell)
            if plain is not None:
                is_readable = plain is not UNREADABLE
                found[type(cell)] = _FAMILIES[type(plain)] if is_readable else None
    kinds = set(found.values())
    if not kinds:
        return "numeric", None
    if len(kinds) == 1 and (kind := kinds.pop()) is not None:
        return kind, None
    types = ", ".join(sorted(kind.__name__ for kind in found))
    return "numeric", (
        f"holds cells of types {types}; make them all numbers, all booleans or all "
        "text, or name the column in categorical"
    )
