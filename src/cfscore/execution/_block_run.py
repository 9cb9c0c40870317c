"""Block run: one pass of an engine over a batch, in blocks of rows over threads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.execution._column_reader import Tally
from cfscore.row_slices import ROWS_PER_SLICE, run_slices
from cfscore.tables import ColumnBatch

__all__ = ["BLOCK_ROWS", "BlockConsumer", "BlockRun"]

#: Rows read at a time: 30 columns of attribute indices fill 480 KiB, within L2.
BLOCK_ROWS = ROWS_PER_SLICE

#: Called with (what was read, shape (n_columns, BLOCK_ROWS); first row; rows used).
BlockConsumer = Callable[[NDArray[Any], int, int], None]


class BlockRun(ABC):
    """Buffers and counters of one pass over a batch.

    Parameters
    ----------
    batch : ColumnBatch
        The rows.
    consumer : callable or None
        Given every block after it was scored.
    """

    def __init__(self, batch: ColumnBatch, consumer: BlockConsumer | None) -> None:
        faults = batch.faults
        self.n_rows = batch.n_rows
        self.consumer = consumer
        self.unreadable = (
            np.zeros(batch.n_rows, np.uint8) if faults is None else faults.status
        )
        self.status = self.unreadable.copy()
        self.read_faults = {} if faults is None else dict(faults.counts)
        self.tallies: list[Tally] = []

    @abstractmethod
    def new_buffer(self) -> NDArray[Any]:
        """Return room for what a block of rows is read into."""

    @abstractmethod
    def new_tally(self) -> Tally:
        """Return counters at zero."""

    @abstractmethod
    def score_block(
        self, buffer: NDArray[Any], first: int, n: int, tally: Tally
    ) -> None:
        """Read and score the rows ``[first, first + n)``."""

    @property
    def worth_a_thread(self) -> int:
        """Rows that take about half a millisecond (see ``run_slices``)."""
        return ROWS_PER_SLICE

    def score_all(self, threads: int) -> None:
        """Score every row; results do not depend on ``threads``."""
        run_slices(
            self.n_rows,
            threads,
            self._score_slice,
            worth_a_thread=self.worth_a_thread,
        )

    def _score_slice(self, start: int, stop: int) -> None:
        tally = self.new_tally()
        buffer = self.new_buffer()
        for first in range(start, stop, BLOCK_ROWS):
            n = min(BLOCK_ROWS, stop - first)
            self.score_block(buffer, first, n, tally)
            if self.consumer is not None:
                self.consumer(buffer, first, n)
        self.tallies.append(tally)

    def fault_counts(self) -> dict[tuple[str, str], int]:
        """Return the refused cells of all slices."""
        total: Counter[tuple[str, str]] = Counter(self.read_faults)
        for tally in self.tallies:
            total.update(tally.faults)
        return dict(total)

    def infinite_counts(self) -> dict[str, int]:
        """Return the infinite cells of all slices."""
        total: Counter[str] = Counter()
        for tally in self.tallies:
            total.update(tally.infinite)
        return dict(total)
