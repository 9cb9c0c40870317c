"""Points engine: a points stage applied to column batches, block by block."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.points import count_attributes, sum_points
from cfscore.execution._block_run import BLOCK_ROWS, BlockConsumer, BlockRun
from cfscore.execution._column_reader import ColumnReaders, ColumnTables, Tally
from cfscore.execution._scores import RoleCounts, Scores, blank_refused
from cfscore.plan import PointsStage
from cfscore.tables import ColumnBatch

__all__ = ["PointsEngine"]

_COUNTED_ROLES = ("special", "missing", "unseen")


class PointsEngine:
    """A points stage laid out as flat arrays for the kernels.

    Parameters
    ----------
    points : PointsStage
        The points table; immutable, so an engine may be shared between threads.
    """

    def __init__(self, points: PointsStage) -> None:
        self.points = points
        self.tables = ColumnTables(points.characteristics)
        sizes = [len(c.attributes) for c in points.characteristics]
        self.starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        rows = list(chain.from_iterable(c.attributes for c in points.characteristics))
        self.log_odds_parts = np.array([row.log_odds for row in rows])
        self.attribute_points = np.array([row.points for row in rows])

    def run(
        self,
        batch: ColumnBatch,
        *,
        threads: int = 1,
        count: bool = False,
        consumer: BlockConsumer | None = None,
    ) -> Scores:
        """Score every row of a batch.

        Parameters
        ----------
        batch : ColumnBatch
            Columns of the stage's schema.
        threads : int, default 1
            Upper bound of threads; results do not depend on it.
        count : bool, default False
            Whether to count the rows of missing, unseen and special attributes.
        consumer : callable, optional
            Called once per block with its attribute indices (blocks in any order,
            each row exactly once), from several threads when ``threads`` > 1.

        Returns
        -------
        Scores
            One entry per row, in row order. A row with several faults has the status
            of an unreadable cell before that of a policy, then of the first column.
        """
        run = _PointsRun(self, batch, count, consumer)
        run.score_all(threads)
        return run.finish()


class _PointsRun(BlockRun):
    """One pass over a batch; a block is read into attribute indices."""

    def __init__(
        self,
        engine: PointsEngine,
        batch: ColumnBatch,
        count: bool,
        consumer: BlockConsumer | None,
    ) -> None:
        super().__init__(batch, consumer)
        self.engine = engine
        self.count = count
        self.readers = ColumnReaders(engine.tables, batch.columns)
        self.log_odds, self.pd, self.score = np.empty((3, batch.n_rows))

    def new_buffer(self) -> NDArray[Any]:
        """Return room for attribute indices, shape (n_columns, BLOCK_ROWS)."""
        return np.empty((len(self.readers), BLOCK_ROWS), np.uint16)

    def new_tally(self) -> Tally:
        """Return counters at zero."""
        return Tally(int(self.engine.starts[-1]))

    def score_block(
        self, buffer: NDArray[Any], first: int, n: int, tally: Tally
    ) -> None:
        """Read and score the rows ``[first, first + n)``."""
        engine = self.engine
        rows = slice(first, first + n)
        self.readers.read(first, n, buffer, self.unreadable, self.status, tally)
        sum_points(
            buffer,
            n,
            engine.starts,
            engine.log_odds_parts,
            engine.attribute_points,
            engine.points.intercept,
            self.log_odds[rows],
            self.pd[rows],
            self.score[rows],
        )
        if self.count:
            count_attributes(buffer, n, engine.starts, tally.attributes)

    def finish(self) -> Scores:
        """Blank the refused rows and add up the slices' counters."""
        blank_refused(self.status, self.log_odds, self.pd, self.score)
        return Scores(
            margin=self.log_odds,
            log_odds=self.log_odds,
            pd=self.pd,
            score=self.score,
            status=self.status,
            fault_counts=self.fault_counts(),
            role_counts=self._role_counts() if self.count else None,
            infinite_counts=self.infinite_counts(),
        )

    def _role_counts(self) -> RoleCounts:
        totals = np.zeros(int(self.engine.starts[-1]), np.int64)
        for tally in self.tallies:
            totals += tally.attributes
        counts = iter(totals.tolist())
        return {
            c.name: {
                attribute.label: n
                for attribute, n in zip(c.attributes, counts, strict=False)
                if attribute.role in _COUNTED_ROLES
            }
            for c in self.engine.points.characteristics
        }
