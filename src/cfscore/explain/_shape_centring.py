"""Shape centring: the average of a grid along an axis moves to the other feature.

Under a distribution of each feature, independent of each other, a model of singles
``f_j`` and grids ``f_jk`` has one form in which every single averages 0 and every grid
averages 0 along both axes; in that form a single is the feature's partial dependence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cfscore.explain._shape_axis import ShapeAxis
from cfscore.tables import ColumnBatch

__all__ = ["Shape", "centre_shapes"]

#: Axes and log-odds of one table.
Shape = tuple[tuple[ShapeAxis, ...], NDArray[np.float64]]


def centre_shapes(
    shapes: Sequence[Shape], background: ColumnBatch
) -> tuple[float, list[Shape]]:
    """Return what moves to the intercept, and the centred shapes.

    Parameters
    ----------
    shapes : sequence of (axes, log_odds)
        Singles and grids; a feature has at most one single.
    background : ColumnBatch
        Rows that give the distribution of each feature; at least one.

    Returns
    -------
    intercept : float
        Sum of what averages lose.
    shapes : list of (axes, log_odds)
        Singles in the order of their first mention, one for every feature that any
        shape has, then the grids in their order.
    """
    axes: dict[str, ShapeAxis] = {}
    for found, _ in shapes:
        for axis in found:
            name = axis.feature
            axes[name] = axes[name].refined(axis) if name in axes else axis
    singles = {name: np.zeros(len(axis)) for name, axis in axes.items()}
    grids: list[Shape] = []
    for found, log_odds in shapes:
        if len(found) == 1:
            _move(log_odds, found[0], axes, singles)
            continue
        first, second = found
        along_first = log_odds @ _shares(second, background)
        along_second = _shares(first, background) @ log_odds
        mean = float(_shares(first, background) @ along_first)
        # the mean is in both averages, and may leave the grid only once
        _move(along_first, first, axes, singles)
        _move(along_second - mean, second, axes, singles)
        pure = log_odds - along_first[:, None] - along_second[None, :] + mean
        grids.append((found, pure))
    intercept = 0.0
    centred: list[Shape] = []
    for name, log_odds in singles.items():
        mean = float(_shares(axes[name], background) @ log_odds)
        intercept += mean
        centred.append(((axes[name],), log_odds - mean))
    return intercept, centred + grids


def _move(
    part: NDArray[np.float64],
    axis: ShapeAxis,
    axes: dict[str, ShapeAxis],
    singles: dict[str, NDArray[np.float64]],
) -> None:
    """Add a step function to the single of its feature."""
    singles[axis.feature] += part[axes[axis.feature].cells_in(axis)]


def _shares(axis: ShapeAxis, background: ColumnBatch) -> NDArray[np.float64]:
    """Return the share of the background in each cell."""
    cells = axis.cells_of(background.columns[axis.feature])
    counts = np.bincount(cells, minlength=len(axis))
    return counts.astype(np.float64) / background.n_rows
