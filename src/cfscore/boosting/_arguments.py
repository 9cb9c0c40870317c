"""Arguments: a boosted model's parameters and its evaluation set, checked by name."""

from __future__ import annotations

from numbers import Real
from typing import Any, NamedTuple

from cfscore.exceptions import UsageError

__all__ = ["EvalSet", "check_parameters", "read_eval_set"]


class EvalSet(NamedTuple):
    """Held-out rows as the caller gave them."""

    X: Any
    y: Any
    sample_weight: Any


def check_parameters(validation_share: Any, refit: Any) -> None:
    """Refuse a validation share or refit that means nothing.

    Raises
    ------
    UsageError
        Naming the parameter, what it must be and what was found.
    """
    is_number = isinstance(validation_share, Real)
    if not is_number or isinstance(validation_share, bool):
        _refuse("validation_share", "a number", validation_share)
    if not 0.0 < validation_share < 1.0:
        _refuse("validation_share", "between 0 and 1", validation_share)
    if not isinstance(refit, bool):
        _refuse("refit", "True or False", refit)


def _refuse(parameter: str, expected: str, found: object) -> None:
    msg = f"BoostedModel {parameter} must be {expected}, got {found!r}."
    raise UsageError(msg)


def read_eval_set(eval_set: Any) -> EvalSet | None:
    """Return an evaluation set in its plain form.

    Parameters
    ----------
    eval_set : (X, y) or (X, y, sample_weight), alone or in a list of one; or None
        Held-out rows.

    Raises
    ------
    UsageError
        When it is anything else.
    """
    if eval_set is None:
        return None
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if not isinstance(eval_set, tuple) or len(eval_set) not in (2, 3):
        msg = "eval_set must be (X, y) or (X, y, sample_weight), or a list of one."
        raise UsageError(msg, hint="Early stopping needs one held-out sample.")
    weights = eval_set[2] if len(eval_set) == 3 else None
    return EvalSet(eval_set[0], eval_set[1], weights)
