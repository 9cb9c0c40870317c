"""Bins: how one characteristic partitions every possible value into attributes.

The attributes of a characteristic are ordered and complete::

    numeric      interval 0 .. interval k | special 0 .. | MISSING
    categorical  group 0 .. group k       | special 0 .. | MISSING | UNSEEN

Intervals are left-closed, right-open ``[a, b)``; the first reaches down to ``-inf``
and the last up to ``+inf``, both included. A special code is a value of its own,
taken out of the interval it lies in.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.digitize import digitize, gather_codes
from cfscore.exceptions import UsageError
from cfscore.tables import CategoryColumn, Column, NumericColumn

__all__ = [
    "SPECIAL_PREFIX",
    "Bins",
    "CategoricalBins",
    "NumericBins",
    "Role",
    "assign_attributes",
    "special_label",
    "special_number",
    "special_text",
]

Role = Literal["interval", "group", "special", "missing", "unseen"]


#: Label of a special attribute, before its code.
SPECIAL_PREFIX = "SPECIAL "


def special_text(code: float | str) -> str:
    """Return a special code as its label shows it.

    Parameters
    ----------
    code : float or str
        A declared special code.

    Returns
    -------
    str
        The text itself, or the shortest text of the number.
    """
    return code if isinstance(code, str) else number_text(code)


def special_label(code: float | str) -> str:
    """Return the label of a special code.

    Parameters
    ----------
    code : float or str
        A declared special code.

    Returns
    -------
    str
        As rules and counts name it.

    Examples
    --------
    >>> special_label(-7.0)
    'SPECIAL -7'
    """
    return SPECIAL_PREFIX + special_text(code)


def special_number(label: str) -> float | None:
    """Return the number of a special code's label, None where it has none.

    Parameters
    ----------
    label : str
        Of an attribute.

    Returns
    -------
    float or None
        Never NaN, which is no code.

    Examples
    --------
    >>> special_number("SPECIAL -7"), special_number("MISSING")
    (-7.0, None)
    """
    if not label.startswith(SPECIAL_PREFIX):
        return None
    try:
        number = float(label.removeprefix(SPECIAL_PREFIX))
    except ValueError:
        return None
    return None if math.isnan(number) else number


def number_text(value: float) -> str:
    """Return the shortest text that reads back as ``value``, integers without point."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e16:
        return str(int(value))
    return repr(float(value))


