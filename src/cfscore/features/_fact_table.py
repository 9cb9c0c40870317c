"""Fact table: the facts of a chunk of applications as arrays, in order of time.

Polars joins and filters; what is added up is added up here, one fact after the other.
A sum of floats depends on its order in the last bit, and a last bit can decide on
which side of a bin's edge a value falls: with one fixed order an application has the
same features alone, in a chunk and in a batch.
"""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cfscore.features._clock import TODAY, DateReader
from cfscore.features._values import paired, row_sums
from cfscore.features._window import WindowUnit

__all__ = ["EVENT", "KNOWN", "FactTable"]

#: Column that says when a fact happened.
EVENT = "@event"

#: Columns that say when a fact became known are called ``@known_0``, ``@known_1``.
KNOWN = "@known"

_Floats = NDArray[np.float64]
_Integers = NDArray[np.int64]


class FactTable:
    """Facts by application and time, their columns as arrays when first asked for.

    Parameters
    ----------
    frame : DataFrame
        Facts sorted by application, EVENT and the times they became known.
    rows : array of shape (n_facts,), int64
        Position of the application of each fact, ascending.
    n : int
        Number of applications.
    time_zone : str
        Zone of the calendar.
    """

    def __init__(
        self, frame: pl.DataFrame, rows: _Integers, n: int, time_zone: str
    ) -> None:
        self.frame = frame
        self.rows = rows
        self.n = n
        self._dates = DateReader(frame.schema, time_zone)
        # Bound to this table, so that its arrays go when it goes.
        self.numbers = cache(self._numbers)
        self.codes = cache(self._codes)
        self.has_infinity = cache(self._has_infinity)
        self.elapsed_point = cache(self._elapsed_point)
        self.decision_point = cache(self._decision_point)

    def mask(self, name: str) -> NDArray[np.bool_]:
        """Return a boolean column without missing values."""
        return self.frame.get_column(name).to_numpy()

    def is_known(self, name: str) -> NDArray[np.bool_]:
        """Return where a column is not missing."""
        return self.frame.get_column(name).is_not_null().to_numpy()

    def _numbers(self, name: str) -> _Floats:
        """Return a column as float64, NaN where it is missing."""
        column = self.frame.get_column(name).cast(pl.Float64)
        return column.fill_null(np.nan).to_numpy()

    def _has_infinity(self, name: str) -> bool:
        """Return whether a column holds an infinite number."""
        return bool(np.isinf(self.numbers(name)).any())

    def _codes(self, names: tuple[str, ...]) -> _Integers:
        """Return a number for each distinct combination of values, in their order.

        Missing is a value of its own, before all others.
        """
        codes = np.zeros(len(self.rows), dtype=np.int64)
        for name in names:
            rank = self.frame.get_column(name).rank("dense").fill_null(0)
            found = rank.cast(pl.Int64).to_numpy()
            codes = paired(codes, found)
            if len(names) > 1:  # a number of pairs may not be paired any further
                codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
        return codes

    @cached_property
    def event_number(self) -> _Integers:
        """A number per fact that is equal for facts of one application and moment."""
        event = self.frame.get_column(EVENT).to_physical().to_numpy()
        return _numbered(self.rows, event)

    @cached_property
    def moment_number(self) -> _Integers:
        """As ``event_number``, and equal only for facts that became known together."""
        times = [n for n in self.frame.columns if n.startswith(KNOWN)]
        known = [self.frame.get_column(n).to_physical().to_numpy() for n in times]
        return _numbered(self.event_number, *known)

    def _elapsed_point(self, unit: WindowUnit) -> _Integers:
        """Return the day or the month of each fact, as a running number."""
        return self._running_number(self._dates.date(EVENT), unit)

    def _decision_point(self, unit: WindowUnit) -> _Integers:
        """Return the day or the month of the decision of each fact."""
        return self._running_number(pl.col(TODAY), unit)

    def _running_number(self, date: pl.Expr, unit: WindowUnit) -> _Integers:
        if unit == "days":
            number = date.to_physical()
        else:
            number = date.dt.year().cast(pl.Int64) * 12 + date.dt.month()
        return self.frame.select(number.cast(pl.Int64)).to_series().to_numpy()

    # ------------------------------------------------- per application

    def count(self, index: _Integers) -> _Floats:
        """Return the number of facts, given by position, of each application."""
        return np.bincount(self.rows[index], minlength=self.n).astype(np.float64)

    def total(self, index: _Integers, column: str | None) -> _Floats:
        """Return the sum over facts, missing values left out, or their number."""
        if column is None:
            return self.count(index)
        values = self.numbers(column)[index]
        rows = self.rows[index]
        if np.isnan(values).any():
            is_known = ~np.isnan(values)
            rows, values = rows[is_known], values[is_known]
        return row_sums(rows, values, self.n)

    def last(self, index: _Integers) -> _Integers:
        """Return the position of the last of the facts, -1 where there is none."""
        return self._ends(index[::-1])

    def first(self, index: _Integers) -> _Integers:
        """Return the position of the first of the facts, -1 where there is none."""
        return self._ends(index)

    def _ends(self, index: _Integers) -> _Integers:
        found = np.full(self.n, -1, dtype=np.int64)
        rows = self.rows[index]
        is_end = np.ones(len(rows), dtype=np.bool_)
        is_end[1:] = rows[1:] != rows[:-1]
        found[rows[is_end]] = index[is_end]
        return found


def _numbered(*columns: NDArray[np.generic]) -> _Integers:
    """Return numbers that rise by one where any of the columns changes."""
    changes = np.zeros(len(columns[0]), dtype=np.bool_)
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return np.cumsum(changes)
