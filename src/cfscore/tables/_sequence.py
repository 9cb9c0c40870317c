"""Single columns handed over by themselves: arrays, lists, series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from cfscore.tables._frames import (
    has_arrow_copy,
    is_pandas_values,
    known_integers,
    raw_from_pandas,
)
from cfscore.tables._raw import (
    ObjectCells,
    PickedColumn,
    UnreadableColumn,
    raw_from_arrow,
    raw_from_numpy,
)

__all__ = ["arrow_column", "raw_from_values"]


def raw_from_values(values: Any) -> PickedColumn:
    """Return the column of a mapping as a raw column.

    Parameters
    ----------
    values : array, list, Arrow array or series
        One-dimensional; anything else comes back as ``UnreadableColumn``.
    """
    if isinstance(values, np.ndarray):
        return raw_from_numpy(values)
    if isinstance(values, list | tuple):
        return ObjectCells(list(values))
    if is_pandas_values(values):
        return raw_from_pandas(values)
    try:
        arrow = arrow_column(values)
    except (pa.ArrowException, TypeError, ValueError):
        found = "has a type that Arrow does not know; convert it"
        return UnreadableColumn("UNSUPPORTED_TYPE", found)
    if arrow is not None:
        return raw_from_arrow(arrow)
    return _raw_from_other(values)


def _raw_from_other(values: Any) -> PickedColumn:
    if isinstance(values, Sequence) and not isinstance(values, str | bytes | bytearray):
        return ObjectCells(list(values))
    if hasattr(values, "__array__"):
        return raw_from_numpy(np.asarray(values))
    found = f"holds a single {type(values).__name__}; an array or list is required"
    return UnreadableColumn("SHAPE", f"{found} (one row is written [row])")


def arrow_column(values: Any) -> Any:
    """Return an Arrow array for a column that speaks Arrow, None for another."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    values = known_integers(values)
    if hasattr(values, "__arrow_c_stream__"):
        return pa.ChunkedArray._import_from_c_capsule(values.__arrow_c_stream__())
    if hasattr(values, "__arrow_c_array__"):
        return pa.Array._import_from_c_capsule(*values.__arrow_c_array__())
    if has_arrow_copy(values):
        return values.to_arrow()
    return None
