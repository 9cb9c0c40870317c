"""Rows: tables with outcomes and weights as the arrays that LightGBM trains on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.boosting._encoding import FeatureEncoding
from cfscore.exceptions import FitError, RowFaultError
from cfscore.samples import as_table, read_target, read_weights
from cfscore.tables import ColumnBatch, InputSchema, read_table, row_count

__all__ = [
    "LabelledRows",
    "encode_rows",
    "read_held_out",
    "read_readable",
    "refuse_mismatch",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """Encoded rows with outcome and weight.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_columns), float64
        See ``FeatureEncoding``.
    y : array of shape (n_rows,), float64
        1 = bad, 0 = good.
    weights : array of shape (n_rows,), float64 or None
        Case weights, None for 1.
    """

    matrix: Floats
    y: Floats
    weights: Floats | None

    def take(self, rows: NDArray[np.intp]) -> LabelledRows:
        """Return some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        return LabelledRows(self.matrix[rows], self.y[rows], weights)


def read_readable(X: Any, schema: InputSchema) -> ColumnBatch:
    """Return the columns of a table, all of whose cells must be readable.

    Raises
    ------
    FitError
        When the schema has no columns.
    SchemaError
        When columns are missing or cannot be read.
    RowFaultError
        When cells cannot be read.
    """
    if not len(schema):
        shape = f"(shape=({row_count(X)}, 0))"
        msg = f"0 feature(s) {shape} while a minimum of 1 is required."
        raise FitError(msg, code="NO_COLUMNS")
    batch = read_table(X, schema)
    if batch.faults is not None:
        faults = batch.faults
        raise RowFaultError(batch.n_rows, faults.n_bad_rows, faults.counts)
    return batch


def refuse_mismatch(n_rows: int, outcome: Floats, weights: Floats) -> None:
    """Refuse a target of other length than its table, or of one class.

    Raises
    ------
    FitError
        With the numbers found.
    """
    if n_rows != len(outcome):
        msg = f"X has {n_rows} row(s) but the target y has {len(outcome)}."
        raise FitError(msg, code="SHAPE")
    used = outcome[weights > 0.0]
    n_bad = int(used.sum())
    n_good = len(used) - n_bad
    if not (n_bad and n_good):
        msg = (
            "The target y needs goods (0) and bads (1), with positive weight; it holds "
            f"only one class: {n_good} good and {n_bad} bad."
        )
        raise FitError(msg, code="ONE_CLASS")


def encode_rows(
    encoding: FeatureEncoding, batch: ColumnBatch, outcome: Floats, weights: Floats
) -> LabelledRows:
    """Return the rows of positive weight; weights that are all 1 are left out."""
    is_weighted = bool((weights != 1.0).any())
    matrix = encoding.encode(batch)
    rows = LabelledRows(matrix, outcome, weights if is_weighted else None)
    used = np.flatnonzero(weights)
    return rows if len(used) == len(weights) else rows.take(used)


def read_held_out(
    encoding: FeatureEncoding, X: Any, y: Any, sample_weight: Any
) -> LabelledRows:
    """Return held-out rows, read as the training table was.

    Raises
    ------
    SchemaError, RowFaultError, FitError
        As the training table would.
    """
    batch = read_readable(as_table(X), encoding.schema)
    outcome = read_target(y)
    weights = read_weights(sample_weight, len(outcome))
    refuse_mismatch(batch.n_rows, outcome, weights)
    return encode_rows(encoding, batch, outcome, weights)
