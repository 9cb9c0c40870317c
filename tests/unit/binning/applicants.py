"""A small seeded table of applicants with a known course of risk in each column."""

from __future__ import annotations

import numpy as np
import pandas as pd


def applicants(n_rows: int = 2000, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return columns of every kind and their target (about 20 % bad).

    Bad rates fall with ``age``, peak in the middle of ``utilisation``, differ by
    ``city`` and ``owner``, and have nothing to do with ``noise``. ``utilisation``
    holds the special code -7 and missing values, both risky.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 70, n_rows)
    utilisation = rng.uniform(0.0, 1.0, n_rows).round(3)
    city = rng.choice(["A", "B", "C", "D"], n_rows, p=[0.35, 0.3, 0.2, 0.15])
    owner = rng.random(n_rows) < 0.5
    kind = rng.choice(3, n_rows, p=[0.8, 0.1, 0.1])
    log_odds = -1.6 - 0.06 * (age - 44)
    log_odds += np.where(kind == 0, 1.5 - 8.0 * (utilisation - 0.5) ** 2 * 4, 1.5)
    log_odds += (
        pd.Series(city).map({"A": -0.6, "B": 0.0, "C": 0.5, "D": 1.0}).to_numpy()
    )
    log_odds += np.where(owner, -0.4, 0.4)
    y = (rng.random(n_rows) < 1.0 / (1.0 + np.exp(-log_odds))).astype(int)
    frame = pd.DataFrame(
        {
            "age": age,
            "utilisation": np.select(
                [kind == 1, kind == 2], [-7.0, np.nan], utilisation
            ),
            "city": city,
            "owner": owner,
            "noise": rng.normal(size=n_rows),
        }
    )
    return frame, y
