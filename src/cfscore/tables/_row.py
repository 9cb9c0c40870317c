"""One row: a compiled reader for single dicts, the same cells as ``read_table``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from cfscore.exceptions import SchemaError, UsageError
from cfscore.tables._cell import KEY_READERS, read_number
from cfscore.tables._columns import FAULT_CODES
from cfscore.tables._schema import InputSchema, Kind

__all__ = ["Cell", "CellFault", "FaultyCellError", "RowReader"]

#: A float (NaN when missing) of a numeric field; a text key or None of another.
Cell = float | str | None
#: Column and fault name.
CellFault = tuple[str, str]

_FAULT_NAMES = {code: name for name, code in FAULT_CODES.items()}
_READERS: dict[Kind, Callable[[Any], tuple[Any, int]]] = {
    "numeric": read_number,
    **KEY_READERS,
}


class FaultyCellError(Exception):
    """A cell cannot be read; the row is read again with its faults."""


class RowReader:
    """Reads single rows by a schema.

    Parameters
    ----------
    schema : InputSchema
        Names and kinds.

    Examples
    --------
    >>> from cfscore.tables import InputField
    >>> schema = InputSchema(
    ...     (InputField("age", "numeric"), InputField("city", "categorical"))
    ... )
    >>> RowReader(schema).read({"city": "Oslo", "age": 31, "id": 7})
    ([31.0, 'Oslo'], ())
    """

    def __init__(self, schema: InputSchema) -> None:
        self.schema = schema
        kinds = [field.kind for field in schema.fields]
        self._pick = _picker(schema.names)
        # Cells of exactly this type need no reading: floats of numeric fields.
        self.steps: tuple[tuple[Any, Callable[[Any], Cell]], ...] = tuple(
            (float if kind == "numeric" else _Never, _FAST_READERS[kind])
            for kind in kinds
        )

    def read(self, row: Mapping[str, Any]) -> tuple[list[Cell], tuple[CellFault, ...]]:
        """Return the cells of a row in schema order, and its faults.

        Parameters
        ----------
        row : mapping of column name to cell
            Keys beyond the schema are ignored.

        Returns
        -------
        cells : list
            For a numeric field a float, NaN when missing or faulty; for a boolean or
            categorical field its key, None when missing or faulty.
        faults : tuple of (column, fault name)
            Cells that could not be read, in column order.

        Raises
        ------
        SchemaError
            Columns are missing; lists all.
        UsageError
            ``row`` is no mapping.
        """
        cells: list[Cell] = []
        return cells, self.read_into(row, cells)

    def pick(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the unread cells of a row in schema order.

        ``steps`` holds, for each of them, the type that needs no reading and the
        function that reads any other, or raises ``FaultyCellError``.

        Parameters
        ----------
        row : mapping of column name to cell
            Keys beyond the schema are ignored.

        Returns
        -------
        tuple
            One cell per field, as given.

        Raises
        ------
        SchemaError
            Columns are missing; lists all.
        UsageError
            ``row`` is no mapping.
        """
        if type(row) is not dict:
            row = _plain_dict(row)
        try:
            return self._pick(row)
        except KeyError:
            raise _missing_columns(row, self.schema) from None

    def read_into(
        self, row: Mapping[str, Any], cells: list[Cell]
    ) -> tuple[CellFault, ...]:
        """Replace the contents of ``cells`` by the cells of a row; return its faults.

        See ``read``.
        """
        picked = self.pick(row)
        try:
            cells[:] = [
                cell if type(cell) is ready else read(cell)
                for cell, (ready, read) in zip(picked, self.steps, strict=True)
            ]
        except FaultyCellError:
            return self._read_faulty(picked, cells)
        return ()

    def _read_faulty(
        self, picked: tuple[Any, ...], cells: list[Cell]
    ) -> tuple[CellFault, ...]:
        """Read a row again, by the plain functions, and collect its faults."""
        cells.clear()
        faults = []
        for cell, field in zip(picked, self.schema.fields, strict=True):
            value, code = _READERS[field.kind](cell)
            cells.append(value)
            if code:
                faults.append((field.name, _FAULT_NAMES[code]))
        return tuple(faults)


class _Never:
    """The type of no cell."""


def _fast_number(cell: Any) -> float:
    if type(cell) is int and -(2**53) <= cell <= 2**53:  # literals: folded, no look-up
        return float(cell)
    if cell is None:
        return math.nan
    value, code = read_number(cell)
    if code:
        raise FaultyCellError
    return value


def _fast_category(cell: Any) -> str | None:
    if type(cell) is str and cell and not cell.isspace():
        return cell
    if cell is None:
        return None
    return _key(cell, "categorical")


def _fast_boolean(cell: Any) -> str | None:
    if cell is True:
        return "True"
    if cell is False:
        return "False"
    if cell is None:
        return None
    return _key(cell, "boolean")


def _key(cell: Any, kind: Kind) -> str | None:
    key, code = KEY_READERS[kind](cell)
    if code:
        raise FaultyCellError
    return key


_FAST_READERS: dict[Kind, Callable[[Any], Cell]] = {
    "numeric": _fast_number,
    "boolean": _fast_boolean,
    "categorical": _fast_category,
}


def _picker(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function from a row to the tuple of its named cells."""
    if len(names) > 1:  # itemgetter of one name returns a bare cell
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)


def _plain_dict(row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return dict(row)  # a defaultdict would invent what is missing
    msg = f"A row must be a mapping of column names to cells, got {type(row).__name__}."
    raise UsageError(msg)


def _missing_columns(row: Mapping[str, Any], schema: InputSchema) -> SchemaError:
    return SchemaError(
        [
            (name, "MISSING_COLUMN", "is missing; write None for a missing cell")
            for name in schema.names
            if name not in row
        ]
    )
