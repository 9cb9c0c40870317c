"""Audit: whether the parts of a plan agree, before it is written and before it is used.

Points, log-odds and scale say the same thing three times; a plan in which they differ
would give a score and a PD that contradict each other. So every redundancy is checked:
labels against bins, points against log-odds, policies against what they promise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from cfscore.plan._audit_golden import golden_faults
from cfscore.plan._audit_points import points_faults, schema_faults
from cfscore.plan._fault import PlanFault
from cfscore.plan._protocol import MAX_NUMERIC_SPECIALS, MAX_REASONS, MAX_RULES

if TYPE_CHECKING:
    from cfscore.plan._plan import ScoringPlan

__all__ = ["first_fault"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TOLERANCE = 1e-9


def first_fault(plan: ScoringPlan) -> PlanFault | None:
    """Return the first contradiction in a plan, None where there is none.

    Parameters
    ----------
    plan : ScoringPlan
        A plan, with or without golden rows.

    Returns
    -------
    PlanFault or None
        Its ``code`` is one of those listed in ``_artifact``.
    """
    return next(_faults(plan), None)


def _faults(plan: ScoringPlan) -> Iterator[PlanFault]:
    """Yield faults; each check may rely on the ones before it."""
    yield from schema_faults(plan.schema)
    if plan.is_forest:
        yield from _forest_faults(plan)
    else:
        yield from points_faults(plan.points, plan.scale)
        yield from _reference_faults(plan)
    yield from _catalogue_faults(plan)
    yield from _development_faults(plan)
    yield from _provenance_faults(plan)
    if plan.golden is not None:
        yield from golden_faults(plan.golden, plan)


def _forest_faults(plan: ScoringPlan) -> Iterator[PlanFault]:
    """Yield faults: too many special codes, log-odds or scores that may overflow."""
    stage, calibration = plan.forest, plan.calibration
    for name, codes in stage.special_codes.items():
        if len(codes) > MAX_NUMERIC_SPECIALS:
            text = f"{name!r} has {len(codes)} special codes: too many."
            yield PlanFault("FEATURES", text)
    intercept, slope = stage.margin_line(calibration)
    margin = abs(intercept) + abs(slope) * stage.largest_raw / stage.divisor
    ends = [-margin, margin]
    if calibration is not None and not calibration.is_affine and math.isfinite(margin):
        ends = [calibration.apply_one(end) for end in ends]
    scores = [plan.scale.score_from_log_odds(end) for end in ends]
    if not all(map(math.isfinite, (*ends, *scores))):
        yield PlanFault("TREES", "Log-odds or score of the forest may overflow.")


def _reference_faults(plan: ScoringPlan) -> Iterator[PlanFault]:
    """Yield references that are no mean or extreme of their column's parts, nor 0."""
    for c, value in zip(plan.points.characteristics, plan.reference, strict=True):
        parts = [0.0, *(attribute.log_odds for attribute in c.attributes)]
        slack = _TOLERANCE * (1.0 + max(map(abs, parts)))
        if not min(parts) - slack <= value <= max(parts) + slack:
            text = f"The reference of {c.name!r} lies outside its log-odds."
            yield PlanFault("REFERENCE", text)


def _catalogue_faults(plan: ScoringPlan) -> Iterator[PlanFault]:
    catalogue = plan.catalogue
    if plan.is_forest and catalogue.reference != "mean":
        text = "A forest is explained against the mean of its training cases."
        yield PlanFault("CATALOGUE", text)
    if len(catalogue.reasons) > MAX_REASONS:
        text = f"The catalogue has {len(catalogue.reasons)} reasons: too many."
        yield PlanFault("CATALOGUE", text)
    if len(catalogue.special_rules) > MAX_RULES:
        text = f"The catalogue has {len(catalogue.special_rules)} rules: too many."
        yield PlanFault("CATALOGUE", text)


def _development_faults(plan: ScoringPlan) -> Iterator[PlanFault]:
    development = plan.development
    if development is None:
        return
    bad_rate = development.bad_rate
    if development.n_rows < 0 or not (bad_rate is None or 0.0 <= bad_rate <= 1.0):
        text = "Development: rows and bad rate must be a count and a share."
        yield PlanFault("DEVELOPMENT", text)
    edges, counts = development.score_edges, development.score_counts
    if not all(map(math.isfinite, edges)) or any(a >= b for a, b in pairwise(edges)):
        text = "Development: score edges must be finite and strictly ascending."
        yield PlanFault("DEVELOPMENT", text)
    if len(counts) != (len(edges) + 1 if counts or edges else 0):
        text = "Development: one more score count than score edges is needed."
        yield PlanFault("DEVELOPMENT", text)
    if any(n < 0 for n in counts) or sum(counts) > development.n_rows:
        text = "Development: score counts must be counts of its rows."
        yield PlanFault("DEVELOPMENT", text)
    yield from _range_faults(plan)


def _range_faults(plan: ScoringPlan) -> Iterator[PlanFault]:
    assert plan.development is not None
    kinds = {field.name: field.kind for field in plan.schema.fields}
    for name, (low, high) in plan.development.ranges.items():
        if kinds.get(name) != "numeric":
            text = f"Development: {name!r} has a range and is no numeric column."
            yield PlanFault("DEVELOPMENT", text)
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            text = f"Development: the range of {name!r} must be finite, low to high."
            yield PlanFault("DEVELOPMENT", text)


def _provenance_faults(plan: ScoringPlan) -> Iterator[PlanFault]:
    fingerprint = plan.provenance.training_fingerprint
    if fingerprint is not None and _SHA256.fullmatch(fingerprint) is None:
        text = "The training fingerprint must be 64 hexadecimal digits."
        yield PlanFault("PROVENANCE", text)
