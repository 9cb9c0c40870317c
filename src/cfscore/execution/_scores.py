"""Scores: what an engine gives for each row of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["RoleCounts", "Scores"]

#: Per column, rows by label of a missing, unseen or special value.
RoleCounts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, eq=False)
class Scores:
    """Results of an engine for each row, NaN where the row is refused.

    Parameters
    ----------
    margin : array of shape (n_rows,), float64
        The explained log-odds of bad; the same array as ``log_odds`` unless a
        calibration that is not affine lies between them.
    log_odds, pd, score : array of shape (n_rows,), float64
        Log-odds of bad, probability of default, score points.
    status : array of shape (n_rows,), uint8
        0 where scored, else a fault code (see ``tables.FAULT_CODES``).
    fault_counts : mapping of (column, fault name) to int
        Refused cells.
    role_counts : mapping of str to (mapping of str to int), or None
        Rows per missing, unseen and special value; None where not asked for.
    infinite_counts : mapping of str to int
        Cells with ``+inf`` or ``-inf`` per numeric column that has any.
    """

    margin: NDArray[np.float64]
    log_odds: NDArray[np.float64]
    pd: NDArray[np.float64]
    score: NDArray[np.float64]
    status: NDArray[np.uint8]
    fault_counts: Mapping[tuple[str, str], int]
    role_counts: RoleCounts | None
    infinite_counts: Mapping[str, int]


def blank_refused(status: NDArray[np.uint8], *results: NDArray[Any]) -> None:
    """Write NaN into the results of every row with a status other than 0."""
    refused = status != 0
    if refused.any():
        for values in results:
            values[refused] = np.nan
