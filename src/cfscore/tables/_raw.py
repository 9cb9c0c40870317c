"""Raw columns: what a container holds under one name, in one of five forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.tables._arrow import (
    arrow_of,
    bool_view,
    dtype_of,
    fixed_view,
    is_readable,
    is_text,
    run_positions,
    single_array,
    type_name,
    valid_mask,
    with_kernels,
)

__all__ = [
    "ArrowCells",
    "CodedCells",
    "NumpyCells",
    "ObjectCells",
    "PickedColumn",
    "RawColumn",
    "UnreadableColumn",
    "raw_from_arrow",
    "raw_from_numpy",
    "take_rows",
    "unsupported_type",
]

_MAX_FLOAT_BYTES = 8


@dataclass(frozen=True, eq=False)
class NumpyCells:
    """Booleans, whole numbers or floats up to 64 bits, as numpy holds them.

    Parameters
    ----------
    values : array of shape (n_rows,)
        Any stride; NaN is missing.
    missing : array of shape (n_rows,), bool, or None
        True where the cell is missing, whatever ``values`` holds there.
    """

    values: NDArray[Any]
    missing: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.values)


@dataclass(frozen=True, eq=False)
class ArrowCells:
    """Text, decimals or float64 with nulls, as one Arrow array.

    Parameters
    ----------
    array : pyarrow.Array
        Of string, large_string, decimal128, decimal256 or double.
    """

    array: Any

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.array)


@dataclass(frozen=True, eq=False)
class ObjectCells:
    """Python objects of any type.

    Parameters
    ----------
    cells : list
        One object per row.
    """

    cells: list[Any]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.cells)


@dataclass(frozen=True, eq=False)
class CodedCells:
    """Positions in a dictionary of distinct (or nearly distinct) cells.

    Parameters
    ----------
    codes : array of shape (n_rows,), integer
        Position in ``dictionary``; -1 is missing.
    dictionary : RawColumn
        The cells that the codes stand for.
    """

    codes: NDArray[np.signedinteger[Any]]
    dictionary: RawColumn

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)


@dataclass(frozen=True)
class UnreadableColumn:
    """A column that is refused as a whole.

    Parameters
    ----------
    code : str
        Fault code of the schema error.
    description : str
        What was found and what to do; no cell values.
    """

    code: str
    description: str


RawColumn = NumpyCells | ArrowCells | ObjectCells | CodedCells
PickedColumn = RawColumn | UnreadableColumn


def raw_from_numpy(values: NDArray[Any]) -> PickedColumn:
    """Return a one-dimensional numpy array (masked or not) as a raw column."""
    if values.ndim != 1:
        shape = f"has {values.ndim} dimensions; one value per row is required"
        return UnreadableColumn("SHAPE", shape)
    missing = _mask_of(values)
    plain = np.asarray(values)
    if plain.dtype.kind in "biuf" and plain.dtype.itemsize <= _MAX_FLOAT_BYTES:
        return NumpyCells(plain, missing)
    if plain.dtype.kind in "OUT":
        return ObjectCells(_without_masked(plain.tolist(), missing))
    if plain.dtype.kind == "c":
        return UnreadableColumn("UNSUPPORTED_TYPE", "Complex data not supported")
    return unsupported_type(f"dtype {plain.dtype}")


def _mask_of(values: NDArray[Any]) -> NDArray[np.bool_] | None:
    if not isinstance(values, np.ma.MaskedArray):
        return None
    missing = np.ma.getmaskarray(values)
    return missing if missing.any() else None


def _without_masked(cells: list[Any], missing: NDArray[np.bool_] | None) -> list[Any]:
    if missing is not None:
        for row in np.flatnonzero(missing):
            cells[row] = None
    return cells


def unsupported_type(found: str) -> UnreadableColumn:
    """Return the refusal of a column whose type was found to be ``found``."""
    description = (
        f"{found} is neither number, boolean nor text; "
        "convert the column or leave it out"
    )
    return UnreadableColumn("UNSUPPORTED_TYPE", description)


def raw_from_arrow(array: Any) -> PickedColumn:
    """Return an Arrow array or chunked array as a raw column.

    The memory may come from anywhere, so it is checked first: text and dictionaries in
    full (offsets, UTF-8, positions; 7 ns a cell), fixed-width types by their extent.

    Parameters
    ----------
    array : pyarrow.Array or pyarrow.ChunkedArray
        Any type; types that are neither number, boolean nor text come back as
        ``UnreadableColumn``.
    """
    if not is_readable(array.type):
        return unsupported_type(f"Arrow type {type_name(array.type)}")
    try:
        array.validate(full=not pa.types.is_primitive(array.type))
    except pa.ArrowInvalid:  # its text may quote a cell
        found = f"the Arrow data of type {array.type} are damaged"
        return UnreadableColumn("INVALID_DATA", found)
    return _read_arrow(array)


def _read_arrow(array: Any) -> RawColumn:
    """Return a checked Arrow array or chunked array as a raw column."""
    if pa.types.is_dictionary(array.type):
        return _coded(array)
    single = single_array(array)
    if pa.types.is_run_end_encoded(single.type):
        return take_rows(_read_arrow(single.values), run_positions(single))
    if is_text(single.type) or pa.types.is_decimal(single.type):
        return ArrowCells(with_kernels(single))
    if pa.types.is_float64(single.type) and single.null_count:
        return ArrowCells(single)
    return _numpy_cells(single)


def take_rows(raw: RawColumn, rows: NDArray[np.signedinteger[Any]]) -> RawColumn:
    """Return some rows of a raw column, in the given order.

    Parameters
    ----------
    raw : raw column
        Any form.
    rows : array of shape (n_taken,), signed integer
        Positions of rows.
    """
    if isinstance(raw, ObjectCells):
        return ObjectCells([raw.cells[row] for row in rows])
    if isinstance(raw, ArrowCells):
        return ArrowCells(raw.array.take(arrow_of(rows)))
    if isinstance(raw, CodedCells):
        return CodedCells(raw.codes[rows], raw.dictionary)
    missing = None if raw.missing is None else raw.missing[rows]
    return NumpyCells(raw.values[rows], missing)


def _numpy_cells(array: Any) -> NumpyCells:
    """Return a null, boolean, integer or floating Arrow array as numpy cells."""
    kind = array.type
    if pa.types.is_null(kind):
        return NumpyCells(np.full(len(array), np.nan))
    valid = valid_mask(array)
    missing = None if valid is None else ~valid
    if pa.types.is_boolean(kind):
        return NumpyCells(bool_view(array), missing)
    return NumpyCells(fixed_view(array, dtype_of(kind)), missing)


def _coded(array: Any) -> CodedCells:
    """Return a dictionary-encoded Arrow array as codes and dictionary cells.

    Chunks may have dictionaries of their own: these are laid end to end.
    """
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    dictionaries: list[Any] = []
    codes = [np.empty(0, dtype=np.int64)]
    start = 0
    for chunk in chunks:
        if not dictionaries or not dictionaries[-1].equals(chunk.dictionary):
            start = sum(map(len, dictionaries))
            dictionaries.append(chunk.dictionary)
        codes.append(_codes_of(chunk, start))
    cells = dictionaries[0] if len(dictionaries) == 1 else _joined(array, dictionaries)
    return CodedCells(np.concatenate(codes), _read_arrow(cells))


def _joined(array: Any, dictionaries: list[Any]) -> Any:
    return single_array(pa.chunked_array(dictionaries, type=array.type.value_type))


def _codes_of(chunk: Any, start: int) -> NDArray[np.int64]:
    """Return the positions of one chunk, shifted by ``start``; -1 for null."""
    indices = chunk.indices
    codes = fixed_view(indices, dtype_of(indices.type)).astype(np.int64)
    codes += start
    valid = valid_mask(indices)
    if valid is not None:
        codes[~valid] = -1
    return codes
