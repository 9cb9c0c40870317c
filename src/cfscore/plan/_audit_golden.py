"""Audit of golden rows: complete, equally long, and possible for their plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cfscore.plan._fault import PlanFault
from cfscore.plan._protocol import N_GOLDEN_REASONS
from cfscore.tables import FAULT_CODES

if TYPE_CHECKING:
    from cfscore.plan._plan import GoldenRows, ScoringPlan

__all__ = ["golden_faults"]

_RESULTS = ("log_odds", "pd", "score", "status")
_FINITE = ("log_odds", "pd", "score")


def golden_faults(golden: GoldenRows, plan: ScoringPlan) -> Iterator[PlanFault]:
    """Yield what is wrong with golden rows, each with code ``GOLDEN``.

    Parameters
    ----------
    golden : GoldenRows
        Inputs and expected results; whether they reproduce is not asked here.
    plan : ScoringPlan
        The plan they belong to.

    Yields
    ------
    PlanFault
        One sentence each; a check may rely on the ones before it.
    """
    checks = (_columns_fault, _shape_fault, _cells_fault, _results_fault)
    for check in checks:
        text = check(golden, plan)
        if text is not None:
            yield PlanFault("GOLDEN", f"Golden rows: {text}.")


def _columns_fault(golden: GoldenRows, plan: ScoringPlan) -> str | None:
    if golden.columns.keys() != set(plan.schema.names):
        return "columns must be the plan's own"
    return None


def _shape_fault(golden: GoldenRows, plan: ScoringPlan) -> str | None:
    n_rows = len(golden.status)
    if (golden.margin is not None) != plan.is_forest:
        return "a forest, and only a forest, has margins"
    results = [getattr(golden, name) for name in (*_RESULTS, "margin")]
    right = [values.shape == (n_rows,) for values in results if values is not None]
    right += [len(cells) == n_rows for cells in golden.columns.values()]
    right.append(golden.reasons.shape == (n_rows, N_GOLDEN_REASONS))
    return None if all(right) and n_rows else "all parts must have the same rows"


def _cells_fault(golden: GoldenRows, plan: ScoringPlan) -> str | None:
    for field in plan.schema.fields:
        kinds = (float,) if field.kind == "numeric" else (str, type(None))
        if not all(isinstance(cell, kinds) for cell in golden.columns[field.name]):
            return f"cells of {field.name!r} do not fit its kind"
    return None


def _results_fault(golden: GoldenRows, plan: ScoringPlan) -> str | None:
    scored = golden.status == 0
    if not np.isin(golden.status, [0, *FAULT_CODES.values()]).all():
        return "a status is no fault code"
    names = (*_FINITE, "margin") if plan.is_forest else _FINITE
    for name in names:
        values = getattr(golden, name)
        if not (np.isfinite(values) == scored).all():
            return f"{name} must be finite where, and only where, a row is scored"
    pd = golden.pd[scored]
    if not ((pd >= 0.0) & (pd <= 1.0)).all():
        return "a PD is no probability"
    n_reasons = len(plan.catalogue.reasons)
    if not ((golden.reasons >= -1) & (golden.reasons < n_reasons)).all():
        return "a reason is not in the catalogue"
    return None
