"""What can be read off a picture."""

from __future__ import annotations

from matplotlib.axes import Axes

from cfscore.scoring import ScoreBatch, Scorer
from tests.unit.scoring.small_plan import small_plan

ROWS = {
    "use": [0.5, 0.1, None, 0.9, -9991.0],
    "city": ["north", "south, east", "x", None, "north"],
}


def scored(**options) -> ScoreBatch:
    return Scorer(small_plan()).score(ROWS, **{"contributions": True, **options})


def y_labels(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def x_labels(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_xticklabels()]


def notes(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def rendered(ax: Axes) -> Axes:
    """Draw every artist, as saving would."""
    ax.figure.canvas.draw()
    return ax
