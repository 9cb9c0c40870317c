"""Digitising: values or category codes to attribute indices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int64, uint16
from numpy.typing import NDArray

from cfscore._kernels.column_address import (
    addresses_of,
    float_column,
    integer_column,
)
from cfscore._kernels.jit import kernel, read_only, subroutine, writable

_BLOCK = 512
#: Place of the only one of columns.
_FIRST = np.zeros(1, np.int64)


@subroutine
def _digitize(values: Any, cuts: Any, slot_attributes: Any, out: Any) -> int:
    """Write the attribute of each value and return how many values are infinite.

    A value's slot is the number of cuts at or below it; its attribute is that slot's.

    NaN takes the last slot. Counting ``not (value < cut)`` over all cuts needs no
    branch and no search, and the compiler vectorises it over rows: 1.7 ns a value at
    11 cuts, four cuts a pass, against 13 ns when ``out`` itself is the counter. The
    plain form is ``bisect_right(cuts, value)``.
    """
    n_rows = values.shape[0]
    n_cuts = cuts.shape[0]
    slots = np.empty(_BLOCK, np.int64)
    n_infinite = np.int64(0)
    for start in range(0, n_rows, _BLOCK):
        block = values[start : start + _BLOCK]
        found = out[start : start + _BLOCK]
        n = block.shape[0]
        for i in range(n):
            slots[i] = np.int64(block[i] != block[i])
            n_infinite += np.int64(abs(block[i]) == np.inf)
        j = 0
        while j + 4 <= n_cuts:
            a, b, c, d = cuts[j], cuts[j + 1], cuts[j + 2], cuts[j + 3]
            for i in range(n):
                x = block[i]
                below = np.int64(not (x < a)) + np.int64(not (x < b))
                slots[i] += below + np.int64(not (x < c)) + np.int64(not (x < d))
            j += 4
        while j < n_cuts:
            cut = cuts[j]
            for i in range(n):
                slots[i] += np.int64(not (block[i] < cut))
            j += 1
        for i in range(n):
            found[i] = slot_attributes[slots[i]]
    return n_infinite  # type: ignore[return-value]


@kernel(
    (
        read_only(int64),
        int64,
        int64,
        read_only(float64),
        read_only(int64),
        read_only(uint16),
        read_only(int64),
        writable(uint16, 2),
        writable(int64),
    )
)
def digitize_columns(
    addresses: Any,
    first: Any,
    n_rows: Any,
    cuts: Any,
    cut_starts: Any,
    slot_attributes: Any,
    places: Any,
    out: Any,
    n_infinite: Any,
) -> None:
    """Digitise the rows ``[first, first + n_rows)`` of float64 columns.

    Column ``k`` begins at ``addresses[k]`` and is written to ``out[places[k]]``. Cuts
    and the attributes of slots, of which a column has two more than cuts, are flat; the
    cuts of column ``k`` begin at ``cut_starts[k]``.
    """
    for k in range(addresses.shape[0]):
        values = float_column(addresses[k] + 8 * first, n_rows)
        begin, end = cut_starts[k], cut_starts[k + 1]
        slots = slot_attributes[begin + 2 * k : end + 2 * k + 2]
        found = out[places[k]][:n_rows]
        n_infinite[k] = _digitize(values, cuts[begin:end], slots, found)


@kernel(
    (
        read_only(int64),
        int64,
        int64,
        read_only(uint16),
        read_only(int64),
        read_only(int64),
        writable(uint16, 2),
    )
)
def gather_columns(
    addresses: Any,
    first: Any,
    n_rows: Any,
    code_attributes: Any,
    starts: Any,
    places: Any,
    out: Any,
) -> None:
    """Write the attributes of the category codes of int32 columns.

    See ``digitize_columns``; the table of column ``k`` begins at ``starts[k]``, and its
    position 0 stands for missing (-1).
    """
    for k in range(addresses.shape[0]):
        codes = integer_column(addresses[k] + 4 * first, n_rows)
        table = code_attributes[starts[k] :]
        found = out[places[k]]
        for i in range(n_rows):
            found[i] = table[codes[i] + 1]


def digitize(
    values: NDArray[np.float64],
    cuts: NDArray[np.float64],
    slot_attributes: NDArray[np.uint16],
    out: NDArray[np.uint16],
) -> int:
    """Write the attribute of each value of one column; return how many are infinite."""
    n_infinite = np.empty(1, np.int64)
    digitize_columns(
        addresses_of([values], np.float64), 0, len(values), cuts,
        np.array([0, len(cuts)]), slot_attributes, _FIRST, out[np.newaxis], n_infinite,
    )  # fmt: skip
    return int(n_infinite[0])


def gather_codes(
    codes: NDArray[np.int32],
    code_attributes: NDArray[np.uint16],
    out: NDArray[np.uint16],
) -> None:
    """Write the attribute of each category code of one column."""
    gather_columns(
        addresses_of([codes], np.int32), 0, len(codes), code_attributes, _FIRST,
        _FIRST, out[np.newaxis],
    )  # fmt: skip
