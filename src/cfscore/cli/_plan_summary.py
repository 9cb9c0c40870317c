"""Plan summary: everything a plan says, as JSON can hold it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cfscore.plan import (
    PROTOCOL,
    CategoricalBins,
    Characteristic,
    CutoffReference,
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
        "sha256": plan.sha256,
        "protocol": PROTOCOL,
        "provenance": asdict(plan.provenance),
        "scale": asdict(plan.scale),
        "intercept": plan.points.intercept,
        "base_value": plan.base_value,
        "characteristics": [
            _characteristic(c, reference)
            for c, reference in zip(
                plan.points.characteristics, plan.reference, strict=True
            )
        ],
        "reasons": _reasons(plan.catalogue, plan.schema.names),
        "development": None if plan.development is None else asdict(plan.development),
        "golden_rows": 0 if plan.golden is None else len(plan.golden.status),
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
