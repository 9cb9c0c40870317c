"""Longest run: how many facts in a row met a condition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfscore.features._selection import Selection

__all__ = ["longest_run"]


def longest_run(s: Selection) -> NDArray[np.float64]:
    """Return the length of the longest unbroken row of facts in ``s.part``; or 0.

    Facts follow each other in order of time among those with the same ``by``. A run
    ends at a fact outside ``s.part``, at another value of ``by``, and for a source of
    months at a month that is left out or comes twice.
    """
    table = s.table
    is_hit = np.isin(s.index, s.part, assume_unique=True)
    by = table.codes(s.spec.by_names)[s.index]
    rows = table.rows[s.index]
    order = np.lexsort((is_hit, table.event_number[s.index], by, rows))
    is_hit, by, rows = is_hit[order], by[order], rows[order]
    breaks = ~is_hit | _changes(rows) | _changes(by)
    if s.spec.source.resolution == "month":
        month = table.elapsed_point("months")[s.index[order]]
        breaks |= np.diff(month, prepend=-1) != 1
    run = np.cumsum(breaks)
    lengths = np.bincount(run[is_hit])
    longest = np.zeros(table.n)
    np.maximum.at(longest, rows[is_hit], lengths[run[is_hit]])
    return longest


def _changes(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    changes = np.ones(len(values), dtype=np.bool_)
    changes[1:] = values[1:] != values[:-1]
    return changes
