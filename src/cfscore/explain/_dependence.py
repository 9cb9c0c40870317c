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
from cfscore.plan import special_label
from cfscore.special_code import codes_as_missing
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
        special codes and MISSING; only bins that hold rows.
    counts : array of shape (n_bins,), int64
        Rows.
    middle : array of shape (n_bins,), float64
        Median value in an interval, NaN in other bins.
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
        more distinct values has one for each. Special codes of the explained plan have
        bins of their own.

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
    codes = contributions.special_codes.get(feature, ())
    column = batch.columns[feature]
    bins = _bins(feature, column, codes, max_bins)
    parts = _parts(values, bins.place, len(bins.labels))
    found = [place for place, part in enumerate(parts) if len(part)]
    if not isinstance(column, NumericColumn):
        found.sort(key=lambda p: (bins.labels[p] == _MISSING, parts[p].mean()))
    held = [parts[place] for place in found]
    return Dependence(
        feature=feature,
        labels=tuple(bins.labels[place] for place in found),
        counts=np.array([len(part) for part in held], np.int64),
        middle=bins.middle[found],
        mean=np.array([part.mean() for part in held]),
        low=np.array([np.quantile(part, 0.1) for part in held]),
        high=np.array([np.quantile(part, 0.9) for part in held]),
    )


@dataclass(frozen=True, eq=False)
class _Bins:
    """The rows of a feature, counted together.

    Parameters
    ----------
    labels : tuple of str
        Of all bins, those without rows too.
    place : array of shape (n_rows,), int64
        The bin of each row.
    middle : array of shape (n_bins,), float64
        Median of the values in a bin, NaN where these are no measurements.
    """

    labels: tuple[str, ...]
    place: NDArray[np.int64]
    middle: NDArray[np.float64]


def _bins(
    feature: str, column: Column, codes: tuple[float, ...], max_bins: int
) -> _Bins:
    if isinstance(column, CategoryColumn):
        labels = (*column.keys, _MISSING)
        is_missing = column.codes < 0
        place = np.where(is_missing, len(column.keys), column.codes).astype(np.int64)
        return _Bins(labels, place, np.full(len(labels), np.nan))
    measured = codes_as_missing(column.values, codes)
    axis = IntervalAxis(feature, _cuts(measured, max_bins))
    place = axis.cells_of(NumericColumn(measured))
    n_intervals = len(axis) - 1
    for i, code in enumerate(codes):
        place[column.values == code] = n_intervals + i
    place[np.isnan(column.values)] = n_intervals + len(codes)
    labels = (*axis.labels[:-1], *map(special_label, codes), _MISSING)
    middle = np.full(len(labels), np.nan)
    for i, part in enumerate(_parts(measured, place, len(labels))[:n_intervals]):
        if len(part):
            middle[i] = np.quantile(part, 0.5, method="lower")
    return _Bins(labels, place, middle)


def _parts(
    values: NDArray[np.float64], place: NDArray[np.int64], n_bins: int
) -> list[NDArray[np.float64]]:
    """Return the values of the rows of each bin."""
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=n_bins))
    return np.split(values[order], ends[:-1])


def _cuts(measured: NDArray[np.float64], max_bins: int) -> NDArray[np.float64]:
    """Return values that part a column into at most ``max_bins`` intervals."""
    values = measured[np.isfinite(measured)]
    distinct = np.unique(values)
    if len(distinct) <= max_bins:
        return distinct[:-1]
    shares = np.arange(1, max_bins) / max_bins
    return np.unique(np.quantile(values, shares, method="lower"))
