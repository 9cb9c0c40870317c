"""Forest models: LightGBM trained on 50 seeded columns with gaps, and their plans."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

import cfscore as cf

__all__ = ["NAMES", "N_FEATURES", "Forest", "cut_forest", "forests", "tables"]

N_FEATURES = 50
MISSING_SHARE = 0.08
NAMES = tuple(f"f{j:02d}" for j in range(N_FEATURES))

#: Trees and leaves of each model; the first is the one that goals are set for.
_SIZES = ((500, 31), (300, 15), (100, 7), (1000, 63))
_QUICK_SIZES = ((20, 7), (10, 5))
_N_TRAINING = 40_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forest:
    """A LightGBM model and the plan compiled from it.

    Parameters
    ----------
    name : str
        Trees x leaves.
    booster : lightgbm.Booster
        The model.
    plan : ScoringPlan
        Verified against it.
    """

    name: str
    booster: lightgbm.Booster
    plan: cf.ScoringPlan

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return self.booster.num_trees()


def make_rows(n_rows: int, seed: int = 7) -> Floats:
    """Return rows of normal, log-normal, whole, uniform and exponential columns."""
    rng = np.random.default_rng(seed)
    rows = np.empty((n_rows, N_FEATURES))
    for j in range(N_FEATURES):
        rows[:, j] = _DRAW[j % len(_DRAW)](rng, n_rows)
    rows[rng.random(rows.shape) < MISSING_SHARE] = np.nan
    return rows


_DRAW = (
    lambda rng, n: rng.normal(size=n),
    lambda rng, n: rng.lognormal(8.0, 1.2, size=n).round(2),
    lambda rng, n: rng.integers(0, 60, size=n).astype(np.float64),
    lambda rng, n: rng.uniform(size=n),
    lambda rng, n: rng.exponential(3.0, size=n),
)


def _draw_target(rows: Floats, seed: int) -> Floats:
    """Return a target with effects of every column, bends and pairs."""
    rng = np.random.default_rng(seed)
    z = np.nan_to_num((rows - np.nanmean(rows, 0)) / np.nanstd(rows, 0))
    log_odds = z @ rng.normal(scale=0.35, size=N_FEATURES) - 1.5
    log_odds += 0.5 * z[:, 0] * z[:, 3] - 0.4 * np.abs(z[:, 5])
    log_odds += 0.3 * np.sin(2.0 * z[:, 10]) * z[:, 13]
    return (rng.random(len(rows)) < 1.0 / (1.0 + np.exp(-log_odds))).astype(float)


@cache
def forests(quick: bool = False) -> tuple[Forest, ...]:
    """Return the models, trained on 40,000 rows of their own."""
    rows = make_rows(2_000 if quick else _N_TRAINING, seed=3)
    outcomes = _draw_target(rows, seed=5)
    sizes = _QUICK_SIZES if quick else _SIZES
    return tuple(_train(rows, outcomes, *size) for size in sizes)


def _train(rows: Floats, outcomes: Floats, n_trees: int, n_leaves: int) -> Forest:
    params = {
        "objective": "binary",
        "num_leaves": n_leaves,
        "learning_rate": 0.05,
        "deterministic": True,
        "force_col_wise": True,
        "seed": 1,
        "verbosity": -1,
        "num_threads": 2,
    }
    data = lightgbm.Dataset(rows, outcomes, feature_name=list(NAMES))
    booster = lightgbm.train(params, data, n_trees)
    return Forest(f"{n_trees} x {n_leaves}", booster, cf.compile_plan(booster))


def cut_forest(forest: Forest, n_trees: int) -> Forest:
    """Return the model of the first trees alone."""
    text = forest.booster.model_to_string(num_iteration=n_trees)
    booster = lightgbm.Booster(model_str=text)
    return Forest(f"{n_trees} trees", booster, cf.compile_plan(booster))


def tables(n_rows: int) -> dict[str, Any]:
    """Return rows that no model was trained on, in every container measured."""
    rows = make_rows(n_rows)
    columns = {name: np.ascontiguousarray(rows[:, j]) for j, name in enumerate(NAMES)}
    return {
        "numpy": rows,
        "Arrow": pa.table({n: pa.array(v) for n, v in columns.items()}),
        "pandas": pd.DataFrame(columns),
    }
