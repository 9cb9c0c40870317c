"""Compiling: a fitted or foreign model becomes a plan, compared with its source."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from cfscore.boosting import BoostedModel
from cfscore.calibration import Calibrator
from cfscore.compiler._boosted import draft_from_boosted
from cfscore.compiler._calibration import calibrated
from cfscore.compiler._catalogue_checks import check_catalogue
from cfscore.compiler._development import Sample, aggregate_sample
from cfscore.compiler._draft import Draft
from cfscore.compiler._lightgbm import draft_from_lightgbm, is_lightgbm_model
from cfscore.compiler._optbinning import draft_from_optbinning, is_optbinning_scorecard
from cfscore.compiler._plan import draft_from_plan
from cfscore.compiler._reason_directions import check_directions
from cfscore.compiler._scale import rescale
from cfscore.compiler._scorecard import draft_from_scorecard
from cfscore.compiler._verification import verify_plan
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import (
    Attribute,
    CutoffReference,
    ForestStage,
    PointsStage,
    Provenance,
    ReasonCatalogue,
    ScoringPlan,
    read_catalogue,
)
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import Scorecard
from cfscore.scoring import golden_columns, replay
from cfscore.tables import column_names

__all__ = ["compile_plan"]

_PACKAGES = (
    "cfscore",
    "numpy",
    "numba",
    "pyarrow",
    "scikit-learn",
    "optbinning",
    "lightgbm",
)


def compile_plan(  # noqa: PLR0913, PLR0917 - the public contract
    model: Any,
    calibrator: Calibrator | None = None,
    scale: ScoreScale | None = None,
    reasons: ReasonCatalogue | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    development: Any = None,
    event: str = "bad",
    feature_names: Iterable[str] | None = None,
    categories: Mapping[str, Iterable[Any]] | None = None,
    name: str | None = None,
) -> ScoringPlan:
    """Return the plan of a model, after comparing it with the model.

    Parameters
    ----------
    model : Scorecard, BoostedModel, lightgbm.Booster, path, optbinning.Scorecard, plan
        A fitted model, or the path of a LightGBM text file (or the text itself); a
        plan is re-issued with other reasons, scale or name.
    calibrator : Calibrator, optional
        Fitted on the model's log-odds. A sigmoid and a shift are folded into points and
        contributions; isotonic and beta calibrations are for forests only.
    scale : ScoreScale, optional
        Meaning of the score; the model's own when omitted.
    reasons : ReasonCatalogue, mapping or path of a TOML file, optional
        Consumer reasons; one per feature, its code the feature's name, when omitted.
    development : table or (table, y), optional
        Development sample. Only aggregates of it are stored: counts per attribute,
        the score distribution, ranges and the reference. What the model itself knows
        when omitted.
    event : {"bad", "good"}, default "bad"
        What 1 meant when a foreign model was trained.
    feature_names : iterable of str, optional
        Names of a LightGBM model's features as the lender's tables have them: LightGBM
        writes ``_`` for a space, and ``Column_0`` .. for data without names. When
        omitted, they are found among the columns of ``development`` and the features
        of ``reasons``, else those of the model are taken.
    categories : mapping of str to iterable, optional
        Categories of a LightGBM model's features, in the order of their codes; needed
        where its text does not say them unambiguously.
    name : str, optional
        Name of the plan for people.

    Returns
    -------
    ScoringPlan
        Verified against its source, with golden rows.

    Raises
    ------
    CompileError
        When the model is of an unknown family, contradicts itself, or does not agree
        with its plan; when the model or the calibrator is not fitted; or when the
        reasons do not cover a feature, have a rule that can never apply, promise a
        decision, or state a direction that the model contradicts.
    UsageError
        When an argument does not apply to the model.
    """
    if reasons is not None and not isinstance(reasons, ReasonCatalogue):
        reasons = read_catalogue(reasons)
    known_names = _known_names(development, reasons)
    draft = _draft(model, event, feature_names, categories, known_names)
    if calibrator is not None:
        draft = calibrated(draft, calibrator)
    if not draft.predicts_log_odds:
        msg = "A regression model has no PD of its own."
        raise CompileError(
            msg, code="NEEDS_CALIBRATOR", hint="Pass calibrator=Calibrator(...).fit()."
        )
    if scale is not None:
        draft = rescale(draft, scale)
    sample = aggregate_sample(development, draft) if development is not None else None
    if sample is not None:
        draft = replace(draft, model=sample.model, development=sample.development)
    catalogue = _catalogue(reasons, draft)
    check_catalogue(catalogue, draft.model)
    plan = ScoringPlan(
        name=name or draft.name,
        model=draft.model,
        scale=draft.scale,
        catalogue=catalogue,
        reference=_reference(catalogue, draft.model, sample),
        provenance=_provenance(draft),
        development=draft.development,
        calibration=draft.calibration,
    )
    check_directions(plan)
    plan = replace(plan, golden=replay(plan, golden_columns(plan)))
    verify_plan(plan, draft)
    return plan


def _draft(
    model: Any,
    event: str,
    feature_names: Iterable[str] | None,
    categories: Mapping[str, Iterable[Any]] | None,
    known_names: tuple[str, ...],
) -> Draft:
    if event not in ("bad", "good"):
        msg = f"event must be 'bad' or 'good', got {event!r}."
        raise UsageError(msg)
    if is_lightgbm_model(model):
        meaning: Literal["bad", "good"] = "bad" if event == "bad" else "good"
        return draft_from_lightgbm(
            model,
            event=meaning,
            feature_names=feature_names,
            categories=categories,
            known_names=known_names,
        )
    if feature_names is not None or categories is not None:
        msg = "feature_names and categories apply to LightGBM models only."
        raise UsageError(msg, hint="This model has its own.")
    if is_optbinning_scorecard(model):
        return draft_from_optbinning(model, event=event)
    if event != "bad":
        msg = "event='good' applies to foreign models only; cfscore's own have 1 = bad."
        raise UsageError(msg)
    if isinstance(model, Scorecard):
        return draft_from_scorecard(model)
    if isinstance(model, BoostedModel):
        return draft_from_boosted(model)
    if isinstance(model, ScoringPlan):
        return draft_from_plan(model)
    msg = f"A {type(model).__module__}.{type(model).__name__} cannot be compiled."
    hint = (
        "Supported: cfscore.Scorecard, cfscore.BoostedModel, lightgbm.Booster, the "
        "path of a LightGBM text file, optbinning.Scorecard, ScoringPlan."
    )
    raise CompileError(msg, hint=hint)


def _known_names(development: Any, reasons: ReasonCatalogue | None) -> tuple[str, ...]:
    """Return names that the lender's development sample and reasons have."""
    table = development[0] if isinstance(development, tuple) else development
    columns = (None if table is None else column_names(table)) or ()
    return (*columns, *(reasons.features if reasons is not None else ()))


