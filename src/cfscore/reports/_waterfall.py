"""Waterfall: the way of one row from the base value to its margin."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.explain import Contributions
from cfscore.reports._explained import cells_of, contributions_of
from cfscore.reports._style import BAD, GOOD, GREY, INK, axes
from cfscore.score_scale import ScoreScale
from cfscore.scoring import ScoreBatch

__all__ = ["waterfall"]

_INCHES_PER_BAR = 0.34


def waterfall(
    explained: Contributions | ScoreBatch,
    row: int = 0,
    *,
    table: Any = None,
    scale: ScoreScale | None = None,
    max_features: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Draw how one row gets from the base value to its log-odds or score.

    Parameters
    ----------
    explained : Contributions or ScoreBatch
        A batch scored with ``contributions=True``.
    row : int, default 0
        Which row, counted from 0.
    table : pandas, polars or Arrow table, mapping of arrays, list of dicts, optional
        The explained rows; the row's values are then written beside its features.
    scale : ScoreScale, optional
        Draw in points of this scale; in log-odds of bad when omitted.
    max_features : int, default 10
        Most bars, largest contributions first; the others are one bar together.
    ax : matplotlib Axes, optional
        Drawn into; a new figure when omitted.

    Returns
    -------
    matplotlib Axes
        One bar per feature, from top to bottom; red is riskier.

    Raises
    ------
    UsageError
        When there is no such row, no contributions, or ``max_features`` is below 1.
    """
    contributions = contributions_of(explained)
    if not 0 <= row < len(contributions):
        msg = f"row must be in [0, {len(contributions)}), got {row}."
        raise UsageError(msg)
    if max_features < 1:
        msg = f"max_features must be at least 1, got {max_features}."
        raise UsageError(msg)
    labels = list(contributions.names)
    if table is not None:
        cells = cells_of(contributions, table)
        pairs = zip(labels, cells, strict=True)
        labels = [f"{name} = {found.texts[row]}" for name, found in pairs]
    names, parts = _largest(labels, contributions.values[row], max_features)
    base = contributions.base_value
    steps = base + np.concatenate(([0.0], np.cumsum(parts)))
    drawn = axes(ax, 8.0, 1.2 + _INCHES_PER_BAR * len(parts))
    if scale is not None:
        steps = np.array([scale.score_from_log_odds(step) for step in steps.tolist()])
    _draw_bars(drawn, names, steps, parts > 0.0, "+.0f" if scale else "+.2f")
    _label_ends(drawn, steps, "points" if scale else "log-odds of bad")
    return drawn


def _largest(
    labels: list[str], values: NDArray[np.float64], most: int
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the largest parts, the others added up."""
    order = np.argsort(-np.abs(values), kind="stable")
    if len(order) <= most:
        return [labels[i] for i in order], values[order]
    shown, others = order[: most - 1], order[most - 1 :]
    names = [*(labels[i] for i in shown), f"{len(others)} others"]
    return names, np.append(values[shown], values[others].sum())


def _draw_bars(
    ax: Axes,
    names: list[str],
    steps: NDArray[np.float64],
    harms: NDArray[np.bool_],
    number: str,
) -> None:
    places = np.arange(len(names))
    widths = np.diff(steps)
    colours = [BAD if harm else GOOD for harm in harms]
    ax.barh(places, widths, left=steps[:-1], color=colours, height=0.62)
    for place, (start, width) in enumerate(zip(steps, widths, strict=False)):
        end = start + width
        if place + 1 < len(names):
            ax.plot([end, end], [place, place + 1], color=GREY, lw=0.8, zorder=0)
        beyond = "left" if width >= 0.0 else "right"
        gap = 3 if width >= 0.0 else -3
        ax.annotate(
            format(width, number),
            (end, place),
            (gap, 0),
            textcoords="offset points",
            ha=beyond,
            va="center",
            color=INK,
            fontsize="small",
        )
    ax.set_yticks(places, names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.use_sticky_edges = False  # the first bar starts at a limit of the data
    ax.margins(x=0.12)


def _label_ends(ax: Axes, steps: NDArray[np.float64], unit: str) -> None:
    start, end = float(steps[0]), float(steps[-1])
    ax.axvline(start, color=GREY, lw=0.8, ls=":", zorder=0)
    digits = ".0f" if unit == "points" else ".2f"
    ax.set_title(
        f"From the base value {start:{digits}} to {end:{digits}} {unit}", loc="left"
    )
    safer = "larger is safer" if unit == "points" else "larger is riskier"
    ax.set_xlabel(f"{unit} ({safer})")
