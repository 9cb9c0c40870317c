"""One cell: what a single Python value means in a numeric, boolean or category column.

This is the law; the column readers do the same for whole arrays, and call these
functions for every distinct value that is not plain.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from cfscore.tables._arrow import is_plain
from cfscore.tables._columns import FAULT_CODES
from cfscore.tables._schema import Kind
from cfscore.tables._text import LARGEST_EXACT_INTEGER, parse_number

__all__ = [
    "BOOLEAN_KEYS",
    "KEY_READERS",
    "UNREADABLE",
    "plain_cell",
    "read_boolean",
    "read_category",
    "read_number",
]

#: The keys of every boolean column; their positions are the codes.
BOOLEAN_KEYS = ("False", "True")

#: What ``plain_cell`` returns for a value that is no number, boolean or text.
UNREADABLE = object()

_NOT_A_BOOLEAN = FAULT_CODES["NOT_A_BOOLEAN"]
_INT_LOSSY = FAULT_CODES["INT_LOSSY"]
_UNSUPPORTED_VALUE = FAULT_CODES["UNSUPPORTED_VALUE"]

# Keys of integers end here (309 digits); str() of longer ones is slow or refused.
_MAX_KEY_BITS = 1024
_MAX_KEY_EXPONENT = 308

_BOOLEAN_TEXTS = {
    "True": "True",
    "true": "True",
    "1": "True",
    "False": "False",
    "false": "False",
    "0": "False",
}


def plain_cell(cell: Any) -> Any:
    """Return a cell as None, bool, int, float, Decimal or str, else ``UNREADABLE``.

    Everything that means missing becomes None: None, NaN, NA, NaT, masked, empty and
    blank text. Subclasses and numpy scalars become the builtin of the same value.

    Examples
    --------
    >>> plain_cell(np.float32(0.5)), plain_cell("  "), plain_cell(float("nan"))
    (0.5, None, None)
    """
    return _reader_of(type(cell))(cell)  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def _reader_of(kind: type) -> Callable[[Any], Any]:
    """Return the function that makes cells of one Python type plain."""
    if kind.__name__ in {"NAType", "NaTType"}:  # pandas, which is not imported here
        return _missing
    for base, reader in _READERS:
        if issubclass(kind, base):
            return reader
    return _unreadable


def _missing(cell: Any) -> None:
    return None


def _unreadable(cell: Any) -> Any:
    return UNREADABLE


def _plain_float(cell: Any) -> float | None:
    value = float(cell)
    return None if math.isnan(value) else value


def _plain_decimal(cell: Decimal) -> Decimal | None:
    return None if cell.is_nan() else cell


def _plain_text(cell: str) -> str | None:
    text = str.__str__(cell)  # an Enum of texts is its text, not its name
    return None if not text or text.isspace() else text


def _plain_time(cell: Any) -> Any:
    return None if np.isnat(cell) else UNREADABLE


def _plain_scalar(cell: Any) -> Any:
    if not cell.is_valid:
        return None
    kind = cell.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return plain_cell(cell.as_py()) if is_plain(kind) else UNREADABLE


_READERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (type(None), _missing),
    (bool, bool),
    (np.bool_, bool),
    (int, operator.index),
    (np.timedelta64, _plain_time),  # a np.signedinteger by inheritance
    (np.integer, operator.index),
    (float, _plain_float),
    (np.float32, _plain_float),
    (np.float16, _plain_float),
    (str, _plain_text),
    (Decimal, _plain_decimal),
    (np.datetime64, _plain_time),
    (np.ma.core.MaskedConstant, _missing),
    (pa.Scalar, _plain_scalar),
)


def read_number(cell: Any) -> tuple[float, int]:
    """Return the float64 of a cell and 0, or NaN and a fault code.

    Examples
    --------
    >>> read_number(True), read_number("2.50"), read_number(2**53 + 1)
    ((1.0, 0), (2.5, 0), (nan, 3))
    """
    plain = plain_cell(cell)
    if plain is None:
        return math.nan, 0
    return _NUMBER_READERS.get(type(plain), _no_number)(plain)


def _no_number(plain: Any) -> tuple[float, int]:
    return math.nan, _UNSUPPORTED_VALUE


def _whole_number(plain: int) -> tuple[float, int]:
    if -LARGEST_EXACT_INTEGER <= plain <= LARGEST_EXACT_INTEGER:
        return float(plain), 0
    return math.nan, _INT_LOSSY


def _decimal_number(plain: Decimal) -> tuple[float, int]:
    if _is_lossy(plain):
        return math.nan, _INT_LOSSY
    return float(plain), 0


def _is_lossy(number: Decimal) -> bool:
    """Return whether a decimal is a whole number beyond 2^53."""
    if not number.is_finite() or number.copy_abs() <= LARGEST_EXACT_INTEGER:
        return False
    return _is_integral(number)


def _is_integral(number: Decimal) -> bool:
    """Return whether a finite decimal is whole, without expanding its exponent."""
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or exponent >= 0:
        return True
    return not any(digits[exponent:])


_NUMBER_READERS: dict[type, Callable[[Any], tuple[float, int]]] = {
    bool: lambda plain: (float(plain), 0),
    int: _whole_number,
    float: lambda plain: (plain, 0),
    Decimal: _decimal_number,
    str: parse_number,
}


def read_boolean(cell: Any) -> tuple[str | None, int]:
    """Return ``"True"``, ``"False"`` or None (missing) of a cell, and a fault code.

    Examples
    --------
    >>> read_boolean("true"), read_boolean(0.0), read_boolean("yes")
    (('True', 0), ('False', 0), (None, 2))
    """
    plain = plain_cell(cell)
    if plain is None:
        return None, 0
    if plain is UNREADABLE:
        return None, _UNSUPPORTED_VALUE
    if isinstance(plain, str):
        key = _BOOLEAN_TEXTS.get(plain)
        return key, 0 if key else _NOT_A_BOOLEAN
    if plain in {0, 1}:
        return BOOLEAN_KEYS[int(plain)], 0
    return None, _NOT_A_BOOLEAN


def read_category(cell: Any) -> tuple[str | None, int]:
    """Return the category key of a cell, None when missing, and a fault code.

    Integral numbers are their decimal text, other numbers the shortest text of their
    float64, booleans ``"True"`` and ``"False"``; text is taken as it is.

    Examples
    --------
    >>> [read_category(cell)[0] for cell in (1, 1.0, Decimal("1.00"), "1", 0.5)]
    ['1', '1', '1', '1', '0.5']
    """
    plain = plain_cell(cell)
    if plain is None or isinstance(plain, str):
        return plain, 0
    key = _KEY_WRITERS.get(type(plain), _no_key)(plain)
    return key, 0 if key is not None else _UNSUPPORTED_VALUE


def _no_key(plain: Any) -> None:
    return None


def _integer_key(plain: int) -> str | None:
    return str(plain) if plain.bit_length() <= _MAX_KEY_BITS else None


def _float_key(plain: float) -> str:
    return str(int(plain)) if plain.is_integer() else repr(plain)


def _decimal_key(plain: Decimal) -> str | None:
    if not plain.is_finite():
        return repr(float(plain))
    if not _is_integral(plain):
        return _float_key(float(plain))
    return str(int(plain)) if plain.adjusted() <= _MAX_KEY_EXPONENT else None


_KEY_WRITERS: dict[type, Callable[[Any], str | None]] = {
    bool: str,
    int: _integer_key,
    float: _float_key,
    Decimal: _decimal_key,
}

#: How the cells of a column with keys are read, by the field's kind.
KEY_READERS: dict[Kind, Callable[[Any], tuple[str | None, int]]] = {
    "boolean": read_boolean,
    "categorical": read_category,
}
