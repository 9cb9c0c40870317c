"""Fingerprint: which training data a model was fitted to, without keeping them."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.tables import (
    CategoryColumn,
    Column,
    ColumnBatch,
    InputSchema,
    NumericColumn,
)

__all__ = ["training_fingerprint"]


def training_fingerprint(
    schema: InputSchema,
    batch: ColumnBatch,
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> str:
    """Return the SHA-256 of a training table with its target and weights.

    It covers names and kinds of all columns, their values in row order, the target and
    the weights (1 where none were given). The same rows in another order have another
    fingerprint; the same table in another container (pandas, polars, Arrow, a mapping)
    has the same one. Missing values are alike, and so are 0.0 and -0.0.

    Parameters
    ----------
    schema : InputSchema
        Columns of the table.
    batch : ColumnBatch
        Their rows.
    y : array of shape (n_rows,), float64
        1 = bad, 0 = good.
    weights : array of shape (n_rows,), float64
        Case weights.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256(b"cfscore training sample 1")
    for field in schema.fields:
        _add_text(digest, field.name)
        _add_text(digest, field.kind)
        _add_column(digest, batch.columns[field.name])
    _add_array(digest, y.astype(np.uint8))
    _add_array(digest, weights.astype("<f8"))
    return digest.hexdigest()


def _add_text(digest: Any, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    digest.update(len(data).to_bytes(8, "little"))
    digest.update(data)


def _add_array(digest: Any, array: NDArray[Any]) -> None:
    digest.update(array.nbytes.to_bytes(8, "little"))
    digest.update(np.ascontiguousarray(array).data)


def _add_column(digest: Any, column: Column) -> None:
    if isinstance(column, NumericColumn):
        values = column.values.astype("<f8") + 0.0
        values[np.isnan(values)] = np.nan
        _add_array(digest, values)
    else:
        _add_categories(digest, column)


def _add_categories(digest: Any, column: CategoryColumn) -> None:
    """Add the keys in use, sorted, and the rows as ranks among them."""
    used = np.unique(column.codes[column.codes >= 0]).tolist()
    ordered = sorted(used, key=lambda code: column.keys[code])
    ranks = np.full(len(column.keys) + 1, -1, "<i4")
    ranks[ordered] = np.arange(len(ordered))
    digest.update(len(ordered).to_bytes(8, "little"))
    for code in ordered:
        _add_text(digest, column.keys[code])
    _add_array(digest, ranks[column.codes])
