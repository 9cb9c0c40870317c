"""Labelled sample: outcomes and risks, checked and ordered once for every metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfscore.exceptions import InputError, UsageError

__all__ = ["HigherIs", "RiskGroups", "effective_count", "float_vector", "rank_by_risk"]

#: What a larger value of the ranking variable means.
HigherIs = Literal["riskier", "safer"]


@dataclass(frozen=True, eq=False)
class RiskGroups:
    """Bads and goods per distinct risk, riskiest first.

    Cases of equal risk are one group, so that no metric depends on their order.

    Parameters
    ----------
    value : array of shape (n_groups,), float64
        The distinct values as the caller gave them: falling where higher is riskier,
        rising where higher is safer.
    bad, good : array of shape (n_groups,), float64
        Cases (or their summed weights) of each outcome.
    bad_squared, good_squared : array of shape (n_groups,), float64
        Summed squared weights; equal to the counts without weights.
    """

    value: NDArray[np.float64]
    bad: NDArray[np.float64]
    good: NDArray[np.float64]
    bad_squared: NDArray[np.float64]
    good_squared: NDArray[np.float64]


def rank_by_risk(
    y: ArrayLike,
    risk: ArrayLike,
    higher_is: HigherIs,
    sample_weight: ArrayLike | None,
) -> RiskGroups:
    """Return a labelled sample as groups of equal risk, riskiest first.

    Parameters
    ----------
    y : array of shape (n,)
        1 = bad, 0 = good; booleans are read likewise.
    risk : array of shape (n,)
        Ranking variable; infinities are values, NaN is refused.
    higher_is : {"riskier", "safer"}
        What a larger ``risk`` means.
    sample_weight : array of shape (n,) or None
        Weights >= 0; cases of weight 0 are left out. None weighs all alike.

    Returns
    -------
    RiskGroups
        With at least one bad and one good.

    Raises
    ------
    UsageError
        When ``higher_is`` is neither of the two words.
    InputError
        When an array is not one-dimensional and numeric, holds missing values, or
        differs in length; when ``y`` is not binary or holds one class only.
    """
    if higher_is not in get_args(HigherIs):
        msg = f"higher_is must be 'riskier' or 'safer', got {higher_is!r}."
        raise UsageError(msg)
    outcome, values, weight = _checked(y, risk, sample_weight)
    order = np.argsort(values, kind="stable")
    if higher_is == "riskier":
        order = order[::-1]
    values, outcome, weight = values[order], outcome[order], weight[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    return RiskGroups(
        value=values[starts],
        bad=np.add.reduceat(weight * outcome, starts),
        good=np.add.reduceat(weight * (1.0 - outcome), starts),
        bad_squared=np.add.reduceat(weight**2 * outcome, starts),
        good_squared=np.add.reduceat(weight**2 * (1.0 - outcome), starts),
    )


def effective_count(
    weight: NDArray[np.float64], squared: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Kish's effective number of cases, ``(sum w)^2 / sum w^2``.

    Parameters
    ----------
    weight, squared : array of any shape, float64
        Summed weights and summed squared weights.

    Returns
    -------
    array of the same shape, float64
        The number of cases where all weights are equal, fewer otherwise.

    References
    ----------
    Kish, L. (1965), Survey Sampling, section 11.7.
    """
    return np.asarray(weight**2 / squared)


def float_vector(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return an argument as a one-dimensional float64 array without NaN.

    Raises
    ------
    InputError
        When it is not one-dimensional, not numeric, empty, or has missing values.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        msg = f"{name} must be one-dimensional, got shape {array.shape}."
        raise InputError(msg, code="SHAPE", hint=f"Pass one column as {name}.")
    if array.size == 0:
        msg = f"{name} is empty."
        raise InputError(msg, code="EMPTY")
    numbers = _numbers(name, array)
    n_missing = int(np.count_nonzero(np.isnan(numbers)))
    if n_missing:
        msg = f"{name} has {n_missing} missing value(s) in {numbers.size}."
        hint = "Leave those cases out on purpose, or give them a value."
        raise InputError(msg, code="MISSING", hint=hint)
    return numbers


def _numbers(name: str, array: NDArray[np.generic]) -> NDArray[np.float64]:
    if array.dtype.kind == "O":  # nullable columns arrive as objects
        array = np.asarray(array.tolist())
    try:
        if array.dtype.kind in "biufO":
            return array.astype(np.float64)
    except (TypeError, ValueError):
        pass
    msg = f"{name} must hold numbers without gaps, found dtype {array.dtype}."
    raise InputError(msg, code="NOT_NUMERIC")


def _checked(
    y: ArrayLike, risk: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    outcome, values = float_vector("y", y), float_vector("risk", risk)
    weight = np.ones_like(outcome)
    if sample_weight is not None:
        weight = float_vector("sample_weight", sample_weight)
    for name, array in (("risk", values), ("sample_weight", weight)):
        if array.size != outcome.size:
            msg = f"y has {outcome.size} cases but {name} has {array.size}."
            raise InputError(msg, code="LENGTH")
    _check_weights(weight)
    kept = weight > 0.0
    if not kept.all():
        outcome, values, weight = outcome[kept], values[kept], weight[kept]
    _check_binary(outcome)
    return outcome, values, weight


def _check_weights(weight: NDArray[np.float64]) -> None:
    n_wrong = int(np.count_nonzero(~(np.isfinite(weight) & (weight >= 0.0))))
    if n_wrong:
        msg = f"sample_weight has {n_wrong} negative or infinite value(s)."
        raise InputError(msg, code="WEIGHT")


def _check_binary(outcome: NDArray[np.float64]) -> None:
    n_bad = int(np.count_nonzero(outcome == 1.0))
    n_good = int(np.count_nonzero(outcome == 0.0))
    n_other = outcome.size - n_bad - n_good
    if n_other:
        msg = f"y must be 0 (good) or 1 (bad); {n_other} case(s) are neither."
        raise InputError(msg, code="NOT_BINARY")
    if not (n_bad and n_good):
        msg = f"y must hold both classes; found {n_bad} bad and {n_good} good case(s)."
        raise InputError(msg, code="ONE_CLASS")
