"""Points explainer: contributions and ranked reasons of a scorecard plan.

The contribution of a cell is its log-odds part minus the reference of its
characteristic, in log-odds of bad: positive is riskier, and the base value plus a
row's contributions is its log-odds. For an additive model this is the exact Shapley
value against the reference (Lundberg & Lee, 2017, corollary 1).
"""

from __future__ import annotations

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.points import gather_contributions
from cfscore._kernels.reasons import rank_reasons
from cfscore.plan import ReasonCatalogue, ScoringPlan
from cfscore.tables import ColumnBatch

__all__ = ["PointsExplainer"]


class PointsExplainer:
    """Contribution and reason of every attribute of a plan, laid out for kernels.

    Parameters
    ----------
    plan : ScoringPlan
        A scorecard plan; immutable, so an explainer may be shared between threads.
    """

    def __init__(self, plan: ScoringPlan) -> None:
        characteristics = plan.points.characteristics
        by_column = [
            [attribute.log_odds - reference for attribute in c.attributes]
            for c, reference in zip(characteristics, plan.reference, strict=True)
        ]
        reasons = plan.catalogue.attribute_reasons(plan.points)
        sizes = [len(column) for column in by_column]
        self.starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self.contributions = np.array(list(chain.from_iterable(by_column)))
        self.reason_of = np.array(list(chain.from_iterable(reasons)), np.int16)
        self.n_reasons = len(plan.catalogue.reasons)
        self.minimum = plan.catalogue.minimum_points / plan.scale.factor
        self.inquiries = plan.catalogue.index_of(plan.catalogue.inquiries)

    @property
    def n_columns(self) -> int:
        """Number of characteristics."""
        return len(self.starts) - 1

    def explain(
        self,
        block: NDArray[np.uint16],
        batch: ColumnBatch,
        rows: slice,
        reasons: NDArray[np.int16],
        contributions: NDArray[np.float64] | None,
    ) -> None:
        """Write reasons and contributions of a block of rows (see ``Explainer``)."""
        if reasons.shape[1] > 0:
            self.rank(block, reasons)
        if contributions is not None:
            self.contribute(block, contributions)

    def rank(self, attributes: NDArray[np.uint16], out: NDArray[np.int16]) -> None:
        """Write the most harmful reasons of each row.

        Parameters
        ----------
        attributes : array of shape (n_columns, block), uint16
            Attribute indices; the first ``len(out)`` columns are used.
        out : array of shape (n_rows, k), int16
            Reason indices, most harmful first, -1 where there are fewer than k.
        """
        rank_reasons(
            attributes,
            len(out),
            self.starts,
            self.contributions,
            self.reason_of,
            self.n_reasons,
            self.minimum,
            self.inquiries,
            out,
        )

    def contribute(
        self, attributes: NDArray[np.uint16], out: NDArray[np.float64]
    ) -> None:
        """Write the contribution of every cell into ``out``, (n_rows, n_columns)."""
        gather_contributions(attributes, len(out), self.starts, self.contributions, out)


def reason_harm(
    attributes: NDArray[np.uint16], explainer: PointsExplainer
) -> NDArray[np.float64]:
    """Return the summed contribution of each reason for one row.

    Parameters
    ----------
    attributes : array of shape (n_columns,), uint16
        Attribute indices of the row.
    explainer : PointsExplainer
        The plan's explainer.

    Returns
    -------
    array of shape (n_reasons,), float64
        Log-odds of bad; never-cited contributions are left out.
    """
    harm = np.zeros(explainer.n_reasons)
    for start, attribute in zip(explainer.starts, attributes, strict=False):
        reason = explainer.reason_of[start + attribute]
        if reason >= 0:
            harm[reason] += explainer.contributions[start + attribute]
    return harm


def catalogue_codes(catalogue: ReasonCatalogue) -> NDArray[np.object_]:
    """Return the reason codes plus None, so that index -1 reads None."""
    codes = np.empty(len(catalogue.reasons) + 1, object)
    codes[:-1] = [reason.code for reason in catalogue.reasons]
    return codes
