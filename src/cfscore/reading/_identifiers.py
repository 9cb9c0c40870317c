"""Identifiers: cells whose digits were lost before the file was written.

Excel shows whole numbers of 12 digits and more as ``1.10101E+17`` and writes them so;
readers that make a column float64 keep 15 to 17 digits. What is left looks like an
identifier and is another one, so its row is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cfscore.reading._row_filter import without_rows
from cfscore.reading._unit import InputBlock, RowReject
from cfscore.tables import bool_view, fixed_view, valid_mask

__all__ = ["lossy_identifiers", "reject_lossy"]

_FIRST_LOSSY = 2.0**53
#: Exponent of the least number that Excel shortens: it has 12 digits.
_EXCEL_EXPONENT = 11
_SCIENTIFIC = r"^ *[+-]?[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3} *$"


def reject_lossy(
    block: InputBlock, identifiers: Collection[str], kept: Collection[str] = ()
) -> InputBlock:
    """Return a block with the rows rejected whose identifiers lost digits.

    Parameters
    ----------
    block : InputBlock
        The block.
    identifiers : collection of str
        Columns of identifiers.
    kept : collection of str
        Columns that may hold identifiers, or amounts.
    """
    faults = []
    for name in dict.fromkeys([*identifiers, *kept]):
        position = block.batch.schema.get_field_index(name)
        if position < 0:
            continue
        least = 0 if name in identifiers else _EXCEL_EXPONENT
        for held in (block, block.unread):
            if held is None:
                continue
            lossy = lossy_identifiers(held.batch.column(position), least)
            rows = held.rows[lossy] if lossy is not None else ()
            faults += [RowReject(int(row), name, "ID_LOSSY") for row in rows]
    return without_rows(block, faults)


def lossy_identifiers(array: Any, least_exponent: int = 0) -> NDArray[np.bool_] | None:
    """Return True where an identifier went through a float; None where none did.

    Parameters
    ----------
    array : pyarrow.Array
        Text: in scientific notation with fewer decimals than the exponent has.
        float64: whole and 2^53 or more in magnitude. Other types lose none.
    least_exponent : int, default 0
        Least exponent of a text that lost digits.

    Examples
    --------
    >>> texts = pa.array(["1.10101E+17", "110101199003070011", "1.25E+02"])
    >>> lossy_identifiers(texts).tolist()
    [True, False, False]
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    lossy = None
    if pa.types.is_float64(kind):
        values = fixed_view(array, np.dtype(np.float64))
        lossy = (np.abs(values) >= _FIRST_LOSSY) & np.isfinite(values)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        lossy = _lossy_texts(array, least_exponent)
    if lossy is None:
        return None
    valid = valid_mask(array)
    if valid is not None:
        lossy &= valid
    return lossy if lossy.any() else None


def _lossy_texts(array: Any, least_exponent: int) -> NDArray[np.bool_] | None:
    if not _may_be_scientific(array):
        return None
    lossy = bool_view(pc.match_substring_regex(array, pattern=_SCIENTIFIC)).copy()
    for row in np.flatnonzero(lossy).tolist():
        text = array[row].as_py()
        lossy[row] = text is not None and _has_lost_digits(text, least_exponent)
    return lossy


def _may_be_scientific(array: Any) -> bool:
    """Look for ``E+`` in all cells at once: 40 times faster than by cell."""
    _, offsets, data = array.buffers()
    if data is None or not len(array):
        return False
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    ends = np.frombuffer(offsets, width)[array.offset :]
    held = bytes(memoryview(data)[ends[0] : ends[len(array)]])
    return b"E+" in held or b"e+" in held


def _has_lost_digits(text: str, least_exponent: int) -> bool:
    mantissa, exponent = re.split("[eE]", text.strip(" "))
    decimals = len(mantissa.partition(".")[2])
    return int(exponent) > decimals and int(exponent) >= least_exponent
