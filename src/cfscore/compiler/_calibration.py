"""A calibrator put behind a model: folded into points, or a stage of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cfscore.calibration import Calibrator
from cfscore.compiler._draft import Draft, SourceLogOdds, refuse_unfitted
from cfscore.exceptions import UsageError
from cfscore.plan import (
    AffineCalibration,
    ForestStage,
    PointsStage,
    attribute_points,
)

__all__ = ["calibrated"]

_TOLERANCE = 1e-9


def calibrated(draft: Draft, calibrator: Calibrator) -> Draft:
    """Return the draft with the calibrator behind its log-odds.

    Parameters
    ----------
    draft : Draft
        Without calibration.
    calibrator : Calibrator
        Fitted on the draft's log-odds.

    Raises
    ------
    CompileError
        When the calibrator is not fitted.
    UsageError
        When ``calibrator`` is none, when the model has one already, or when a
        scorecard is given one that is not affine.
    """
    if not isinstance(calibrator, Calibrator):
        msg = f"calibrator must be a Calibrator, got {type(calibrator).__name__}."
        raise UsageError(msg)
    refuse_unfitted(calibrator)
    if draft.calibration is not None:
        msg = "The model is calibrated already."
        raise UsageError(msg, hint="Compile the model it was made from.")
    stage = calibrator.calibration_
    if isinstance(draft.model, ForestStage):
        changed = replace(draft, calibration=stage, predicts_log_odds=True)
    elif isinstance(stage, AffineCalibration):
        changed = replace(draft, model=_folded(draft, stage))
    else:
        msg = (
            f"A scorecard cannot be calibrated by {calibrator.method!r}: its score is "
            "the sum of its points."
        )
        raise UsageError(msg, hint="Use 'sigmoid', 'prior_shift' or 'long_run'.")
    if draft.log_odds is None:
        return changed
    source = draft.log_odds

    def log_odds(
        columns: Mapping[str, tuple[float | str | None, ...]],
    ) -> NDArray[np.float64]:
        return stage.apply(source(columns))

    expected: SourceLogOdds = log_odds
    return replace(changed, log_odds=expected, tolerance=_TOLERANCE)


def _folded(draft: Draft, line: AffineCalibration) -> PointsStage:
    """Return the points table of ``intercept + slope * log_odds``."""
    points = draft.points
    n = len(points.characteristics)
    intercept = line.intercept + line.slope * points.intercept
    characteristics = tuple(
        replace(
            c,
            coefficient=line.slope * c.coefficient,
            attributes=tuple(
                replace(
                    a,
                    log_odds=line.slope * a.log_odds,
                    points=attribute_points(
                        line.slope * a.log_odds, intercept, draft.scale, n
                    ),
                )
                for a in c.attributes
            ),
        )
        for c in points.characteristics
    )
    return PointsStage(intercept, characteristics)
