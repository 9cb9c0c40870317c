"""Importance: how much each feature moves the log-odds over a table of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from cfscore.exceptions import UsageError
from cfscore.explain._arrow_frame import ArrowFrame
from cfscore.explain._contributions import Contributions

__all__ = ["Importance", "importance_table"]


@dataclass(frozen=True, eq=False, repr=False)
class Importance(ArrowFrame):
    """Features by the size of their contributions, the largest first.

    Parameters
    ----------
    features : tuple of str
        Names; ties keep the column order.
    mean_abs : array of shape (n_features,), float64
        Mean absolute contribution, in log-odds.
    share : array of shape (n_features,), float64
        Of the sum of all ``mean_abs``; 0 where that sum is 0.
    mean : array of shape (n_features,), float64
        Mean contribution, in log-odds of bad; positive is riskier than the reference.
    largest : array of shape (n_features,), float64
        Largest absolute contribution of a row with positive weight.
    harmed : array of shape (n_features,), float64
        Share of rows in which it is positive.
    """

    features: tuple[str, ...]
    mean_abs: NDArray[np.float64]
    share: NDArray[np.float64]
    mean: NDArray[np.float64]
    largest: NDArray[np.float64]
    harmed: NDArray[np.float64]

    def __repr__(self) -> str:
        """Return the number of features."""
        return f"Importance({len(self.features)} features)"

    def to_arrow(self) -> pa.Table:
        """Return one row per feature.

        Returns
        -------
        pyarrow.Table
            ``feature``, ``mean_abs``, ``share``, ``mean``, ``largest``, ``harmed``.
        """
        columns = {"feature": list(self.features)}
        for name in ("mean_abs", "share", "mean", "largest", "harmed"):
            columns[name] = getattr(self, name)
        return pa.table(columns)


def importance_table(
    contributions: Contributions, *, sample_weight: ArrayLike | None = None
) -> Importance:
    """Return how much each feature moves the log-odds over the explained rows.

    Parameters
    ----------
    contributions : Contributions
        Of at least one row.
    sample_weight : array of shape (n_rows,), optional
        Weight of each row; all alike when omitted.

    Returns
    -------
    Importance
        Descriptive: what the model does on these rows, not what causes default.

    Raises
    ------
    UsageError
        When there is no row or the weights are not one finite, non-negative number per
        row with a positive sum.
    """
    weights = _shares(sample_weight, len(contributions))
    values = contributions.values
    sizes = np.abs(values)
    mean_abs = weights @ sizes
    total = mean_abs.sum()
    order = np.argsort(-mean_abs, kind="stable")
    return Importance(
        features=tuple(contributions.names[i] for i in order),
        mean_abs=mean_abs[order],
        share=mean_abs[order] / total if total > 0.0 else np.zeros(len(order)),
        mean=(weights @ values)[order],
        largest=sizes[weights > 0.0].max(axis=0)[order],
        harmed=(weights @ (values > 0.0))[order],
    )


def _shares(sample_weight: ArrayLike | None, n_rows: int) -> NDArray[np.float64]:
    """Return the share of each row."""
    if n_rows == 0:
        msg = "importance_table needs at least one explained row."
        raise UsageError(msg)
    if sample_weight is None:
        return np.full(n_rows, 1.0 / n_rows)
    weights = np.asarray(sample_weight, np.float64)
    is_usable = weights.shape == (n_rows,) and bool(
        (np.isfinite(weights) & (weights >= 0.0)).all() and weights.sum() > 0.0
    )
    if not is_usable:
        msg = (
            f"sample_weight must hold {n_rows} finite, non-negative numbers with a "
            f"positive sum, got shape {weights.shape}."
        )
        raise UsageError(msg)
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares
