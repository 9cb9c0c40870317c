"""Execution: a plan's stages applied to columns; the only caller of scoring kernels."""

from cfscore.execution._column_reader import fault_codes
from cfscore.execution._points_engine import (
    BLOCK_ROWS,
    BlockConsumer,
    PointsEngine,
    PointsScores,
)
from cfscore.execution._slices import available_threads, run_slices

__all__ = [
    "BLOCK_ROWS",
    "BlockConsumer",
    "PointsEngine",
    "PointsScores",
    "available_threads",
    "fault_codes",
    "run_slices",
]
