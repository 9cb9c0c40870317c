"""Numeric table: 30 seeded features with gaps, and optbinning's card fitted to them."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from optbinning import BinningProcess, Scorecard
from sklearn.linear_model import LogisticRegression

import cfscore as cf

__all__ = ["N_FEATURES", "SCALE", "fitted_card", "make_columns", "make_plan"]

N_FEATURES = 30
MISSING_SHARE = 0.08

#: optbinning's words for 600 points at odds of 50, 20 points to double them.
SCALE = {"pdo": 20, "odds": 50, "scorecard_points": 600}

Floats = NDArray[np.float64]


def make_columns(
    n_rows: int, seed: int = 7, n_features: int = N_FEATURES
) -> dict[str, Floats]:
    """Return the columns: amounts, ages, counts and shares in turn, 8 % missing.

    Every column has as many distinct values as its kind has in practice, and is
    written as credit data are: amounts in cents, ages and counts whole.
    """
    rng = np.random.default_rng(seed)
    columns = {}
    for j in range(n_features):
        kind = ("amount", "age", "count", "share")[j % 4]
        values = _DRAW[kind](rng, n_rows)
        values[rng.random(n_rows) < MISSING_SHARE] = np.nan
        columns[f"{kind}_{j:02d}"] = values
    return columns


_DRAW = {
    "amount": lambda rng, n: np.round(rng.lognormal(8.0, 1.0, n), 2),
    "age": lambda rng, n: np.floor(rng.normal(40.0, 12.0, n)),
    "count": lambda rng, n: rng.poisson(2.0, n).astype(np.float64),
    "share": lambda rng, n: rng.beta(2.0, 3.0, n),
}


def _draw_target(columns: dict[str, Floats], seed: int) -> NDArray[np.int64]:
    """Return a target on which every feature has some effect; about 14 % are bad."""
    rng = np.random.default_rng(seed)
    log_odds = np.full(len(next(iter(columns.values()))), -2.2)
    for j, values in enumerate(columns.values()):
        centred = (values - np.nanmean(values)) / np.nanstd(values)
        effect = (-1.0) ** j * (0.15 + 0.01 * j)
        log_odds += effect * np.where(np.isnan(centred), 0.3, centred)
    return (rng.random(len(log_odds)) < 1.0 / (1.0 + np.exp(-log_odds))).astype(
        np.int64
    )


@cache
def fitted_card(n_rows: int = 20_000, n_features: int = N_FEATURES) -> Scorecard:
    """Return optbinning's card on all features, points by ``SCALE``."""
    columns = make_columns(n_rows, seed=11, n_features=n_features)
    frame = pd.DataFrame(columns)
    card = Scorecard(
        BinningProcess(list(columns)),
        LogisticRegression(max_iter=1000),
        scaling_method="pdo_odds",
        scaling_method_params=SCALE,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        card.fit(frame, _draw_target(columns, 13), metric_missing="empirical")
    return card


@cache
def make_plan(n_rows: int = 20_000, n_features: int = N_FEATURES) -> cf.ScoringPlan:
    """Return the same card as a plan of this package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        card = fitted_card(n_rows, n_features)
        return cf.compile_plan(card, name=f"{n_features} numeric features")
