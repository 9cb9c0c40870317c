"""Paired comparison: a difference of two Ginis, its error, and what it amounts to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

__all__ = ["PairedDifference", "compare_folds", "compare_samples"]

#: A shortfall that is of no consequence.
TOLERANCE = 0.005

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairedDifference:
    """Gini of ours less Gini of the peer.

    Parameters
    ----------
    ours, peer : float
        Mean Gini.
    standard_error : float
        Of the difference; NaN where it cannot be told.
    wide_standard_error : float
        The same, allowing for folds that share training rows; NaN without folds.
    tolerance : float
        A shortfall that is of no consequence.
    """

    ours: float
    peer: float
    standard_error: float
    wide_standard_error: float = math.nan
    tolerance: float = TOLERANCE

    @property
    def difference(self) -> float:
        """Positive where ours discriminates better."""
        return self.ours - self.peer

    @property
    def verdict(self) -> str:
        """At least as good, short within the tolerance or one error, or short."""
        if self.difference >= 0.0:
            return "at least as good"
        if self.difference >= -self.tolerance:
            return f"short by no more than {self.tolerance}"
        if self.difference >= -self.standard_error:
            return "short by no more than one standard error"
        return "SHORT"


def compare_folds(ours: ArrayLike, peer: ArrayLike) -> PairedDifference:
    """Compare two models over the same folds of a five-fold split.

    The standard error is plain, s / sqrt(n): it takes folds for independent, and is
    therefore too small and the harder test. The wide one is s * sqrt(1/n + 1/4), 1/4
    being test rows over training rows (Nadeau, C. and Bengio, Y. (2003), "Inference
    for the generalization error", Machine Learning 52, 239-281).
    """
    ours, peer = np.asarray(ours, np.float64), np.asarray(peer, np.float64)
    n = len(ours)
    spread = float((ours - peer).std(ddof=1)) if n > 1 else math.nan
    return PairedDifference(
        float(ours.mean()),
        float(peer.mean()),
        spread / math.sqrt(n),
        spread * math.sqrt(1.0 / n + 0.25),
    )


def compare_samples(y: ArrayLike, ours: ArrayLike, peer: ArrayLike) -> PairedDifference:
    """Compare two models on the same test rows; the error is DeLong's, paired.

    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988), Biometrics 44,
    837-845.
    """
    is_bad = np.asarray(y) == 1
    (bad_a, good_a), (bad_b, good_b) = (
        _placements(is_bad, np.asarray(risk, np.float64)) for risk in (ours, peer)
    )
    variance = (bad_a - bad_b).var(ddof=1) / len(bad_a)
    variance += (good_a - good_b).var(ddof=1) / len(good_a)
    gini_a, gini_b = 2.0 * bad_a.mean() - 1.0, 2.0 * bad_b.mean() - 1.0
    return PairedDifference(float(gini_a), float(gini_b), 2.0 * math.sqrt(variance))


def _placements(is_bad: NDArray[np.bool_], risk: Floats) -> tuple[Floats, Floats]:
    """Return, per bad, the share of goods ranked safer, and per good of bads riskier.

    A tie counts one half.
    """
    bad, good = risk[is_bad], risk[~is_bad]
    ranks = rankdata(risk)
    of_bad = (ranks[is_bad] - rankdata(bad)) / len(good)
    of_good = 1.0 - (ranks[~is_bad] - rankdata(good)) / len(bad)
    return of_bad, of_good
