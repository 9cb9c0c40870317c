"""Draft: what a front-end reads from a model before it becomes a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.plan import Development, PointsStage, ReasonCatalogue
from cfscore.score_scale import ScoreScale

__all__ = ["Draft", "SourceLogOdds"]

#: Log-odds of bad by the source model itself, for generated inputs by column.
SourceLogOdds = Callable[
    [Mapping[str, tuple[float | str | None, ...]]], NDArray[np.float64]
]


@dataclass(frozen=True, eq=False)
class Draft:
    """A model's points table with everything its front-end knows about it.

    Parameters
    ----------
    source : str
        Model family, for people.
    points : PointsStage
        The points table.
    scale : ScoreScale
        Meaning of the points.
    name : str
        Default name of the plan.
    catalogue : ReasonCatalogue or None
        Reasons the model brings along.
    development : Development or None
        Aggregates the model brings along.
    training_fingerprint : str or None
        SHA-256 of the training data, where the model knows it.
    notes : tuple of str
        What a reader of the plan must know.
    log_odds : callable or None
        The source's own prediction, None where the source cannot be asked.
    tolerance : float
        Largest difference of log-odds to the source that rounding explains.
    """

    source: str
    points: PointsStage
    scale: ScoreScale
    name: str
    catalogue: ReasonCatalogue | None = None
    development: Development | None = None
    training_fingerprint: str | None = None
    notes: tuple[str, ...] = ()
    log_odds: SourceLogOdds | None = None
    tolerance: float = 1e-9
