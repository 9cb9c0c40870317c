"""Number grammar: which texts are numbers, and their float64 values.

A text is a number when it is one of::

    [spaces] [sign] digits [. digits] [e [sign] 1-3 digits] [spaces]
    [spaces] inf | +inf | -inf [spaces]

with ASCII digits and ASCII spaces only. Hexadecimal, digit groups, percent signs,
decimal commas, full-width digits, ``nan``, ``infinity`` and whatever overflows to
infinity are not numbers. Values are correctly rounded, the bits of Python's
``float(text)``.

A text of digits alone is an integer; beyond 2^53 in magnitude float64 could change
it, so it is refused as ``INT_LOSSY``. A text with a point or an exponent was a
floating number where it was written, and is read as one.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore._kernels.number_text import (
    DONE,
    OTHER,
    TO_BE_ROUNDED,
    parse_decimals,
)
from cfscore.tables._arrow import arrow_of, fixed_view, valid_mask, with_kernels
from cfscore.tables._arrow_compute import compute as pc
from cfscore.tables._columns import FAULT_CODES

__all__ = ["LARGEST_EXACT_INTEGER", "parse_number", "parse_numbers"]

#: Integers up to this magnitude have a float64 of their own.
LARGEST_EXACT_INTEGER = 2**53

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_INFINITIES = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf}
_LONGEST_EXACT_INTEGER = len(str(LARGEST_EXACT_INTEGER))

_NO_BYTES = np.empty(0, np.uint8)
_NOT_A_NUMBER = FAULT_CODES["NOT_A_NUMBER"]
_INT_LOSSY = FAULT_CODES["INT_LOSSY"]


def parse_number(text: str) -> tuple[float, int]:
    """Return the float64 of a text and 0, or NaN and a fault code.

    Parameters
    ----------
    text : str
        Any text; empty and blank text is missing: ``(nan, 0)``.

    Returns
    -------
    value : float
        Correctly rounded; NaN when missing or faulty.
    fault : int
        0, or the code of ``NOT_A_NUMBER`` or ``INT_LOSSY``.

    Examples
    --------
    >>> parse_number(" -1.5e3 ")
    (-1500.0, 0)
    >>> parse_number("1,5")
    (nan, 1)
    >>> parse_number("9007199254740993")
    (nan, 3)
    """
    body = text.strip(" ")
    if not body or body.isspace():
        return math.nan, 0
    if _NUMBER.fullmatch(body) is None:
        value = _INFINITIES.get(body)
        return (math.nan, _NOT_A_NUMBER) if value is None else (value, 0)
    if _INTEGER.fullmatch(body) and not _is_exact_integer(body):
        return math.nan, _INT_LOSSY
    value = float(body)
    return (math.nan, _NOT_A_NUMBER) if math.isinf(value) else (value, 0)


def _is_exact_integer(digits: str) -> bool:
    """Return whether a signed digit string is at most 2^53 in magnitude."""
    significant = digits.lstrip("+-").lstrip("0")
    if len(significant) > _LONGEST_EXACT_INTEGER:
        return False
    return int(significant or "0") <= LARGEST_EXACT_INTEGER


def parse_numbers(texts: Any) -> tuple[NDArray[np.float64], NDArray[np.uint8] | None]:
    """Return the float64 values of an Arrow text array and its fault codes.

    Cell by cell the same as ``parse_number``: few digits by a kernel, many by Arrow's
    parser where the kernel has found a number (Arrow's also takes ``nan(1)`` and longer
    exponents), the rest by ``parse_number``, each distinct text once.

    Parameters
    ----------
    texts : pyarrow.Array of string, large_string or string_view, length n
        Null is missing.

    Returns
    -------
    values : array of shape (n,), float64
        NaN where missing or faulty.
    faults : array of shape (n,), uint8, or None
        Fault codes, 0 for none; None when no cell is faulty.
    """
    texts = with_kernels(texts)
    values = np.empty(len(texts))
    kinds = np.empty(len(texts), np.uint8)
    n_open = parse_decimals(*_bytes_and_offsets(texts), values, kinds)
    valid = valid_mask(texts)
    if valid is not None:
        values[~valid] = np.nan
        kinds[~valid] = DONE
    if n_open == 0:
        return values, None
    _round_exactly(texts, np.flatnonzero(kinds == TO_BE_ROUNDED), values, kinds)
    return _parse_singly(texts, np.flatnonzero(kinds == OTHER), values)


def _bytes_and_offsets(texts: Any) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return the bytes of all texts, and where each starts and the last one ends."""
    is_large = pa.types.is_large_string(texts.type)
    dtype = np.dtype(np.int64 if is_large else np.int32)
    if len(texts) == 0:
        return np.empty(0, np.uint8), np.zeros(1, dtype)
    _, offsets, data = texts.buffers()
    start = texts.offset * dtype.itemsize
    held = np.frombuffer(offsets, dtype, count=len(texts) + 1, offset=start)
    has_bytes = data is not None and data.size > 0
    return np.frombuffer(data, np.uint8) if has_bytes else _NO_BYTES, held


def _round_exactly(
    texts: Any,
    rows: NDArray[np.intp],
    values: NDArray[np.float64],
    kinds: NDArray[np.uint8],
) -> None:
    """Read rows that are numbers of many digits by Arrow's parser (26 ns a text)."""
    if rows.size == 0:
        return
    found = pc.cast(_take(texts, rows), pa.float64())
    values[rows] = fixed_view(found, np.dtype(np.float64))
    kinds[rows[np.isinf(values[rows])]] = OTHER  # too large for any float64


def _take(texts: Any, rows: NDArray[np.intp]) -> Any:
    return texts if rows.size == len(texts) else pc.take(texts, arrow_of(rows))


def _parse_singly(
    texts: Any, rows: NDArray[np.intp], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.uint8] | None]:
    """Parse the given rows by the plain function, each distinct text once."""
    if rows.size == 0:
        return values, None
    encoded = pc.dictionary_encode(_take(texts, rows))
    parsed = [parse_number(text) for text in encoded.dictionary.to_pylist()]
    codes = fixed_view(encoded.indices, np.dtype(np.int32))
    values[rows] = np.array([value for value, _ in parsed])[codes]
    faults = np.zeros(len(texts), dtype=np.uint8)
    faults[rows] = np.array([fault for _, fault in parsed], dtype=np.uint8)[codes]
    return values, faults if faults.any() else None
