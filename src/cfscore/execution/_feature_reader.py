"""Feature reader: the cells of one feature to its rank columns, counts and faults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.points import mark_infinite
from cfscore._kernels.quantize import (
    blank_codes,
    gather_ranks,
    rank_members,
    rank_values,
    replace_missing,
)
from cfscore.execution._column_reader import Tally
from cfscore.execution._rank_layout import FeatureRanks, RankColumn, RankLayout
from cfscore.plan import MISSING_ZERO, ZERO_BOUND, ForestFeature, special_label
from cfscore.tables import FAULT_CODES, CategoryColumn, Column, NumericColumn

__all__ = ["FeatureReader", "category_values", "feature_reader"]

Status = NDArray[np.uint8]
_MISSING, _UNSEEN = "MISSING", "UNSEEN"


class FeatureReader(ABC):
    """One feature of a forest with the column it reads."""

    def __init__(self, feature: ForestFeature) -> None:
        self.feature = feature

    @abstractmethod
    def rank(self, rows: slice, ranks: NDArray[Any]) -> None:
        """Write the rank columns of a block of rows.

        Parameters
        ----------
        rows : slice
            The block.
        ranks : array of shape (n_columns + 1, block)
            All rank columns; the last row is scratch space.
        """

    @abstractmethod
    def check(
        self, rows: slice, unreadable: Status, status: Status, tally: Tally, count: bool
    ) -> None:
        """Mark the rows that a policy refuses and count what was seen.

        Parameters
        ----------
        rows : slice
            The block.
        unreadable, status : array of shape (n_rows,), uint8
            Status before and after policies, of all rows.
        tally : Tally
            Counters to add to.
        count : bool
            Whether to count missing, unseen and special cells that are not refused.
        """

    def refuse(
        self,
        cells: NDArray[np.bool_],
        fault: str,
        rows: slice,
        unreadable: Status,
        status: Status,
        tally: Tally,
    ) -> None:
        """Mark and count the cells that a policy refuses in readable rows."""
        refused = cells & (unreadable[rows] == 0)
        n = int(np.count_nonzero(refused))
        if n:
            tally.faults[self.feature.name, fault] += n
            block = status[rows]
            block[refused & (block == 0)] = FAULT_CODES[fault]


class NumberFeature(FeatureReader):
    """Reads a numeric column."""

    def __init__(
        self, feature: ForestFeature, layout: RankLayout, index: int, column: Column
    ) -> None:
        super().__init__(feature)
        assert isinstance(column, NumericColumn)
        self.values = column.values
        self.found: FeatureRanks = layout.features[index]
        columns = [(i, layout.columns[i]) for i in self.found.columns]
        self.sets = [(i, c.outside) for i, c in columns if c.outside is not None]
        self.orders = [(i, c) for i, c in columns if c.outside is None]

    def seen(self, rows: slice) -> NDArray[np.float64]:
        """Return what the trees see of a block of rows."""
        return self.values[rows]

    def rank(self, rows: slice, ranks: NDArray[Any]) -> None:
        """Write the rank columns of a block of rows."""
        values = self.seen(rows)
        n = len(values)
        for i, outside in self.sets:
            rank_members(values, outside, ranks[i, :n])
        if not self.orders:
            return
        plain = [(i, c) for i, c in self.orders if c.missing_type != MISSING_ZERO]
        base, missing_rank = (
            (plain[0][0], plain[0][1].missing_rank) if plain else (len(ranks) - 1, 0)
        )
        self._rank_plain(values, missing_rank, ranks[base, :n])
        for i, column in self.orders:
            if i != base:
                _copy(values, ranks[base, :n], column, ranks[i, :n])

    def _rank_plain(
        self, values: NDArray[np.float64], missing_rank: int, out: NDArray[Any]
    ) -> None:
        found = self.found
        rank_values(
            values,
            found.padded,
            found.first_rank,
            found.lowest,
            found.cells_per_unit,
            found.n_steps,
            missing_rank,
            out,
        )

    def check(
        self, rows: slice, unreadable: Status, status: Status, tally: Tally, count: bool
    ) -> None:
        """Mark the rows that a policy refuses and count what was seen."""
        name, values = self.feature.name, self.values[rows]
        if count or self.feature.missing == "error":
            missing = np.isnan(values)
            tally.roles[name, _MISSING] += int(np.count_nonzero(missing))
            if self.feature.missing == "error":
                self.refuse(missing, _MISSING, rows, unreadable, status, tally)
        if not count and self.feature.non_finite == "value":
            return
        infinite = np.isinf(values)
        n_infinite = int(np.count_nonzero(infinite))
        if n_infinite:
            tally.infinite[name] += n_infinite
            if self.feature.non_finite == "error":
                code = FAULT_CODES["NOT_FINITE"]
                tally.faults[name, "NOT_FINITE"] += n_infinite
                mark_infinite(values, code, unreadable[rows], status[rows])


class SpecialNumberFeature(NumberFeature):
    """Reads a numeric column with special codes, which the trees see as NaN."""

    def __init__(
        self, feature: ForestFeature, layout: RankLayout, index: int, column: Column
    ) -> None:
        super().__init__(feature, layout, index, column)
        self.codes = np.array(feature.special)

    def seen(self, rows: slice) -> NDArray[np.float64]:
        """Return what the trees see of a block of rows."""
        values = self.values[rows]
        found = np.empty(len(values))
        blank_codes(values, self.codes, found)
        return found

    def check(
        self, rows: slice, unreadable: Status, status: Status, tally: Tally, count: bool
    ) -> None:
        """Mark the rows that a policy refuses and count what was seen."""
        super().check(rows, unreadable, status, tally, count)
        if count:
            values = self.values[rows]
            for code in self.feature.special:
                n = int(np.count_nonzero(values == code))
                tally.roles[self.feature.name, special_label(code)] += n


class CodeFeature(FeatureReader):
    """Reads a category column, ranks looked up once per distinct key."""

    def __init__(
        self, feature: ForestFeature, layout: RankLayout, index: int, column: Column
    ) -> None:
        super().__init__(feature)
        assert isinstance(column, CategoryColumn)
        self.codes = column.codes
        self.values = category_values(feature, column.keys)
        self.tables = [
            (i, self._ranks(layout, index, layout.columns[i]))
            for i in layout.features[index].columns
        ]

    def _ranks(
        self, layout: RankLayout, index: int, column: RankColumn
    ) -> NDArray[Any]:
        thresholds = layout.features[index].thresholds
        return column.ranks_of(self.values, thresholds).astype(layout.dtype)

    def rank(self, rows: slice, ranks: NDArray[Any]) -> None:
        """Write the rank columns of a block of rows."""
        codes = self.codes[rows]
        for i, table in self.tables:
            gather_ranks(codes, table, ranks[i, : len(codes)])

    def check(
        self, rows: slice, unreadable: Status, status: Status, tally: Tally, count: bool
    ) -> None:
        """Mark the rows that a policy refuses and count what was seen."""
        policies = (self.feature.missing, self.feature.unseen)
        if not count and "error" not in policies:
            return
        codes = self.codes[rows]
        missing = codes < 0
        unseen = ~missing & np.isnan(self.values)[codes + 1]
        for policy, role, cells in (
            (self.feature.missing, _MISSING, missing),
            (self.feature.unseen, _UNSEEN, unseen),
        ):
            tally.roles[self.feature.name, role] += int(np.count_nonzero(cells))
            if policy == "error":
                self.refuse(cells, role, rows, unreadable, status, tally)


def category_values(
    feature: ForestFeature, keys: tuple[str, ...]
) -> NDArray[np.float64]:
    """Return what the trees see for each key of a column.

    Returns
    -------
    array of shape (1 + n_keys,), float64
        Position 0 for a missing cell, then the code of each key; NaN where a cell is
        missing or its key unknown.
    """
    code_of = {key: float(code) for code, key in enumerate(feature.categories)}
    return np.array([np.nan, *(code_of.get(key, np.nan) for key in keys)])


def feature_reader(
    feature: ForestFeature, layout: RankLayout, index: int, column: Column
) -> FeatureReader:
    """Return the reader of a feature for a column of its kind."""
    if not isinstance(column, NumericColumn):
        return CodeFeature(feature, layout, index, column)
    kind = SpecialNumberFeature if feature.special else NumberFeature
    return kind(feature, layout, index, column)


def _copy(
    values: NDArray[np.float64],
    ranks: NDArray[Any],
    column: RankColumn,
    out: NDArray[Any],
) -> None:
    is_zero_missing = int(column.missing_type == MISSING_ZERO)
    replace_missing(
        values, ranks, column.missing_rank, is_zero_missing, ZERO_BOUND, out
    )
