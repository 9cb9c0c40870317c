"""Aggregations: each the rule by which the facts in a window become one number.

One entry of ``AGGREGATIONS`` is all that a new one needs. It sees the facts of many
applications at once (a ``Selection``) and returns one value for each, NaN where there
is nothing to measure; the entry says what stands in the place of that NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cfscore.features._run import longest_run
from cfscore.features._salary import SALARY_OUTPUTS, salary
from cfscore.features._selection import Selection
from cfscore.features._values import divided, paired
from cfscore.special_code import SpecialCode

__all__ = ["AGGREGATIONS", "Aggregation", "Option"]

#: Arguments of a spec that only some aggregations have a use for.
Option = Literal["against", "by", "denominator", "elapsed_in", "part"]

_Floats = NDArray[np.float64]
_Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Aggregation:
    """How facts become a value, and what a spec must and may say for it.

    Parameters
    ----------
    measure : callable
        From the selected facts to an array of shape (n_applications,), float64, NaN
        where there is nothing; with ``outputs``, of shape (n_applications,
        n_outputs); with ``picks``, to positions of facts, int64, -1 for none.
    unit : {"", "column", "count", "ratio", "elapsed"}
        Unit of the value: that of the column, a count, a ratio, days or months.
    columns : {"none", "optional", "one", "many"}
        How many columns a spec names.
    is_number : bool
        Whether the columns must hold numbers.
    empty : float or SpecialCode
        What a NaN means.
    needs, takes : frozenset of str
        Arguments a spec must give, and those it may give besides.
    months_only : bool
        Whether its windows must be in months.
    outputs : mapping of str to direction or None
        Names of the values, where there are several, and how the bad rate is expected
        to move with each.
    picks : bool
        Whether it picks a fact, whose value may be text.
    """

    measure: Callable[[Selection], NDArray[Any]]
    unit: Literal["", "column", "count", "ratio", "elapsed"]
    columns: Literal["none", "optional", "one", "many"] = "one"
    is_number: bool = True
    empty: float | SpecialCode = SpecialCode.NOT_APPLICABLE
    needs: frozenset[Option] = frozenset()
    takes: frozenset[Option] = frozenset()
    months_only: bool = False
    outputs: Mapping[str, str | None] = field(default_factory=dict)
    picks: bool = False


def _coefficient_of_variation(s: Selection) -> _Floats:
    values = s.values()
    return divided(values.deviation(0), values.mean())


def _distinct(s: Selection) -> _Floats:
    return s.distinct(s.known, s.table.codes(s.spec.column_names))


def _per_month(s: Selection) -> _Floats:
    assert s.window is not None
    return s.total(s.index) / s.window.length


def _ratio(s: Selection) -> _Floats:
    below = s.index if s.spec.against is None else s.against
    if s.spec.by_names:
        return divided(s.total(s.index), _total_once(s, below))
    column = s.spec.denominator or s.column
    return divided(s.total(s.index), s.table.total(below, column))


def _total_once(s: Selection, index: _Integers) -> _Floats:
    """Return sums in which each distinct pair of ``by`` and value counts once.

    A fact without ``by`` stands for itself.
    """
    column = s.spec.denominator
    assert column is not None
    index = index[s.table.is_known(column)[index]]
    has_group = np.logical_and.reduce([s.table.is_known(n) for n in s.spec.by_names])
    grouped, alone = index[has_group[index]], index[~has_group[index]]
    codes = s.table.codes((*s.spec.by_names, column))
    pairs = paired(s.table.rows[grouped], codes[grouped])
    once = grouped[np.sort(np.unique(pairs, return_index=True)[1])]
    return s.table.total(once, column) + s.table.total(alone, column)


def _trend(s: Selection) -> _Floats:
    assert s.window is not None
    assert s.spec.against is not None
    recent = s.total(s.index) / s.window.length
    return divided(recent, s.total(s.against) / s.spec.against.length)


def _mean_gap(s: Selection) -> _Floats:
    first, last = s.table.first(s.known), s.table.last(s.known)
    gaps = (s.table.count(s.known) - 1.0).clip(min=0.0)
    return divided(s.elapsed(first, last), gaps)


def _last(s: Selection) -> _Integers:
    return s.table.last(_in_order_of_value(s))


def _first(s: Selection) -> _Integers:
    return s.table.first(_in_order_of_value(s))


def _in_order_of_value(s: Selection) -> _Integers:
    """Return the known facts by time, those of one moment by their value."""
    codes = s.table.codes(s.spec.column_names)[s.known]
    return s.known[np.lexsort((codes, s.table.moment_number[s.known]))]


def _run_or_count(s: Selection) -> _Floats:
    """Return 1 where a run of three or a total of six was reached, else 0."""
    is_met = (longest_run(s) >= 3.0) | (s.table.count(s.part) >= 6.0)
    return is_met.astype(np.float64)


def _top_share(s: Selection) -> _Floats:
    values = s.values()
    return divided(values.maximum(), values.total())


_BY: frozenset[Option] = frozenset({"by"})
_PART: frozenset[Option] = frozenset({"part"})
_ELAPSED: frozenset[Option] = frozenset({"elapsed_in"})
_RATIO: frozenset[Option] = frozenset({"against", "by", "denominator"})

#: Aggregations by name.
AGGREGATIONS: dict[str, Aggregation] = {
    "active_months": Aggregation(
        lambda s: s.distinct(s.known, s.table.elapsed_point("months")),
        unit="count",
        columns="optional",
        is_number=False,
        empty=0.0,
    ),
    "age": Aggregation(
        lambda s: s.elapsed(s.table.first(s.known)),
        unit="elapsed",
        columns="optional",
        is_number=False,
        empty=SpecialCode.NEVER,
        takes=_ELAPSED,
    ),
    "count": Aggregation(
        lambda s: s.table.count(s.known),
        unit="count",
        columns="optional",
        is_number=False,
        empty=0.0,
    ),
    "cv": Aggregation(_coefficient_of_variation, unit="ratio", takes=_BY),
    "distinct": Aggregation(
        _distinct, unit="count", columns="many", is_number=False, empty=0.0
    ),
    "first": Aggregation(_first, unit="column", is_number=False, picks=True),
    "last": Aggregation(_last, unit="column", is_number=False, picks=True),
    "longest_run": Aggregation(
        longest_run, unit="count", columns="none", empty=0.0, needs=_PART, takes=_BY
    ),
    "max": Aggregation(lambda s: s.values().maximum(), unit="column", takes=_BY),
    "mean": Aggregation(lambda s: s.values().mean(), unit="column", takes=_BY),
    "mean_gap": Aggregation(
        _mean_gap,
        unit="elapsed",
        columns="optional",
        is_number=False,
        takes=_ELAPSED,
    ),
    "median": Aggregation(lambda s: s.values().median(), unit="column", takes=_BY),
    "min": Aggregation(lambda s: s.values().minimum(), unit="column", takes=_BY),
    "per_month": Aggregation(
        _per_month, unit="column", columns="optional", empty=0.0, months_only=True
    ),
    "ratio": Aggregation(_ratio, unit="ratio", columns="optional", takes=_RATIO),
    "recency": Aggregation(
        lambda s: s.elapsed(s.table.last(s.known)),
        unit="elapsed",
        columns="optional",
        is_number=False,
        empty=SpecialCode.NEVER,
        takes=_ELAPSED,
    ),
    "run_or_count": Aggregation(
        _run_or_count, unit="", columns="none", empty=0.0, needs=_PART, takes=_BY
    ),
    "salary": Aggregation(salary, unit="", takes=_BY, outputs=SALARY_OUTPUTS),
    "share": Aggregation(
        lambda s: divided(s.total(s.part), s.total(s.index)),
        unit="ratio",
        columns="optional",
        needs=_PART,
    ),
    "std": Aggregation(lambda s: s.values().deviation(1), unit="column", takes=_BY),
    "sum": Aggregation(lambda s: s.total(s.index), unit="column", empty=0.0),
    "top_share": Aggregation(_top_share, unit="ratio", columns="optional", needs=_BY),
    "trend": Aggregation(
        _trend, unit="ratio", columns="optional", needs=frozenset({"against"})
    ),
}
