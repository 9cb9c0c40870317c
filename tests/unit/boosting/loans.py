"""A small table of every kind of column, and a model of it that trains in no time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from cfscore.boosting import BoostedModel

QUICK = {"num_iterations": 40, "learning_rate": 0.2, "early_stopping_round": 10}


def loan_table(n_rows: int = 1500, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return X and y; log-odds fall with age, rise with debt, and hold interactions."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 70, n_rows).astype(float)
    debt = rng.gamma(2.0, 1.0, n_rows)
    city = rng.choice(["Oslo", "Bergen", "北京", "Rome"], n_rows).astype(object)
    owner = rng.random(n_rows) < 0.5
    noise = rng.normal(size=n_rows)
    log_odds = -1.5 - (age - 40) / 25 + 0.4 * debt * np.where(owner, 0.3, 1.5)
    log_odds += 0.8 * ((city == "Oslo") & (noise > 0))
    y = (rng.random(n_rows) < expit(log_odds)).astype(int)
    debt[rng.random(n_rows) < 0.1] = np.nan
    city[rng.random(n_rows) < 0.1] = None
    columns = {"age": age, "debt": debt, "city": city, "owner": owner, "noise": noise}
    return pd.DataFrame(columns), y


def quick_model(params: dict[str, Any] | None = None, **arguments: Any) -> BoostedModel:
    """Return an unfitted model with few trees of all columns."""
    return BoostedModel(
        params={**QUICK, "feature_fraction": 1.0, **(params or {})}, **arguments
    )
