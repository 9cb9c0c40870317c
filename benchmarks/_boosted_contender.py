"""Boosted contenders: ``BoostedModel()`` and LightGBM with early stopping."""

from __future__ import annotations

from collections.abc import Callable

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

import cfscore as cf
from benchmarks._contender import Contender, source_key, version_key
from benchmarks._development_task import DevelopmentTask

__all__ = ["BOOSTED_CONTENDERS"]

Floats = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], Floats]


def _fit_cfscore(
    task: DevelopmentTask, X: pd.DataFrame, y: Floats
) -> tuple[Predict, int]:
    """Fit ``BoostedModel()``, told which columns of numbers are categories."""
    model = cf.BoostedModel(
        categorical=list(task.categorical) or None, params={"num_threads": 1}
    ).fit(X, y)
    n_used = int(np.count_nonzero(model.feature_importances_))
    return lambda X: model.predict_proba(X)[:, 1], n_used


def _fit_lightgbm(
    task: DevelopmentTask, X: pd.DataFrame, y: Floats
) -> tuple[Predict, int]:
    """Fit ``LGBMClassifier`` with its defaults until 50 rounds bring nothing."""
    texts = [name for name in X if not pd.api.types.is_numeric_dtype(X[name])]
    levels = {
        name: pd.CategoricalDtype(sorted(X[name].dropna().unique()))
        for name in dict.fromkeys([*texts, *task.categorical])
    }
    frame = X.astype(levels)
    kept, held_out, kept_y, held_out_y = train_test_split(
        frame, y, test_size=0.2, stratify=y, random_state=0
    )
    model = lgb.LGBMClassifier(
        n_estimators=5000, n_jobs=1, random_state=0, verbose=-1
    ).fit(
        kept,
        kept_y,
        eval_set=[(held_out, held_out_y)],
        callbacks=[lgb.early_stopping(50, verbose=False)],
    )
    n_used = int(np.count_nonzero(model.feature_importances_))
    return lambda X: model.predict_proba(X.astype(levels))[:, 1], n_used


BOOSTED_CONTENDERS = (
    Contender(
        "cfscore",
        _fit_cfscore,
        f"{source_key('boosting')} {version_key('lightgbm')}",
    ),
    Contender("LightGBM", _fit_lightgbm, version_key("lightgbm", "scikit-learn")),
)
