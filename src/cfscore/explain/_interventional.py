"""Interventional contributions: Shapley values against the rows of a background.

The value of a coalition is the mean margin over the background of a row that has the
coalition's features from the explained row and all others from the background row
(Lundberg et al., *Nature Machine Intelligence* 2, 2020, section "interventional";
Janzing, Minorics and Bloebaum, AISTATS 2020). Nothing is sampled:

* A scorecard: the part of a cell minus its mean over the background.
* A forest with shape tables: likewise; a pair's effect is split evenly.
* Any other forest, leaf by leaf. Against one background row a leaf that needs the
  ``a`` features ``A`` from the explained row and the ``b`` features ``B`` from the
  background gives each of ``A`` its value times ``1 / (a C(a + b, a))`` and takes from
  each of ``B`` its value times ``1 / (b C(a + b, b))``. Rows with equal patterns of
  met features share the work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import ExplanationError
from cfscore.explain._shape_tables import ShapeTables
from cfscore.explain._tree_leaf import TreeLeaf
from cfscore.tables import ColumnBatch

__all__ = ["add_leaves", "add_shapes", "operations", "refuse_above"]

#: Explained patterns weighed at a time: 4,096 x 4,096 weights are 128 MiB.
_PATTERNS_AT_ONCE = 4_096
#: Features of a leaf up to which patterns are looked up rather than sorted.
_LOOKED_UP = 16


def add_shapes(
    shapes: ShapeTables,
    batch: ColumnBatch,
    background: ColumnBatch,
    out: NDArray[np.float64],
) -> None:
    """Add the contributions of a model of singles and pairs.

    Parameters
    ----------
    shapes : ShapeTables
        The model.
    batch, background : ColumnBatch
        Rows to explain, and rows to explain them against.
    out : array of shape (n_rows, n_features), float64
        Added to, in log-odds of bad.
    """
    for table in shapes:
        columns = [shapes.schema.names.index(name) for name in table.features]
        at, beside = table.cells_of(batch), table.cells_of(background)
        joint = table.log_odds[at]
        mean = table.log_odds[beside].mean()
        if len(columns) == 1:
            out[:, columns[0]] += joint - mean
            continue
        first, second = (
            np.bincount(cells, minlength=size) / background.n_rows
            for cells, size in zip(beside, table.log_odds.shape, strict=True)
        )
        along_first = (table.log_odds @ second)[at[0]]
        along_second = (first @ table.log_odds)[at[1]]
        out[:, columns[0]] += 0.5 * (joint - along_second + along_first - mean)
        out[:, columns[1]] += 0.5 * (joint - along_first + along_second - mean)


def refuse_above(
    max_operations: float, needed: float, n_rows: int, n_background: int
) -> None:
    """Demand that exact contributions are within what the caller would bear.

    Raises
    ------
    ExplanationError
        When they would take more (code ``"TOO_COSTLY"``); the estimate is in the text.
    """
    if needed > max_operations:
        msg = (
            f"Exact interventional contributions of {n_rows:,} row(s) against "
            f"{n_background:,} background row(s) take about {needed:.1e} operations, "
            f"more than max_operations={max_operations:.1e}."
        )
        hint = (
            "Explain fewer rows, state a smaller background, raise max_operations, or "
            "explain without a background. Nothing is sampled on its own."
        )
        raise ExplanationError(msg, code="TOO_COSTLY", hint=hint)


def operations(leaves: list[TreeLeaf], n_rows: int, n_background: int) -> float:
    """Return an upper estimate of the additions and comparisons needed.

    Each test is made on every row; then each pair of patterns that can occur is
    weighed once per feature of the leaf.
    """
    total = 0.0
    for leaf in leaves:
        d = len(leaf.tests)
        pairs = float(min(n_rows, 2**d)) * min(n_background, 2**d)
        total += leaf.n_tests * (n_rows + n_background) + d * pairs
    return total


@dataclass(frozen=True, eq=False)
class _Patterns:
    """Which features of a leaf each row meets, equal rows together.

    Parameters
    ----------
    met : array of shape (n_patterns, d), float64
        1 where the feature's tests are met.
    counts : array of shape (n_patterns,), int64
        Rows of each pattern.
    of_row : array of shape (n_rows,), int64
        Pattern of each row.
    """

    met: NDArray[np.float64]
    counts: NDArray[np.int64]
    of_row: NDArray[np.int64]

    @classmethod
    def of_leaf(cls, leaf: TreeLeaf, ranks: NDArray[Any]) -> _Patterns:
        """Return the patterns of rows at a leaf."""
        d = len(leaf.tests)
        codes = np.zeros(ranks.shape[1], np.int64)
        for place, tests in enumerate(leaf.tests.values()):
            met = [test.met(ranks[test.column]) for test in tests]
            codes |= np.logical_and.reduce(met).astype(np.int64) << place
        if d <= _LOOKED_UP:
            all_counts = np.bincount(codes, minlength=2**d)
            found = np.flatnonzero(all_counts)
            place_of = np.cumsum(all_counts > 0) - 1
            of_row, counts = place_of[codes], all_counts[found]
        else:
            found, of_row, counts = np.unique(
                codes, return_inverse=True, return_counts=True
            )
        met_bits = (found[:, None] >> np.arange(d)) & 1
        return cls(met_bits.astype(np.float64), counts, of_row)


def add_leaves(
    leaves: list[TreeLeaf],
    ranks: NDArray[Any],
    background_ranks: NDArray[Any],
    out: NDArray[np.float64],
) -> None:
    """Add the contributions of leaves, in units of raw score.

    Parameters
    ----------
    leaves : list of TreeLeaf
        Of the whole forest.
    ranks, background_ranks : array of shape (n_columns, n_rows)
        Ranks of the rows to explain, and of those to explain them against.
    out : array of shape (n_rows, n_features), float64
        Added to.
    """
    weights = _weights(max((len(leaf.tests) for leaf in leaves), default=0))
    n_background = background_ranks.shape[1]
    for leaf in leaves:
        rows = _Patterns.of_leaf(leaf, ranks)
        beside = _Patterns.of_leaf(leaf, background_ranks)
        shares = beside.counts / n_background
        games = np.concatenate(
            [
                _games(met, beside.met, shares, weights)
                for met in np.split(
                    rows.met,
                    range(_PATTERNS_AT_ONCE, len(rows.met), _PATTERNS_AT_ONCE),
                )
            ]
        )
        out[:, leaf.features] += leaf.value * games[rows.of_row]


def _games(
    met: NDArray[np.float64],
    beside: NDArray[np.float64],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the mean Shapley value of each feature in each pattern, (n, d)."""
    alone = met @ (1.0 - beside).T  # features that only the explained row meets
    lent = (1.0 - met) @ beside.T  # features that only the background row meets
    both = met @ beside.T
    reached = alone + lent + both == met.shape[1]
    scaled = reached * shares
    a, b = alone.astype(np.int64), lent.astype(np.int64)
    given = (weights[a, b] * scaled) @ (1.0 - beside)
    taken = (weights[b, a] * scaled) @ beside
    games: NDArray[np.float64] = met * given - (1.0 - met) * taken
    return games


def _weights(most: int) -> NDArray[np.float64]:
    """Return ``1 / (a C(a + b, a))`` at [a, b], 0 for a = 0."""
    table = np.zeros((most + 1, most + 1))
    for a in range(1, most + 1):
        for b in range(most + 1 - a):
            table[a, b] = 1.0 / (a * math.comb(a + b, a))
    return table
