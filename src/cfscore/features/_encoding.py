"""Encoding: special codes beside measurements, and never in the place of one."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from cfscore.exceptions import UsageError
from cfscore.features._measurement import Measurement
from cfscore.special_code import SpecialCode

__all__ = ["STATUS_SUFFIX", "SpecialStyle", "check_style", "output_columns"]

#: ``"codes"`` writes special codes into the columns, ``"status"`` beside them.
SpecialStyle = Literal["codes", "status"]

#: What is added to the name of a feature for the column of its status.
STATUS_SUFFIX = "_status"

_CODES = np.array([float(code) for code in SpecialCode])
_NAMES = {code.value: code.name for code in SpecialCode} | {0: None}


def check_style(special: str) -> None:
    """Refuse what is no SpecialStyle.

    Raises
    ------
    UsageError
        When it is none.
    """
    if special not in ("codes", "status"):
        msg = f"special must be 'codes' or 'status', got {special!r}."
        raise UsageError(msg)


def output_columns(
    name: str, measured: Measurement, style: SpecialStyle
) -> list[pl.Series]:
    """Return the output column(s) of a feature.

    A measured number that happens to be a special code becomes the next number above
    it: one part in 10^16 away, and not mistaken for one.
    """
    status, values = measured.status, measured.values
    is_text = values.dtype == object
    dtype = pl.String if is_text else pl.Float64
    if style == "status":
        shown = pl.Series(name, values.tolist(), dtype=dtype)
        names = pl.Series(name + STATUS_SUFFIX, [_NAMES[s] for s in status], pl.String)
        return [shown.set(pl.Series(status != 0), None), names]
    if is_text:
        words = [
            _NAMES[s] if s else v for v, s in zip(values, status.tolist(), strict=True)
        ]
        return [pl.Series(name, words, dtype=pl.String)]
    moved = np.where(np.isin(values, _CODES), np.nextafter(values, np.inf), values)
    return [pl.Series(name, np.where(status != 0, status.astype(np.float64), moved))]
