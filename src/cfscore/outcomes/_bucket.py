"""Delinquency bucket: days past due in classes of thirty days, M0 to M7+."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from cfscore.exceptions import InputError

__all__ = [
    "BUCKETS",
    "WORST_BUCKET",
    "bucket_expr",
    "bucket_names",
    "delinquency_bucket",
    "first_day_of_bucket",
]

#: Number of the last bucket, more than 180 days past due.
WORST_BUCKET = 7

_DAYS_PER_BUCKET = 30


def bucket_names(worst: int = WORST_BUCKET) -> tuple[str, ...]:
    """Return the names of the buckets, the last one open: M0, M1, ..., M7+."""
    return (*(f"M{number}" for number in range(worst)), f"M{worst}+")


#: Names of the buckets by their number.
BUCKETS = bucket_names()


def delinquency_bucket(dpd: ArrayLike) -> NDArray[np.int8]:
    """Return the number of the delinquency bucket; larger is later, 0..7.

    Parameters
    ----------
    dpd : array of any shape
        Days past due, whole and not negative.

    Returns
    -------
    array of the same shape, int8
        0 for 0 days, 1 for 1-30, 2 for 31-60, ..., 6 for 151-180, 7 beyond; index
        into :data:`BUCKETS`.

    Raises
    ------
    InputError
        When a value is missing, negative or no whole number.

    Notes
    -----
    ``0 if dpd = 0 else min(7, floor((dpd - 1) / 30) + 1)``: the classes 1 to 7 of the
    monthly repayment status in the credit reports of the People's Bank of China.

    Examples
    --------
    >>> delinquency_bucket([0, 1, 30, 31, 60, 61, 180, 181, 400]).tolist()
    [0, 1, 1, 2, 2, 3, 6, 7, 7]
    """
    days = np.asarray(dpd)
    if days.dtype.kind not in "iuf":
        msg = f"dpd must hold numbers, found dtype {days.dtype}."
        raise InputError(msg, code="NOT_NUMERIC")
    n_wrong = int(np.count_nonzero(~((days >= 0) & (days % 1 == 0))))
    if n_wrong:
        msg = f"dpd must be whole days, 0 or more; {n_wrong} value(s) are not."
        raise InputError(msg, code="NOT_WHOLE")
    bucket = np.ceil(days / _DAYS_PER_BUCKET)
    return np.asarray(np.minimum(bucket, WORST_BUCKET).astype(np.int8))


def first_day_of_bucket(bucket: int) -> int:
    """Return the fewest days past due of a bucket: 0, 1, 31, 61, ...

    Examples
    --------
    >>> [first_day_of_bucket(number) for number in range(4)]
    [0, 1, 31, 61]
    """
    return 0 if bucket == 0 else _DAYS_PER_BUCKET * (bucket - 1) + 1


def bucket_expr(dpd: pl.Expr) -> pl.Expr:
    """Return the bucket of a column of days past due, as ``delinquency_bucket``."""
    bucket = (dpd + _DAYS_PER_BUCKET - 1) // _DAYS_PER_BUCKET
    return pl.min_horizontal(bucket, pl.lit(WORST_BUCKET)).cast(pl.Int8)