def _catalogue(reasons: ReasonCatalogue | None, draft: Draft) -> ReasonCatalogue:
    if reasons is not None:
        return reasons
    names = draft.schema.names
    return draft.catalogue or ReasonCatalogue.one_per_feature(names)


def _reference(
    catalogue: ReasonCatalogue,
    model: PointsStage | ForestStage,
    sample: Sample | None,
) -> tuple[float, ...]:
    """Return the reference log-odds part of every characteristic; none for a forest."""
    if isinstance(model, ForestStage):
        if catalogue.reference != "mean":
            msg = "A forest is explained against the mean of its training cases."
            raise CompileError(msg, hint='Set reference = "mean" in the catalogue.')
        return ()
    points = model
    if catalogue.reference == "maximum":
        return tuple(
            min(a.log_odds for a in c.attributes if a.policy != "error")
            for c in points.characteristics
        )
    if isinstance(catalogue.reference, CutoffReference):
        if sample is None:
            msg = "A cut-off reference needs the development sample."
            raise CompileError(msg, hint="Pass development=(X, y) or X.")
        return sample.mean_parts(catalogue.reference)
    return tuple(_mean_part(c.attributes) for c in points.characteristics)


def _mean_part(attributes: tuple[Attribute, ...]) -> float:
    total = sum(a.count for a in attributes)
    if total == 0:
        msg = "The mean reference needs the model's counts per attribute."
        raise CompileError(msg, hint="Pass the development sample.")
    mean = 0.0
    for attribute in attributes:
        mean += attribute.log_odds * (attribute.count / total)
    return mean


def _provenance(draft: Draft) -> Provenance:
    return Provenance(
        source=draft.source,
        verified=draft.is_verifiable,
        training_fingerprint=draft.training_fingerprint,
        versions=dict(filter(None, map(_package_version, _PACKAGES))),
        notes=(*draft.scale_notes, *draft.notes),
    )


def _package_version(package: str) -> tuple[str, str] | None:
    try:
        return package, version(package)
    except PackageNotFoundError:
        return None
