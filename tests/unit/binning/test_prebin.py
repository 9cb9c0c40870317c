"""Prebins equal those of scikit-learn's tree and keep to their minima."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from cfscore.binning._prebin import OrderedCells, tree_cuts

CELLS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 20)), min_size=1, max_size=60
)


def cells_of(pairs) -> OrderedCells:
    good, bad = np.array(pairs, float).T
    return OrderedCells((good + bad).astype(np.int64), good, bad)


@pytest.mark.parametrize("seed", range(5))
def test_cuts_are_those_of_a_classification_tree(seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 300, 4000)
    y = (rng.random(4000) < 0.2 + 0.1 * np.sin(x / 40)).astype(int)
    good, bad = (np.bincount(x[y == k], minlength=300).astype(float) for k in (0, 1))
    cells = OrderedCells((good + bad).astype(np.int64), good, bad)
    tree = DecisionTreeClassifier(max_leaf_nodes=10, min_samples_leaf=200)
    thresholds = tree.fit(x[:, None], y).tree_.threshold
    expected = sorted(np.ceil(thresholds[thresholds >= 0]).astype(int))
    cuts = tree_cuts(cells, max_prebins=10, min_rows=200, min_weight=0.0)
    assert len(cuts) == 9
    # every value occurs, so a threshold of 41.5 is the cut before value 42
    assert cuts.tolist() == expected


@given(CELLS, st.integers(2, 8), st.integers(1, 40), st.floats(0.0, 40.0))
def test_every_leaf_keeps_to_the_minima(pairs, max_prebins, min_rows, min_weight):
    cells = cells_of(pairs)
    cuts = tree_cuts(
        cells, max_prebins=max_prebins, min_rows=min_rows, min_weight=min_weight
    )
    leaves = cells.merge(cuts)
    assert len(leaves.rows) <= max_prebins
    assert leaves.rows.sum() == cells.rows.sum()
    if len(cuts):
        assert (leaves.rows >= min_rows).all()
        assert (leaves.good + leaves.bad >= min_weight).all()
        assert (leaves.good > 0).all()
        assert (leaves.bad > 0).all()


def test_rows_and_weight_have_minima_of_their_own():
    # two heavy rows on the left: enough weight, too few rows
    cells = OrderedCells(
        np.array([2, 100, 100]), np.array([90.0, 50, 40]), np.array([10.0, 10, 20])
    )
    free = tree_cuts(cells, max_prebins=2, min_rows=1, min_weight=50.0)
    bound = tree_cuts(cells, max_prebins=2, min_rows=30, min_weight=50.0)
    assert (free.tolist(), bound.tolist()) == ([2], [2])
    left = OrderedCells(cells.rows, np.array([90.0, 10, 10]), np.array([10.0, 40, 50]))
    assert tree_cuts(left, max_prebins=2, min_rows=1, min_weight=50.0).tolist() == [1]
    assert tree_cuts(left, max_prebins=2, min_rows=30, min_weight=50.0).tolist() == [2]


def test_no_cell_and_one_cell_have_no_cut():
    none = OrderedCells(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    for cells in (none, cells_of([(5, 5)])):
        assert not len(tree_cuts(cells, max_prebins=5, min_rows=1, min_weight=0.0))
