"""Selection: the facts of one feature in one window, as an aggregation sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfscore.features._fact_table import FactTable
from cfscore.features._values import Values, paired

if TYPE_CHECKING:
    from cfscore.features._spec import FeatureSpec
    from cfscore.features._window import Window

__all__ = ["Selection"]

_Floats = NDArray[np.float64]
_Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Selection:
    """Facts of a chunk of applications, each with any number of them.

    Parameters
    ----------
    table : FactTable
        All facts of the chunk.
    spec : FeatureSpec
        What is measured.
    window : Window or None
        The window; None is the whole history.
    index : array of int64
        Positions of the facts in the window that meet the condition, ascending.
    part : array of int64
        Those of ``index`` that meet the second condition too.
    against : array of int64
        Positions of the facts in the other window that meet the condition.
    """

    table: FactTable
    spec: FeatureSpec
    window: Window | None
    index: _Integers
    part: _Integers
    against: _Integers

    @property
    def column(self) -> str | None:
        """The column to aggregate; None counts facts."""
        return self.spec.column_names[0] if self.spec.column_names else None

    @cached_property
    def known(self) -> _Integers:
        """Positions of the facts with a value in any of the columns."""
        names = self.spec.column_names
        if not names:
            return self.index
        is_known = np.logical_or.reduce([self.table.is_known(n) for n in names])
        return self.index[np.flatnonzero(is_known[self.index])]

    def values(self) -> Values:
        """Return the numbers, added up per ``by`` where there is one."""
        known, by = self.known, self.spec.by_names
        values = Values(self.table.n, self.table.rows[known], self.values_of(known))
        return values.summed(self.table.codes(by)[known]) if by else values

    def values_of(self, index: _Integers) -> _Floats:
        """Return the column's numbers of some facts, 1 without a column."""
        if self.column is None:
            return np.ones(len(index))
        return self.table.numbers(self.column)[index]

    def total(self, index: _Integers) -> _Floats:
        """Return the sum of the column over facts, or their number without one."""
        return self.table.total(index, self.column)

    def elapsed(self, start: _Integers, end: _Integers | None = None) -> _Floats:
        """Return days or months from a fact to another one, or to the decision.

        Parameters
        ----------
        start, end : array of shape (n,), int64
            Positions of facts; -1 gives NaN.
        """
        unit = self.spec.elapsed_in
        point = self.table.elapsed_point(unit)
        found = np.full(self.table.n, np.nan)
        there = start >= 0
        if end is None:
            until = self.table.decision_point(unit)[start[there]]
        else:
            until = point[end[there]]
        found[there] = until - point[start[there]]
        return found

    def distinct(self, index: _Integers, codes: _Integers) -> _Floats:
        """Return how many different codes the facts of each application have."""
        pairs = paired(self.table.rows[index], codes[index])
        first = np.unique(pairs, return_index=True)[1]
        return self.table.count(index[first])
