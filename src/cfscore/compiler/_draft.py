"""Draft: what a front-end reads from a model before it becomes a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from cfscore.exceptions import CompileError
from cfscore.plan import (
    Calibration,
    Development,
    ForestStage,
    PointsStage,
    ReasonCatalogue,
)
from cfscore.score_scale import ScoreScale
from cfscore.tables import InputSchema

__all__ = [
    "SCALE_NOTES",
    "Draft",
    "SourceLogOdds",
    "SourceRawScores",
    "refuse_unfitted",
]

#: What a plan says whose source has no points, or points that run the other way; no
#: longer true of a plan that is given a scale.
SCALE_NOTES = (
    "It has no points of its own; the plan has cfscore's default scale.",
    "Its own points run the other way; the plan has the default scale.",
)

#: Log-odds of bad by the source model itself, for generated inputs by column.
SourceLogOdds = Callable[
    [Mapping[str, tuple[float | str | None, ...]]], NDArray[np.float64]
]

#: Raw scores by the source model itself for rows of shape (n_rows, n_features).
SourceRawScores = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Draft:
    """A model's points table or trees with all that its front-end knows about it.

    Parameters
    ----------
    source : str
        Model family, for people.
    model : PointsStage or ForestStage
        The points table or the trees.
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
    scale_notes : tuple of str
        The same about the scale; void where another one is given.
    log_odds : callable or None
        The source's own prediction, None where the source cannot be asked.
    tolerance : float
        Largest difference of log-odds to the source that rounding explains.
    predicts_log_odds : bool
        False for a regression, whose value means nothing without a calibrator.
    raw_scores : callable or None
        The source's own raw scores for rows of what its trees see, to be met bit for
        bit; None where the source cannot be asked.
    calibration : AffineCalibration, IsotonicCalibration, BetaCalibration or None
        Put behind the model's log-odds.
    source_verified : bool
        False for a plan that was never compared with the model it comes from.
    """

    source: str
    model: PointsStage | ForestStage
    scale: ScoreScale
    name: str
    catalogue: ReasonCatalogue | None = None
    development: Development | None = None
    training_fingerprint: str | None = None
    notes: tuple[str, ...] = ()
    scale_notes: tuple[str, ...] = ()
    log_odds: SourceLogOdds | None = None
    tolerance: float = 1e-9
    predicts_log_odds: bool = True
    raw_scores: SourceRawScores | None = None
    calibration: Calibration | None = None
    source_verified: bool = True

    @property
    def is_verifiable(self) -> bool:
        """Whether comparing a plan with its source says anything about the model."""
        asked = self.log_odds is not None or self.raw_scores is not None
        return self.source_verified and asked

    @property
    def schema(self) -> InputSchema:
        """Input columns of the model."""
        return self.model.schema

    @property
    def points(self) -> PointsStage:
        """The points table of a scorecard."""
        assert isinstance(self.model, PointsStage)
        return self.model


def refuse_unfitted(estimator: Any) -> None:
    """Refuse a model or calibrator that was not fitted.

    Raises
    ------
    CompileError
        Naming its class.
    """
    try:
        check_is_fitted(estimator)
    except NotFittedError as error:
        msg = f"The {type(estimator).__name__} is not fitted."
        raise CompileError(msg, hint="Call fit first.") from error
