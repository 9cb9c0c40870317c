"""Points engine: a points stage applied to column batches, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.points import count_attributes, sum_points
from cfscore.execution._column_reader import Tally, column_reader
from cfscore.execution._slices import run_slices
from cfscore.plan import PointsStage
from cfscore.tables import ColumnBatch

__all__ = ["BLOCK_ROWS", "BlockConsumer", "PointsEngine", "PointsScores"]

#: Rows digitised at a time: 30 columns of indices fill 480 KiB, within L2.
BLOCK_ROWS = 8_192

#: Called with (attributes of shape (n_columns, BLOCK_ROWS), first row, rows used).
BlockConsumer = Callable[[NDArray[np.uint16], int, int], None]


@dataclass(frozen=True, eq=False)
class PointsScores:
    """Results of a points engine for each row, NaN where the row is refused.

    Parameters
    ----------
    log_odds, pd, score : array of shape (n_rows,), float64
        Log-odds of bad, probability of default, sum of table points.
    status : array of shape (n_rows,), uint8
        0 where scored, else a fault code (see ``tables.FAULT_CODES``).
    fault_counts : mapping of (column, fault name) to int
        Refused cells.
    attribute_counts : array of int64 or None
        Rows per attribute, flat in table order; None where not asked for.
    infinite_counts : mapping of str to int
        Cells with ``+inf`` or ``-inf`` per numeric column that has any.
    """

    log_odds: NDArray[np.float64]
    pd: NDArray[np.float64]
    score: NDArray[np.float64]
    status: NDArray[np.uint8]
    fault_counts: Mapping[tuple[str, str], int]
    attribute_counts: NDArray[np.int64] | None
    infinite_counts: Mapping[str, int]


class PointsEngine:
    """A points stage laid out as flat arrays for the kernels.

    Parameters
    ----------
    points : PointsStage
        The points table; immutable, so an engine may be shared between threads.
    """

    def __init__(self, points: PointsStage) -> None:
        self.points = points
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
    ) -> PointsScores:
        """Score every row of a batch.

        Parameters
        ----------
        batch : ColumnBatch
            Columns of the stage's schema.
        threads : int, default 1
            Upper bound of threads; results do not depend on it.
        count : bool, default False
            Whether to count the rows of every attribute.
        consumer : callable, optional
            Called once per block with its attribute indices (blocks in any order,
            each row exactly once), from several threads when ``threads`` > 1.

        Returns
        -------
        PointsScores
            One entry per row, in row order. A row with several faults has the status
            of an unreadable cell before that of a policy, then of the first column.
        """
        run = _Run(self, batch, count, consumer)
        run_slices(batch.n_rows, threads, run.score_slice)
        return run.finish()


class _Run:
    """Buffers and counters of one pass over a batch."""

    def __init__(
        self,
        engine: PointsEngine,
        batch: ColumnBatch,
        count: bool,
        consumer: BlockConsumer | None,
    ) -> None:
        self.engine = engine
        self.count = count
        self.consumer = consumer
        self.readers = [
            column_reader(c, batch.columns[c.name])
            for c in engine.points.characteristics
        ]
        n = batch.n_rows
        self.log_odds, self.pd, self.score = np.empty((3, n))
        faults = batch.faults
        self.unreadable = np.zeros(n, np.uint8) if faults is None else faults.status
        self.status = self.unreadable.copy()
        self.read_faults = {} if faults is None else dict(faults.counts)
        self.tallies: list[Tally] = []

    def score_slice(self, start: int, stop: int) -> None:
        """Score rows ``[start, stop)`` in blocks."""
        engine = self.engine
        tally = Tally(int(engine.starts[-1]))
        attributes = np.empty((len(self.readers), BLOCK_ROWS), np.uint16)
        for first in range(start, stop, BLOCK_ROWS):
            n = min(BLOCK_ROWS, stop - first)
            self._score_block(attributes, first, n, tally)
            if self.count:
                count_attributes(attributes, n, engine.starts, tally.attributes)
        self.tallies.append(tally)

    def _score_block(
        self, attributes: NDArray[np.uint16], first: int, n: int, tally: Tally
    ) -> None:
        engine = self.engine
        rows = slice(first, first + n)
        for reader, found in zip(self.readers, attributes, strict=True):
            reader.read(rows, found[:n], self.unreadable, self.status, tally)
        sum_points(
            attributes,
            n,
            engine.starts,
            engine.log_odds_parts,
            engine.attribute_points,
            engine.points.intercept,
            self.log_odds[rows],
            self.pd[rows],
            self.score[rows],
        )
        if self.consumer is not None:
            self.consumer(attributes, first, n)

    def finish(self) -> PointsScores:
        """Blank the refused rows and add up the slices' counters."""
        refused = self.status != 0
        if refused.any():
            for values in (self.log_odds, self.pd, self.score):
                values[refused] = np.nan
        faults: Counter[tuple[str, str]] = Counter(self.read_faults)
        infinite: Counter[str] = Counter()
        for tally in self.tallies:
            faults.update(tally.faults)
            infinite.update(tally.infinite)
        counts = sum((t.attributes for t in self.tallies), self._no_counts())
        return PointsScores(
            log_odds=self.log_odds,
            pd=self.pd,
            score=self.score,
            status=self.status,
            fault_counts=dict(faults),
            attribute_counts=counts if self.count else None,
            infinite_counts=dict(infinite),
        )

    def _no_counts(self) -> NDArray[np.int64]:
        return np.zeros(int(self.engine.starts[-1]), np.int64)
