"""Style of all pictures: colours, and axes without ornament."""

from __future__ import annotations

from typing import Final

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

__all__ = ["BAD", "GOOD", "GREY", "INK", "LOW_TO_HIGH", "PALE", "SAFE_TO_RISKY", "axes"]

#: Riskier, safer, text, lines, areas without meaning of their own.
BAD: Final = "#b5432b"
GOOD: Final = "#2b6c8f"
INK: Final = "#333333"
GREY: Final = "#9a9a9a"
PALE: Final = "#dddddd"

#: From safer to riskier, through white at 0.
SAFE_TO_RISKY: Final = LinearSegmentedColormap.from_list(
    "safe_to_risky", [GOOD, "#f7f7f7", BAD]
)
#: From low to high values; says nothing of risk, so it shares no colour with it.
LOW_TO_HIGH: Final = LinearSegmentedColormap.from_list(
    "low_to_high", ["#f0c869", "#7a9a5e", "#41305e"]
)


def axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return axes in the common style, those given or new ones.

    Parameters
    ----------
    ax : matplotlib Axes or None
        Drawn into when given.
    width, height : float
        Size of a new figure, in inches.
    """
    found = ax
    if found is None:
        _, found = plt.subplots(figsize=(width, height), layout="constrained")
    for side in ("top", "right"):
        found.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        found.spines[side].set_color(GREY)
    found.tick_params(colors=INK)
    return found
