"""Encoding: a table becomes the float64 matrix that LightGBM sees, and nothing else.

LightGBM never meets a name, a text or a frame: column ``j`` of the matrix is the
``j``-th field of the schema, whatever the container was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cfscore.special_code import codes_as_missing
from cfscore.tables import (
    CategoryColumn,
    Column,
    ColumnBatch,
    InputField,
    InputSchema,
    NumericColumn,
)

__all__ = ["UNSEEN_CODE", "FeatureEncoding"]

Floats = NDArray[np.float64]

#: Code of a category that training did not hold. No category set of a tree contains
#: it, so that LightGBM sends it to the right of every categorical split, as it does
#: with a missing category and with any other code outside the set.
UNSEEN_CODE = -1.0

_BOOLEAN_CODES = {"False": 0.0, "True": 1.0}


@dataclass(frozen=True)
class FeatureEncoding:
    """How each column becomes numbers.

    Numbers are handed on, special codes as NaN; True is 1 and False 0; a category is
    its position in ``categories``, ``UNSEEN_CODE`` where it has none; missing is NaN in
    every kind.

    Parameters
    ----------
    schema : InputSchema
        Columns in the order of the matrix.
    categories : mapping of str to tuple of str
        Keys of each categorical column, in the order of their codes 0, 1, ...
    special_codes : mapping of str to tuple of float, optional
        Declared codes of numeric columns.
    """

    schema: InputSchema
    categories: Mapping[str, tuple[str, ...]]
    special_codes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def learn(
        cls,
        schema: InputSchema,
        batch: ColumnBatch,
        used_mask: NDArray[np.bool_],
        special_codes: Mapping[str, tuple[float, ...]] | None = None,
    ) -> Self:
        """Return the encoding of a training table, keys in the order of their text.

        Parameters
        ----------
        schema : InputSchema
            Columns and kinds.
        batch : ColumnBatch
            The table.
        used_mask : array of shape (n_rows,), bool
            Rows whose categories count as seen.
        special_codes : mapping of str to tuple of float, optional
            Declared codes of numeric columns.
        """
        categories = {
            field.name: _used_keys(batch.columns[field.name], used_mask)
            for field in schema.fields
            if field.kind == "categorical"
        }
        return cls(schema, categories, special_codes or {})

    @property
    def feature_names(self) -> list[str]:
        """Names of the matrix columns: ``f0``, ``f1``, ..."""
        return [f"f{position}" for position in range(len(self.schema))]

    @property
    def categorical_positions(self) -> list[int]:
        """Matrix columns that hold category codes."""
        kinds = [field.kind for field in self.schema.fields]
        return [j for j, kind in enumerate(kinds) if kind == "categorical"]

    def encode(self, batch: ColumnBatch) -> Floats:
        """Return the matrix of a table, of shape (n_rows, n_columns), float64."""
        matrix = np.empty((batch.n_rows, len(self.schema)))
        for j, name in enumerate(self.schema.names):
            matrix[:, j] = self._encode_column(
                self.schema.fields[j], batch.columns[name]
            )
        return matrix

    def _encode_column(self, field: InputField, column: Column) -> Floats:
        if isinstance(column, NumericColumn):
            special = self.special_codes.get(field.name, ())
            if not special:
                return column.values
            return codes_as_missing(column.values, special)
        known = _BOOLEAN_CODES
        if field.kind == "categorical":
            keys = self.categories[field.name]
            known = {key: float(code) for code, key in enumerate(keys)}
        codes = [known.get(key, UNSEEN_CODE) for key in column.keys]
        return np.array([*codes, np.nan])[column.codes]  # code -1 finds the NaN


def _used_keys(column: Column, used_mask: NDArray[np.bool_]) -> tuple[str, ...]:
    assert isinstance(column, CategoryColumn)
    codes = np.unique(column.codes[used_mask]).tolist()
    return tuple(sorted(column.keys[code] for code in codes if code >= 0))
