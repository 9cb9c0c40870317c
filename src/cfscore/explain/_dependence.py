"""Dependence: the contributions of one feature against its values, in bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.explain._arrow_frame import ArrowFrame
from cfscore.explain._contributions import Contributions
from cfscore.explain._shape_axis import IntervalAxis
from cfscore.tables import CategoryColumn, Column, NumericColumn, read_table

__all__ = ["Dependence", "dependence_table"]

_MISSING = "MISSING"


@dataclass(frozen=True, eq=False, repr=False)
class Dependence(ArrowFrame):
    """How one feature's contributions go with its values.

    Parameters
    ----------
    feature : str
        Its name.
    labels : tuple of str
        Intervals ``(a, b]`` in order, or category keys by mean contribution, then
        MISSING; only bins that hold rows.
    counts : array of shape (n_bins,), int64
        Rows.
    middle : array of shape (n_bins,), float64
        Median value in the bin, NaN for categories and MISSING.
    mean, low, high : array of shape (n_bins,), float64
        Mean, 10 % and 90 % quantile of the contribution, in log-odds of bad. They
        coincide where the feature does not interact with others.
    """

    feature: str
    labels: tuple[str, ...]
    counts: NDArray[np.int64]
    middle: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __repr__(self) -> str:
        """Return the feature and the number of bins."""
        return f"Dependence({self.feature!r}, {len(self.labels)} bins)"

    def to_arrow(self) -> pa.Table:
        """Return one row per bin.

        Returns
        -------
        pyarrow.Table
            ``bin``, ``count``, ``middle``, ``mean``, ``low``, ``high``.
        """
        columns: dict[str, Any] = {"bin": list(self.labels), "count": self.counts}
        columns["middle"] = [None if m != m else m for m in self.middle.tolist()]
        for name in ("mean", "low", "high"):
            columns[name] = getattr(self, name)
        return pa.table(columns)


def dependence_table(
    contributions: Contributions, table: Any, feature: str, *, max_bins: int = 20
) -> Dependence:
    """Return the contributions of one feature against its values.

    Parameters
    ----------
    contributions : Contributions
        Of the table's rows.
    table : pandas, polars or Arrow table, mapping of arrays, list of dicts, array
        The explained rows.
    feature : str
        Name of the feature.
    max_bins : int, default 20
        Most intervals of a number, between quantiles of its values; a number with no
        more distinct values has one bin for each.

    Returns
    -------
    Dependence
        Bins that hold rows.

    Raises
    ------
    UsageError
        When the feature is unknown, the table has another number of rows or
        ``max_bins`` is below 1.
    SchemaError
        When columns are missing or of a kind that cannot be read.
    """
    if max_bins < 1:
        msg = f"max_bins must be at least 1, got {max_bins}."
        raise UsageError(msg)
    values = contributions.values[:, contributions.column_of(feature)]
    batch = read_table(table, contributions.schema)
    if batch.n_rows != len(values):
        msg = f"table has {batch.n_rows} row(s), the contributions {len(values)}."
        raise UsageError(msg, hint="Pass the table that was explained.")
    labels, cells, numbers = _binned(feature, batch.columns[feature], max_bins)
    found = [cell for cell in range(len(labels)) if (cells == cell).any()]
    if numbers is None:
        found.sort(key=lambda c: (labels[c] == _MISSING, values[cells == c].mean()))
    parts = [values[cells == cell] for cell in found]
    middles = [
        np.nan
        if numbers is None or labels[cell] == _MISSING
        else float(np.quantile(numbers[cells == cell], 0.5, method="lower"))
        for cell in found
    ]
    return Dependence(
        feature=feature,
        labels=tuple(labels[cell] for cell in found),
        counts=np.array([len(part) for part in parts], np.int64),
        middle=np.array(middles, np.float64),
        mean=np.array([part.mean() for part in parts]),
        low=np.array([np.quantile(part, 0.1) for part in parts]),
        high=np.array([np.quantile(part, 0.9) for part in parts]),
    )


def _binned(
    feature: str, column: Column, max_bins: int
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.float64] | None]:
    """Return labels, the label of each row, and the values of a number."""
    if isinstance(column, CategoryColumn):
        labels = (*column.keys, _MISSING)
        codes = column.codes.astype(np.int64)
        return labels, np.where(codes < 0, len(column.keys), codes), None
    axis = IntervalAxis(feature, _cuts(column, max_bins))
    return axis.labels, axis.cells_of(column), column.values


def _cuts(column: NumericColumn, max_bins: int) -> NDArray[np.float64]:
    """Return values that part a column into at most ``max_bins`` intervals."""
    values = column.values[np.isfinite(column.values)]
    distinct = np.unique(values)
    if len(distinct) <= max_bins:
        return distinct[:-1]
    shares = np.arange(1, max_bins) / max_bins
    return np.unique(np.quantile(values, shares, method="lower"))
