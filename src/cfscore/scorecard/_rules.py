"""Selection rules: the limits of the automatic selection of characteristics."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from cfscore.exceptions import UsageError

__all__ = ["SelectionRules"]

_RANGES = {
    "min_iv": (0.0, math.inf),
    "max_correlation": (0.0, 1.0),
    "max_vif": (1.0, math.inf),
    "max_p_value": (0.0, 1.0),
}


@dataclass(frozen=True)
class SelectionRules:
    """Limits that a characteristic must keep to be chosen; None switches a rule off.

    The rules are applied in the order of the parameters; the sign of the coefficient is
    judged between ``max_vif`` and ``max_p_value``, unless the card has ``sign="free"``.

    Parameters
    ----------
    min_iv : float or None, default 0.01
        Least information value.
    max_correlation : float or None, default 0.7
        Largest absolute correlation of WOE with a characteristic of higher information
        value.
    max_vif : float or None, default 5
        Largest variance inflation factor among those that are left; the largest goes
        first, one at a time.
    max_p_value : float or None, default 0.3
        Largest two-sided Wald p-value of the coefficient; the largest goes first, one
        at a time, the others being fitted again. It is meant to remove what adds
        nothing: at 0.05 a small sample loses characteristics that rank new applicants
        better (Steyerberg, Eijkemans and Habbema 1999, J. Clin. Epidemiol. 52,
        935-942, doi:10.1016/S0895-4356(99)00103-1).

    Raises
    ------
    UsageError
        When a limit is no number or outside its range.

    Examples
    --------
    >>> SelectionRules(max_vif=None).min_iv
    0.01
    """

    min_iv: float | None = 0.01
    max_correlation: float | None = 0.7
    max_vif: float | None = 5.0
    max_p_value: float | None = 0.3

    def __post_init__(self) -> None:
        """Check every limit."""
        for field in fields(self):
            _check_limit(field.name, getattr(self, field.name))


def _check_limit(name: str, value: object) -> None:
    if value is None:
        return
    low, high = _RANGES[name]
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not low <= value <= high
    ):
        expected = f"a number from {low:g} to {high:g} or None"
        msg = f"SelectionRules {name} must be {expected}, got {value!r}."
        raise UsageError(msg)
