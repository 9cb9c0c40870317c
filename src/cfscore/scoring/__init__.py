"""Scoring: a plan is loaded, checked and applied to rows, tables, streams and files."""

from cfscore.scoring._batch import BatchCounts, ScoreBatch
from cfscore.scoring._batch_function import BatchFunction, batch_function
from cfscore.scoring._files import (
    FileOptions,
    FileReport,
    Progress,
    RunEstimate,
    estimate_file,
    score_file,
)
from cfscore.scoring._golden import golden_columns, replay
from cfscore.scoring._load import check_golden, load_plan
from cfscore.scoring._row_score import RowReason, RowScore
from cfscore.scoring._scorer import OnBad, Scorer

__all__ = [
    "BatchCounts",
    "BatchFunction",
    "FileOptions",
    "FileReport",
    "OnBad",
    "Progress",
    "RowReason",
    "RowScore",
    "RunEstimate",
    "ScoreBatch",
    "Scorer",
    "batch_function",
    "check_golden",
    "estimate_file",
    "golden_columns",
    "load_plan",
    "replay",
    "score_file",
]
