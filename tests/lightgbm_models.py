"""LightGBM models for tests: trained small and alike each time, or rewritten text."""

from __future__ import annotations

import re
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

BASE = {
    "objective": "binary",
    "num_leaves": 8,
    "min_data_in_leaf": 5,
    "min_data_in_bin": 1,
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "seed": 3,
}
#: Columns of ``training_rows`` that hold category codes.
CATEGORICAL = [4, 5]


def training_rows(
    seed: int = 0, n_rows: int = 400
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rows with zeros, missing, infinite, tiny and huge values, and outcomes."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, 7))
    rows[rng.random(n_rows) < 0.3, 0] = np.nan
    rows[rng.random(n_rows) < 0.4, 1] = 0.0
    rows[:, 2] = rng.choice([-2e-35, -5e-36, 0.0, 5e-36, 2e-35, np.inf], n_rows)
    rows[:, 3] = rng.integers(-5, 5, n_rows) * 2.0**50
    rows[:, 4] = rng.integers(0, 70, n_rows)
    rows[:, 5] = rng.choice([0.0, 1.0, 2.0, np.nan], n_rows)
    rows[:, 6] = 1.0
    risk = (
        np.nan_to_num(rows[:, 0], nan=1.5)
        - (rows[:, 1] == 0)
        + 1e35 * np.clip(rows[:, 2], -1e-35, 1e-35)
        + rows[:, 4] % 3
        - np.isnan(rows[:, 5])
    )
    return rows, (risk + rng.logistic(size=n_rows) > 0.5).astype(np.float64)


def train(
    rows: Any,
    outcomes: Any,
    n_trees: int = 3,
    categorical: list[int] | str = "auto",
    **params: Any,
) -> lightgbm.Booster:
    data = lightgbm.Dataset(rows, outcomes, categorical_feature=categorical)
    return lightgbm.train({**BASE, **params}, data, n_trees)


def resized(text: str) -> str:
    """Return a text whose ``tree_sizes`` are those of its trees."""
    body = text[text.index("\nTree=0\n") + 1 : text.index("\nend of trees\n") + 1]
    sizes = [len(tree) for tree in re.split(r"(?m)^(?=Tree=)", body) if tree]
    line = "tree_sizes=" + " ".join(map(str, sizes))
    return re.sub(r"(?m)^tree_sizes=.*$", line, text)


def rewritten(text: str, **lines: str) -> str:
    """Return a text with other values of keys, where they first occur."""
    for key, value in lines.items():
        text, n = re.subn(rf"(?m)^{key}=.*$", f"{key}={value}", text, count=1)
        assert n == 1, key
    return resized(text)


def with_first_tree(text: str, **lines: str) -> str:
    """Return a text whose first tree consists of these lines."""
    start = text.index("\nTree=0\n") + len("\nTree=0\n")
    stop = text.index("\n\n\n", start)
    tree = "\n".join(f"{key}={value}" for key, value in lines.items())
    return resized(text[:start] + tree + text[stop:])


def raw_scores(source: lightgbm.Booster | str, rows: Any) -> NDArray[np.float64]:
    """Return LightGBM's own raw scores."""
    booster = lightgbm.Booster(model_str=source) if isinstance(source, str) else source
    return np.asarray(booster.predict(rows, raw_score=True, num_threads=1))
