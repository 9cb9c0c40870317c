"""Front-end for an existing plan: re-issued with other reasons, scale or name."""

from __future__ import annotations

from cfscore.compiler._draft import SCALE_NOTES, Draft
from cfscore.plan import ScoringPlan
from cfscore.scoring import replay

__all__ = ["draft_from_plan"]


def draft_from_plan(plan: ScoringPlan) -> Draft:
    """Return a plan as a draft; its own golden results are the source to agree with."""
    notes = [note for note in plan.provenance.notes if note not in SCALE_NOTES]
    return Draft(
        source=plan.provenance.source,
        model=plan.model,
        calibration=plan.calibration,
        scale=plan.scale,
        name=plan.name,
        catalogue=plan.catalogue,
        development=plan.development,
        training_fingerprint=plan.provenance.training_fingerprint,
        notes=(*notes, f"Re-issued from plan {plan.sha256}."),
        scale_notes=tuple(n for n in plan.provenance.notes if n in SCALE_NOTES),
        log_odds=lambda columns: replay(plan, columns, reasons=False).log_odds,
        source_verified=plan.provenance.verified,
    )
