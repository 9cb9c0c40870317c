"""Development sample: aggregated into a draft, never kept row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.compiler._draft import Draft
from cfscore.exceptions import CompileError
from cfscore.execution import ForestEngine, PointsEngine, Scores
from cfscore.plan import (
    Attribute,
    CutoffReference,
    Development,
    ForestStage,
    PointsStage,
)
from cfscore.scorecard import TrainingSample, aggregate_development
from cfscore.tables import ColumnBatch, read_table

__all__ = ["Sample", "aggregate_sample"]


@dataclass(frozen=True, eq=False)
class Sample:
    """A development sample while a plan is being compiled.

    Parameters
    ----------
    model : PointsStage or ForestStage
        The draft's; attributes with the sample's counts and bad rates.
    development : Development
        Aggregates that the plan stores.
    attributes : array of shape (n_rows, n_columns), uint16
        Attribute of every cell of the rows that can be scored; no columns for a forest.
    score : array of shape (n_rows,), float64
        Score of those rows.
    """

    model: PointsStage | ForestStage
    development: Development
    attributes: NDArray[np.uint16]
    score: NDArray[np.float64]

    def mean_parts(self, band: CutoffReference) -> tuple[float, ...]:
        """Return the mean log-odds part of each characteristic in a score band.

        Raises
        ------
        CompileError
            When no row lies in the band.
        """
        inside = (self.score >= band.score) & (self.score < band.score + band.width)
        rows = self.attributes[inside]
        if len(rows) == 0:
            msg = (
                f"No development case has a score in [{band.score:g}, "
                f"{band.score + band.width:g})."
            )
            raise CompileError(msg, hint="Move or widen the cut-off reference.")
        return tuple(
            float(np.array([a.log_odds for a in c.attributes])[rows[:, j]].mean())
            for j, c in enumerate(_points_of(self.model).characteristics)
        )


def aggregate_sample(development: Any, draft: Draft) -> Sample:
    """Return a sample's counts, distributions and ranges under a draft's points.

    Parameters
    ----------
    development : table or (table, y)
        With the draft's columns; ``y`` is 1 for bad.
    draft : Draft
        What the sample is scored with.

    Raises
    ------
    CompileError
        When there is no row that can be scored, or ``y`` does not fit the table.
    """
    table, target = (
        development if isinstance(development, tuple) else (development, None)
    )
    batch = read_table(table, draft.schema)
    attributes, scores = _score(draft, batch)
    scored = scores.status == 0
    if not scored.any():
        msg = "The development sample has no row that can be scored."
        raise CompileError(msg)
    bad = None if target is None else _bad_flags(target, batch.n_rows)
    model = draft.model
    if isinstance(model, PointsStage):
        counted = None if bad is None else bad[scored]
        model = _recounted(model, attributes[scored], counted)
    return Sample(
        model=model,
        development=_aggregates(draft, batch, bad, scores),
        attributes=attributes[scored],
        score=scores.score[scored],
    )


def _points_of(model: PointsStage | ForestStage) -> PointsStage:
    assert isinstance(model, PointsStage)
    return model


def _aggregates(
    draft: Draft,
    batch: ColumnBatch,
    bad: NDArray[np.float64] | None,
    scores: Scores,
) -> Development:
    outcome = np.zeros(batch.n_rows) if bad is None else bad
    scored = (scores.status == 0).astype(np.float64)
    sample = TrainingSample(batch, outcome, scored)
    found = aggregate_development(draft.model.special_codes, sample, scores.score)
    return found if bad is not None else replace(found, bad_rate=None)


def _score(draft: Draft, batch: ColumnBatch) -> tuple[NDArray[np.uint16], Scores]:
    if isinstance(draft.model, ForestStage):
        engine = ForestEngine(draft.model, draft.scale, draft.calibration)
        return np.empty((batch.n_rows, 0), np.uint16), engine.run(batch)
    points = draft.model
    attributes = np.empty((batch.n_rows, len(points.characteristics)), np.uint16)

    def collect(block: NDArray[np.uint16], first: int, n: int) -> None:
        attributes[first : first + n] = block[:, :n].T

    return attributes, PointsEngine(points).run(batch, consumer=collect)


def _bad_flags(target: Any, n_rows: int) -> NDArray[np.float64]:
    flags = np.asarray(target, np.float64)
    if flags.shape != (n_rows,) or not np.isin(flags, (0.0, 1.0)).all():
        msg = f"development's y must hold {n_rows} values of 0 or 1 (1 = bad)."
        raise CompileError(msg)
    return flags


def _recounted(
    points: PointsStage, attributes: NDArray[np.uint16], bad: NDArray[np.float64] | None
) -> PointsStage:
    characteristics = tuple(
        replace(c, attributes=_recount(c.attributes, attributes[:, j], bad))
        for j, c in enumerate(points.characteristics)
    )
    return PointsStage(points.intercept, characteristics)


def _recount(
    rows: tuple[Attribute, ...],
    found: NDArray[np.uint16],
    bad: NDArray[np.float64] | None,
) -> tuple[Attribute, ...]:
    counts = np.bincount(found, minlength=len(rows)).tolist()
    bads = np.bincount(found, weights=bad, minlength=len(rows)).tolist()
    rates = [
        None if bad is None or n == 0 else b / n
        for n, b in zip(counts, bads, strict=True)
    ]
    return tuple(
        replace(row, count=n, bad_rate=rate)
        for row, n, rate in zip(rows, counts, rates, strict=True)
    )
