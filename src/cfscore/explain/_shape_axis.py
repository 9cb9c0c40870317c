"""Shape axis: the cells of one feature within which a shape table is constant."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.plan import (
    ZERO_BOUND,
    Characteristic,
    ForestFeature,
    NumericBins,
    assign_attributes,
    special_label,
    special_text,
)
from cfscore.special_code import codes_as_missing
from cfscore.tables import CategoryColumn, Column, NumericColumn

__all__ = ["BinAxis", "CategoryAxis", "CodeAxis", "IntervalAxis", "ShapeAxis"]

#: Ends of the zone of values that count as 0: the number below it and its last one.
BELOW_ZERO = float(np.nextafter(-ZERO_BOUND, -np.inf))

_MISSING, _UNSEEN = "MISSING", "UNSEEN"
_FEWEST_DIGITS, _ALL_DIGITS = 6, 17


class ShapeAxis(ABC):
    """A partition of every possible value of a feature, missing and unseen included.

    Attributes
    ----------
    feature : str
        Its name.
    labels : tuple of str
        Readable label of each cell.
    roles : tuple of str
        ``"interval"``, ``"group"``, ``"special"``, ``"missing"`` or ``"unseen"``.
    """

    feature: str
    labels: tuple[str, ...]
    roles: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.labels)

    @property
    @abstractmethod
    def lower(self) -> NDArray[np.float64]:
        """Lower bound of each cell, NaN where it is no interval; shape (n_cells,)."""

    @property
    @abstractmethod
    def upper(self) -> NDArray[np.float64]:
        """Upper bound of each cell, NaN where it is no interval; shape (n_cells,)."""

    @abstractmethod
    def cells_of(self, column: Column) -> NDArray[np.int64]:
        """Return the cell of every row.

        Parameters
        ----------
        column : NumericColumn or CategoryColumn
            The feature's column.

        Returns
        -------
        array of shape (n_rows,), int64
            Index into ``labels``.
        """

    @abstractmethod
    def refined(self, other: ShapeAxis) -> ShapeAxis:
        """Return the coarsest axis of the feature that has all bounds of both.

        Parameters
        ----------
        other : ShapeAxis
            Of the same feature.

        Returns
        -------
        ShapeAxis
            Each of its cells lies in one cell of either.
        """

    @abstractmethod
    def cells_in(self, coarse: ShapeAxis) -> NDArray[np.int64]:
        """Return the cell of a coarser axis in which each cell lies.

        Parameters
        ----------
        coarse : ShapeAxis
            Of the same feature.

        Returns
        -------
        array of shape (n_cells,), int64
            Index into the labels of ``coarse``.
        """


class _Unordered(ShapeAxis):
    """Cells that are no intervals."""

    @property
    def lower(self) -> NDArray[np.float64]:
        """NaN for each cell; shape (n_cells,)."""
        return np.full(len(self), np.nan)

    @property
    def upper(self) -> NDArray[np.float64]:
        """NaN for each cell; shape (n_cells,)."""
        return np.full(len(self), np.nan)


class IntervalAxis(ShapeAxis):
    """Intervals ``(a, b]`` of a number as trees split it, then MISSING.

    Parameters
    ----------
    feature : str
        Its name.
    cuts : array of float64
        Thresholds, ascending; infinite ones separate nothing and are left out.
    special : tuple of float, default ()
        Special codes; to trees they are as missing, and the label of that cell names
        them.
    """

    def __init__(
        self,
        feature: str,
        cuts: NDArray[np.float64],
        special: tuple[float, ...] = (),
    ) -> None:
        self.feature = feature
        self.cuts = cuts[np.isfinite(cuts)]
        self.special = special
        self.labels = (*_interval_labels(self.cuts), _missing_label(special))
        self.roles = (*["interval"] * (len(self.cuts) + 1), "missing")

    @property
    def values(self) -> NDArray[np.float64]:
        """A value of each cell, as trees see it; shape (n_cells,)."""
        return np.array([*self.cuts, np.inf, np.nan])

    @property
    def lower(self) -> NDArray[np.float64]:
        """Excluded lower bound of each cell, NaN for MISSING; shape (n_cells,)."""
        return np.array([-np.inf, *self.cuts, np.nan])

    @property
    def upper(self) -> NDArray[np.float64]:
        """Included upper bound of each cell, NaN for MISSING; shape (n_cells,)."""
        return np.array([*self.cuts, np.inf, np.nan])

    def cells_of(self, column: Column) -> NDArray[np.int64]:
        """Return the cell of every row of the feature's column; shape (n_rows,)."""
        assert isinstance(column, NumericColumn)
        return self._cells_seen(codes_as_missing(column.values, self.special))

    def _cells_seen(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the cell of values as trees see them."""
        found = np.searchsorted(self.cuts, values, side="left")
        return np.where(np.isnan(values), len(self) - 1, found).astype(np.int64)

    def refined(self, other: ShapeAxis) -> ShapeAxis:
        """Return the axis with the cuts of both."""
        assert isinstance(other, IntervalAxis)
        cuts = np.union1d(self.cuts, other.cuts)
        return IntervalAxis(self.feature, cuts, self.special)

    def cells_in(self, coarse: ShapeAxis) -> NDArray[np.int64]:
        """Return the cell of a coarser axis in which each cell lies; (n_cells,)."""
        assert isinstance(coarse, IntervalAxis)
        return coarse._cells_seen(self.values)


class CodeAxis(_Unordered):
    """Codes of a category that the model knows by number, others, then MISSING.

    Parameters
    ----------
    feature : str
        Its name.
    n_codes : int
        Codes that stand in any set of the trees are below.
    special : tuple of float, default ()
        Special codes (see ``IntervalAxis``).
    """

    def __init__(
        self, feature: str, n_codes: int, special: tuple[float, ...] = ()
    ) -> None:
        self.feature = feature
        self.n_codes = n_codes
        self.special = special
        codes = (f"code {c}" for c in range(n_codes))
        self.labels = (*codes, "other code", _missing_label(special))
        self.roles = (*["group"] * n_codes, "unseen", "missing")

    @property
    def values(self) -> NDArray[np.float64]:
        """A value of each cell, as trees see it; shape (n_cells,)."""
        return np.array([*range(self.n_codes), -1.0, np.nan])

    def cells_of(self, column: Column) -> NDArray[np.int64]:
        """Return the cell of every row of the feature's column; shape (n_rows,)."""
        assert isinstance(column, NumericColumn)
        return self._cells_seen(codes_as_missing(column.values, self.special))

    def _cells_seen(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the cell of values as trees see them."""
        known = (values > -1.0) & (values < self.n_codes)
        codes = np.where(known, values, 0.0).astype(np.int64)
        other = np.where(np.isnan(values), self.n_codes + 1, self.n_codes)
        return np.where(known, codes, other).astype(np.int64)

    def refined(self, other: ShapeAxis) -> ShapeAxis:
        """Return the axis with the codes of both."""
        assert isinstance(other, CodeAxis)
        return max(self, other, key=len)

    def cells_in(self, coarse: ShapeAxis) -> NDArray[np.int64]:
        """Return the cell of a coarser axis in which each cell lies; (n_cells,)."""
        assert isinstance(coarse, CodeAxis)
        return coarse._cells_seen(self.values)


class CategoryAxis(_Unordered):
    """The keys of a category, then MISSING and UNSEEN.

    Parameters
    ----------
    feature : ForestFeature
        With its categories.
    """

    def __init__(self, feature: ForestFeature) -> None:
        self.feature = feature.name
        keys = feature.categories
        self.labels = (*keys, _MISSING, _UNSEEN)
        self.roles = (*["group"] * len(keys), "missing", "unseen")
        self._cell_of = {key: cell for cell, key in enumerate(keys)}

    @property
    def values(self) -> NDArray[np.float64]:
        """A value of each cell, as trees see it; shape (n_cells,)."""
        return np.array([*range(len(self._cell_of)), np.nan, np.nan])

    def cells_of(self, column: Column) -> NDArray[np.int64]:
        """Return the cell of every row of the feature's column; shape (n_rows,)."""
        assert isinstance(column, CategoryColumn)
        n = len(self._cell_of)
        by_code = [n, *(self._cell_of.get(key, n + 1) for key in column.keys)]
        return np.array(by_code, np.int64)[column.codes + 1]

    def refined(self, other: ShapeAxis) -> ShapeAxis:
        """Return this axis: all axes of the feature are alike."""
        return self

    def cells_in(self, coarse: ShapeAxis) -> NDArray[np.int64]:
        """Return each cell itself; (n_cells,)."""
        return np.arange(len(coarse))


class BinAxis(ShapeAxis):
    """The attributes of a scorecard's characteristic.

    Parameters
    ----------
    characteristic : Characteristic
        With its bins.
    """

    def __init__(self, characteristic: Characteristic) -> None:
        self.feature = characteristic.name
        self.bins = characteristic.bins
        self.labels = self.bins.labels
        self.roles = self.bins.roles

    @property
    def lower(self) -> NDArray[np.float64]:
        """Included lower bound of each interval, NaN elsewhere; shape (n_cells,)."""
        return self._bounds(0)

    @property
    def upper(self) -> NDArray[np.float64]:
        """Excluded upper bound of each interval, NaN elsewhere; shape (n_cells,)."""
        return self._bounds(1)

    def _bounds(self, side: int) -> NDArray[np.float64]:
        found = np.full(len(self), np.nan)
        if isinstance(self.bins, NumericBins):
            ends = np.array([-np.inf, *self.bins.edges, np.inf])
            n = len(ends) - 1
            found[:n] = ends[side : side + n]
        return found

    def cells_of(self, column: Column) -> NDArray[np.int64]:
        """Return the cell of every row of the feature's column; shape (n_rows,)."""
        return assign_attributes(self.bins, column).astype(np.int64)

    def refined(self, other: ShapeAxis) -> ShapeAxis:
        """Return this axis: all axes of the feature are alike."""
        return self

    def cells_in(self, coarse: ShapeAxis) -> NDArray[np.int64]:
        """Return each cell itself; (n_cells,)."""
        return np.arange(len(coarse))


def _missing_label(special: tuple[float, ...]) -> str:
    return " | ".join([_MISSING, *map(special_label, special)])


def _interval_labels(cuts: NDArray[np.float64]) -> list[str]:
    """Return ``(a, b]`` for each interval; bounds of the zero zone read 0."""
    texts = _distinct_texts(cuts)
    lows, highs = ["[-inf"], []
    for cut, text in zip(cuts.tolist(), texts, strict=True):
        highs.append("0)" if cut == BELOW_ZERO else f"{text}]")
        lows.append("[0" if cut == BELOW_ZERO else f"({text}")
    highs.append("inf]")
    labels = [f"{low}, {high}" for low, high in zip(lows, highs, strict=True)]
    return ["0" if label == "[0, 0]" else label for label in labels]


def _distinct_texts(cuts: NDArray[np.float64]) -> list[str]:
    """Return the cuts with the fewest digits that keep them apart, six at least."""
    numbers = [0.0 if abs(c) <= -BELOW_ZERO else c for c in cuts.tolist()]
    n_distinct = len(set(numbers))
    for digits in range(_FEWEST_DIGITS, _ALL_DIGITS):
        texts = [_text(float(f"{number:.{digits}g}")) for number in numbers]
        if len(set(texts)) == n_distinct:
            return texts
    return [_text(number) for number in numbers]


def _text(number: float) -> Any:
    return special_text(number) if math.isfinite(number) else str(number)
