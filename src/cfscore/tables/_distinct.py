"""Distinct cells: every column as codes into a list of its different values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.tables._arrow import arrow_of, fixed_view, valid_mask
from cfscore.tables._arrow_compute import compute as pc
from cfscore.tables._raw import (
    ArrowCells,
    CodedCells,
    NumpyCells,
    ObjectCells,
    RawColumn,
    take_rows,
)

__all__ = ["cells_of", "distinct_cells"]

Distinct = tuple[NDArray[np.signedinteger[Any]], list[Any]]

_TEXT_OR_NONE = {str, type(None)}


def distinct_cells(raw: RawColumn) -> Distinct:
    """Return codes and the cells that they stand for, so that each is read once.

    Returns
    -------
    codes : array of shape (n_rows,), signed integer
        Position in ``cells``; -1 is missing.
    cells : list
        Python values; nearly distinct (0.0 and -0.0 may both be there).
    """
    if isinstance(raw, CodedCells):
        return _used_cells(raw)
    if isinstance(raw, ObjectCells):
        return _distinct_objects(raw.cells)
    if isinstance(raw, ArrowCells):
        return _dictionary(raw.array)
    return _distinct_numbers(raw)


def cells_of(raw: RawColumn) -> list[Any]:
    """Return the cells of a raw column as Python values, None where masked or null."""
    if isinstance(raw, ObjectCells):
        return raw.cells
    if isinstance(raw, ArrowCells):
        return list(raw.array.to_pylist())
    if isinstance(raw, CodedCells):
        cells = [*cells_of(raw.dictionary), None]
        return [cells[code] for code in raw.codes]
    values: list[Any] = raw.values.tolist()
    if raw.missing is not None:
        for row in np.flatnonzero(raw.missing):
            values[row] = None
    return values


def _used_cells(raw: CodedCells) -> Distinct:
    """Return a coded column; of a dictionary longer than the column, the used part."""
    if len(raw.dictionary) <= len(raw.codes):
        return raw.codes, cells_of(raw.dictionary)
    used, codes = np.unique(raw.codes, return_inverse=True)
    rows = used[used >= 0]
    return codes - (used.size - rows.size), cells_of(take_rows(raw.dictionary, rows))


def _distinct_numbers(raw: NumpyCells) -> Distinct:
    values = raw.values
    if values.dtype == np.bool_:
        codes, cells = values.astype(np.int32), [False, True]
    elif values.dtype == np.float16:
        codes, cells = _dictionary(arrow_of(values.astype(np.float64)))
    else:
        codes, cells = _dictionary(arrow_of(values))
    if raw.missing is None:
        return codes, cells
    return np.where(raw.missing, np.int32(-1), codes), cells


def _dictionary(array: Any) -> Distinct:
    """Encode an Arrow array by Arrow's hash table."""
    encoded = pc.dictionary_encode(array)
    codes = fixed_view(encoded.indices, np.dtype(np.int32))
    valid = valid_mask(encoded.indices)
    if valid is not None:
        codes = np.where(valid, codes, np.int32(-1))
    return codes, encoded.dictionary.to_pylist()


def _distinct_objects(cells: list[Any]) -> Distinct:
    """Encode Python objects by a dict, at C speed.

    1, 1.0 and True are one key of a dict but three different cells, so anything but
    plain text is looked up together with its type.
    """
    typed = not set(map(type, cells)) <= _TEXT_OR_NONE
    keys = list(zip(map(type, cells), cells, strict=True)) if typed else cells
    try:
        found = dict.fromkeys(keys)
    except TypeError:  # a cell that cannot be hashed: read each cell by itself
        return np.arange(len(cells)), cells
    codes = dict(zip(found, range(len(found)), strict=True))
    positions = np.fromiter(map(codes.__getitem__, keys), np.int32, len(cells))
    return positions, [key[1] for key in found] if typed else list(found)
