"""Encoding: a scoring plan to the bytes of its file, the same bytes for equal plans.

No clock, user or path enters; everything comes from the plan. Numbers that score are
arrays, all the rest is JSON.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import CompileError
from cfscore.plan._archive import write_archive
from cfscore.plan._audit import first_fault
from cfscore.plan._bins import NumericBins
from cfscore.plan._encode_forest import forest_arrays, forest_json
from cfscore.plan._json import canonical_json
from cfscore.plan._npy import write_npy
from cfscore.plan._points import Attribute, Characteristic
from cfscore.plan._protocol import (
    ARRAYS,
    FORMAT,
    GOLDEN_TEXT,
    MANIFEST,
    MAX_BYTES,
    MAX_JSON_BYTES,
    PLAN,
    READABLE_SINCE,
)
from cfscore.plan._reasons import CutoffReference, Reason, ReasonCatalogue

if TYPE_CHECKING:
    from cfscore.plan._plan import Development, GoldenRows, ScoringPlan

__all__ = ["encode_plan"]


def encode_plan(plan: ScoringPlan) -> bytes:
    """Return the bytes of a plan's file.

    Parameters
    ----------
    plan : ScoringPlan
        Any plan that passes the audit which reading makes.

    Returns
    -------
    bytes
        A canonical archive; equal plans give equal bytes.

    Raises
    ------
    CompileError
        When the plan could not be read back: its parts contradict each other, a text
        is not Unicode, or it is too large. ``.code`` is the one that reading would
        give.
    """
    fault = first_fault(plan)
    if fault is not None:
        raise CompileError(fault.text, code=fault.code)
    try:
        members = _members(plan)
        manifest = canonical_json(_manifest(plan, members))
    except UnicodeEncodeError as error:
        msg = "A text of the plan holds half a surrogate pair."
        raise CompileError(msg, code="JSON") from error
    _check_sizes(members | {MANIFEST: manifest})
    return write_archive({MANIFEST: manifest} | members)


def _members(plan: ScoringPlan) -> dict[str, bytes]:
    arrays = forest_arrays(plan) if plan.is_forest else _points_arrays(plan)
    members = {PLAN: canonical_json(_plan_json(plan))} | _arrays(arrays)
    if plan.golden is not None:
        members[GOLDEN_TEXT] = canonical_json(_golden_json(plan, plan.golden))
        members |= _arrays(_golden_arrays(plan, plan.golden))
    return members


def _check_sizes(members: Mapping[str, bytes]) -> None:
    texts = [len(data) for name, data in members.items() if name.endswith(".json")]
    # An archive adds some 100 bytes and twice the name to each member.
    total = sum(len(data) + 1024 for data in members.values())
    if max(texts) > MAX_JSON_BYTES or total > MAX_BYTES:
        msg = f"The plan is too large to be read back: {total} bytes."
        raise CompileError(msg, code="TOO_LARGE")


def _manifest(plan: ScoringPlan, members: Mapping[str, bytes]) -> dict[str, Any]:
    provenance = plan.provenance
    return {
        "format": FORMAT,
        "protocol": plan.protocol,
        "readable_since": READABLE_SINCE,
        "members": {
            name: {"bytes": len(data), "sha256": sha256(data).hexdigest()}
            for name, data in members.items()
        },
        "source": provenance.source,
        "verified": bool(provenance.verified),
        "training_fingerprint": provenance.training_fingerprint,
        "versions": dict(provenance.versions),
    }


def _plan_json(plan: ScoringPlan) -> dict[str, Any]:
    scale = plan.scale
    return {
        "name": plan.name,
        "schema": [{"name": f.name, "kind": f.kind} for f in plan.schema.fields],
        "scale": {
            "pdo": float(scale.pdo),
            "base_score": float(scale.base_score),
            "base_odds": float(scale.base_odds),
            "rounding": scale.rounding,
        },
        "catalogue": _catalogue(plan.catalogue),
        "development": _development(plan.development),
        "notes": list(plan.provenance.notes),
        **(forest_json(plan) if plan.is_forest else _points_json(plan)),
    }


def _points_json(plan: ScoringPlan) -> dict[str, Any]:
    described = [_characteristic(c) for c in plan.points.characteristics]
    return {"characteristics": described}


def _characteristic(characteristic: Characteristic) -> dict[str, Any]:
    bins = characteristic.bins
    described: dict[str, Any]
    if isinstance(bins, NumericBins):
        described = {"n_edges": len(bins.edges), "n_specials": len(bins.specials)}
    else:
        described = {
            "groups": [list(group) for group in bins.groups],
            "specials": list(bins.specials),
        }
    return {
        "name": characteristic.name,
        "non_finite": characteristic.non_finite,
        "bins": described,
        "attributes": [_attribute(a) for a in characteristic.attributes],
    }


def _attribute(attribute: Attribute) -> dict[str, Any]:
    bad_rate = attribute.bad_rate
    return {
        "label": attribute.label,
        "role": attribute.role,
        "policy": attribute.policy,
        "count": operator.index(attribute.count),
        "bad_rate": None if bad_rate is None else float(bad_rate),
    }


def _catalogue(catalogue: ReasonCatalogue) -> dict[str, Any]:
    reference = catalogue.reference
    return {
        "reasons": [_reason(reason) for reason in catalogue.reasons],
        "features": dict(catalogue.features),
        "special_rules": [
            {"attribute": rule.attribute, "code": rule.code, "feature": rule.feature}
            for rule in catalogue.special_rules
        ],
        "reference": (
            {"score": float(reference.score), "width": float(reference.width)}
            if isinstance(reference, CutoffReference)
            else reference
        ),
        "minimum_points": float(catalogue.minimum_points),
        "inquiries": catalogue.inquiries,
        **({"directions": dict(catalogue.directions)} if catalogue.directions else {}),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "en": reason.en,
        "zh": reason.zh,
        "consumer_text_en": reason.consumer_text_en,
        "consumer_text_zh": reason.consumer_text_zh,
        "actionable": bool(reason.actionable),
    }


def _development(development: Development | None) -> dict[str, Any] | None:
    if development is None:
        return None
    bad_rate = development.bad_rate
    return {
        "n_rows": operator.index(development.n_rows),
        "bad_rate": None if bad_rate is None else float(bad_rate),
        "score_edges": [float(edge) for edge in development.score_edges],
        "score_counts": [operator.index(n) for n in development.score_counts],
        "ranges": {
            name: [float(low), float(high)]
            for name, (low, high) in development.ranges.items()
        },
    }


def _points_arrays(plan: ScoringPlan) -> dict[str, NDArray[Any]]:
    characteristics = plan.points.characteristics
    attributes = [a for c in characteristics for a in c.attributes]
    numeric = [c.bins for c in characteristics if isinstance(c.bins, NumericBins)]
    return {
        "edges.npy": _floats(edge for bins in numeric for edge in bins.edges),
        "specials.npy": _floats(code for bins in numeric for code in bins.specials),
        "woe.npy": _floats(a.woe for a in attributes),
        "log_odds.npy": _floats(a.log_odds for a in attributes),
        "points.npy": _floats(a.points for a in attributes),
        "coefficients.npy": _floats(c.coefficient for c in characteristics),
        "intercept.npy": _floats([plan.points.intercept]),
        "reference.npy": _floats(plan.reference),
    }


def _golden_json(plan: ScoringPlan, golden: GoldenRows) -> dict[str, Any]:
    names = [field.name for field in plan.schema.fields if field.kind != "numeric"]
    return {"columns": {name: list(golden.columns[name]) for name in names}}


def _golden_arrays(plan: ScoringPlan, golden: GoldenRows) -> dict[str, NDArray[Any]]:
    names = [field.name for field in plan.schema.fields if field.kind == "numeric"]
    rows = [golden.columns[name] for name in names]
    numbers = np.array(rows, np.float64).reshape(len(names), len(golden.status))
    arrays: dict[str, NDArray[Any]] = {
        "golden/numbers.npy": numbers,
        "golden/log_odds.npy": golden.log_odds,
        "golden/pd.npy": golden.pd,
        "golden/score.npy": golden.score,
        "golden/reasons.npy": golden.reasons,
        "golden/status.npy": golden.status,
    }
    if golden.margin is not None:
        arrays["golden/margin.npy"] = golden.margin
    return arrays


def _floats(values: Any) -> NDArray[np.float64]:
    return np.fromiter(values, np.float64)


def _arrays(arrays: Mapping[str, NDArray[Any]]) -> dict[str, bytes]:
    return {name: write_npy(array, ARRAYS[name]) for name, array in arrays.items()}
