"""Tally: what was met while scoring, as counts that add up in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from cfscore.plan import ScoringPlan
from cfscore.scoring._batch import ScoreBatch
from cfscore.scoring.files._score_distribution import count_scores
from cfscore.tables import ColumnBatch, NumericColumn

__all__ = ["CellCounter", "Tally"]

#: What is counted per column: rows of a role (its label is the detail), refused cells
#: (the fault's name is), infinite cells, and cells beyond the development sample.
Kind = Literal["role", "fault", "infinite", "below", "above", "widened"]


class Tally:
    """Counts of some rows; never values.

    Attributes
    ----------
    rows, rejected : Counter of int
        Rows read and rows rejected, per position of their source.
    cells : Counter of (column, kind, detail)
        Cells per column.
    score_counts : list of int
        Scored rows per bin of the development sample's scores; empty without one.
    lowest, highest : float or None
        Least and greatest score.
    """

    def __init__(self) -> None:
        self.rows: Counter[int] = Counter()
        self.rejected: Counter[int] = Counter()
        self.cells: Counter[tuple[str, Kind, str]] = Counter()
        self.score_counts: list[int] = []
        self.lowest: float | None = None
        self.highest: float | None = None

    @property
    def n_rows(self) -> int:
        """Rows read."""
        return self.rows.total()

    @property
    def n_rejected(self) -> int:
        """Rows rejected."""
        return self.rejected.total()

    @property
    def faults(self) -> dict[tuple[str, str], int]:
        """Refused cells per column and fault."""
        return {
            (column, detail): n
            for (column, kind, detail), n in self.cells.items()
            if kind == "fault" and n
        }

    def add(self, other: Tally) -> None:
        """Add the counts of other rows."""
        self.rows.update(other.rows)
        self.rejected.update(other.rejected)
        self.cells.update(other.cells)
        self._add_scores(other.score_counts)
        self._widen(other.lowest, other.highest)

    def _add_scores(self, counts: Sequence[int]) -> None:
        if not counts:
            return
        known = self.score_counts or [0] * len(counts)
        self.score_counts = [a + b for a, b in zip(known, counts, strict=True)]

    def _widen(self, lowest: float | None, highest: float | None) -> None:
        if lowest is None or highest is None:
            return
        self.lowest = lowest if self.lowest is None else min(self.lowest, lowest)
        self.highest = highest if self.highest is None else max(self.highest, highest)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as what JSON can hold."""
        return {
            "rows": sorted(self.rows.items()),
            "rejected": sorted(self.rejected.items()),
            "cells": sorted([*key, n] for key, n in self.cells.items()),
            "score_counts": self.score_counts,
            "lowest": self.lowest,
            "highest": self.highest,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Tally:
        """Return the tally that was written by ``to_json``."""
        tally = cls()
        tally.rows.update({int(i): int(n) for i, n in content["rows"]})
        tally.rejected.update({int(i): int(n) for i, n in content["rejected"]})
        for column, kind, detail, n in content["cells"]:
            tally.cells[column, kind, detail] = int(n)
        tally.score_counts = [int(n) for n in content["score_counts"]]
        tally._widen(content["lowest"], content["highest"])
        return tally


class CellCounter:
    """Counts scored batches by a plan's development sample.

    Parameters
    ----------
    plan : ScoringPlan
        The plan.
    """

    def __init__(self, plan: ScoringPlan) -> None:
        development = plan.development
        self.ranges = dict(development.ranges) if development else {}
        self.edges = development.score_edges if development else ()
        self.has_scores = bool(development and development.score_counts)
        self.specials = plan.model.special_codes

    def count(self, columns: ColumnBatch, scored: ScoreBatch) -> Tally:
        """Return the counts of a batch, all but those of its rows."""
        tally = Tally()
        cells = tally.cells
        for (column, fault), n in scored.counts.faults.items():
            cells[column, "fault", fault] += n
        for column, found in scored.counts.roles.items():
            for label, n in found.items():
                cells[column, "role", label] += n
        if columns.faults is not None:
            # A cell that cannot be read is no missing one, though scored like it.
            for (column, _), n in columns.faults.counts.items():
                cells[column, "role", "MISSING"] -= n
        for column, n in scored.counts.infinite.items():
            cells[column, "infinite", ""] += n
        for column in columns.widened:
            cells[column, "widened", ""] += columns.n_rows
        self._count_outside(columns, scored, tally)
        self._count_scores(scored, tally)
        return tally

    def _count_outside(
        self, columns: ColumnBatch, scored: ScoreBatch, tally: Tally
    ) -> None:
        """Count finite, not special values beyond those of the development sample."""
        for name, (low, high) in self.ranges.items():
            column = columns.columns.get(name)
            if not isinstance(column, NumericColumn):
                continue
            values = column.values
            n_below = int(np.count_nonzero(values < low))
            n_above = int(np.count_nonzero(values > high))
            if n_below and scored.counts.infinite.get(name):
                n_below -= int(np.count_nonzero(values == -np.inf))
            if n_above and scored.counts.infinite.get(name):
                n_above -= int(np.count_nonzero(values == np.inf))
            for code in self.specials.get(name, ()):
                if code < low and n_below:
                    n_below -= int(np.count_nonzero(values == code))
                elif code > high and n_above:
                    n_above -= int(np.count_nonzero(values == code))
            tally.cells[name, "below", ""] += n_below
            tally.cells[name, "above", ""] += n_above

    def _count_scores(self, scored: ScoreBatch, tally: Tally) -> None:
        score = scored.score[scored.status == 0]
        if len(score):
            tally.lowest, tally.highest = float(score.min()), float(score.max())
        if self.has_scores:
            tally.score_counts = count_scores(score, self.edges).tolist()
