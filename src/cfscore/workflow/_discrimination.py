"""Discrimination: how well log-odds tell bads from goods in one sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.metrics import Estimate, auc, gini, ks

__all__ = ["Discrimination", "discriminate"]


@dataclass(frozen=True)
class Discrimination:
    """Size and separation of a sample.

    Parameters
    ----------
    rows, bads : int
        Cases, and those that are bad.
    auc, gini, ks : Estimate
        With their intervals; larger is better.
    """

    rows: int
    bads: int
    auc: Estimate
    gini: Estimate
    ks: Estimate

    @property
    def bad_rate(self) -> float:
        """Share of bad cases, not weighted."""
        return self.bads / self.rows

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON can hold them."""
        return {
            "rows": self.rows,
            "bads": self.bads,
            "bad_rate": self.bad_rate,
            **{n: estimate_dict(getattr(self, n)) for n in ("auc", "gini", "ks")},
        }


def discriminate(
    y: NDArray[np.int8],
    risk: NDArray[np.float64],
    weight: NDArray[np.float64] | None = None,
) -> Discrimination | None:
    """Return the discrimination of a sample; None where one class has no case.

    Parameters
    ----------
    y : array of shape (n_rows,), int8
        1 = bad, 0 = good.
    risk : array of shape (n_rows,), float64
        Log-odds of bad or a probability of default; NaN for rows that were refused,
        which are left out.
    weight : array of shape (n_rows,), float64, optional
        Sample weights.
    """
    kept = ~np.isnan(risk)
    y, risk = y[kept], risk[kept]
    sample_weight = None if weight is None else weight[kept]
    bads = int(np.count_nonzero(y))
    if bads in (0, len(y)):
        return None
    return Discrimination(
        rows=len(y),
        bads=bads,
        auc=auc(y, risk, sample_weight=sample_weight),
        gini=gini(y, risk, sample_weight=sample_weight),
        ks=ks(y, risk, sample_weight=sample_weight),
    )


def estimate_dict(estimate: Estimate) -> dict[str, float]:
    """Return an estimate as JSON can hold it."""
    return {
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "confidence": estimate.confidence,
    }
