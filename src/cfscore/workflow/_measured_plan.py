"""Measured plan: a compiled model with its discrimination in every sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cfscore.plan import ScoringPlan
from cfscore.scoring import Scorer
from cfscore.workflow._development_table import DevelopmentTable
from cfscore.workflow._discrimination import Discrimination, discriminate
from cfscore.workflow._sample_split import SampleSplit

__all__ = ["MeasuredPlan", "measure_plan"]


@dataclass(frozen=True, eq=False)
class MeasuredPlan:
    """A plan, and how well it tells bads from goods.

    Parameters
    ----------
    plan : ScoringPlan
        The compiled model.
    discrimination : dict of str to Discrimination or None
        By sample; None where a sample has goods only or bads only.
    refused : dict of str to int
        Rows of each sample that the plan refuses to score.
    rows : dict of str to int
        Rows of each sample.
    """

    plan: ScoringPlan
    discrimination: dict[str, Discrimination | None]
    refused: dict[str, int]
    rows: dict[str, int]

    def metrics(self) -> dict[str, Any]:
        """Return size, AUC, Gini and KS of every sample, as JSON can hold them."""
        return {
            name: {
                **(found.to_dict() if found else {"rows": n_rows, "auc": None}),
                "refused": self.refused[name],
            }
            for name, n_rows in self.rows.items()
            for found in (self.discrimination[name],)
        }


def measure_plan(
    plan: ScoringPlan, table: DevelopmentTable, split: SampleSplit
) -> MeasuredPlan:
    """Return a plan with its discrimination, by the scores it gives.

    Parameters
    ----------
    plan : ScoringPlan
        The compiled model.
    table : DevelopmentTable
        Rows with outcomes.
    split : SampleSplit
        Which row is in which sample.
    """
    scorer = Scorer(plan)
    discrimination: dict[str, Discrimination | None] = {}
    refused: dict[str, int] = {}
    for name, rows in split.samples.items():
        features, y, weight = table.take(rows)
        batch = scorer.score(features, on_bad="quarantine")
        discrimination[name] = discriminate(y, batch.log_odds, weight)
        refused[name] = int(np.count_nonzero(batch.status))
    sizes = {name: int(rows.size) for name, rows in split.samples.items()}
    return MeasuredPlan(plan, discrimination, refused, sizes)
