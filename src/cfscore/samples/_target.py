"""Target: the outcome and the weights of a training table, read strictly."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import DataConversionWarning

from cfscore.exceptions import FitError

__all__ = ["read_target", "read_weights"]

Floats = NDArray[np.float64]

_HINT = "Recode y to 1 for bad and 0 for good; the orientation is never guessed."


def read_target(y: Any) -> Floats:
    """Return the outcome of each row, 1.0 for bad and 0.0 for good.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Numbers 1 and 0, or booleans. A column of shape (n_rows, 1) is taken with
        scikit-learn's warning.

    Raises
    ------
    FitError
        When ``y`` is missing, not one-dimensional, or holds anything but 0 and 1.
    """
    if y is None:
        msg = "Fitting requires y to be passed, but the target y is None."
        raise FitError(msg, code="TARGET", hint=_HINT)
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        text = "A column-vector y was passed when a 1d array was expected."
        warnings.warn(text, DataConversionWarning, stacklevel=3)
        labels = labels[:, 0]
    if labels.ndim != 1:
        msg = f"The target y must have one value per row, found shape {labels.shape}."
        raise FitError(msg, code="SHAPE")
    return _zero_or_one(labels)


def _zero_or_one(labels: NDArray[Any]) -> Floats:
    if labels.dtype.kind == "c":
        _refuse("complex numbers", "Complex data not supported. ")
    if labels.dtype.kind not in "buif" and any(map(_is_text, labels.tolist())):
        _refuse("text labels")
    try:
        outcome = labels.astype(np.float64)
    except (TypeError, ValueError):
        outcome = np.array([np.nan])
    if np.isnan(outcome).any():
        _refuse("missing values or values that are no numbers")
    others = outcome[(outcome != 0.0) & (outcome != 1.0)]
    if (others != np.round(others)).any():
        _refuse("other numbers", "Unknown label type: continuous. ")
    if len(np.unique(outcome)) > 2:
        _refuse("more labels", "Only binary classification is supported. ")
    if len(others):
        _refuse("other labels")
    return outcome


def _is_text(label: object) -> bool:
    return isinstance(label, str | bytes)


def _refuse(found: str, opening: str = "") -> NoReturn:
    msg = f"{opening}The target y must hold only 0 (good) and 1 (bad); found {found}."
    raise FitError(msg, code="TARGET", hint=_HINT)


def read_weights(sample_weight: Any, n_rows: int) -> Floats:
    """Return the weight of each row.

    Parameters
    ----------
    sample_weight : array-like of shape (n_rows,) or None
        Finite, not negative, at least one positive; None means 1.
    n_rows : int
        Rows of the table.

    Raises
    ------
    FitError
        When a weight is wrong, or their number is.
    """
    if sample_weight is None:
        return np.ones(n_rows)
    weights = np.asarray(sample_weight)
    if weights.shape != (n_rows,):
        msg = (
            f"sample_weight must have shape ({n_rows},), one weight per row; found "
            f"{weights.shape}."
        )
        raise FitError(msg, code="SHAPE")
    try:
        weights = weights.astype(np.float64)
    except (TypeError, ValueError):
        msg = "sample_weight must hold numbers."
        raise FitError(msg, code="WEIGHT") from None
    n_wrong = int(np.count_nonzero(~(np.isfinite(weights) & (weights >= 0.0))))
    if n_wrong:
        msg = f"sample_weight must be finite and not negative; {n_wrong} are not."
        raise FitError(msg, code="WEIGHT")
    if not weights.any():
        msg = "sample_weight must not be zero for every row."
        raise FitError(msg, code="WEIGHT")
    return weights
