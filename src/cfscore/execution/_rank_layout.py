"""Rank layout: every test of a forest as ``rank <= cut`` on a few columns of ranks.

A numeric test ``x <= threshold`` becomes a comparison of ranks among the thresholds of
its feature. What LightGBM does beside it is put into the ranks: a feature has one rank
column per way its nodes treat missing values, and a missing value ranks below or above
every threshold there, according to the default side. A category split is a column of
its own, 0 for members of its set and 1 for all other values, cut at 0. So no kernel
after the quantiser knows of missing values, zeros or categories.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.plan import MISSING_NAN, MISSING_NONE, MISSING_ZERO, ZERO_BOUND, Trees

__all__ = ["FeatureRanks", "RankColumn", "RankLayout", "rank_layout"]

_MAX_BYTE = 255
_TREATMENT_BITS = 32
_GRID_BITS = range(4, 13)


@dataclass(frozen=True)
class RankColumn:
    """One column of ranks: a feature under one treatment.

    Parameters
    ----------
    feature : int
        Feature index.
    missing_type : int
        ``MISSING_*`` of the nodes that read it; NONE for category splits.
    missing_rank : int
        Rank of missing values: 0 (left) or the number of thresholds (right).
    outside : array of uint8 or None
        For a category split, 0 at the codes of the set and 1 at others.
    """

    feature: int
    missing_type: int
    missing_rank: int
    outside: NDArray[np.uint8] | None = None

    def ranks_of(
        self, values: NDArray[np.float64], thresholds: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return the rank of a few values; the plain form of the kernels.

        Parameters
        ----------
        values : array of shape (n,), float64
            NaN means missing.
        thresholds : array of float64
            Of the feature, ascending.
        """
        if self.outside is not None:
            inside = (values > -1.0) & (values < len(self.outside))
            codes = np.where(inside, values, 0.0).astype(np.int64)
            return np.where(inside, self.outside[codes], 1).astype(np.int64)
        ranks = np.searchsorted(thresholds, values, side="left")
        missing = np.isnan(values)
        if self.missing_type == MISSING_ZERO:
            missing |= np.abs(values) <= ZERO_BOUND
        return np.where(missing, self.missing_rank, ranks).astype(np.int64)


@dataclass(frozen=True, eq=False)
class FeatureRanks:
    """The thresholds of one feature with their search grid, and its rank columns.

    Parameters
    ----------
    thresholds : array of shape (n_thresholds,), float64
        Distinct and ascending, so that values near 0 need no rounding to 0.
    padded : array of float64
        The thresholds followed by ``2**n_steps`` times ``+inf``.
    first_rank : array of shape (n_cells,), unsigned
        Lowest rank in each cell.
    lowest, cells_per_unit : float
        Cell of a value: ``(x - lowest) * cells_per_unit``, cut to the grid.
    n_steps : int
        Halving steps within a cell.
    columns : tuple of int
        Rank columns of the feature.
    """

    thresholds: NDArray[np.float64]
    padded: NDArray[np.float64]
    first_rank: NDArray[Any]
    lowest: float
    cells_per_unit: float
    n_steps: int
    columns: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class RankLayout:
    """How rows become ranks, and which rank and cut each node compares.

    Parameters
    ----------
    dtype : numpy dtype
        uint8, or uint16 where a feature has more than 255 thresholds.
    columns : tuple of RankColumn
        All rank columns.
    features : tuple of FeatureRanks
        In feature order.
    node_column : array of shape (n_nodes,), int32
        Rank column of each node.
    node_cut : array of shape (n_nodes,), ``dtype``
        Largest rank that goes left.
    """

    dtype: np.dtype[Any]
    columns: tuple[RankColumn, ...]
    features: tuple[FeatureRanks, ...]
    node_column: NDArray[np.int32]
    node_cut: NDArray[Any]

    @property
    def n_columns(self) -> int:
        """Number of rank columns."""
        return len(self.columns)


def rank_layout(trees: Trees, n_features: int) -> RankLayout:
    """Return the rank layout of trees.

    Parameters
    ----------
    trees : Trees
        The trees.
    n_features : int
        Number of features, read or not.

    Returns
    -------
    RankLayout
        Equal for equal trees.
    """
    numeric = ~trees.is_categorical
    thresholds = _without_zero_zone(trees.threshold)
    distinct = [
        np.unique(thresholds[numeric & (trees.feature == f)]) for f in range(n_features)
    ]
    keys, representatives, node_column = np.unique(
        _treatments(trees), return_index=True, return_inverse=True
    )
    columns = tuple(_rank_column(trees, node, distinct) for node in representatives)
    dtype = np.dtype(np.uint8 if max(map(len, distinct)) <= _MAX_BYTE else np.uint16)
    node_cut = np.zeros(trees.n_nodes, dtype)
    for f, found in enumerate(distinct):
        nodes = numeric & (trees.feature == f)
        node_cut[nodes] = np.searchsorted(found, thresholds[nodes])
    owners = keys >> _TREATMENT_BITS
    return RankLayout(
        dtype=dtype,
        columns=columns,
        features=tuple(
            _feature_ranks(found, dtype, np.flatnonzero(owners == f))
            for f, found in enumerate(distinct)
        ),
        node_column=node_column.astype(np.int32),
        node_cut=node_cut,
    )


