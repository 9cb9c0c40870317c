"""Arrow memory as numpy views, read from buffers.

``pyarrow.array``, ``pyarrow.scalar`` and ``Array.to_numpy`` import pandas wherever it
is installed (0.7 s); nothing here calls them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.tables._arrow_compute import compute as pc

__all__ = [
    "arrow_of",
    "bitmap_of",
    "bool_view",
    "dtype_of",
    "fixed_view",
    "index_array",
    "is_plain",
    "is_readable",
    "is_text",
    "pack_mask",
    "run_positions",
    "single_array",
    "text_array",
    "type_name",
    "valid_mask",
    "with_kernels",
]

_MAX_INT32 = 2**31 - 1
_KERNEL_DECIMAL_BITS = 128
_DTYPES = {
    pa.from_numpy_dtype(np.dtype(name)): np.dtype(name)
    for name in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
}


def dtype_of(kind: Any) -> np.dtype[Any]:
    """Return the numpy type of an Arrow integer or floating type."""
    return _DTYPES[kind]


def fixed_view(array: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the values of a fixed-width Arrow array; cells under null are arbitrary.

    Parameters
    ----------
    array : pyarrow.Array
        Fixed width, not bit-packed; may be a slice.
    dtype : numpy.dtype
        The numpy type of the same width.

    Returns
    -------
    array of shape (n,), ``dtype``
        A read-only view of the Arrow buffer, without a copy.
    """
    if len(array) == 0:
        return np.empty(0, dtype=dtype)
    start = array.offset * dtype.itemsize
    return np.frombuffer(array.buffers()[1], dtype, count=len(array), offset=start)


def bool_view(array: Any) -> NDArray[np.bool_]:
    """Return the values of a bit-packed Arrow boolean array as one byte per cell."""
    return _unpack(array.buffers()[1], array.offset, len(array))


def valid_mask(array: Any) -> NDArray[np.bool_] | None:
    """Return True where a cell is not null; None when no cell is null."""
    if array.null_count == 0:
        return None
    return _unpack(array.buffers()[0], array.offset, len(array))


def bitmap_of(array: Any) -> tuple[NDArray[np.uint8], int]:
    """Return the validity bits of an array with nulls, and the first bit's position."""
    first = array.offset // 8
    count = (array.offset + len(array) + 7) // 8 - first
    bits = np.frombuffer(array.buffers()[0], np.uint8, count=count, offset=first)
    return bits, array.offset % 8


def _unpack(buffer: Any, offset: int, length: int) -> NDArray[np.bool_]:
    if length == 0:
        return np.empty(0, dtype=np.bool_)
    first = offset // 8
    count = (offset + length + 7) // 8 - first
    packed = np.frombuffer(buffer, np.uint8, count=count, offset=first)
    skipped = offset % 8
    bits = np.unpackbits(packed, count=skipped + length, bitorder="little")
    return bits[skipped:].view(np.bool_)


def pack_mask(mask: NDArray[np.bool_]) -> Any:
    """Return a numpy mask as an Arrow boolean array."""
    bits = pa.py_buffer(np.packbits(mask, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), mask.size, [None, bits])


def index_array(
    positions: NDArray[np.int64], held: NDArray[np.bool_] | None = None
) -> Any:
    """Return row positions as an Arrow array, for ``take``; null where not held."""
    validity = None if held is None else pack_mask(held).buffers()[1]
    buffers = [validity, pa.py_buffer(np.ascontiguousarray(positions, np.int64))]
    return pa.Array.from_buffers(pa.int64(), len(positions), buffers)


def arrow_of(values: NDArray[Any]) -> Any:
    """Return a numpy array of whole or floating numbers as an Arrow array, uncopied."""
    held = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    kind = pa.from_numpy_dtype(held.dtype)
    return pa.Array.from_buffers(kind, held.size, [None, pa.py_buffer(held)])


def text_array(texts: list[str | None]) -> Any:
    """Return Python texts as an Arrow array; None is null.

    Raises
    ------
    UnicodeEncodeError
        A text holds half of a surrogate pair, which UTF-8 has not.
    """
    held = [b"" if text is None else text.encode() for text in texts]
    ends = np.cumsum(np.fromiter(map(len, held), np.int64, len(held)))
    offsets = pa.py_buffer(np.concatenate([np.zeros(1, np.int64), ends]))
    validity = None
    if None in texts:
        valid = np.fromiter((text is not None for text in texts), np.bool_, len(texts))
        validity = pack_mask(valid).buffers()[1]
    data = pa.py_buffer(b"".join(held))
    return pa.Array.from_buffers(
        pa.large_string(), len(texts), [validity, offsets, data]
    )


def single_array(array: Any) -> Any:
    """Return an Arrow array for an array or chunked array; copies only many chunks."""
    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    kind = array.type
    if array.num_chunks == 0:
        return pa.nulls(0, kind)
    if pa.types.is_string(kind) and array.nbytes > _MAX_INT32:
        array = array.cast(pa.large_string())  # 32-bit offsets would overflow
    return pa.concat_arrays(array.chunks)


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type holds text."""
    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
    )


def is_plain(kind: Any) -> bool:
    """Return whether an Arrow type is a number, boolean, text or null."""
    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_decimal(kind)
        or types.is_null(kind)
        or is_text(kind)
    )


def is_readable(kind: Any) -> bool:
    """Return whether an Arrow type is plain, or a dictionary or runs of a plain one."""
    if pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return is_plain(kind)


def type_name(kind: Any) -> str:
    """Return a type's name without the field names that a nested type would list."""
    name: str = getattr(kind, "extension_name", str(kind))
    return name.partition("<")[0]


def with_kernels(array: Any) -> Any:
    """Return text or decimals in a type that Arrow's kernels know.

    They lack string_view (polars), decimal32 and decimal64.
    """
    kind = array.type
    if pa.types.is_string_view(kind):
        return pc.cast(array, pa.large_string())
    if pa.types.is_decimal(kind) and kind.bit_width < _KERNEL_DECIMAL_BITS:
        return pc.cast(array, pa.decimal128(kind.precision, kind.scale))
    return array


def run_positions(array: Any) -> NDArray[np.int64]:
    """Return for each row of a run-end encoded array its position in ``values``."""
    first = array.find_physical_offset()
    count = array.find_physical_length()
    run_ends = fixed_view(array.run_ends, dtype_of(array.run_ends.type))
    ends = run_ends[first : first + count].astype(np.int64) - array.offset
    lengths = np.diff(np.minimum(ends, len(array)), prepend=0)
    return np.repeat(np.arange(first, first + count), lengths)
