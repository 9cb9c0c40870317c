"""Table: what a development table must be before its columns are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import issparse

from cfscore.exceptions import InputError

__all__ = ["as_table"]


def as_table(X: Any) -> Any:
    """Return a table that can be read more than once.

    Rows given as lists become an array without names, and a stream of batches is
    gathered.

    Raises
    ------
    InputError
        When the table is sparse or an array of other than two dimensions.
    """
    if issparse(X):
        msg = "Sparse tables are not supported: a missing cell is no zero."
        raise InputError(msg, hint="Pass a dense table.")
    if isinstance(X, pa.RecordBatchReader):
        return X.read_all()
    if isinstance(X, list) and X and all(isinstance(row, list | tuple) for row in X):
        X = np.array(X, dtype=object)
    if isinstance(X, np.ndarray) and X.dtype.names is None and X.ndim != 2:
        msg = f"Expected a 2D array, got {X.ndim} dimension(s)."
        hint = "Reshape your data to (n_rows, n_columns), one row per applicant."
        raise InputError(msg, hint=hint)
    return X
