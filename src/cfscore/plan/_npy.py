"""Array file: a one- or two-dimensional array as ``.npy`` bytes and back.

One array has one text: version 1.0, C order, little-endian, a header padded to a
multiple of 64. Any numpy reads it; this reader accepts nothing else, so no header is
ever evaluated and no object is ever unpickled.

The layout is that of *numpy.lib.format*, version 1.0.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import ArtifactError
from cfscore.plan._protocol import ArraySpec

__all__ = ["read_npy", "write_npy"]

_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64
_LONGEST_HEADER = 256
_SHAPE = re.compile(rb"'shape': \((\d{1,9}),(?: (\d{1,9}))?\), \} *\n")


def write_npy(array: NDArray[Any], spec: ArraySpec) -> bytes:
    """Return an array as ``.npy`` bytes; every NaN is written as the same NaN.

    Parameters
    ----------
    array : array of ``spec.ndim`` dimensions
        Values that the element type holds exactly.
    spec : ArraySpec
        Element type and dimensions.

    Returns
    -------
    bytes
        Header and data.
    """
    assert array.ndim == spec.ndim
    values = np.ascontiguousarray(array, dtype=spec.descr)
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), np.nan, values).astype(spec.descr)
    return _header(spec.descr, values.shape) + values.tobytes()


def read_npy(data: bytes, spec: ArraySpec, name: str) -> NDArray[Any]:
    """Return the array of canonical ``.npy`` bytes.

    Parameters
    ----------
    data : bytes
        Header and data.
    spec : ArraySpec
        Element type and dimensions that are required.
    name : str
        Name of the member, for messages.

    Returns
    -------
    array of ``spec.ndim`` dimensions
        Read-only, C-contiguous, of native byte order.

    Raises
    ------
    ArtifactError
        Code ``ARRAY``, when header, element type, dimensions or length differ.
    """
    found = _SHAPE.search(data, 0, _LONGEST_HEADER)
    shape = tuple(int(n) for n in found.groups() if n is not None) if found else ()
    header = _header(spec.descr, shape)
    dtype = np.dtype(spec.descr)
    if (
        len(shape) != spec.ndim
        or not data.startswith(header)
        or len(data) != len(header) + math.prod(shape) * dtype.itemsize
    ):
        msg = f"{name} is not a {spec.ndim}-dimensional array of {spec.descr}."
        raise ArtifactError(msg, code="ARRAY")
    values = np.frombuffer(data, dtype=dtype, offset=len(header)).reshape(shape)
    native = np.array(values, dtype=dtype.newbyteorder("="), order="C")
    native.setflags(write=False)
    return native


def _header(descr: str, shape: tuple[int, ...]) -> bytes:
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}"
    unpadded = len(_MAGIC) + 2 + len(text) + 1
    padded = text + " " * (-unpadded % _ALIGNMENT) + "\n"
    return _MAGIC + len(padded).to_bytes(2, "little") + padded.encode("ascii")
