"""Distance to the truth: models trained from raw tables, beside the PD behind them.

Only a synthetic book knows its own truth. No model can rank better, on average, than
the probabilities by which the outcomes were drawn.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

import cfscore as cf
from benchmarks._report import Options, Report, Table
from cfscore.metrics import gini
from cfscore.workflow import DemoResult, run_demo

__all__ = ["PACKAGES", "TITLE", "expected_gini", "measure"]

TITLE = "Models beside the truth: the synthetic loan book, out of time"
PACKAGES = ("cfscore", "lightgbm", "numpy", "optbinning", "polars", "scikit-learn")

_SEEDS = (7, 11, 23)
_GOAL = {"scorecard": 0.04, "boosted": 0.02}
_COLUMNS = (
    "",
    "bads to learn from",
    "rows",
    "Gini of true PD",
    "Gini",
    "gap",
    "as drawn: true PD",
    "Gini [95 %]",
    "gap",
    "goal",
)


def measure(options: Options) -> Report:
    """Return the gap of each model in books of several seeds."""
    customers, seeds = (3_000, _SEEDS[:1]) if options.quick else (60_000, _SEEDS)
    tables = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as name:
            result = run_demo(Path(name), customers=customers, rows=1_000, seed=seed)
            tables.append(Table(f"Seed {seed}", _COLUMNS, _rows(result)))
    return Report(f"{TITLE}, {customers:,} customers", tuple(tables), (), _NOTES)


_NOTES = (
    "The way of `cfscore train` with the config of `make demo`: labels, features, "
    "scorecard and boosted model. Decisions are out of time, accepted and labelled; "
    "models have not seen their time, nor what happened to those who were rejected.",
    "'Gini' counts every case as bad with its true probability: the outcomes that "
    "might have been, all of them, and no luck of the draw. 'As drawn' is with the "
    "outcomes of the book.",
    "Goal: out of time, a scorecard within 0.04 and a boosted model within 0.02 of the "
    "true PD.",
)


def _rows(result: DemoResult) -> list[list[str]]:
    decisions = result.folder.decisions()
    late = (decisions["sample"] == "out_of_time").fill_null(value=False).to_numpy()
    true_pd = decisions["true_pd"].to_numpy()[late]
    features = pq.read_table(result.folder.run / "features.parquet").filter(late)
    best = expected_gini(true_pd, true_pd)
    rows = []
    for name, model in result.models.items():
        own = expected_gini(cf.Scorer(model.plan).score(features).log_odds, true_pd)
        drawn = model.samples["out_of_time"]
        found, limit = drawn.model.gini, drawn.truth.gini.value
        rows.append(
            [
                name,
                f"{model.samples['development'].model.bads:,}",
                f"{len(true_pd):,}",
                f"{best:.4f}",
                f"{own:.4f}",
                f"{best - own:.4f}",
                f"{limit:.4f}",
                str(found),
                f"{limit - found.value:.4f}",
                f"{_GOAL[name]:.2f}",
            ]
        )
    return rows


def expected_gini(
    score: NDArray[np.float64], probability: NDArray[np.float64]
) -> float:
    """Return the Gini of a score, every case bad with its probability.

    Parameters
    ----------
    score : array of shape (n_rows,)
        Higher is riskier.
    probability : array of shape (n_rows,)
        Of being bad.

    Returns
    -------
    float
        Sum of ``p_i (1 - p_j) sign(s_i - s_j)`` over all pairs of different rows, over
        the sum of their weights.
    """
    twice = np.repeat([1, 0], len(score)), np.tile(score, 2)
    weights = np.concatenate([probability, 1.0 - probability])
    alone = float((probability * (1.0 - probability)).sum())
    pairs = float(probability.sum() * (1.0 - probability).sum())
    return float(gini(*twice, sample_weight=weights)) * pairs / (pairs - alone)
