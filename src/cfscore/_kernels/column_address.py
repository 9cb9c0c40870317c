"""Columns by their address: any number of arrays for one kernel call.

A call per column is short, and between two calls a thread needs the interpreter's lock:
with 30 columns two threads waited for it longer than they worked side by side. Whoever
passes addresses keeps the arrays alive.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from cfscore._kernels.jit import subroutine

__all__ = ["addresses_of", "float_column", "integer_column"]


def addresses_of(columns: Sequence[NDArray[Any]], element: Any) -> NDArray[np.int64]:
    """Return where the first elements of contiguous arrays lie, shape (n_columns,).

    Parameters
    ----------
    columns : sequence of array of shape (n_rows,)
        To be kept alive for as long as the addresses are used.
    element : dtype
        Type that they must have.

    Raises
    ------
    ValueError
        When an array has other elements, gaps, or another length than the first.
    """
    for column in columns:
        is_plain = column.dtype == element and column.flags.c_contiguous
        if not is_plain or column.shape != columns[0].shape:
            msg = "Columns must be contiguous, of one type and of one length."
            raise ValueError(msg)
    return np.array([column.ctypes.data for column in columns], np.int64)


def _pointer_to(element: Any, llvm_element: Any) -> Any:
    """Return an intrinsic that makes a pointer of an address."""

    def pointer(_: Any, address: Any) -> Any:
        def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], llvm_element.as_pointer())

        return types.CPointer(element)(types.int64), generate

    return intrinsic(pointer)


_float_pointer = _pointer_to(types.float64, ir.DoubleType())
_integer_pointer = _pointer_to(types.int32, ir.IntType(32))


def _float_column(address: Any, n: Any) -> Any:
    """Return ``n`` float64 that lie at an address."""
    return numba.carray(_float_pointer(address), n)


def _integer_column(address: Any, n: Any) -> Any:
    """Return ``n`` int32 that lie at an address."""
    return numba.carray(_integer_pointer(address), n)


def _plain_column(element: Any) -> Callable[[Any, Any], Any]:
    """Return the same for the interpreter, where NUMBA_DISABLE_JIT is set."""

    def column(address: Any, n: Any) -> Any:
        return np.ctypeslib.as_array((element * int(n)).from_address(int(address)))

    return column


if numba.config.DISABLE_JIT:
    float_column = _plain_column(ctypes.c_double)
    integer_column = _plain_column(ctypes.c_int32)
else:
    float_column = subroutine(_float_column)
    integer_column = subroutine(_integer_column)
