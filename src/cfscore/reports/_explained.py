"""Explained rows: what the pictures accept, and the values that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.explain import Contributions
from cfscore.scoring import ScoreBatch
from cfscore.special_code import codes_as_missing
from cfscore.tables import CategoryColumn, Column, read_table

__all__ = ["Cells", "cells_of", "contributions_of"]


def contributions_of(explained: Contributions | ScoreBatch) -> Contributions:
    """Return the contributions of a batch, or contributions as they are.

    Raises
    ------
    UsageError
        When the batch was scored without contributions, or rows of it were refused.
    """
    if isinstance(explained, Contributions):
        return explained
    if not isinstance(explained, ScoreBatch):
        msg = f"Expected Contributions or a ScoreBatch, got {type(explained).__name__}."
        raise UsageError(msg)
    if explained.contributions is None:
        msg = "The batch was scored without contributions."
        raise UsageError(msg, hint="Use scorer.score(table, contributions=True).")
    n_refused = int(np.count_nonzero(explained.status))
    if n_refused:
        msg = f"{n_refused} of {len(explained)} row(s) were refused and have no parts."
        raise UsageError(msg, hint="Leave those rows out, or score strictly.")
    return Contributions(
        explained.plan.schema,
        explained.contributions,
        explained.base_value,
        explained.margin,
        special_codes=explained.plan.special_codes,
    )


@dataclass(frozen=True, eq=False)
class Cells:
    """The values of one feature, as numbers to place and as texts to show.

    Parameters
    ----------
    numbers : array of shape (n_rows,), float64
        The values of a number, NaN where missing; a category's place among its keys in
        alphabetical order.
    texts : tuple of str
        Readable value of each row.
    is_ordered : bool
        Whether larger numbers mean more: not so for categories.
    is_measured : array of shape (n_rows,), bool
        Whether a value is neither missing nor a special code.
    """

    numbers: NDArray[np.float64]
    texts: tuple[str, ...]
    is_ordered: bool
    is_measured: NDArray[np.bool_]


def cells_of(contributions: Contributions, table: Any) -> list[Cells]:
    """Return the values of every feature of the explained rows.

    Raises
    ------
    UsageError
        When the table has another number of rows.
    SchemaError
        When columns are missing or of a kind that cannot be read.
    """
    batch = read_table(table, contributions.schema)
    if batch.n_rows != len(contributions):
        msg = f"table has {batch.n_rows} row(s), the explanation {len(contributions)}."
        raise UsageError(msg, hint="Pass the table that was explained.")
    codes = contributions.special_codes
    return [
        _cells(batch.columns[name], codes.get(name, ())) for name in contributions.names
    ]


def _cells(column: Column, special_codes: tuple[float, ...]) -> Cells:
    if isinstance(column, CategoryColumn):
        place_of = {key: float(i) for i, key in enumerate(sorted(column.keys))}
        numbers = np.array([np.nan, *(place_of[key] for key in column.keys)])
        texts = ("missing", *column.keys)
        codes = column.codes + 1
        shown = tuple(texts[code] for code in codes.tolist())
        return Cells(numbers[codes], shown, is_ordered=False, is_measured=codes > 0)
    values = column.values
    shown = tuple("missing" if v != v else f"{v:.6g}" for v in values.tolist())
    is_measured = ~np.isnan(codes_as_missing(values, special_codes))
    return Cells(values, shown, is_ordered=True, is_measured=is_measured)
