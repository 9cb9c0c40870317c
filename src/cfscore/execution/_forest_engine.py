"""Forest engine: a forest stage applied to column batches, block by block."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.forest import (
    N_PLANES,
    add_trees,
    log_odds_of_raw,
    scale_log_odds,
)
from cfscore.execution._block_run import BLOCK_ROWS, BlockConsumer, BlockRun
from cfscore.execution._column_reader import Tally
from cfscore.execution._feature_reader import feature_reader
from cfscore.execution._rank_layout import rank_layout
from cfscore.execution._row_forest import RowForest
from cfscore.execution._scores import RoleCounts, Scores, blank_refused
from cfscore.execution._tree_masks import tree_masks
from cfscore.plan import Calibration, ForestStage
from cfscore.row_slices import ROWS_PER_SLICE
from cfscore.score_scale import ScoreScale
from cfscore.tables import ColumnBatch, NumericColumn

__all__ = ["ForestEngine", "forest_raw_scores"]

#: Rows for which all trees are applied before the next ones: 100 columns of byte ranks
#: and the planes stay within L2; 1.6 ns a row and tree, 2.3 with 256 rows.
_SUB_BLOCK_ROWS = 1_024
#: Leaves, rows times those of the forest, that are worth another thread: about half a
#: millisecond where rows are scored, and where they are explained.
_LEAVES_SCORED, _LEAVES_EXPLAINED = 8_000_000, 500_000
_FEWEST_ROWS = 64


class ForestEngine:
    """A forest stage laid out for the kernels; immutable, shareable between threads.

    Parameters
    ----------
    stage : ForestStage
        Columns and trees.
    scale : ScoreScale
        From log-odds to score; ``rounding="points"`` rounds the total.
    calibration : AffineCalibration, IsotonicCalibration or BetaCalibration, optional
        From the model's log-odds to calibrated ones; folded into the margin where it
        is affine.
    """

    def __init__(
        self,
        stage: ForestStage,
        scale: ScoreScale,
        calibration: Calibration | None = None,
    ) -> None:
        self.stage = stage
        self.scale = scale
        self.layout = rank_layout(stage.trees, len(stage.features))
        self.masks = tree_masks(stage.trees, self.layout)
        self.intercept, self.slope = stage.margin_line(calibration)
        is_folded = calibration is None or calibration.is_affine
        self.calibration = None if is_folded else calibration

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
            Whether to count missing, unseen, special and infinite cells.
        consumer : callable, optional
            Called once per block with its ranks, shape (n_columns + 1, BLOCK_ROWS)
            with a last row without meaning (blocks in any order, each row exactly
            once), from several threads when ``threads`` > 1.

        Returns
        -------
        Scores
            One entry per row, in row order. A row with several faults has the status
            of an unreadable cell before that of a policy, then of the first column.
        """
        run = _ForestRun(self, batch, count, consumer)
        run.score_all(threads)
        return run.finish()

    @cached_property
    def row_forest(self) -> RowForest:
        """What scores single rows."""
        return RowForest(self.stage.trees, self.layout, self.masks)

    def raw_scores(self, ranks: NDArray[Any], out: NDArray[np.float64]) -> None:
        """Write the sum of leaf values of the first ``len(out)`` rows of a block.

        Parameters
        ----------
        ranks : array of shape (n_columns or more, block)
            Rank columns.
        out : array of shape (n_rows,), float64
            LightGBM's raw score, bit for bit.
        """
        trees, masks, layout = self.stage.trees, self.masks, self.layout
        rows = min(_SUB_BLOCK_ROWS, max(len(out), 1))
        add_trees(
            ranks,
            len(out),
            masks.pair_starts,
            masks.pair_plane,
            masks.pair_columns,
            masks.pair_cuts,
            masks.pair_masks,
            masks.n_planes,
            trees.leaf_starts,
            masks.roots,
            masks.children,
            layout.node_column,
            layout.node_cut,
            masks.leaf_value,
            np.empty((N_PLANES, rows), np.uint8),
            np.empty(rows, np.uint8),
            out,
        )


