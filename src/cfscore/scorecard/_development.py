"""Development aggregates: what a plan keeps of its training sample."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import numpy as np
from numpy.typing import NDArray

from cfscore.plan import Development
from cfscore.scorecard._training import TrainingSample
from cfscore.tables import Column, NumericColumn

__all__ = ["aggregate_development"]

Floats = NDArray[np.float64]

_MOST_SCORE_BINS = 20
#: Fewer rows than this are never counted apart.
_LEAST_ROWS = 5


def aggregate_development(
    specials: Mapping[str, tuple[float, ...]], sample: TrainingSample, score: Floats
) -> Development:
    """Return the aggregates of a training sample.

    Parameters
    ----------
    specials : mapping of str to tuple of float
        Declared special codes of every numeric column; no part of its range.
    sample : TrainingSample
        The rows; those of weight 0 do not count.
    score : array of shape (n_rows,), float64
        Their scores.

    Returns
    -------
    Development
        Rows, weighted bad rate, up to 20 score bins of about equal size and at least
        five rows, and the range of each numeric column, rounded outwards to three
        significant digits.
    """
    cases = sample.weights > 0.0
    edges, counts = _score_bins(np.sort(score[cases]))
    ranges = {
        name: found
        for name, codes in specials.items()
        if (found := _range(sample.batch.columns[name], codes, cases)) is not None
    }
    return Development(
        n_rows=int(np.count_nonzero(cases)),
        bad_rate=sample.bad_rate,
        score_edges=edges,
        score_counts=counts,
        ranges=ranges,
    )


def _score_bins(score: Floats) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return inner edges and counts of bins ``[a, b)`` of ascending scores.

    An edge is put before the first score of its quantile; ties and small tails are
    left with their neighbour.
    """
    n = len(score)
    n_bins = max(1, min(_MOST_SCORE_BINS, n // _LEAST_ROWS))
    edges, starts = [], [0]
    for i in range(1, n_bins):
        edge = float(score[i * n // n_bins])
        start = int(np.searchsorted(score, edge, side="left"))
        if start - starts[-1] >= _LEAST_ROWS and n - start >= _LEAST_ROWS:
            edges.append(edge)
            starts.append(start)
    return tuple(edges), tuple(np.diff([*starts, n]).tolist())


def _range(
    column: Column, specials: tuple[float, ...], cases: NDArray[np.bool_]
) -> tuple[float, float] | None:
    """Return the range of the measured values of a numeric column."""
    assert isinstance(column, NumericColumn)
    values = column.values[cases & np.isfinite(column.values)]
    values = values[~np.isin(values, specials)]
    if len(values) == 0:
        return None
    return outward(float(values.min()), -1), outward(float(values.max()), 1)


def outward(value: float, direction: int) -> float:
    """Return a bound of three significant digits beyond a value.

    Parameters
    ----------
    value : float
        Finite.
    direction : {-1, 1}
        Whether the bound lies below or above.

    Examples
    --------
    >>> outward(12345.6, -1), outward(12345.6, 1), outward(-0.98765, -1)
    (12300.0, 12400.0, -0.988)
    """
    rounding = ROUND_FLOOR if direction < 0 else ROUND_CEILING
    bound = float(Context(prec=3, rounding=rounding).create_decimal(Decimal(value)))
    return bound if math.isfinite(bound) else math.copysign(sys.float_info.max, value)
