"""Summary pictures: importance of features, and dependence on one of them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from cfscore.explain import Dependence, Importance
from cfscore.reports._style import BAD, GOOD, GREY, INK, PALE, axes

__all__ = ["dependence_plot", "importance_bars"]

_INCHES_PER_BAR = 0.3


def importance_bars(
    importance: Importance, *, max_features: int = 20, ax: Axes | None = None
) -> Axes:
    """Draw the mean absolute contribution of each feature, the largest on top.

    Parameters
    ----------
    importance : Importance
        From ``importance_table``.
    max_features : int, default 20
        Most bars.
    ax : matplotlib Axes, optional
        Drawn into; a new figure when omitted.

    Returns
    -------
    matplotlib Axes
        The share of the total stands at each bar.
    """
    names = importance.features[:max_features]
    drawn = axes(ax, 7.0, 1.0 + _INCHES_PER_BAR * len(names))
    sizes = importance.mean_abs[: len(names)]
    drawn.barh(range(len(names)), sizes, color=GOOD, height=0.65)
    for place, (size, share) in enumerate(zip(sizes, importance.share, strict=False)):
        drawn.annotate(
            f"{share:.0%}",
            (float(size), place),
            (3, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize="small",
        )
    drawn.set_yticks(range(len(names)), names)
    drawn.set_ylim(len(names) - 0.4, -0.6)
    drawn.margins(x=0.1)
    drawn.set_xlabel("mean absolute contribution to the log-odds")
    return drawn


def dependence_plot(dependence: Dependence, *, ax: Axes | None = None) -> Axes:
    """Draw how a feature's contribution goes with its value.

    Parameters
    ----------
    dependence : Dependence
        From ``dependence_table``.
    ax : matplotlib Axes, optional
        Drawn into; a new figure when omitted.

    Returns
    -------
    matplotlib Axes
        Mean contribution per bin with the range of the middle 80 % of its rows; pale
        bars show how many rows a bin holds.
    """
    n = len(dependence.labels)
    drawn = axes(ax, max(5.0, 1.5 + 0.4 * n), 3.8)
    places = np.arange(n)
    colours = [BAD if mean > 0.0 else GOOD for mean in dependence.mean]
    drawn.axhline(0.0, color=GREY, lw=0.8, zorder=1)
    drawn.vlines(
        places, dependence.low, dependence.high, color=colours, lw=2.0, alpha=0.5
    )
    drawn.scatter(places, dependence.mean, color=colours, s=28, zorder=3)
    drawn.set_xticks(places, dependence.labels, rotation=40, ha="right")
    drawn.set_ylabel("contribution to the log-odds of bad")
    drawn.set_title(dependence.feature, loc="left")
    counts = drawn.twinx()
    counts.bar(places, dependence.counts, color=PALE, width=0.8, zorder=0)
    counts.set_ylim(0, 4.0 * max(int(dependence.counts.max(initial=0)), 1))
    counts.set_axis_off()
    drawn.set_zorder(counts.get_zorder() + 1)
    drawn.patch.set_visible(False)
    return drawn
