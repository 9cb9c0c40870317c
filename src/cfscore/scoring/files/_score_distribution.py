"""Score distribution: rows per development bin, and how far they have shifted."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["count_scores", "score_psi"]

_SMOOTHING = 0.5


def count_scores(
    score: NDArray[np.float64], edges: Sequence[float]
) -> NDArray[np.int64]:
    """Return the rows per bin ``[a, b)`` of the inner edges; NaN is in none.

    Examples
    --------
    >>> count_scores(np.array([599.9, 600.0, 650.0, np.nan]), [600.0, 650.0]).tolist()
    [1, 1, 1]
    """
    known = score[~np.isnan(score)]
    bins = np.searchsorted(np.asarray(edges), known, side="right")
    return np.bincount(bins, minlength=len(edges) + 1).astype(np.int64)


def score_psi(expected: Sequence[int], actual: Sequence[int]) -> float | None:
    """Return the population stability index of two counts on the same bins.

    Parameters
    ----------
    expected, actual : sequence of int
        Cases per bin: development, then now.

    Returns
    -------
    float or None
        ``sum_i (a_i - e_i) ln(a_i / e_i)`` over shares, >= 0; None where a side has no
        cases. As in ``metrics.psi``, which also gives its p-value, half a case is added
        to every bin of both sides as soon as one bin is empty on one side only.

    References
    ----------
    Yurdakul, B. and Naranjo, J. (2020), Statistical properties of the population
    stability index, Journal of Risk Model Validation 14.

    Examples
    --------
    >>> round(score_psi([200, 400, 600, 500, 300], [120, 270, 420, 405, 285]), 4)
    0.0189
    """
    if not sum(expected) or not sum(actual):
        return None
    pairs = [(e, a) for e, a in zip(expected, actual, strict=True) if e or a]
    added = _SMOOTHING if any(e == 0 or a == 0 for e, a in pairs) else 0.0
    n_expected = sum(expected) + added * len(pairs)
    n_actual = sum(actual) + added * len(pairs)
    shares = [((e + added) / n_expected, (a + added) / n_actual) for e, a in pairs]
    return math.fsum((a - e) * math.log(a / e) for e, a in shares)
