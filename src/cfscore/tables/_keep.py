"""Kept columns: identifiers and the like, carried through untouched as Arrow.

An 18-digit identifier is beyond float64, so nothing here passes through one: whole
numbers stay whole numbers, text stays text, dates stay dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import SchemaError, UsageError
from cfscore.tables._arrow import dtype_of, pack_mask, text_array
from cfscore.tables._arrow_compute import compute as pc
from cfscore.tables._containers import open_table
from cfscore.tables._frames import is_pandas_values
from cfscore.tables._read import name_faults
from cfscore.tables._sequence import arrow_column
from cfscore.tables._text import LARGEST_EXACT_INTEGER

__all__ = ["keep_columns"]

_MAX_DECIMAL_DIGITS = 38


def keep_columns(table: Any, names: Sequence[str]) -> Any:
    """Return some columns of a table as they are.

    Parameters
    ----------
    table : table
        See ``read_table``; must have column names.
    names : sequence of str
        Columns to keep, in this order.

    Returns
    -------
    pyarrow.Table
        Arrow columns are passed through; others become the Arrow type of the same
        values.

    Raises
    ------
    SchemaError
        Columns are missing, repeated, of different lengths, or hold what no single
        Arrow type holds exactly; lists all.
    UsageError
        The table has no column names.

    Examples
    --------
    >>> keep_columns({"id": [123456789012345678, None]}, ["id"]).column("id").type
    DataType(int64)
    """
    source = open_table(table, names)
    if source.names is None:
        msg = "A bare array has no column names, so that no column of it can be kept."
        raise UsageError(msg, hint="Pass a table with names.")
    faults = name_faults(source, names)
    if faults:
        raise SchemaError(faults)
    arrays = []
    for name, values in zip(names, source.originals(names), strict=True):
        try:
            arrays.append(_as_arrow(values))
        except (TypeError, ValueError, OverflowError, pa.ArrowException) as error:
            found = _refusal(error)
            faults.append((name, "UNSUPPORTED_TYPE", found))
            continue
        if len(arrays[-1]) != source.n_rows:
            found = f"has {len(arrays[-1])} rows where {source.n_rows} are expected"
            faults.append((name, "LENGTH", found))
    if faults:
        raise SchemaError(faults)
    return pa.Table.from_arrays(arrays, names=list(names))


class _NotOneTypeError(TypeError):
    """Cells have no Arrow type in common; the text names their Python types."""


def _refusal(error: Exception) -> str:
    """Return why a column is refused; foreign messages may quote a cell."""
    if isinstance(error, _NotOneTypeError):
        return f"cannot be kept: {error}"
    return f"cannot be kept as one Arrow type ({type(error).__name__})"


def _as_arrow(values: Any) -> Any:
    if is_pandas_values(values):  # pandas is imported: pa.array may look for it
        return pa.array(values, from_pandas=True)
    if isinstance(values, np.ndarray):
        return _from_numpy(values)
    arrow = arrow_column(values)
    return _from_cells(list(values)) if arrow is None else arrow


def _from_numpy(values: NDArray[Any]) -> Any:
    missing = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else None
    plain = np.ascontiguousarray(np.asarray(values))
    plain = plain.astype(plain.dtype.newbyteorder("="), copy=False)
    if plain.ndim != 1:
        msg = "it has more than one dimension"
        raise _NotOneTypeError(msg)
    if plain.dtype.kind == "M":
        return _from_times(plain)
    if plain.dtype.kind == "b":
        valid = None if missing is None else ~missing
        return _from_buffers(pa.bool_(), plain, valid)
    if plain.dtype.kind in "iuf" and plain.dtype.itemsize <= 8:
        valid = None if missing is None else ~missing
        return _from_buffers(pa.from_numpy_dtype(plain.dtype), plain, valid)
    cells = plain.tolist()
    if missing is not None:
        cells = [None if gone else c for c, gone in zip(cells, missing, strict=True)]
    return _from_cells(cells)


def _from_buffers(
    kind: Any, values: NDArray[Any], valid: NDArray[np.bool_] | None
) -> Any:
    """Return numpy values as an Arrow array of a fixed-width type."""
    data = (
        pack_mask(values).buffers()[1] if kind == pa.bool_() else pa.py_buffer(values)
    )
    validity = None if valid is None else pack_mask(valid).buffers()[1]
    return pa.Array.from_buffers(kind, len(values), [validity, data])


def _from_times(values: NDArray[Any]) -> Any:
    """Return datetime64 values as dates or timestamps; NaT is null."""
    unit = np.datetime_data(values.dtype)[0]
    valid = ~np.isnat(values)
    if unit == "D":
        days = np.where(valid, values.astype(np.int64), 0).astype(np.int32)
        return _from_buffers(pa.date32(), days, valid)
    if unit not in {"s", "ms", "us", "ns"}:
        msg = f"dates in units of {unit}"
        raise _NotOneTypeError(msg)
    return _from_buffers(pa.timestamp(unit), values.view(np.int64), valid)


def _from_cells(cells: list[Any]) -> Any:
    """Return Python cells of one type as an Arrow array; None and NA are null."""
    cells = [None if _is_null(cell) else cell for cell in cells]
    kinds = {type(cell) for cell in cells} - {type(None)}
    if not kinds:
        return pa.nulls(len(cells))
    is_boolean = {issubclass(kind, (bool, np.bool_)) for kind in kinds}
    for base, build in _BUILDERS:
        if len(is_boolean) == 1 and all(issubclass(kind, base) for kind in kinds):
            return build(cells)
    found = ", ".join(sorted(kind.__name__ for kind in kinds))
    msg = f"it holds cells of types {found}; make them all text"
    raise _NotOneTypeError(msg)


def _is_null(cell: Any) -> bool:
    if cell is None or cell is np.ma.masked:
        return True
    return type(cell).__name__ in {"NAType", "NaTType"}  # of pandas


def _valid(cells: list[Any]) -> NDArray[np.bool_] | None:
    valid = np.fromiter((cell is not None for cell in cells), np.bool_, len(cells))
    return None if valid.all() else valid


def _booleans(cells: list[Any]) -> Any:
    values = np.array([bool(cell) for cell in cells])
    return _from_buffers(pa.bool_(), values, _valid(cells))


def _integers(cells: list[Any]) -> Any:
    held = [0 if cell is None else int(cell) for cell in cells]
    kind = pa.int64() if max(held) < 2**63 else pa.uint64()
    return _from_buffers(kind, np.array(held, dtype=dtype_of(kind)), _valid(cells))


def _floats(cells: list[Any]) -> Any:
    held = np.array([0.0 if cell is None else float(cell) for cell in cells])
    return _from_buffers(pa.float64(), held, _valid(cells))


def _whole_or_floats(cells: list[Any]) -> Any:
    if any(isinstance(c, int) and abs(c) > LARGEST_EXACT_INTEGER for c in cells):
        msg = "it holds floats beside whole numbers beyond 2^53; make them all text"
        raise _NotOneTypeError(msg)
    return _floats(cells)


def _decimals(cells: list[Any]) -> Any:
    exponents = [c.as_tuple().exponent for c in cells if c is not None]
    scale = max(0, *(-e for e in exponents if isinstance(e, int)), 0)
    texts = text_array([None if cell is None else f"{cell:f}" for cell in cells])
    return pc.cast(texts, pa.decimal128(_MAX_DECIMAL_DIGITS, scale))


def _moments(cells: list[Any]) -> Any:
    if any(cell is not None and cell.tzinfo is not None for cell in cells):
        msg = "times with a zone in a list; use an Arrow or pandas column"
        raise _NotOneTypeError(msg)
    return _from_times(np.array(cells, dtype="datetime64[us]"))


def _dates(cells: list[Any]) -> Any:
    return _from_times(np.array(cells, dtype="datetime64[D]"))


# In this order: a bool is an int, a datetime is a date.
_BUILDERS: tuple[tuple[tuple[type, ...], Callable[[list[Any]], Any]], ...] = (
    ((bool, np.bool_), _booleans),
    ((int, np.integer), _integers),
    ((float, np.float32, np.float16), _floats),
    ((int, float), _whole_or_floats),
    ((str,), text_array),
    ((Decimal,), _decimals),
    ((dt.datetime,), _moments),
    ((dt.date,), _dates),
)