def forest_raw_scores(
    stage: ForestStage, rows: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the raw scores of rows given as a matrix.

    Parameters
    ----------
    stage : ForestStage
        With numeric features only.
    rows : array of shape (n_rows, n_features), float64
        What the trees see: NaN for missing, codes for categories.

    Returns
    -------
    array of shape (n_rows,), float64
        LightGBM's raw score, bit for bit.
    """
    names = [feature.name for feature in stage.features]
    columns = {
        name: NumericColumn(np.ascontiguousarray(rows[:, j]))
        for j, name in enumerate(names)
    }
    unit = replace(stage, sigmoid=1.0, averages=False, event="bad")
    return ForestEngine(unit, ScoreScale()).run(ColumnBatch(len(rows), columns)).margin


class _ForestRun(BlockRun):
    """One pass over a batch; a block is read into ranks."""

    def __init__(
        self,
        engine: ForestEngine,
        batch: ColumnBatch,
        count: bool,
        consumer: BlockConsumer | None,
    ) -> None:
        super().__init__(batch, consumer)
        self.engine = engine
        self.count = count
        self.readers = [
            feature_reader(feature, engine.layout, i, batch.columns[feature.name])
            for i, feature in enumerate(engine.stage.features)
        ]
        self.margin, self.pd, self.score = np.empty((3, batch.n_rows))
        has_stage = engine.calibration is not None
        self.log_odds = np.empty(batch.n_rows) if has_stage else self.margin

    @property
    def worth_a_thread(self) -> int:
        """Rows that take about half a millisecond (see ``run_slices``)."""
        leaves = _LEAVES_SCORED if self.consumer is None else _LEAVES_EXPLAINED
        rows = leaves // max(1, self.engine.stage.trees.n_leaves)
        return min(max(rows, _FEWEST_ROWS), ROWS_PER_SLICE)

    def new_buffer(self) -> NDArray[Any]:
        """Return room for ranks, shape (n_columns + 1, BLOCK_ROWS)."""
        layout = self.engine.layout
        return np.empty((layout.n_columns + 1, BLOCK_ROWS), layout.dtype)

    def new_tally(self) -> Tally:
        """Return counters at zero."""
        return Tally(0)

    def score_block(
        self, buffer: NDArray[Any], first: int, n: int, tally: Tally
    ) -> None:
        """Read and score the rows ``[first, first + n)``."""
        engine = self.engine
        rows = slice(first, first + n)
        for reader in self.readers:
            reader.rank(rows, buffer)
            reader.check(rows, self.unreadable, self.status, tally, self.count)
        margin, log_odds = self.margin[rows], self.log_odds[rows]
        engine.raw_scores(buffer, margin)
        log_odds_of_raw(
            margin, engine.stage.divisor, engine.slope, engine.intercept, margin
        )
        if engine.calibration is not None:
            engine.calibration.apply(margin, log_odds)
        scale = engine.scale
        rounded = int(scale.rounding == "points")
        scale_log_odds(
            log_odds,
            scale.offset,
            scale.factor,
            rounded,
            self.pd[rows],
            self.score[rows],
        )

    def finish(self) -> Scores:
        """Blank the refused rows and add up the slices' counters."""
        blank_refused(self.status, self.margin, self.log_odds, self.pd, self.score)
        return Scores(
            margin=self.margin,
            log_odds=self.log_odds,
            pd=self.pd,
            score=self.score,
            status=self.status,
            fault_counts=self.fault_counts(),
            role_counts=self._role_counts() if self.count else None,
            infinite_counts=self.infinite_counts(),
        )

    def _role_counts(self) -> RoleCounts:
        total: Counter[tuple[str, str]] = Counter()
        for tally in self.tallies:
            total.update(tally.roles)
        found: dict[str, dict[str, int]] = {}
        for (name, role), n in total.items():
            found.setdefault(name, {})[role] = n
        return found
