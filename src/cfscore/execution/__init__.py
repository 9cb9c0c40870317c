"""Execution: a plan's stages applied to columns; the only caller of scoring kernels."""

from cfscore.execution._block_run import BLOCK_ROWS, BlockConsumer
from cfscore.execution._column_reader import fault_codes
from cfscore.execution._forest_engine import ForestEngine, forest_raw_scores
from cfscore.execution._points_engine import PointsEngine
from cfscore.execution._rank_layout import RankLayout, rank_layout
from cfscore.execution._scores import Scores
from cfscore.row_slices import available_threads, run_slices

__all__ = [
    "BLOCK_ROWS",
    "BlockConsumer",
    "ForestEngine",
    "PointsEngine",
    "RankLayout",
    "Scores",
    "available_threads",
    "fault_codes",
    "forest_raw_scores",
    "rank_layout",
    "run_slices",
]
