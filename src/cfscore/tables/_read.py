"""Reading: any table becomes one column batch by a schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import SchemaError
from cfscore.tables._category import read_keys
from cfscore.tables._columns import (
    FAULT_CODES,
    Column,
    ColumnBatch,
    NumericColumn,
    RowFaults,
)
from cfscore.tables._containers import MatrixTable, TableSource, open_table
from cfscore.tables._numeric import NumberBlock, read_numbers
from cfscore.tables._raw import NumpyCells, RawColumn, UnreadableColumn
from cfscore.tables._schema import InputField, InputSchema

__all__ = [
    "bare_faults",
    "checked_names",
    "column_names",
    "name_faults",
    "pick_columns",
    "read_table",
    "row_count",
]

Fault = tuple[str, str, str]


def read_table(table: Any, schema: InputSchema, *, threads: int = 1) -> ColumnBatch:
    """Return the schema's columns of a table, each read once into its kind.

    Parameters
    ----------
    table : pandas or polars DataFrame, pyarrow Table or RecordBatch, object with the \
Arrow PyCapsule interface, mapping of arrays, list of dicts, or array of shape \
(n_rows, n_columns)
        Columns are matched by name and others ignored. A bare array has the schema's
        columns in the schema's order; a numeric one holds no categories. A stream that
        can be read once only (a RecordBatchReader) is used up.
    schema : InputSchema
        Names and kinds.
    threads : int, default 1
        Upper bound of threads that turn a two-dimensional array into columns.

    Returns
    -------
    ColumnBatch
        Columns in schema order. Cells that cannot be read are missing in their column
        and reported in ``faults``; what to do with them is the caller's policy.

    Raises
    ------
    SchemaError
        Columns are missing, duplicated, of different lengths or of a type that is
        neither number, boolean nor text; lists all faults.
    InputError
        ``table`` is no table.

    Examples
    --------
    >>> schema = InputSchema(
    ...     (InputField("age", "numeric"), InputField("city", "categorical"))
    ... )
    >>> batch = read_table({"city": ["Oslo", ""], "age": [31, "x"]}, schema)
    >>> batch.columns["age"].values, batch.columns["city"].codes.tolist()
    (array([31., nan]), [0, -1])
    >>> batch.faults.counts
    {('age', 'NOT_A_NUMBER'): 1}
    """
    source = open_table(table, schema.names, threads)
    raws, n_rows = pick_columns(source, schema.names, bare_faults(source, schema))
    columns: dict[str, Column] = {}
    faults = _FaultCollector(n_rows)
    block = NumberBlock(sum(field.kind == "numeric" for field in schema.fields), n_rows)
    widened = []
    for field, raw in zip(schema.fields, raws, strict=True):
        columns[field.name], codes = _read_column(raw, field, block)
        faults.add(field.name, codes)
        if field.kind == "numeric" and _is_narrow_float(raw):
            widened.append(field.name)
    return ColumnBatch(n_rows, columns, faults.result(), tuple(widened))


def _read_column(
    raw: Any, field: InputField, block: NumberBlock
) -> tuple[Column, NDArray[np.uint8] | None]:
    if field.kind == "numeric":
        values, codes = read_numbers(raw, block)
        return NumericColumn(values), codes
    return read_keys(raw, field.kind)


def _is_narrow_float(raw: RawColumn) -> bool:
    if not isinstance(raw, NumpyCells):
        return False
    return raw.values.dtype.kind == "f" and raw.values.dtype.itemsize < 8


def bare_faults(source: TableSource, schema: InputSchema) -> list[Fault]:
    """Return what speaks against reading a bare array by position."""
    if not isinstance(source, MatrixTable):
        return []
    if source.n_columns != len(schema):
        found = (
            f"an array without names needs the {len(schema)} columns of the schema in "
            f"its order, found {source.n_columns}"
        )
        return [("*", "WIDTH", found)]
    if source.dtype.kind in "OUT":
        return []
    found = "a numeric array without names holds no categories; pass a named table"
    return [
        (field.name, "UNNAMED_CATEGORY", found)
        for field in schema.fields
        if field.kind == "categorical"
    ]


def pick_columns(
    source: TableSource, names: Sequence[str], faults: Sequence[Fault] = ()
) -> tuple[list[RawColumn], int]:
    """Return the named columns of a source and the number of rows.

    Parameters
    ----------
    source : TableSource
        Where to look; columns of a bare array are taken by position.
    names : sequence of str
        Wanted columns.
    faults : sequence of (column, code, description)
        Faults known before; nothing is picked if there are any.

    Raises
    ------
    SchemaError
        With all faults.
    """
    found = list(faults) or name_faults(source, names)
    if found:
        raise SchemaError(found)
    labels = range(len(names)) if source.names is None else names
    picked = source.pick(labels)
    raws = [column for column in picked if not isinstance(column, UnreadableColumn)]
    n_rows = len(raws[0]) if raws else source.n_rows
    for name, column in zip(names, picked, strict=True):
        if isinstance(column, UnreadableColumn):
            found.append((name, column.code, column.description))
        elif len(column) != n_rows:
            expected = f"has {len(column)} rows where {n_rows} are expected"
            found.append((name, "LENGTH", expected))
    if found:
        raise SchemaError(found)
    return raws, n_rows


def name_faults(source: TableSource, names: Sequence[str]) -> list[Fault]:
    """Return which of the named columns are missing or repeated."""
    if source.names is None:
        return []
    held = Counter(source.names)
    faults = []
    for name in names:
        if held[name] == 0:
            faults.append((name, "MISSING_COLUMN", _missing_text(name, held)))
        elif held[name] > 1:
            found = f"the table has {held[name]} columns of this name"
            faults.append((name, "DUPLICATE_COLUMN", found))
    return faults


def _missing_text(name: str, held: Counter[Any]) -> str:
    close = get_close_matches(name, [label for label in held if isinstance(label, str)])
    return f"is missing; did you mean {close[0]!r}?" if close else "is missing"


class _FaultCollector:
    """First fault of every row in column order, and counts per column and fault."""

    def __init__(self, n_rows: int) -> None:
        self._status = np.zeros(n_rows, dtype=np.uint8)
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, name: str, codes: NDArray[np.uint8] | None) -> None:
        """Add the fault codes of the next column; None for no fault."""
        if codes is None:
            return
        self._status = np.where(self._status == 0, codes, self._status)
        per_code = np.bincount(codes)
        for fault, code in FAULT_CODES.items():
            if code < per_code.size and per_code[code]:
                self._counts[name, fault] = int(per_code[code])

    def result(self) -> RowFaults | None:
        """Return the faults, None if there are none."""
        return RowFaults(self._status, self._counts) if self._counts else None


def column_names(table: Any) -> tuple[str, ...] | None:
    """Return the column names of a table in order; None for a bare array.

    Raises
    ------
    SchemaError
        A column name is empty or not text, or two columns have the same name.
    InputError
        ``table`` is no table.

    Examples
    --------
    >>> column_names([{"age": 31, "city": "Oslo"}])
    ('age', 'city')
    """
    return checked_names(open_table(table))


def checked_names(source: TableSource) -> tuple[str, ...] | None:
    """Return the names of a source, all text and all different; None if bare."""
    if source.names is None:
        return None
    faults = [
        (
            f"number {place}",
            "NAME",
            f"its name is no text but {type(name).__name__}; rename it",
        )
        for place, name in enumerate(source.names, start=1)
        if not isinstance(name, str)
    ]
    faults += [
        ("", "NAME", f"column {place} of the table has an empty name; give it one")
        for place, name in enumerate(source.names, start=1)
        if name == ""
    ]
    faults += [
        (name, "DUPLICATE_COLUMN", f"the table has {count} columns of this name")
        for name, count in Counter(source.names).items()
        if count > 1 and isinstance(name, str) and name
    ]
    if faults:
        raise SchemaError(faults)
    return source.names


def row_count(table: Any) -> int:
    """Return the number of rows of a table.

    Raises
    ------
    InputError
        ``table`` is no table.
    """
    return open_table(table).n_rows