def _treatments(trees: Trees) -> NDArray[np.int64]:
    """Return a key per node: its feature, then how it treats a value.

    Nodes of one key share a rank column; categories count as equal by their codes.
    """
    defaults = trees.default_left & (trees.missing_type != MISSING_NONE)
    treatment = (2 * trees.missing_type + defaults).astype(np.int64)
    known: dict[bytes, int] = {}
    first = 2 * (MISSING_NAN + 1)
    starts = trees.set_starts
    of_set = [
        first + known.setdefault(trees.set_codes[a:b].tobytes(), len(known))
        for a, b in pairwise(starts.tolist())
    ]
    categorical = trees.is_categorical
    sets = np.array(of_set, np.int64)
    treatment[categorical] = sets[trees.category_set[categorical]]
    keys: NDArray[np.int64] = trees.feature.astype(np.int64) << _TREATMENT_BITS
    keys |= treatment
    return keys


def _rank_column(
    trees: Trees, node: int, distinct: list[NDArray[np.float64]]
) -> RankColumn:
    """Return the rank column that a node reads."""
    feature = int(trees.feature[node])
    if trees.is_categorical[node]:
        chosen = int(trees.category_set[node])
        codes = trees.set_codes[trees.set_starts[chosen] : trees.set_starts[chosen + 1]]
        outside = np.ones(int(codes[-1]) + 1 if len(codes) else 1, np.uint8)
        outside[codes] = 0
        return RankColumn(feature, MISSING_NONE, 1, outside)
    missing_type = int(trees.missing_type[node])
    if missing_type == MISSING_NONE:
        missing_rank = int(np.searchsorted(distinct[feature], 0.0))
    else:
        missing_rank = 0 if trees.default_left[node] else len(distinct[feature])
    return RankColumn(feature, missing_type, missing_rank)


def _without_zero_zone(thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move thresholds out of the zone of values that count as 0.

    Such a value goes where 0 goes, so a threshold within the zone acts like its upper
    end when 0 is at or below it, and like the number below its lower end otherwise.
    """
    moved = thresholds.copy()
    moved[(thresholds >= 0.0) & (thresholds < ZERO_BOUND)] = ZERO_BOUND
    below = np.nextafter(-ZERO_BOUND, -np.inf)
    moved[(thresholds < 0.0) & (thresholds >= -ZERO_BOUND)] = below
    return moved


def _feature_ranks(
    thresholds: NDArray[np.float64], dtype: np.dtype[Any], columns: NDArray[np.int64]
) -> FeatureRanks:
    """Return a feature's thresholds with the coarsest grid of fewest halving steps."""
    lowest, scale, cells, n_steps = min(
        (_grid(thresholds, 1 << bits) for bits in _GRID_BITS), key=lambda g: g[3]
    )
    n_cells = cells[0]
    first_rank = np.searchsorted(cells[1], np.arange(n_cells), side="left")
    return FeatureRanks(
        thresholds=thresholds,
        padded=np.concatenate([thresholds, np.full(1 << n_steps, np.inf)]),
        first_rank=first_rank.astype(dtype),
        lowest=lowest,
        cells_per_unit=scale,
        n_steps=n_steps,
        columns=tuple(columns.tolist()),
    )


_Grid = tuple[float, float, tuple[int, NDArray[np.int64]], int]


def _grid(thresholds: NDArray[np.float64], n_cells: int) -> _Grid:
    """Return origin, scale, (cells, cell of each threshold) and halving steps."""
    finite = thresholds[np.isfinite(thresholds)]
    lowest = float(finite[0]) if len(finite) else 0.0
    width = float(finite[-1]) - lowest if len(finite) else 0.0
    scale = (n_cells - 1) / width if width > 0.0 else 0.0
    if not math.isfinite(scale):
        scale = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        place = (thresholds - lowest) * scale
    place = np.where(place > 0.0, np.minimum(place, n_cells - 1), 0.0)
    cell = place.astype(np.int64)
    n_most = int(np.bincount(cell, minlength=1).max()) if len(cell) else 0
    return lowest, scale, (n_cells, cell), max(1, n_most.bit_length())
