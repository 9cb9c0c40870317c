"""Compiling: a fitted or foreign model becomes a plan, compared with its source."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from cfscore.compiler._development import Sample, aggregate_sample
from cfscore.compiler._draft import Draft
from cfscore.compiler._optbinning import draft_from_optbinning, is_optbinning_scorecard
from cfscore.compiler._plan import draft_from_plan
from cfscore.compiler._scale import rescale
from cfscore.compiler._scorecard import draft_from_scorecard
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import (
    Attribute,
    CutoffReference,
    PointsStage,
    Provenance,
    ReasonCatalogue,
    ScoringPlan,
    read_catalogue,
)
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import Scorecard
from cfscore.scoring import golden_columns, replay

__all__ = ["compile_plan"]

_PACKAGES = ("cfscore", "numpy", "numba", "pyarrow", "scikit-learn", "optbinning")


def compile_plan(  # noqa: PLR0913, PLR0917 - the public contract
    model: Any,
    calibrator: None = None,
    scale: ScoreScale | None = None,
    reasons: ReasonCatalogue | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    development: Any = None,
    event: str = "bad",
    feature_names: Iterable[str] | None = None,
    categories: Mapping[str, Iterable[str]] | None = None,
    name: str | None = None,
) -> ScoringPlan:
    """Return the plan of a model, after comparing it with the model.

    Parameters
    ----------
    model : Scorecard, optbinning.Scorecard or ScoringPlan
        A fitted scorecard; a plan is re-issued with other reasons, scale or name.
    calibrator : None
        Scorecards are compiled without one.
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
    feature_names, categories : None
        For foreign models that lack them; scorecards have both.
    name : str, optional
        Name of the plan for people.

    Returns
    -------
    ScoringPlan
        Verified against its source, with golden rows.

    Raises
    ------
    CompileError
        When the model is of an unknown family, not fitted, contradicts itself, or
        does not agree with its plan; or when the reasons do not cover a feature.
    UsageError
        When an argument does not apply to the model.
    """
    _refuse_arguments(calibrator, event, feature_names, categories)
    draft = _draft(model, event)
    if scale is not None:
        draft = rescale(draft, scale)
    sample = aggregate_sample(development, draft) if development is not None else None
    if sample is not None:
        draft = replace(draft, points=sample.points, development=sample.development)
    catalogue = _catalogue(reasons, draft)
    plan = ScoringPlan(
        name=name or draft.name,
        model=draft.points,
        scale=draft.scale,
        catalogue=catalogue,
        reference=_reference(catalogue, draft.points, sample),
        provenance=_provenance(draft),
        development=draft.development,
    )
    plan = replace(plan, golden=replay(plan, golden_columns(plan)))
    _verify(plan, draft)
    return plan


def _refuse_arguments(
    calibrator: object, event: str, feature_names: object, categories: object
) -> None:
    if calibrator is not None:
        msg = "A calibrator cannot be compiled into a scorecard plan."
        raise UsageError(msg, hint="Calibrate through the sample weights or the scale.")
    if event not in ("bad", "good"):
        msg = f"event must be 'bad' or 'good', got {event!r}."
        raise UsageError(msg)
    if feature_names is not None or categories is not None:
        msg = "feature_names and categories do not apply: a scorecard has its own."
        raise UsageError(msg)


def _draft(model: Any, event: str) -> Draft:
    if is_optbinning_scorecard(model):
        return draft_from_optbinning(model, event=event)
    if event != "bad":
        msg = "event='good' applies to foreign models only; cfscore's own have 1 = bad."
        raise UsageError(msg)
    if isinstance(model, Scorecard):
        return draft_from_scorecard(model)
    if isinstance(model, ScoringPlan):
        return draft_from_plan(model)
    msg = f"A {type(model).__module__}.{type(model).__name__} cannot be compiled."
    hint = "Supported: cfscore.Scorecard, optbinning.Scorecard, ScoringPlan."
    raise CompileError(msg, hint=hint)


def _catalogue(reasons: Any, draft: Draft) -> ReasonCatalogue:
    if reasons is None:
        names = draft.points.schema.names
        return draft.catalogue or ReasonCatalogue.one_per_feature(names)
    if isinstance(reasons, ReasonCatalogue):
        return reasons
    return read_catalogue(reasons)


def _reference(
    catalogue: ReasonCatalogue, points: PointsStage, sample: Sample | None
) -> tuple[float, ...]:
    """Return the reference log-odds part of every characteristic."""
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
        verified=draft.log_odds is not None,
        training_fingerprint=draft.training_fingerprint,
        versions=dict(filter(None, map(_package_version, _PACKAGES))),
        notes=draft.notes,
    )


def _package_version(package: str) -> tuple[str, str] | None:
    try:
        return package, version(package)
    except PackageNotFoundError:
        return None


def _verify(plan: ScoringPlan, draft: Draft) -> None:
    """Compare the plan with its source on the golden rows that can be scored."""
    if draft.log_odds is None or plan.golden is None:
        return
    scored = plan.golden.status == 0
    rows = np.flatnonzero(scored).tolist()
    columns = {
        n: tuple(cells[i] for i in rows) for n, cells in plan.golden.columns.items()
    }
    difference = np.abs(draft.log_odds(columns) - plan.golden.log_odds[scored])
    bound = draft.tolerance * (1.0 + np.abs(plan.golden.log_odds[scored]))
    n_wrong = int(np.count_nonzero(~(difference <= bound)))
    if n_wrong:
        msg = (
            f"The plan differs from its source on {n_wrong} of {len(rows)} generated "
            f"rows (largest difference of log-odds {np.nanmax(difference):.3g})."
        )
        raise CompileError(msg, code="NOT_VERIFIED")
