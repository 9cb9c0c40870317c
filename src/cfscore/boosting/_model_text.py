"""Model text: a trained booster as LightGBM writes it, checked by reading it back."""

from __future__ import annotations

from collections.abc import Mapping

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from cfscore.boosting._constraints import Interaction
from cfscore.boosting._tree_text import (
    columns_of_trees,
    reversed_columns,
    split_wide_trees,
)
from cfscore.exceptions import FitError

__all__ = ["best_rounds", "checked_text", "load_booster", "raw_scores"]

Floats = NDArray[np.float64]

#: Rows on which a booster is compared with what was read back of it.
_ROWS_COMPARED = 10_000

_MOST_COLUMNS_OF_A_TREE = {"none": 1, "pairs": 2}


def load_booster(text: str) -> lgb.Booster:
    """Return a booster of a text that ``checked_text`` returned."""
    return lgb.Booster(model_str=text)


def best_rounds(booster: lgb.Booster) -> int:
    """Return the best number of rounds, all of them without early stopping."""
    best = int(booster.best_iteration)
    return best if best > 0 else int(booster.current_iteration())


def raw_scores(
    booster: lgb.Booster, matrix: Floats, *, threads: int = 1, rounds: int = -1
) -> Floats:
    """Return LightGBM's raw score of every row of a matrix.

    Parameters
    ----------
    booster : Booster
        A model.
    matrix : array of shape (n_rows, n_columns), float64
        See ``FeatureEncoding``; at least one row.
    threads : int, default 1
        Threads; without influence on the scores.
    rounds : int, default -1
        Boosting rounds to use, -1 for all.
    """
    return np.asarray(
        booster.predict(
            matrix, raw_score=True, num_iteration=rounds, num_threads=threads
        ),
        dtype=np.float64,
    )


def checked_text(
    booster: lgb.Booster,
    matrix: Floats,
    interaction: Interaction,
    signs: Mapping[int, int],
) -> str:
    """Return the text of a booster's best rounds, once it says what the booster does.

    Parameters
    ----------
    booster : Booster
        As trained.
    matrix : array of shape (n_rows, n_columns), float64
        Rows on which to compare.
    interaction : {"none", "pairs", "free"}
        Which interactions the trees may hold; trees of more than two columns are
        split up for ``"pairs"``.
    signs : mapping of int to {1, -1}
        Directions of matrix columns.

    Raises
    ------
    FitError
        When there is no tree or no split, when the trees go against a direction or
        an interaction, or when other scores are read back.

    Notes
    -----
    ``model_to_string`` has returned a torso after early stopping (LightGBM issue
    7186), so that nothing is taken from a text that was not read back.
    """
    rounds = best_rounds(booster)
    text = booster.model_to_string(num_iteration=rounds)
    if "Tree=0\n" not in text:
        msg = "LightGBM wrote a model without trees."
        raise FitError(msg, code="LIGHTGBM_TEXT", hint="Fit again.")
    _check_directions(text, signs)
    if interaction == "pairs":
        text = load_booster(split_wide_trees(text)).model_to_string()
    _check_columns(text, interaction)
    if len(matrix) > _ROWS_COMPARED:
        rows = np.linspace(0, len(matrix) - 1, _ROWS_COMPARED).astype(np.intp)
        matrix = matrix[rows]
    expected = raw_scores(booster, matrix, rounds=rounds)
    if not np.array_equal(raw_scores(load_booster(text), matrix), expected):
        msg = "The model that LightGBM wrote predicts other scores than the trained."
        raise FitError(msg, code="LIGHTGBM_TEXT", hint="Fit again.")
    return text


def _check_directions(text: str, signs: Mapping[int, int]) -> None:
    n_reversed = len(reversed_columns(text, signs)) if signs else 0
    if n_reversed:
        msg = f"LightGBM's trees go against the direction of {n_reversed} column(s)."
        hint = "Leave params that change the values of leaves at their defaults."
        raise FitError(msg, code="DIRECTION", hint=hint)


def _check_columns(text: str, interaction: Interaction) -> None:
    columns = columns_of_trees(text)
    if not any(columns):
        msg = "No split of any column makes leaves that are large enough."
        hint = "Lower params['min_sum_hessian_in_leaf'] or params['min_data_in_leaf']."
        raise FitError(msg, code="NO_SPLIT", hint=hint)
    allowed = _MOST_COLUMNS_OF_A_TREE.get(interaction)
    widest = max(map(len, columns))
    if allowed is not None and widest > allowed:
        msg = f"A tree splits on {widest} columns where {allowed} are allowed."
        raise FitError(msg, code="INTERACTION")
