"""Points row: one row of a scorecard, scored and explained in a single kernel call."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.row_points import score_points_one
from cfscore.execution import PointsEngine
from cfscore.explain._points_explainer import PointsExplainer
from cfscore.plan import Characteristic, NumericBins

__all__ = ["PointsRow"]


class PointsRow:
    """A points table laid out for single rows.

    Parameters
    ----------
    engine : PointsEngine
        Sums of the plan.
    explainer : PointsExplainer
        Contributions and reasons of the same plan.
    """

    def __init__(self, engine: PointsEngine, explainer: PointsExplainer) -> None:
        pairs = [_cuts_and_slots(c) for c in engine.points.characteristics]
        cuts, slots = zip(*pairs, strict=True)
        parts = (
            engine.log_odds_parts,
            engine.attribute_points,
            explainer.contributions,
        )
        # what the kernel reads beside the row, in its order
        self._tables = (
            np.concatenate(cuts),
            np.cumsum([0, *map(len, cuts)], dtype=np.int64),
            np.concatenate(slots),
            engine.starts,
            np.stack(parts),
            explainer.reason_of,
            engine.points.intercept,
            explainer.n_reasons,
            explainer.minimum,
            explainer.inquiries,
        )

    def score(
        self,
        values: NDArray[np.float64],
        reasons: NDArray[np.int64],
        harms: NDArray[np.float64],
    ) -> tuple[float, float, float]:
        """Return log-odds of bad, PD and score of a row; write its reasons.

        Parameters
        ----------
        values : array of shape (n_columns,), float64
            Numbers, NaN for missing; the attribute index in category columns.
        reasons, harms : array of shape (k,), int64 and float64
            Written: reason indices, most harmful first, and their log-odds of bad; -1
            and 0 where there are fewer.
        """
        scored: tuple[float, float, float] = score_points_one(
            values, *self._tables, reasons, harms
        )
        return scored


def _cuts_and_slots(
    characteristic: Characteristic,
) -> tuple[NDArray[np.float64], NDArray[np.uint16]]:
    """Return cuts, and the attribute of each slot between them.

    A category column holds attribute indices already; they are their own slots.
    """
    bins = characteristic.bins
    if isinstance(bins, NumericBins):
        return bins.cuts, bins.slot_attributes
    indices = np.arange(bins.n_attributes)
    slots = np.append(indices, bins.missing_index).astype(np.uint16)
    return indices[1:].astype(np.float64), slots