@dataclass(frozen=True)
class NumericBins:
    """Partition of the real line, specials and missing.

    Parameters
    ----------
    edges : tuple of float
        Finite, strictly ascending inner edges; ``k`` edges make ``k + 1`` intervals.
    specials : tuple of float
        Finite declared special codes, each its own attribute.

    Raises
    ------
    UsageError
        When edges are not finite and strictly ascending, or specials repeat.

    Examples
    --------
    >>> bins = NumericBins(edges=(25.0, 35.0), specials=(-7.0,))
    >>> bins.labels
    ('[-inf, 25)', '[25, 35)', '[35, inf]', 'SPECIAL -7', 'MISSING')
    >>> [bins.attribute_of(x) for x in (24.9, 25.0, -7.0, float("nan"))]
    [0, 1, 3, 4]
    """

    edges: tuple[float, ...]
    specials: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check edges and specials."""
        if not all(math.isfinite(edge) for edge in self.edges):
            msg = "Bin edges must be finite numbers."
            raise UsageError(msg)
        pairs = zip(self.edges, self.edges[1:], strict=False)
        if any(not low < high for low, high in pairs):
            msg = "Bin edges must be strictly ascending."
            raise UsageError(msg)
        if not all(math.isfinite(code) for code in self.specials):
            msg = "Numeric special codes must be finite numbers."
            raise UsageError(msg)
        if len(set(self.specials)) != len(self.specials):
            msg = "Special codes must not repeat."
            raise UsageError(msg)

    @property
    def n_attributes(self) -> int:
        """Number of attributes: intervals, specials and MISSING."""
        return len(self.edges) + 2 + len(self.specials)

    @property
    def missing_index(self) -> int:
        """Attribute index of MISSING."""
        return self.n_attributes - 1

    @property
    def roles(self) -> tuple[Role, ...]:
        """Role of each attribute."""
        intervals = _repeat("interval", len(self.edges) + 1)
        specials = _repeat("special", len(self.specials))
        return (*intervals, *specials, "missing")

    @property
    def labels(self) -> tuple[str, ...]:
        """Readable label of each attribute."""
        bounds = ["-inf", *map(number_text, self.edges), "inf"]
        last = len(bounds) - 2
        intervals = [
            f"[{bounds[i]}, {bounds[i + 1]}{']' if i == last else ')'}"
            for i in range(last + 1)
        ]
        specials = [special_label(code) for code in self.specials]
        return (*intervals, *specials, "MISSING")

    def attribute_of(self, value: float) -> int:
        """Return the attribute index of one number (NaN is missing)."""
        if value != value:
            return self.missing_index
        if value in self.specials:
            return len(self.edges) + 1 + self.specials.index(value)
        return bisect_right(self.edges, value)

    @cached_property
    def cuts(self) -> NDArray[np.float64]:
        """Ascending points where the attribute may change; shape (n_cuts,).

        A special code ``s`` is the one-value interval ``[s, nextafter(s))``.
        """
        after = [math.nextafter(code, math.inf) for code in self.specials]
        points = sorted({*self.edges, *self.specials, *after})
        return _frozen(np.array(points, dtype=np.float64))

    @cached_property
    def slot_attributes(self) -> NDArray[np.uint16]:
        """Attribute of each slot; shape (n_cuts + 2,).

        Slot ``i`` holds the values with exactly ``i`` cuts at or below them; the last
        slot is NaN.
        """
        below = self.attribute_of(-math.inf)
        inner = [self.attribute_of(float(cut)) for cut in self.cuts]
        slots = [below, *inner, self.missing_index]
        return _frozen(np.array(slots, dtype=np.uint16))


@dataclass(frozen=True)
class CategoricalBins:
    """Partition of text keys into groups, specials, missing and unseen.

    Parameters
    ----------
    groups : tuple of tuple of str
        Keys of each group; every key stands in one group only.
    specials : tuple of str
        Declared special keys, each its own attribute.

    Raises
    ------
    UsageError
        When a group is empty, a key repeats or a key is blank.

    Examples
    --------
    >>> bins = CategoricalBins(groups=(("A", "B"), ("C",)))
    >>> bins.labels
    ('A | B', 'C', 'MISSING', 'UNSEEN')
    >>> [bins.attribute_of(key) for key in ("B", None, "Z")]
    [0, 2, 3]
    """

    groups: tuple[tuple[str, ...], ...]
    specials: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the groups are a partition of non-blank texts."""
        if any(len(group) == 0 for group in self.groups):
            msg = "A category group must hold at least one key."
            raise UsageError(msg)
        keys = [*(key for group in self.groups for key in group), *self.specials]
        if any(not isinstance(key, str) or not key.strip() for key in keys):
            msg = "Category keys must be non-blank text (blank text is missing)."
            raise UsageError(msg)
        n_repeated = sum(count > 1 for count in Counter(keys).values())
        if n_repeated:
            msg = f"{n_repeated} category key(s) stand in more than one group."
            raise UsageError(msg)

    @property
    def n_attributes(self) -> int:
        """Number of attributes: groups, specials, MISSING and UNSEEN."""
        return len(self.groups) + len(self.specials) + 2

    @property
    def missing_index(self) -> int:
        """Attribute index of MISSING."""
        return self.n_attributes - 2

    @property
    def unseen_index(self) -> int:
        """Attribute index of UNSEEN."""
        return self.n_attributes - 1

    @property
    def roles(self) -> tuple[Role, ...]:
        """Role of each attribute."""
        groups = _repeat("group", len(self.groups))
        specials = _repeat("special", len(self.specials))
        return (*groups, *specials, "missing", "unseen")

    @property
    def labels(self) -> tuple[str, ...]:
        """Readable label of each attribute."""
        groups = [" | ".join(group) for group in self.groups]
        specials = [special_label(key) for key in self.specials]
        return (*groups, *specials, "MISSING", "UNSEEN")

    @cached_property
    def index(self) -> dict[str, int]:
        """Attribute index of every known key."""
        known = {key: i for i, group in enumerate(self.groups) for key in group}
        first = len(self.groups)
        return known | {key: first + i for i, key in enumerate(self.specials)}

    def attribute_of(self, key: str | None) -> int:
        """Return the attribute index of one key (None or blank is missing)."""
        if key is None or not key.strip():
            return self.missing_index
        return self.index.get(key, self.unseen_index)

    def code_attributes(self, keys: Sequence[str]) -> NDArray[np.uint16]:
        """Return the attribute of each code of a column; shape (1 + n_keys,).

        Position 0 is the missing code -1, position ``c + 1`` the key ``keys[c]``.
        """
        found = [self.missing_index, *(self.attribute_of(key) for key in keys)]
        return np.array(found, dtype=np.uint16)


Bins = NumericBins | CategoricalBins


def assign_attributes(
    bins: Bins, column: Column, out: NDArray[np.uint16] | None = None
) -> NDArray[np.uint16]:
    """Return the attribute index of every row of a column.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        The partition; must match the column's kind.
    column : NumericColumn or CategoryColumn
        Values of shape (n_rows,).
    out : array of shape (n_rows,), uint16, optional
        Written in place when given.

    Returns
    -------
    array of shape (n_rows,), uint16
        Index into ``bins.labels``.
    """
    if isinstance(bins, NumericBins):
        assert isinstance(column, NumericColumn)
        result = np.empty(len(column.values), np.uint16) if out is None else out
        digitize(column.values, bins.cuts, bins.slot_attributes, result)
        return result
    assert isinstance(column, CategoryColumn)
    result = np.empty(len(column.codes), np.uint16) if out is None else out
    gather_codes(column.codes, bins.code_attributes(column.keys), result)
    return result


def _repeat(role: Role, times: int) -> tuple[Role, ...]:
    return (role,) * times


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array
