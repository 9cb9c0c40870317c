"""Contender: one way to get from a development table to a probability of default."""

from __future__ import annotations

import ast
import hashlib
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from optbinning import BinningProcess
from optbinning import Scorecard as OptbinningScorecard
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import cfscore as cf
from benchmarks._development_task import DevelopmentTask

__all__ = ["CONTENDERS", "Contender", "Fit", "source_key", "version_key"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted model, and what the fit cost.

    Parameters
    ----------
    predict : callable
        PD of every row of a frame.
    n_characteristics : int
        Characteristics with a part in the PD.
    wall_seconds, cpu_seconds : float
        Elapsed, and on the processor over all threads.
    """

    predict: Callable[[pd.DataFrame], Floats]
    n_characteristics: int
    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Contender:
    """A name, a way to fit, and a key that changes when results may.

    Parameters
    ----------
    name : str
        For tables.
    build : callable
        Returns an unfitted model for a task, and how to fit it to rows of the task.
    key : str
        Of the code that was run.
    """

    name: str
    build: Callable[[DevelopmentTask, pd.DataFrame, Floats], tuple[Callable, int]]
    key: str

    def fit(self, task: DevelopmentTask, rows: NDArray[np.int64]) -> Fit:
        """Return the model fitted to some rows of a task, on one thread."""
        X, y = task.X.iloc[rows].reset_index(drop=True), task.y[rows]
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")
            wall, cpu = time.perf_counter(), time.process_time()
            predict, n_characteristics = self.build(task, X, y)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return Fit(predict, n_characteristics, wall, cpu)


def _fit_cfscore(
    task: DevelopmentTask, X: pd.DataFrame, y: Floats
) -> tuple[Callable[[pd.DataFrame], Floats], int]:
    """Fit ``Scorecard()``, told only what the data's documentation says."""
    binner = cf.Binner(
        categorical=list(task.categorical) or None,
        special_codes=dict(task.special_codes) or None,
        n_jobs=1,
    )
    card = cf.Scorecard(binner=binner).fit(X, y)
    return lambda X: card.predict_proba(X)[:, 1], int(card.selection_.chosen.sum())


def _fit_optbinning(
    task: DevelopmentTask, X: pd.DataFrame, y: Floats
) -> tuple[Callable[[pd.DataFrame], Floats], int]:
    """Fit optbinning's own card with its defaults, told the same."""
    texts = [name for name in X if not pd.api.types.is_numeric_dtype(X[name])]
    process = BinningProcess(
        variable_names=list(X),
        categorical_variables=[*texts, *task.categorical],
        binning_fit_params={
            name: {"special_codes": {str(code): [code] for code in codes}}
            for name, codes in task.special_codes.items()
        },
    )
    card = OptbinningScorecard(process, LogisticRegression(max_iter=1000))
    card.fit(X, y, metric_special="empirical", metric_missing="empirical")
    n_characteristics = int(np.count_nonzero(card.estimator_.coef_))
    return lambda X: card.predict_proba(X)[:, 1], n_characteristics


def source_key(*folders: str) -> str:
    """Return a hash of what the sources say, whatever their layout and comments."""
    digest = hashlib.sha256()
    root = Path(cf.__file__).parent
    for folder in folders:
        for path in sorted((root / folder).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            digest.update(f"{folder}/{path.name}{ast.dump(tree)}".encode())
    return digest.hexdigest()[:12]


def version_key(*packages: str) -> str:
    return " ".join(f"{package} {version(package)}" for package in packages)


CONTENDERS = (
    Contender(
        "cfscore",
        _fit_cfscore,
        f"{source_key('binning', 'scorecard')} {version_key('optbinning')}",
    ),
    Contender("optbinning", _fit_optbinning, version_key("optbinning", "scikit-learn")),
)
