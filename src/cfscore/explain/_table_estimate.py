"""Table estimate: the memory that a plan's explanations will take, known before."""

from __future__ import annotations

from cfscore.execution import rank_layout
from cfscore.explain._tree_shap import TableEstimate, TreeShapTables
from cfscore.plan import ScoringPlan

__all__ = ["estimate_tables"]


def estimate_tables(plan: ScoringPlan) -> TableEstimate:
    """Return how large the tables are from which a plan's rows are explained.

    They are built when a forest first explains, once for each ``Scorer``; here they are
    laid out and not filled.

    Parameters
    ----------
    plan : ScoringPlan
        A forest; a scorecard is explained from its points and takes none.

    Returns
    -------
    TableEstimate
        ``n_bytes``, never more than ``TABLE_BYTES``. Leaves that find no place below
        that bound are summed one by one, as exactly and more slowly.

    Raises
    ------
    UsageError
        When a forest cannot be explained, as its trees do not tell how many training
        cases took which branch.

    Notes
    -----
    The bound is the same everywhere: how leaves are grouped decides the last bits of
    contributions, and with them which of two equally harmful reasons comes first.
    """
    if not plan.is_forest:
        return TableEstimate(0, 0, 0, 0)
    stage = plan.forest
    layout = rank_layout(stage.trees, len(stage.features))
    return TreeShapTables.estimate_for(stage.trees, layout.node_column, layout.node_cut)
