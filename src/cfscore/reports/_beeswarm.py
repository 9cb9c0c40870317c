"""Beeswarm: every row's contribution of every feature, coloured by the value."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.explain import Contributions, importance_table
from cfscore.reports._explained import Cells, cells_of, contributions_of
from cfscore.reports._style import GREY, INK, LOW_TO_HIGH, axes
from cfscore.scoring import ScoreBatch

__all__ = ["beeswarm"]

_INCHES_PER_FEATURE = 0.38
_SLOTS = 120
_HALF_HEIGHT = 0.4


def beeswarm(
    explained: Contributions | ScoreBatch,
    table: Any,
    *,
    max_features: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw the contributions of all rows, one line of points per feature.

    Parameters
    ----------
    explained : Contributions or ScoreBatch
        At least one row; a batch scored with ``contributions=True``.
    table : pandas, polars or Arrow table, mapping of arrays, list of dicts, array
        The explained rows, whose values give the colours.
    max_features : int, default 12
        Most features, those with the largest mean absolute contribution.
    ax : matplotlib Axes, optional
        Drawn into; a new figure when omitted.

    Returns
    -------
    matplotlib Axes
        Every row is one point per feature; grey where its value is missing or has no
        order.

    Raises
    ------
    UsageError
        When there are no contributions or rows, the table has another number of rows,
        or ``max_features`` is below 1.
    """
    contributions = contributions_of(explained)
    if max_features < 1:
        msg = f"max_features must be at least 1, got {max_features}."
        raise UsageError(msg)
    cells = cells_of(contributions, table)
    names = importance_table(contributions).features[:max_features]
    drawn = axes(ax, 8.0, 1.3 + _INCHES_PER_FEATURE * len(names))
    for place, name in enumerate(names):
        column = contributions.column_of(name)
        _draw_line(drawn, place, contributions.values[:, column], cells[column])
    drawn.axvline(0.0, color=GREY, lw=0.8, zorder=0)
    drawn.set_yticks(range(len(names)), names)
    drawn.set_ylim(len(names) - 0.4, -0.6)
    drawn.set_xlabel("contribution to the log-odds of bad (positive is riskier)")
    drawn.set_title(f"{len(contributions):,} rows", loc="left")
    _add_colour_key(drawn)
    return drawn


def _draw_line(ax: Axes, place: int, values: NDArray[np.float64], cells: Cells) -> None:
    heights = place - _HALF_HEIGHT * _offsets(values)
    size = float(np.clip(4_000 / len(values), 2.0, 16.0))
    coloured = cells.is_measured & cells.is_ordered
    style: dict[str, Any] = {"s": size, "lw": 0, "rasterized": True}
    grey = ~coloured
    ax.scatter(values[grey], heights[grey], color=GREY, alpha=0.6, **style)
    levels = _levels(cells.numbers[coloured])
    ax.scatter(
        values[coloured],
        heights[coloured],
        c=levels,
        cmap=LOW_TO_HIGH,
        vmin=0.0,
        vmax=1.0,
        **style,
    )


def _levels(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the place of each number among the distinct ones, in [0, 1]."""
    distinct, place = np.unique(numbers, return_inverse=True)
    return place / max(len(distinct) - 1, 1)


def _offsets(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return heights in [-1, 1] that keep equal values apart, fullest slot widest.

    Rows of one slot stand above and below the line in turn, in row order.
    """
    low, high = float(values.min()), float(values.max())
    width = (high - low) or 1.0
    slots = np.minimum((values - low) / width * _SLOTS, _SLOTS - 1).astype(np.int64)
    order = np.argsort(slots, kind="stable")
    counts = np.bincount(slots, minlength=_SLOTS)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    within = np.empty(len(values))
    within[order] = np.arange(len(values)) - starts
    sides = np.where(within % 2 == 0, 1.0, -1.0)
    steps: NDArray[np.float64] = sides * np.ceil(within / 2.0)
    return steps / max(float(np.abs(steps).max()), 4.0)


def _add_colour_key(ax: Axes) -> None:
    figure = ax.get_figure()
    assert figure is not None
    bar = figure.colorbar(
        ScalarMappable(cmap=LOW_TO_HIGH), ax=ax, ticks=[0, 1], aspect=30, pad=0.02
    )
    bar.ax.set_yticklabels(["low", "high"], color=INK)
    bar.set_label("value (grey: missing, special or unordered)", color=INK)
    bar.outline.set_visible(False)
