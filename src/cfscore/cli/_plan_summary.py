"""Plan summary: everything a plan says, as JSON can hold it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from cfscore.plan import (
    CategoricalBins,
    Characteristic,
    CutoffReference,
    ForestFeature,
    ReasonCatalogue,
    ScoringPlan,
)

__all__ = ["summarize_plan"]


def summarize_plan(plan: ScoringPlan) -> dict[str, Any]:
    """Return a plan's name, hash, schema, policies, points, reasons and provenance.

    Parameters
    ----------
    plan : ScoringPlan
        Any plan; its golden rows are left out.

    Returns
    -------
    dict of str to value
        Numbers, texts, lists and dicts alone.
    """
    return {
        "name": plan.name,
        "family": "forest" if plan.is_forest else "scorecard",
        "sha256": plan.sha256,
        "protocol": plan.protocol,
        "provenance": asdict(plan.provenance),
        "scale": asdict(plan.scale),
        "base_value": plan.base_value,
        **(_forest(plan) if plan.is_forest else _points(plan)),
        "reasons": _reasons(plan.catalogue, plan.schema.names),
        "development": None if plan.development is None else asdict(plan.development),
        "golden_rows": 0 if plan.golden is None else len(plan.golden.status),
    }


def _points(plan: ScoringPlan) -> dict[str, Any]:
    pairs = zip(plan.points.characteristics, plan.reference, strict=True)
    return {
        "intercept": plan.points.intercept,
        "characteristics": [_characteristic(c, reference) for c, reference in pairs],
    }


def _forest(plan: ScoringPlan) -> dict[str, Any]:
    stage = plan.forest
    trees = stage.trees
    n_splits = np.bincount(trees.feature, minlength=len(stage.features)).tolist()
    calibration = plan.calibration
    return {
        "forest": {
            "trees": trees.n_trees,
            "leaves": trees.n_leaves,
            "most_leaves": int(np.diff(trees.leaf_starts).max()),
            "sigmoid": stage.sigmoid,
            "averages": stage.averages,
            "event": stage.event,
        },
        "calibration": None
        if calibration is None
        else {"kind": type(calibration).__name__, **asdict(calibration)},
        "features": [
            _feature(feature, n)
            for feature, n in zip(stage.features, n_splits, strict=True)
        ],
    }


def _feature(feature: ForestFeature, n_splits: int) -> dict[str, Any]:
    return {
        "name": feature.name,
        "kind": feature.kind,
        "splits": n_splits,
        "policies": {
            "missing": feature.missing,
            "special": "missing" if feature.special else None,
            "unseen": feature.unseen if feature.kind != "numeric" else None,
            "non_finite": feature.non_finite if feature.kind == "numeric" else None,
        },
        "categories": list(feature.categories),
        "special_codes": list(feature.special),
    }


def _characteristic(c: Characteristic, reference: float) -> dict[str, Any]:
    policies = {a.role: a.policy for a in c.attributes}
    groups = c.bins.groups if isinstance(c.bins, CategoricalBins) else None
    return {
        "name": c.name,
        "kind": c.kind,
        "coefficient": c.coefficient,
        "reference": reference,
        "policies": {
            "missing": policies.get("missing"),
            "special": policies.get("special"),
            "unseen": policies.get("unseen"),
            "non_finite": c.non_finite,
        },
        "groups": groups,
        "attributes": [asdict(a) for a in c.attributes],
    }


def _reasons(catalogue: ReasonCatalogue, columns: tuple[str, ...]) -> dict[str, Any]:
    """Return the catalogue, its features cut down to those of the plan."""
    cited: dict[str, list[str]] = {}
    for column in columns:
        code = catalogue.features[column]
        if code is not None:
            cited.setdefault(code, []).append(column)
    return {
        "reference": _reference(catalogue),
        "minimum_points": catalogue.minimum_points,
        "inquiries": catalogue.inquiries,
        "directions": {c: d for c, d in catalogue.directions.items() if c in columns},
        "not_cited": [c for c in columns if catalogue.features[c] is None],
        "reasons": [
            {**asdict(reason), "features": cited.get(reason.code, [])}
            for reason in catalogue.reasons
        ],
        "special_rules": [asdict(rule) for rule in catalogue.special_rules],
    }


def _reference(catalogue: ReasonCatalogue) -> str | dict[str, float]:
    reference = catalogue.reference
    return asdict(reference) if isinstance(reference, CutoffReference) else reference
