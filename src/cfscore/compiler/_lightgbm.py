"""Front-end for LightGBM: a Booster or its text becomes trees and columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cfscore.compiler._draft import Draft, SourceRawScores
from cfscore.compiler._lightgbm_categories import model_categories
from cfscore.compiler._lightgbm_names import find_feature_names, match_feature_names
from cfscore.compiler._lightgbm_text import (
    MAX_TEXT_BYTES,
    LightGBMText,
    read_lightgbm_text,
)
from cfscore.compiler._lightgbm_write import write_lightgbm_text
from cfscore.exceptions import CompileError
from cfscore.plan import ForestFeature, ForestStage
from cfscore.score_scale import ScoreScale

__all__ = ["booster_raw_scores", "draft_from_lightgbm", "is_lightgbm_model"]

#: No path begins so.
_FIRST_LINE: Final = "tree\n"


def is_lightgbm_model(model: Any) -> bool:
    """Return whether a model is a Booster, its text or the path of a text file."""
    return isinstance(model, str | os.PathLike) or _is_booster(model)


def draft_from_lightgbm(
    model: Any,
    *,
    event: Literal["bad", "good"],
    feature_names: Iterable[str] | None,
    categories: Mapping[str, Iterable[Any]] | None,
    known_names: Iterable[str] = (),
) -> Draft:
    """Read a LightGBM model through its text, with our own reader.

    Parameters
    ----------
    model : lightgbm.Booster, path or str
        A Booster is asked for its text, as it predicts: up to its best iteration. A
        string that is no such text is a path.
    event : {"bad", "good"}
        What 1 meant when it was trained.
    feature_names : iterable of str, optional
        The lender's names (see ``match_feature_names``).
    categories : mapping of str to iterable, optional
        Categories by feature, in the order of their codes.
    known_names : iterable of str
        Names of the lender's columns and reasons, among which those of features are
        found where ``feature_names`` is omitted (see ``find_feature_names``).

    Raises
    ------
    CompileError
        When the text is damaged or holds what no plan can score; ``.code`` says where.
    UsageError
        When names or categories do not fit the model.
    """
    booster = model if _is_booster(model) else None
    text, name = _text_and_name(model)
    parsed = read_lightgbm_text(text)
    written = parsed.feature_names
    names = (
        find_feature_names(written, known_names)
        if feature_names is None
        else match_feature_names(written, feature_names)
    )
    keys = model_categories(parsed, names, categories)
    features = tuple(_feature(n, keys.get(index)) for index, n in enumerate(names))
    return Draft(
        source="lightgbm",
        model=ForestStage(
            features=features,
            trees=parsed.trees,
            sigmoid=parsed.sigmoid,
            averages=parsed.averages,
            event=event,
        ),
        scale=ScoreScale(),
        name=name,
        notes=_notes(parsed),
        predicts_log_odds=parsed.predicts_log_odds,
        raw_scores=_source(booster, parsed),
    )


def _is_booster(model: Any) -> bool:
    lightgbm = sys.modules.get("lightgbm")
    return lightgbm is not None and isinstance(model, lightgbm.Booster)


def _text_and_name(model: Any) -> tuple[str | bytes, str]:
    if _is_booster(model):
        return model.model_to_string(), "forest"
    if isinstance(model, str) and model.startswith(_FIRST_LINE):
        return model, "forest"
    return _text_of(Path(model)), Path(model).stem


def _text_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            msg = f"There is no model file at {path.name!r}."
            raise CompileError(msg, code="NOT_FOUND", hint="Check the path.")
        with path.open("rb") as file:
            return file.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        msg = f"The model file {path.name!r} cannot be read: {error.strerror}."
        raise CompileError(msg, code="UNREADABLE") from error


def _feature(name: str, keys: tuple[str, ...] | None) -> ForestFeature:
    if keys is None:
        return ForestFeature(name, "numeric")
    return ForestFeature(name, "categorical", keys)


def _notes(parsed: LightGBMText) -> tuple[str, ...]:
    used = len(np.unique(parsed.trees.feature))
    unused = parsed.n_features - used
    return (f"{unused} of {parsed.n_features} features are in no tree.",) * (unused > 0)


def _source(booster: Any, parsed: LightGBMText) -> SourceRawScores | None:
    """Return how the source is asked: the Booster, or LightGBM with audited text.

    A file is never given to LightGBM's parser: it gets what our reader understood,
    written again.
    """
    if booster is None:
        try:
            lightgbm = import_module("lightgbm")
        except ModuleNotFoundError:
            return None
        booster = lightgbm.Booster(model_str=write_lightgbm_text(parsed))
    return booster_raw_scores(booster)


def booster_raw_scores(booster: Any) -> SourceRawScores:
    """Return a function from rows to a Booster's raw scores, on one thread."""

    def raw_scores(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        matrix = np.ascontiguousarray(rows)
        found = booster.predict(matrix, raw_score=True, num_threads=1)
        return np.asarray(found, np.float64)

    return raw_scores
