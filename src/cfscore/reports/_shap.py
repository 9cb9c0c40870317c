"""Explanations in the form that the plots of shap take."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from cfscore.exceptions import MissingExtraError
from cfscore.explain import Contributions
from cfscore.reports._explained import cells_of, contributions_of
from cfscore.scoring import ScoreBatch

__all__ = ["to_shap"]


def to_shap(explained: Contributions | ScoreBatch, table: Any) -> Any:
    """Return exact contributions as shap's plots accept them.

    Parameters
    ----------
    explained : Contributions or ScoreBatch
        Of the table's rows; a batch scored with ``contributions=True``.
    table : pandas, polars or Arrow table, mapping of arrays, list of dicts, array
        The explained rows.

    Returns
    -------
    shap.Explanation
        ``values`` in log-odds of bad, shape (n_rows, n_features); ``data`` holds
        numbers, for categories their place in alphabetical order, whose text stands in
        ``display_data``.

    Raises
    ------
    MissingExtraError
        When shap is not installed.
    UsageError
        When there are no contributions, or the table has another number of rows.
    """
    contributions = contributions_of(explained)
    try:
        shap = import_module("shap")
    except ModuleNotFoundError as error:
        msg = "to_shap needs 'shap', which is not installed."
        hint = 'Run: pip install "cfscore[train]"'
        raise MissingExtraError(msg, hint=hint) from error
    cells = cells_of(contributions, table)
    shown = [_shown(found.numbers, found.texts, found.is_ordered) for found in cells]
    return shap.Explanation(
        values=contributions.values,
        base_values=np.full(len(contributions), contributions.base_value),
        data=np.stack([found.numbers for found in cells], axis=1),
        display_data=np.stack(shown, axis=1),
        feature_names=list(contributions.names),
    )


def _shown(numbers: Any, texts: tuple[str, ...], is_ordered: bool) -> Any:
    return numbers.astype(object) if is_ordered else np.array(texts, object)
