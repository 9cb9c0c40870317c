"""Arguments: a card's parameters, checked before the long work of binning."""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Real
from typing import Any

from cfscore.binning import Binner
from cfscore.exceptions import SchemaError, UsageError
from cfscore.score_scale import ScoreScale
from cfscore.scorecard._frames import INTERCEPT
from cfscore.scorecard._rules import SelectionRules

__all__ = ["check_parameters", "refuse_intercept", "resolve_selection"]


def check_parameters(binner: Any, scale: Any, sign: Any, C: Any) -> None:
    """Refuse wrong parameters of a ``Scorecard``.

    Raises
    ------
    UsageError
        Naming the parameter, what it must be and what was found.
    """
    is_binner = binner is None or isinstance(binner, Binner)
    _require(is_binner, "binner", "a Binner or None", binner)
    is_scale = scale is None or isinstance(scale, ScoreScale)
    _require(is_scale, "scale", "a ScoreScale or None", scale)
    is_sign = isinstance(sign, str) and sign in ("constrained", "free")
    _require(is_sign, "sign", "'constrained' or 'free'", sign)
    is_strength = C is None or _is_positive(C)
    _require(is_strength, "C", "a positive finite number or None", C)


def _is_positive(value: Any) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and 0.0 < float(value) < math.inf


def _require(fits: bool, parameter: str, expected: str, found: object) -> None:
    if not fits:
        is_plain = isinstance(found, str | Real)
        shown = repr(found) if is_plain else type(found).__name__
        msg = f"Scorecard {parameter} must be {expected}, got {shown}."
        raise UsageError(msg)


def refuse_intercept(names: Iterable[str]) -> None:
    """Refuse a column that has the name of the intercept.

    Raises
    ------
    SchemaError
        For its coefficient and the intercept would be told apart nowhere.
    """
    if INTERCEPT in names:
        found = "has the name of the intercept in coefficients_; rename the column"
        raise SchemaError([(INTERCEPT, "NAME", found)])


def resolve_selection(
    selection: Any, known: tuple[str, ...]
) -> SelectionRules | tuple[str, ...] | None:
    """Return ``selection`` in its plain form.

    Parameters
    ----------
    selection : "auto", SelectionRules, list of str or None
        The parameter of a ``Scorecard``.
    known : tuple of str
        Columns of the table.

    Returns
    -------
    SelectionRules, tuple of str or None
        Rules, names or all.

    Raises
    ------
    UsageError
        When it is none of these, or names are unknown (the closest column is
        suggested), repeated or absent.
    """
    if selection is None or isinstance(selection, SelectionRules):
        return selection
    is_names = isinstance(selection, Iterable) and not isinstance(selection, str)
    is_auto = isinstance(selection, str) and selection == "auto"
    expected = "'auto', SelectionRules(...), a list of columns or None"
    _require(is_names or is_auto, "selection", expected, selection)
    return _known_names(tuple(selection), known) if is_names else SelectionRules()


def _known_names(names: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in known]
    if unknown:
        close = get_close_matches(str(unknown[0]), known, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else None
        msg = f"selection names columns that X does not have: {unknown[:20]}."
        raise UsageError(msg, hint=hint)
    if not names or len(set(names)) != len(names):
        msg = "selection must name at least one column, and none twice."
        raise UsageError(msg)
    return names
