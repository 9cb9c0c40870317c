"""Sample split: development, hold-out and out-of-time rows of one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import FitError

__all__ = ["SAMPLE_NAMES", "SampleSplit", "split_rows"]

#: Samples in the order in which they are shown.
SAMPLE_NAMES = ("development", "holdout", "out_of_time")

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SampleSplit:
    """Row indices of each sample, ascending; together every row once.

    Parameters
    ----------
    development : array of shape (n_development,), int64
        Rows that the model is fitted to.
    holdout : array of shape (n_holdout,), int64
        Rows of the same time that it does not see.
    out_of_time : array of shape (n_out_of_time,), int64
        Later rows.
    """

    development: Indices
    holdout: Indices
    out_of_time: Indices

    @property
    def samples(self) -> dict[str, Indices]:
        """The samples that hold rows, by name."""
        found = {name: getattr(self, name) for name in SAMPLE_NAMES}
        return {name: rows for name, rows in found.items() if rows.size}


def split_rows(
    n_rows: int,
    *,
    is_late: NDArray[np.bool_] | None = None,
    holdout: float,
    seed: int,
) -> SampleSplit:
    """Return which row belongs to which sample.

    Parameters
    ----------
    n_rows : int
        Rows of the table.
    is_late : array of shape (n_rows,), bool, optional
        Rows out of time.
    holdout : float
        Share of the other rows to hold out, in [0, 1), rounded down to whole rows.
    seed : int
        Seed of the draw; the same rows for the same seed on every machine.

    Raises
    ------
    FitError
        When no row is left to develop on.

    Examples
    --------
    >>> late = np.array([False, False, True, False, False])
    >>> split = split_rows(5, is_late=late, holdout=0.25, seed=0)
    >>> split.development.size, split.holdout.size, split.out_of_time.tolist()
    (3, 1, [2])
    """
    late = np.zeros(n_rows, np.bool_) if is_late is None else is_late
    early = np.flatnonzero(~late)
    shuffled = np.random.Generator(np.random.PCG64(seed)).permutation(early)
    n_holdout = int(holdout * early.size)
    split = SampleSplit(
        development=np.sort(shuffled[n_holdout:]),
        holdout=np.sort(shuffled[:n_holdout]),
        out_of_time=np.flatnonzero(late),
    )
    if split.development.size == 0:
        msg = "No row is left to develop on."
        hint = "Check out_of_time_from and the time column."
        raise FitError(msg, code="EMPTY_SAMPLE", hint=hint)
    return split
