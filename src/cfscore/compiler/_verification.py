"""Verification: a plan is compared with its source before it is handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cfscore.compiler._draft import Draft
from cfscore.compiler._tree_probes import probe_rows
from cfscore.exceptions import CompileError
from cfscore.execution import forest_raw_scores
from cfscore.plan import ForestFeature, ForestStage, ScoringPlan

__all__ = ["verify_plan"]


def verify_plan(plan: ScoringPlan, draft: Draft) -> None:
    """Compare a plan with its source.

    Log-odds on the golden rows that can be scored, within the draft's tolerance; raw
    scores of a forest on rows at every border of every test, bit for bit.

    Raises
    ------
    CompileError
        Code ``NOT_VERIFIED``, when they differ.
    """
    if draft.raw_scores is not None and isinstance(draft.model, ForestStage):
        _compare_raw(draft.model, draft)
    if draft.log_odds is not None and plan.golden is not None:
        _compare_log_odds(plan, draft)


def _compare_raw(stage: ForestStage, draft: Draft) -> None:
    assert draft.raw_scores is not None
    special = [feature.special for feature in stage.features]
    rows = probe_rows(stage.trees, len(special), special=special)
    expected = draft.raw_scores(_to_trees(rows, special))
    found = forest_raw_scores(_bare(stage), rows)
    n_wrong = int(np.count_nonzero(found != expected))
    if n_wrong:
        msg = (
            f"The plan differs from its source on {n_wrong} of {len(rows)} rows at the "
            "borders of its tests."
        )
        raise CompileError(msg, code="NOT_VERIFIED")


def _to_trees(
    rows: NDArray[np.float64], special: Sequence[tuple[float, ...]]
) -> NDArray[np.float64]:
    """Return what the source sees of rows: NaN for special codes."""
    found = rows.copy(order="F")
    for column, codes in zip(found.T, special, strict=True):
        column[np.isin(column, codes)] = np.nan
    return found


def _bare(stage: ForestStage) -> ForestStage:
    """Return the forest of numbers, special codes among them, not of categories."""
    numeric = tuple(
        ForestFeature(f.name, "numeric", special=f.special) for f in stage.features
    )
    return replace(stage, features=numeric)


def _compare_log_odds(plan: ScoringPlan, draft: Draft) -> None:
    assert plan.golden is not None
    assert draft.log_odds is not None
    scored = plan.golden.status == 0
    rows = np.flatnonzero(scored).tolist()
    columns = {
        n: tuple(cells[i] for i in rows) for n, cells in plan.golden.columns.items()
    }
    found: NDArray[np.float64] = plan.golden.log_odds[scored]
    difference = np.abs(draft.log_odds(columns) - found)
    bound = draft.tolerance * (1.0 + np.abs(found))
    n_wrong = int(np.count_nonzero(~(difference <= bound)))
    if n_wrong:
        msg = (
            f"The plan differs from its source on {n_wrong} of {len(rows)} generated "
            f"rows (largest difference of log-odds {np.nanmax(difference):.3g})."
        )
        raise CompileError(msg, code="NOT_VERIFIED")
