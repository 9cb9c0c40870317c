"""Intake: what scikit-learn asks of a table before its columns are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import issparse

from cfscore.exceptions import FitError, InputError
from cfscore.tables import InputSchema, row_count

__all__ = ["held_table", "refuse_no_columns", "refuse_other_shape"]


def held_table(X: Any) -> Any:
    """Return X itself, or its rows where it can be read only once.

    Raises
    ------
    InputError
        When X is a sparse matrix.
    """
    if issparse(X):
        msg = "Sparse input is not supported: a zero must be told from a missing value."
        raise InputError(msg, hint="Pass a dense table.")
    if isinstance(X, pa.RecordBatchReader):
        return X.read_all()
    if hasattr(X, "__arrow_c_stream__") and not hasattr(X, "__len__"):
        return pa.RecordBatchReader.from_stream(X).read_all()
    return X


def refuse_no_columns(X: Any, schema: InputSchema) -> None:
    """Refuse a table without columns.

    Raises
    ------
    FitError
        With the shape found.
    """
    if not len(schema):
        n_rows = row_count(X)
        msg = f"0 feature(s) (shape=({n_rows}, 0)) while a minimum of 1 is required."
        raise FitError(msg, code="NO_COLUMNS")


def refuse_other_shape(X: Any, n_columns: int, estimator: str) -> None:
    """Refuse a bare array that is not as wide as the training table.

    Raises
    ------
    InputError
        In the words that scikit-learn's users and checks know.
    """
    if not isinstance(X, np.ndarray) or X.dtype.names is not None:
        return
    if X.ndim != 2:
        msg = f"Expected 2D array, got {X.ndim}D array instead."
        hint = "Reshape your data to (n_rows, n_columns), one row per applicant."
        raise InputError(msg, hint=hint)
    if X.shape[1] != n_columns:
        msg = (
            f"X has {X.shape[1]} features, but {estimator} is expecting {n_columns} "
            "features as input."
        )
        raise InputError(msg)
