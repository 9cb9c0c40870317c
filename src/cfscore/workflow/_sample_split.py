"""Sample split: development, hold-out and out-of-time rows of one table."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import FitError
from cfscore.outcomes import hold_out_customers

__all__ = ["SAMPLE_NAMES", "SampleSplit", "part_rows", "split_rows"]

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
    customers: Sequence[Hashable] | None = None,
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
    customers : sequence of length n_rows, optional
        Whose each row is. Where given, customers are drawn, each with all rows.

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
    held_out = part_rows(early, share=holdout, seed=seed, customers=customers)
    split = SampleSplit(
        development=np.setdiff1d(early, held_out, assume_unique=True),
        holdout=held_out,
        out_of_time=np.flatnonzero(late),
    )
    if split.development.size == 0:
        msg = "No row is left to develop on."
        hint = "Check out_of_time_from and the time column."
        raise FitError(msg, code="EMPTY_SAMPLE", hint=hint)
    return split


def part_rows(
    rows: Indices,
    *,
    share: float,
    seed: int,
    customers: Sequence[Hashable] | None = None,
) -> Indices:
    """Return a share of some rows, ascending, drawn by row or by customer.

    Parameters
    ----------
    rows : array, int64
        Row indices, ascending.
    share : float
        Share to draw: of the rows, rounded down, or of the customers, but for chance.
    seed : int
        Seed of the draw.
    customers : sequence, optional
        Whose each row of the whole table is.
    """
    if customers is None:
        shuffled = np.random.Generator(np.random.PCG64(seed)).permutation(rows)
        return np.sort(shuffled[: int(share * rows.size)])
    drawn = hold_out_customers(
        (customers[row] for row in rows), holdout=share, seed=seed
    )
    is_drawn = [customers[row] in drawn for row in rows]
    return rows[np.array(is_drawn, np.bool_)]
