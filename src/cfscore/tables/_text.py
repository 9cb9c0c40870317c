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
import pyarrow.compute as pc
from numpy.typing import NDArray

from cfscore.tables._arrow import bool_view, fixed_view, pack_mask, with_kernels
from cfscore.tables._columns import FAULT_CODES

__all__ = ["LARGEST_EXACT_INTEGER", "parse_number", "parse_numbers"]

#: Integers up to this magnitude have a float64 of their own.
LARGEST_EXACT_INTEGER = 2**53

_GRAMMAR = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_NUMBER = re.compile(_GRAMMAR)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_INFINITIES = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf}
_LONGEST_EXACT_INTEGER = len(str(LARGEST_EXACT_INTEGER))

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

    Cell by cell the same as ``parse_number``; Arrow's own parser runs only over cells
    that match the grammar, because it also takes ``nan(1)`` and longer exponents.

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
    values = np.full(len(texts), np.nan)
    pending = np.flatnonzero(_not_null(texts))
    for trim in (False, True):
        if pending.size == 0:
            return values, None
        cells = _take(texts, pending)
        cells = pc.utf8_trim(cells, characters=" ") if trim else cells
        matches = bool_view(pc.match_substring_regex(cells, pattern=f"^{_GRAMMAR}$"))
        values[pending[matches]] = _parse_matching(cells, matches)
        # What is large enough to be infinite or a lossy integer is read again, singly.
        large = ~(np.abs(values[pending]) < LARGEST_EXACT_INTEGER)
        pending = pending[large]
    return _parse_singly(texts, pending, values)


def _not_null(texts: Any) -> NDArray[np.bool_]:
    if texts.null_count == 0:
        return np.ones(len(texts), dtype=np.bool_)
    return bool_view(pc.is_valid(texts))


def _take(texts: Any, rows: NDArray[np.intp]) -> Any:
    if rows.size == len(texts):
        return texts
    index = pa.py_buffer(rows.astype(np.int64))
    return pc.take(texts, pa.Array.from_buffers(pa.int64(), rows.size, [None, index]))


def _parse_matching(cells: Any, matches: NDArray[np.bool_]) -> NDArray[np.float64]:
    if not matches.all():
        cells = pc.filter(cells, pack_mask(matches))
    return fixed_view(pc.cast(cells, pa.float64()), np.dtype(np.float64))


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
