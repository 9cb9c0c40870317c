"""Column defaults: what stands in a column that a file may lack, because it is said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pyarrow as pa

from cfscore.exceptions import UsageError
from cfscore.reading._hive import constant_column
from cfscore.reading._number_format import NumberFormat, plain_numbers
from cfscore.reading._unit import InputBlock
from cfscore.tables import (
    CategoryColumn,
    InputField,
    InputSchema,
    Kind,
    NumericColumn,
    pack_mask,
    read_table,
    text_array,
)

__all__ = ["ColumnDefault", "resolve_defaults", "with_defaults"]

_TYPES = {"numeric": pa.float64(), "boolean": pa.bool_(), "categorical": pa.string()}

_EXPECTED = {
    "numeric": "a finite number",
    "boolean": "True or False",
    "categorical": "a text",
}


@dataclass(frozen=True)
class ColumnDefault:
    """The cell that every row has in a column that its file lacks.

    Parameters
    ----------
    column : str
        The column.
    kind : {"numeric", "boolean", "categorical"}
        Its kind.
    cell : float, bool, str or None
        The cell; None is missing.
    """

    column: str
    kind: Kind
    cell: float | bool | str | None

    @property
    def field(self) -> Any:
        """The column as a field of an Arrow schema."""
        return pa.field(self.column, _TYPES[self.kind])

    def cells(self, n_rows: int) -> Any:
        """Return the column of so many rows.

        From buffers, as ``pyarrow.scalar`` imports pandas.
        """
        kind, cell = self.field.type, self.cell
        if cell is None:
            return pa.nulls(n_rows, kind)
        if isinstance(cell, str):
            return constant_column(cell, n_rows)
        if isinstance(cell, bool):
            return pack_mask(np.full(n_rows, cell))
        values = pa.py_buffer(np.full(n_rows, cell, np.float64))
        return pa.Array.from_buffers(kind, n_rows, [None, values])


def resolve_defaults(
    declared: Mapping[str, Any],
    schema: InputSchema,
    numbers: Sequence[NumberFormat] = (),
    null_tokens: Collection[str] = (),
) -> tuple[ColumnDefault, ...]:
    """Return declared cells as the cells of columns, each read like a cell of a table.

    Parameters
    ----------
    declared : mapping of str to cell
        By column: a number, a text, a boolean, or None for missing; an empty text is
        missing too.
    schema : InputSchema
        The columns that are read, and their kinds.
    numbers : sequence of NumberFormat
        How numbers are written in columns; a text is read by that of its column.
    null_tokens : collection of str
        Texts that mean missing.

    Raises
    ------
    UsageError
        When a column is unknown, or cannot hold the cell.

    Examples
    --------
    >>> schema = InputSchema((InputField("age", "numeric"),))
    >>> resolve_defaults({"age": "35"}, schema)
    (ColumnDefault(column='age', kind='numeric', cell=35.0),)
    """
    fields = {field.name: field for field in schema.fields}
    for name in declared:
        if name not in fields:
            msg = f"A default is declared for {name!r}, which the plan does not read."
            close = get_close_matches(str(name), fields, n=1)
            raise UsageError(msg, hint=f"Did you mean {close[0]!r}?" if close else None)
    return tuple(
        ColumnDefault(
            name,
            fields[name].kind,
            _cell(fields[name], _plain(name, cell, numbers, null_tokens)),
        )
        for name, cell in declared.items()
    )


def _plain(
    name: str,
    cell: Any,
    numbers: Sequence[NumberFormat],
    null_tokens: Collection[str],
) -> Any:
    """Return a text without what is declared of its column, other cells as they are."""
    if not isinstance(cell, str) or _is_torn(cell):
        return cell
    if cell in null_tokens:
        return None
    for declared in numbers:
        if declared.column == name:
            cell = plain_numbers(text_array([cell]), declared)[0].as_py()
    return cell


def _is_torn(text: str) -> bool:
    """Return whether a text holds half of a surrogate pair, as no file can."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _cell(field: InputField, declared: Any) -> float | bool | str | None:
    """Return a declared cell as a table's cell is read."""
    batch = read_table([{field.name: declared}], InputSchema((field,)))
    column = batch.columns[field.name]
    is_torn = isinstance(declared, str) and _is_torn(declared)
    if batch.faults is None and not is_torn:
        if isinstance(column, NumericColumn):
            value = float(column.values[0])
            if not np.isinf(value):
                return None if np.isnan(value) else value
        elif isinstance(column, CategoryColumn):
            code = int(column.codes[0])
            key = None if code < 0 else column.keys[code]
            return key == "True" if key and field.kind == "boolean" else key
    msg = f"The default of {field.name!r} is no cell of a {field.kind} column."
    hint = f"Give {_EXPECTED[field.kind]}, or nothing for a missing value."
    raise UsageError(msg, hint=hint)


def with_defaults(
    block: InputBlock, columns: Sequence[str], defaults: Sequence[ColumnDefault]
) -> InputBlock:
    """Return a block of the given columns, some of them declared.

    Parameters
    ----------
    block : InputBlock
        With the columns that the file has.
    columns : sequence of str
        All columns, in the wanted order.
    defaults : sequence of ColumnDefault
        Of the others.
    """
    batch = block.batch
    declared = {default.column: default for default in defaults}
    fields, arrays = [], []
    for name in columns:
        if name in declared:
            fields.append(declared[name].field)
            arrays.append(declared[name].cells(batch.num_rows))
        else:
            fields.append(batch.schema.field(name))
            arrays.append(batch.column(name))
    whole = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
    unread = block.unread and with_defaults(block.unread, columns, defaults)
    return InputBlock(whole, block.rows, block.rejects, unread)
