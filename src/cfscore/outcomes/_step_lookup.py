"""Step look-up: per loan, the step that a date or an amount has reached or not yet.

By one sort and a fill of both tables together: ``join_asof`` with groups cannot check
its order and warns of that on every call.
"""

from __future__ import annotations

import polars as pl

__all__ = ["last_at_or_before", "next_after", "next_at_or_after"]

_IS_STEP = "_is_step"


def next_at_or_after(
    asked: pl.DataFrame, steps: pl.DataFrame, *, by: list[str], on: str
) -> pl.DataFrame:
    """Return the asked rows with the columns of the first step at or after each.

    Parameters
    ----------
    asked : polars.DataFrame
        Columns ``by`` and ``on``, and others.
    steps : polars.DataFrame
        Columns ``by``, ``on`` and those to look up, none of them null; of steps at the
        same place, the first row counts.
    by : list of str
        Group in which is looked.
    on : str
        Place of both: dates or whole numbers of one type.

    Returns
    -------
    polars.DataFrame
        The rows of ``asked`` in order of ``by`` and ``on``; looked-up columns are null
        where there is no such step.
    """
    return _looked_up(asked, steps, by, on, steps_first=False, strategy="backward")


def next_after(
    asked: pl.DataFrame, steps: pl.DataFrame, *, by: list[str], on: str
) -> pl.DataFrame:
    """Return the asked rows with the columns of the first step after each.

    As ``next_at_or_after``, a step at the very place not counted.
    """
    return _looked_up(asked, steps, by, on, steps_first=True, strategy="backward")


def last_at_or_before(
    asked: pl.DataFrame, steps: pl.DataFrame, *, by: list[str], on: str
) -> pl.DataFrame:
    """Return the asked rows with the columns of the last step at or before each.

    As ``next_at_or_after``, the other way; of steps at the same place the last counts.
    """
    return _looked_up(asked, steps, by, on, steps_first=True, strategy="forward")


def _looked_up(
    asked: pl.DataFrame,
    steps: pl.DataFrame,
    by: list[str],
    on: str,
    *,
    steps_first: bool,
    strategy: str,
) -> pl.DataFrame:
    wanted = [name for name in steps.columns if name not in (*by, on)]
    both = pl.concat(
        [
            asked.with_columns(pl.lit(value=False).alias(_IS_STEP)),
            steps.with_columns(pl.lit(value=True).alias(_IS_STEP)),
        ],
        how="diagonal",
    )
    both = both.sort(
        [*by, on, _IS_STEP],
        descending=[False] * (len(by) + 1) + [steps_first],
        maintain_order=True,
    )
    filled = pl.col(wanted)
    filled = filled.forward_fill() if strategy == "forward" else filled.backward_fill()
    return both.with_columns(filled.over(by)).filter(~pl.col(_IS_STEP)).drop(_IS_STEP)
