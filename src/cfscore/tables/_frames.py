"""Data frames of pandas and polars, without importing either.

An object can only be a pandas frame where pandas is imported already, so its classes
are looked up among the loaded modules.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from cfscore.tables._raw import (
    CodedCells,
    ObjectCells,
    PickedColumn,
    UnreadableColumn,
    raw_from_arrow,
    raw_from_numpy,
    unsupported_type,
)

__all__ = [
    "PandasTable",
    "has_arrow_copy",
    "is_pandas_frame",
    "is_pandas_values",
    "known_integers",
    "narrowed",
    "raw_from_pandas",
    "unexportable_columns",
]

_WIDE_INTEGERS = frozenset({"Int128", "UInt128"})


def is_pandas_frame(table: Any) -> bool:
    """Return whether an object is a pandas DataFrame."""
    return _is_pandas(table, "DataFrame")


def is_pandas_values(values: Any) -> bool:
    """Return whether an object is a pandas Series, Index or array."""
    if _is_pandas(values, "Series") or _is_pandas(values, "Index"):
        return True
    pandas = sys.modules.get("pandas")
    api = getattr(pandas, "api", None)
    return api is not None and isinstance(values, api.extensions.ExtensionArray)


def _is_pandas(value: Any, name: str) -> bool:
    kind = getattr(sys.modules.get("pandas"), name, None)
    return kind is not None and isinstance(value, kind)


class PandasTable:
    """A pandas DataFrame; its index is left alone."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self.names = tuple(table.columns)
        self.n_rows = len(table)

    def pick(self, labels: Sequence[Any]) -> list[PickedColumn]:
        """Return columns by label."""
        return [raw_from_pandas(self._table[label]) for label in labels]

    def originals(self, labels: Sequence[Any]) -> list[Any]:
        """Return the pandas arrays."""
        return [self._table[label].array for label in labels]


def raw_from_pandas(values: Any) -> PickedColumn:
    """Return a pandas Series, Index or array as a raw column; numpy ones as views."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return raw_from_numpy(values.to_numpy())
    array = getattr(values, "array", values)
    kind = dtype.__class__.__name__
    if kind == "CategoricalDtype":
        return _from_categorical(array)
    if kind == "SparseDtype":
        return raw_from_numpy(np.asarray(array))
    if kind == "StringDtype" and dtype.storage == "python":
        return ObjectCells(array.tolist())
    if hasattr(array, "__arrow_array__"):
        return raw_from_arrow(array.__arrow_array__())
    return unsupported_type(f"pandas dtype {kind}")


def _from_categorical(array: Any) -> PickedColumn:
    dictionary = raw_from_pandas(array.categories)
    if isinstance(dictionary, UnreadableColumn):
        return dictionary
    return CodedCells(np.asarray(array.codes), dictionary)


def narrowed(table: Any, wanted: Sequence[str] | None) -> Any:
    """Return a polars or narwhals frame, collected, with the wanted columns only.

    Other objects are returned as they are. Columns that are not there are left to the
    check of the schema.
    """
    if not _is_polars_like(table):
        return table
    if hasattr(table, "collect_schema"):
        names = set(table.collect_schema().names())
        if wanted is not None:
            table = table.select([name for name in wanted if name in names])
    table = table.collect() if hasattr(table, "collect") else table
    table = _with_known_integers(table)
    if hasattr(table, "__arrow_c_stream__") or not has_arrow_copy(table):
        return table
    return table.to_arrow()


def _with_known_integers(table: Any) -> Any:
    """Return a frame whose integers Arrow knows; see ``known_integers``."""
    schema = getattr(table, "schema", None) or {}
    wide = [name for name, kind in schema.items() if str(kind) in _WIDE_INTEGERS]
    if not wide:
        return table
    frame = table.to_native() if hasattr(table, "to_native") else table
    return frame.with_columns([known_integers(frame.get_column(n)) for n in wide])


def known_integers(values: Any) -> Any:
    """Return polars integers of 128 bits, for which there is no Arrow type, as others.

    As 64-bit integers where all of them fit, as texts otherwise: texts of integers are
    read as the integers. Other values are returned as they are.
    """
    if not _is_polars_like(values):
        return values
    if str(getattr(values, "dtype", "")) not in _WIDE_INTEGERS:
        return values
    series = values.to_native() if hasattr(values, "to_native") else values
    polars = sys.modules["polars"]
    short = series.cast(polars.Int64, strict=False)
    if short.null_count() == series.null_count():
        return short
    return series.cast(polars.String)


def has_arrow_copy(values: Any) -> bool:
    """Return whether an object of polars can be copied to Arrow without the capsule.

    The Arrow PyCapsule interface came to polars after 1.0; its ``__array__`` turns
    nullable whole numbers into floats.
    """
    return _is_polars_like(values) and hasattr(values, "to_arrow")


def unexportable_columns(table: Any) -> list[str]:
    """Return the columns of a polars frame for which there is no Arrow type."""
    if not _is_polars_like(table) or not hasattr(table, "columns"):
        return []
    return [name for name in table.columns if not _is_exportable(table.select([name]))]


def _is_exportable(table: Any) -> bool:
    try:
        pa.RecordBatchReader.from_stream(table)
    except (pa.ArrowException, TypeError, ValueError):
        return False
    return True


def _is_polars_like(table: Any) -> bool:
    return type(table).__module__.partition(".")[0] in {"polars", "narwhals"}
