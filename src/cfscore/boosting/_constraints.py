"""Constraints: directions and interactions, declared by name, as LightGBM has them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import combinations
from numbers import Integral
from typing import Any, Literal, get_args

from cfscore.exceptions import UsageError
from cfscore.tables import InputSchema

__all__ = ["Interaction", "check_interaction", "interaction_sets", "resolve_directions"]

Interaction = Literal["none", "pairs", "free"]

_DIRECTIONS = {"ascending": 1, "descending": -1, "none": 0, 1: 1, -1: -1, 0: 0}


def resolve_directions(monotonic: Any, schema: InputSchema) -> dict[str, int]:
    """Return the direction of every column with one.

    Parameters
    ----------
    monotonic : mapping of str to {"ascending", "descending", "none", 1, -1, 0} or None
        Declared directions of the bad rate.
    schema : InputSchema
        Columns and kinds.

    Returns
    -------
    dict of str to int
        1 where the bad rate must not fall as the value rises, -1 where it must not
        rise; in column order, columns without a direction left out.

    Raises
    ------
    UsageError
        When a column is unknown (the closest name is suggested) or has no order, or a
        direction is none of the above.
    """
    if monotonic is None:
        return {}
    if not isinstance(monotonic, Mapping):
        msg = (
            "monotonic must be a mapping of column to direction, got "
            f"{type(monotonic).__name__}."
        )
        raise UsageError(msg, hint="Write monotonic={'age': 'descending'}.")
    unknown = [name for name in monotonic if name not in schema.names]
    if unknown:
        close = get_close_matches(str(unknown[0]), schema.names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else None
        msg = f"monotonic names columns that X does not have: {unknown[:20]}."
        raise UsageError(msg, hint=hint)
    declared = {name: _sign(name, value) for name, value in monotonic.items()}
    for field in schema.fields:
        if field.kind == "categorical" and declared.get(field.name):
            msg = f"monotonic[{field.name!r}]: a categorical column has no order."
            raise UsageError(msg)
    return {name: declared[name] for name in schema.names if declared.get(name)}


def _sign(name: str, value: Any) -> int:
    is_plain = isinstance(value, str | Integral) and not isinstance(value, bool)
    if not is_plain or value not in _DIRECTIONS:
        known = tuple(_DIRECTIONS)
        msg = f"monotonic[{name!r}] must be one of {known}, got {value!r}."
        raise UsageError(msg)
    return _DIRECTIONS[value]


def check_interaction(interaction: Any) -> Interaction:
    """Return ``interaction``, once it is known to be one.

    Raises
    ------
    UsageError
        Naming what is allowed and what was found.
    """
    known = get_args(Interaction)
    if not isinstance(interaction, str) or interaction not in known:
        msg = f"interaction must be one of {known}, got {interaction!r}."
        raise UsageError(msg)
    kind: Interaction = interaction  # type: ignore[assignment]
    return kind


def interaction_sets(
    interaction: Interaction, n_columns: int
) -> list[list[int]] | None:
    """Return the sets of columns that may meet on one path from root to leaf.

    Parameters
    ----------
    interaction : {"none", "pairs", "free"}
        Which interactions are allowed.
    n_columns : int
        Columns of the matrix.

    Returns
    -------
    list of list of int or None
        None for no constraint.

    Notes
    -----
    LightGBM applies the sets to each path: a tree under the sets of all pairs may
    hold one column in its root, a second one on the left and a third on the right.
    ``split_wide_trees`` makes such a tree several trees of two columns each.
    """
    if interaction == "free" or n_columns == 1:
        return None
    size = 1 if interaction == "none" else 2
    return [list(columns) for columns in combinations(range(n_columns), size)]
