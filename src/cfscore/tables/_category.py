"""Category columns: any raw column as codes into distinct text keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfscore.tables._cell import BOOLEAN_KEYS, KEY_READERS
from cfscore.tables._columns import CategoryColumn
from cfscore.tables._distinct import distinct_cells
from cfscore.tables._raw import RawColumn
from cfscore.tables._schema import Kind

__all__ = ["read_keys"]


def read_keys(
    raw: RawColumn, kind: Kind
) -> tuple[CategoryColumn, NDArray[np.uint8] | None]:
    """Return the keys of a raw column; each distinct cell is read once.

    Parameters
    ----------
    raw : raw column
        Any form.
    kind : {"boolean", "categorical"}
        Boolean columns have the keys ``("False", "True")``.

    Returns
    -------
    column : CategoryColumn
        Code -1 for missing and faulty.
    faults : array of shape (n_rows,), uint8, or None
        Fault codes, 0 for none; None when no cell is faulty.
    """
    codes, cells = distinct_cells(raw)
    known = BOOLEAN_KEYS if kind == "boolean" else ()
    positions = {key: position for position, key in enumerate(known)}
    # One entry more than there are cells: code -1 (missing) finds it at the end.
    key_codes = np.full(len(cells) + 1, -1, dtype=np.int32)
    key_faults = np.zeros(len(cells) + 1, dtype=np.uint8)
    read = KEY_READERS[kind]
    for position, cell in enumerate(cells):
        key, fault = read(cell)
        if key is not None:
            key_codes[position] = positions.setdefault(key, len(positions))
        key_faults[position] = fault
    column = CategoryColumn(key_codes[codes], tuple(positions))
    if not key_faults.any():
        return column, None
    faults = key_faults[codes]
    return column, faults if faults.any() else None
