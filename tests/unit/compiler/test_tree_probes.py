"""Probe rows sit on every border of every test, and are the same each time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.compiler._tree_probes import probe_rows
from cfscore.plan import ZERO_BOUND, Trees
from tests.lightgbm_models import CATEGORICAL, train, training_rows
from tests.oracles.forest import leaves_of

pytest.importorskip("lightgbm")


@pytest.fixture(scope="module")
def trees() -> Trees:
    rows, outcomes = training_rows()
    training = {"min_data_per_group": 1, "cat_smooth": 0.1, "num_leaves": 30}
    booster = train(rows, outcomes, 40, CATEGORICAL, **training)
    return read_lightgbm_text(booster.model_to_string()).trees


def bits(values) -> set[int]:
    return set(np.asarray(values, np.float64).view(np.int64).tolist())


def test_every_threshold_and_its_neighbours_are_hit(trees: Trees) -> None:
    rows = probe_rows(trees, 7)
    for feature in range(7):
        own = (trees.feature == feature) & ~trees.is_categorical
        limits = trees.threshold[own]
        wanted = [limits, np.nextafter(limits, -np.inf), np.nextafter(limits, np.inf)]
        assert bits(np.concatenate(wanted)) <= bits(rows[:, feature])


def test_zeros_and_what_counts_as_zero_are_hit_in_every_column(trees: Trees) -> None:
    rows = probe_rows(trees, 7)
    wanted = [0.0, -0.0, ZERO_BOUND, -ZERO_BOUND, math.nan, math.inf, -math.inf]
    above = [np.nextafter(ZERO_BOUND, 1), np.nextafter(-ZERO_BOUND, -1)]
    below = [np.nextafter(ZERO_BOUND, 0), np.nextafter(-ZERO_BOUND, 0)]
    for column in rows.T:
        assert bits([*wanted, *above, *below]) <= bits(column)


def test_codes_inside_and_outside_of_sets_are_hit(trees: Trees) -> None:
    rows = probe_rows(trees, 7)
    for feature in CATEGORICAL:
        own = trees.category_set[(trees.feature == feature) & trees.is_categorical]
        codes = {
            code
            for chosen in own
            for code in trees.set_codes[
                trees.set_starts[chosen] : trees.set_starts[chosen + 1]
            ].tolist()
        }
        assert codes
        values = set(rows[:, feature].tolist())
        assert codes | {max(codes) + 1} <= values
        assert {-1.0, -0.5, 2.0**31 - 1, 2.0**31, 1e300} <= values
        assert {code + 0.75 for code in codes} <= values


def test_rows_are_bounded_and_the_same_each_time(trees: Trees) -> None:
    for limit in (1, 10, 5000):
        rows = probe_rows(trees, 7, limit)
        assert len(rows) <= limit
        np.testing.assert_array_equal(rows, probe_rows(trees, 7, limit))
    assert probe_rows(trees, 7, 10).dtype == np.float64


def test_most_leaves_are_met(trees: Trees) -> None:
    met = {
        (tree, leaf)
        for row in probe_rows(trees, 7, 1000).tolist()
        for tree, leaf in enumerate(leaves_of(trees, row))
    }
    assert len(met) > 0.9 * trees.n_leaves


def test_trees_without_nodes_have_rows_too() -> None:
    rows, outcomes = training_rows()
    booster = train(rows, outcomes, 1, min_data_in_leaf=500)
    trees = read_lightgbm_text(booster.model_to_string()).trees
    assert probe_rows(trees, 7).shape == (4096, 7)
