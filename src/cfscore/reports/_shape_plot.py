"""Shape plot: one table of an additive or pairwise model, as steps or as a grid."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from cfscore.explain import ShapeAxis, ShapeTable
from cfscore.reports._style import BAD, GOOD, GREY, INK, SAFE_TO_RISKY, axes

__all__ = ["shape_plot"]

_MOST_LABELS = 24
#: Across a grid, whose labels stand slanted side by side.
_MOST_ACROSS = 12


def shape_plot(
    table: ShapeTable,
    *,
    unit: Literal["log_odds", "points"] = "log_odds",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a feature, or a pair of features, adds in each of its cells.

    Parameters
    ----------
    table : ShapeTable
        Of one feature: steps; of two: a grid.
    unit : {"log_odds", "points"}, default "log_odds"
        Log-odds of bad, positive is riskier, or score points.
    ax : matplotlib Axes, optional
        Drawn into; a new figure when omitted.

    Returns
    -------
    matplotlib Axes
        Cells stand side by side with equal widths, MISSING last.
    """
    if len(table.axes) == 1:
        return _steps(table, unit, ax)
    return _grid(table, unit, ax)


def _steps(table: ShapeTable, unit: str, ax: Axes | None) -> Axes:
    (cells,) = table.axes
    n = len(cells)
    drawn = axes(ax, float(np.clip(2.0 + 0.34 * n, 5.0, 11.0)), 3.6)
    heights = table.log_odds if unit == "log_odds" else table.points
    colours = [BAD if part > 0.0 else GOOD for part in table.log_odds]
    if unit == "log_odds":
        drawn.bar(range(n), heights, width=1.0, color=colours, alpha=0.25)
        drawn.axhline(0.0, color=GREY, lw=0.8)
    ends = np.arange(n + 1) - 0.5
    drawn.hlines(heights, ends[:-1], ends[1:], color=colours, lw=2.0)
    drawn.set_xticks(*_ticks(cells), rotation=40, ha="right", color=INK)
    drawn.set_xlim(-0.5, n - 0.5)
    drawn.set_ylabel("log-odds of bad" if unit == "log_odds" else "points")
    drawn.set_title(cells.feature, loc="left")
    return drawn


def _grid(table: ShapeTable, unit: str, ax: Axes | None) -> Axes:
    down, across = table.axes
    drawn = axes(ax, 7.5, 5.5)
    values = table.log_odds if unit == "log_odds" else table.points
    middle = 0.0 if unit == "log_odds" else float(table.points.mean())
    reach = max(float(np.abs(values - middle).max()), 1e-12)
    colours = SAFE_TO_RISKY if unit == "log_odds" else SAFE_TO_RISKY.reversed()
    image = drawn.imshow(
        values,
        cmap=colours,
        vmin=middle - reach,
        vmax=middle + reach,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
    )
    ticks = _ticks(across, _MOST_ACROSS)
    drawn.set_xticks(*ticks, rotation=40, ha="right", color=INK)
    drawn.set_yticks(*_ticks(down), color=INK)
    drawn.set_xlabel(across.feature)
    drawn.set_ylabel(down.feature)
    figure = drawn.get_figure()
    assert figure is not None
    bar = figure.colorbar(image, ax=drawn, pad=0.02)
    bar.set_label("log-odds of bad" if unit == "log_odds" else "points", color=INK)
    return drawn


def _ticks(cells: ShapeAxis, most: int = _MOST_LABELS) -> tuple[list[int], list[str]]:
    """Return places and labels: every so many of them up to the last, MISSING.

    The codes of one cell stand below each other.
    """
    step = -(-len(cells) // most)
    places = list(range(len(cells) - 1, -1, -step))[::-1]
    return places, [cells.labels[place].replace(" | ", "\n") for place in places]
