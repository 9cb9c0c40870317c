"""Tuning: parameter sets drawn from a small space and compared over folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, ParameterSampler

from cfscore.boosting._settings import resolve_settings
from cfscore.exceptions import UsageError
from cfscore.samples import as_table, read_target, read_weights

__all__ = ["SEARCH_SPACE", "tune"]

#: Values that candidates are drawn from: size of a tree, least expected bads of a
#: leaf (at most a tenth of what the sample holds), columns per tree, shrinkage of
#: leaves, and rows per tree.
SEARCH_SPACE: Mapping[str, Sequence[Any]] = MappingProxyType(
    {
        "num_leaves": (4, 8, 15, 31, 63),
        "min_sum_hessian_in_leaf": (3.0, 10.0, 30.0, 100.0),
        "feature_fraction": (0.2, 0.35, 0.5, 0.7, 1.0),
        "lambda_l2": (0.0, 3.0, 10.0, 30.0),
        "bagging_fraction": (0.6, 0.8, 1.0),
    }
)


def tune(
    model: Any, X: Any, y: Any, n_candidates: int, cv: Any, sample_weight: Any
) -> Any:
    """Return a clone of a ``BoostedModel`` fitted with the best candidate.

    Parameters
    ----------
    model : BoostedModel
        Its parameters are the first candidate.
    X, y, sample_weight
        As in ``BoostedModel.fit``.
    n_candidates : int
        Parameter sets to compare, at least 1.
    cv : int or scikit-learn splitter
        Folds.

    Raises
    ------
    UsageError
        When ``n_candidates`` is no positive number, or a parameter is wrong.
    """
    X = as_table(X)
    outcome = read_target(y)
    weights = read_weights(sample_weight, len(outcome))
    given = {} if sample_weight is None else {"sample_weight": weights}
    bad_rate = float(np.average(outcome, weights=weights))
    expected_bads = float(weights.sum()) * bad_rate * (1.0 - bad_rate)
    candidates = _candidates(model, n_candidates, expected_bads)
    # Rows of a mapping of columns cannot be picked.
    table = pd.DataFrame(X) if isinstance(X, Mapping) else X
    search = GridSearchCV(
        model,
        {"params": candidates},
        scoring=None,  # the model's own: AUC
        cv=cv,
        refit=False,
        error_score="raise",
    )
    search.fit(table, outcome, **given)
    best = clone(model).set_params(params=search.best_params_["params"])
    best.fit(X, outcome, **given)
    best.trials_ = _trials(search.cv_results_)
    return best


def _candidates(
    model: Any, n_candidates: Any, expected_bads: float
) -> list[dict[str, Any]]:
    """Return the model's own parameters and others drawn without repetition."""
    is_whole = isinstance(n_candidates, Integral) and not isinstance(n_candidates, bool)
    if not is_whole or n_candidates < 1:
        msg = f"n_candidates must be a positive whole number, got {n_candidates!r}."
        raise UsageError(msg)
    settings = resolve_settings(
        model.params,
        interaction=model.interaction,
        has_directions=bool(model.monotonic),
    )
    own = {
        **settings.values,
        "num_iterations": settings.num_iterations,
        "early_stopping_round": settings.early_stopping_round,
    }
    space = {name: list(values) for name, values in SEARCH_SPACE.items()}
    leaf = "min_sum_hessian_in_leaf"
    fitting = [value for value in space[leaf] if 10.0 * value <= expected_bads]
    space[leaf] = fitting or [own[leaf]]
    n_drawn = min(n_candidates - 1, int(np.prod([len(v) for v in space.values()])))
    drawn = ParameterSampler(space, n_drawn, random_state=settings.seed)
    return [own, *({**own, "bagging_freq": 1, **candidate} for candidate in drawn)]


def _trials(results: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row per candidate: its parameters and AUC, the best first."""
    frame = pd.DataFrame(
        [{name: params.get(name) for name in SEARCH_SPACE} for params in _sets(results)]
    )
    frame["auc_mean"] = results["mean_test_score"]
    frame["auc_std"] = results["std_test_score"]
    frame["rank"] = results["rank_test_score"]
    return frame.sort_values("rank", kind="stable", ignore_index=True)


def _sets(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [found["params"] for found in results["params"]]
