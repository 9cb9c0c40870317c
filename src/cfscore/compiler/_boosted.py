"""Front-end for cfscore's own BoostedModel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cfscore.boosting import BoostedModel
from cfscore.compiler._draft import Draft, refuse_unfitted
from cfscore.compiler._lightgbm import booster_raw_scores
from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.plan import ForestFeature, ForestStage
from cfscore.score_scale import ScoreScale
from cfscore.tables import InputField

__all__ = ["draft_from_boosted"]

_BOOLEAN_KEYS = ("False", "True")


def draft_from_boosted(model: BoostedModel) -> Draft:
    """Read a fitted BoostedModel: its model text, its columns, its categories.

    Raises
    ------
    CompileError
        When the model is not fitted.
    """
    refuse_unfitted(model)
    parsed = read_lightgbm_text(model.model_text_)
    return Draft(
        source="cfscore.BoostedModel",
        model=ForestStage(
            features=tuple(_feature(model, field) for field in model.schema_.fields),
            trees=parsed.trees,
            sigmoid=parsed.sigmoid,
            averages=parsed.averages,
        ),
        scale=ScoreScale(),
        name="boosted model",
        training_fingerprint=model.training_fingerprint_,
        log_odds=lambda columns: _log_odds(model, columns),
        raw_scores=booster_raw_scores(model.booster_),
    )


def _feature(model: BoostedModel, field: InputField) -> ForestFeature:
    if field.kind == "boolean":
        return ForestFeature(field.name, field.kind, _BOOLEAN_KEYS)
    keys = model.categories_.get(field.name, ())
    codes = model.special_codes_.get(field.name, ())
    return ForestFeature(field.name, field.kind, keys, special=codes)


def _log_odds(
    model: BoostedModel, columns: Mapping[str, tuple[float | str | None, ...]]
) -> NDArray[np.float64]:
    """Return the model's own prediction, through its own encoding."""
    table = {name: np.array(cells, object) for name, cells in columns.items()}
    return model.predict_log_odds(table)
