"""Arrow arrays from numpy buffers.

``pyarrow.array`` and ``pyarrow.table`` import pandas where it is installed, which
costs more than generating a small book; arrays are therefore put together from their
buffers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["boolean_array", "fixed_text_array", "level_array", "number_array"]


def number_array(
    values: NDArray[np.generic],
    arrow_type: pa.DataType,
    is_missing: NDArray[np.bool_] | None = None,
) -> pa.Array:
    """Return numbers as an Arrow array.

    Parameters
    ----------
    values : array of shape (n,)
        Numbers whose item size is that of ``arrow_type``.
    arrow_type : pyarrow.DataType
        Integer, float or timestamp type of the result.
    is_missing : array of shape (n,), bool, optional
        Cells that are null. None says that there are none.

    Returns
    -------
    pyarrow.Array
        Of length n, sharing memory with ``values``.
    """
    data = pa.py_buffer(np.ascontiguousarray(values))
    validity = None if is_missing is None else _bitmap(~is_missing)
    return pa.Array.from_buffers(arrow_type, len(values), [validity, data])


def boolean_array(
    values: NDArray[np.bool_], is_missing: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return flags as an Arrow array, null where ``is_missing``."""
    validity = None if is_missing is None else _bitmap(~is_missing)
    return pa.Array.from_buffers(pa.bool_(), len(values), [validity, _bitmap(values)])


def level_array(codes: NDArray[np.integer], levels: Sequence[str]) -> pa.Array:
    """Return the texts ``levels[code]`` as an Arrow string array, null where -1."""
    indices = number_array(codes.astype(np.int32), pa.int32(), codes < 0)
    encoded = [level.encode() for level in levels]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    texts = pa.Array.from_buffers(pa.string(), len(levels), buffers)
    return pa.DictionaryArray.from_arrays(indices, texts).dictionary_decode()


def fixed_text_array(
    letters: NDArray[np.uint8], is_missing: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return rows of ASCII letters, shape (n, width), as an Arrow string array."""
    n, width = letters.shape
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(width)
    data = pa.py_buffer(np.ascontiguousarray(letters))
    validity = None if is_missing is None else _bitmap(~is_missing)
    buffers = [validity, pa.py_buffer(offsets), data]
    return pa.Array.from_buffers(pa.string(), n, buffers)


def _bitmap(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
