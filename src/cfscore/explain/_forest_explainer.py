"""Forest explainer: exact TreeSHAP contributions and ranked reasons of a forest plan.

The contribution of a feature is its path-dependent Shapley value (Lundberg et al.,
*Nature Machine Intelligence* 2, 2020, algorithm 2) in log-odds of bad, an affine
calibration included; the base value plus a row's contributions is its margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.reasons import rank_contributions, rank_contributions_one
from cfscore.execution import ForestEngine
from cfscore.explain._reason_rules import ReasonRules
from cfscore.explain._tree_shap import TreeShapTables
from cfscore.plan import ScoringPlan
from cfscore.tables import ColumnBatch

__all__ = ["ForestExplainer", "forest_reason_harm"]


class ForestExplainer:
    """Tables of a forest from which its explanations are looked up.

    Parameters
    ----------
    plan : ScoringPlan
        A forest plan.
    engine : ForestEngine
        The plan's engine, whose ranks are explained.
    """

    def __init__(self, plan: ScoringPlan, engine: ForestEngine) -> None:
        stage, layout = engine.stage, engine.layout
        self.tables = TreeShapTables.build(
            stage.trees, layout.node_column, layout.node_cut
        )
        self.slope = engine.slope / stage.divisor
        self.rules = ReasonRules(plan)
        self.n_reasons = len(plan.catalogue.reasons)
        self.minimum = plan.catalogue.minimum_points / plan.scale.factor
        self.inquiries = plan.catalogue.index_of(plan.catalogue.inquiries)

    @property
    def n_columns(self) -> int:
        """Number of features."""
        return len(self.rules.reason_of)

    def contribute(self, ranks: NDArray[Any], out: NDArray[np.float64]) -> None:
        """Write the contribution of every feature into ``out``, (n_rows, n_columns).

        Parameters
        ----------
        ranks : array of shape (n_rank_columns or more, block)
            Ranks of the rows (see ``execution``).
        out : array of shape (n_rows, n_columns), float64
            Log-odds of bad; positive is riskier.
        """
        self.tables.contribute(ranks, self.slope, out)

    def contribute_one(self, ranks: NDArray[Any]) -> NDArray[np.float64]:
        """Return the contributions of one row of ranks, shape (n_columns,)."""
        out = np.empty(self.n_columns)
        self.tables.contribute_one(ranks, self.slope, out)
        return out

    def explain_one(
        self,
        ranks: NDArray[Any],
        cells: Sequence[float | str | None],
        reasons: NDArray[np.int64],
        harms: NDArray[np.float64],
    ) -> None:
        """Write the reasons of one row, with the bits of ``explain``.

        Parameters
        ----------
        ranks : array of shape (n_rank_columns,)
            Ranks of the row.
        cells : sequence of length n_columns
            Its cells; read only where there are special rules.
        reasons, harms : array of shape (k,), int64 and float64
            Written: reason indices, most harmful first, and their log-odds of bad; -1
            and 0 where there are fewer.
        """
        rank_contributions_one(
            self.contribute_one(ranks),
            self.rules.of_row(cells),
            self.n_reasons,
            self.minimum,
            self.inquiries,
            reasons,
            harms,
        )

    def explain(
        self,
        block: NDArray[Any],
        batch: ColumnBatch,
        rows: slice,
        reasons: NDArray[np.int16],
        contributions: NDArray[np.float64] | None,
    ) -> None:
        """Write reasons and contributions of a block of rows (see ``Explainer``)."""
        found = contributions
        if found is None:
            found = np.empty((len(reasons), self.n_columns))
        self.contribute(block, found)
        if reasons.shape[1] > 0:
            rank_contributions(
                found,
                self.rules.reason_of,
                self.rules.rule_of,
                self.rules.ruled(batch, rows),
                self.n_reasons,
                self.minimum,
                self.inquiries,
                reasons,
            )


def forest_reason_harm(
    plan: ScoringPlan, batch: ColumnBatch, contributions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the summed contribution of each reason for the first row of a batch.

    Parameters
    ----------
    plan : ScoringPlan
        A forest plan.
    batch : ColumnBatch
        Its columns.
    contributions : array of shape (n_columns,), float64
        Of that row, in log-odds of bad.

    Returns
    -------
    array of shape (n_reasons,), float64
        Log-odds of bad; never-cited contributions are left out.
    """
    rules = ReasonRules(plan)
    ruled = rules.ruled(batch, slice(0, 1))[:, 0].tolist()
    harm = np.zeros(len(plan.catalogue.reasons))
    for feature, contribution in enumerate(contributions):
        place = int(rules.rule_of[feature])
        reason = ruled[place] if place >= 0 else int(rules.reason_of[feature])
        if reason >= 0:
            harm[reason] += contribution
    return harm
