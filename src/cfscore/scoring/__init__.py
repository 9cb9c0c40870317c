"""Scoring: a plan is loaded, checked and applied to rows, tables and streams.

Files are scored by ``cfscore.scoring.files``, which ``Scorer.score_file`` calls.
"""

from cfscore.scoring._batch import BatchCounts, OnBad, ScoreBatch
from cfscore.scoring._golden import golden_columns, replay
from cfscore.scoring._load import check_golden, load_plan
from cfscore.scoring._row_score import RowReason, RowScore
from cfscore.scoring._scorer import Scorer

__all__ = [
    "BatchCounts",
    "OnBad",
    "RowReason",
    "RowScore",
    "ScoreBatch",
    "Scorer",
    "check_golden",
    "golden_columns",
    "load_plan",
    "replay",
]
