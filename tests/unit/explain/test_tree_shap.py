"""TreeSHAP tables: exact contributions, the same bits however rows come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.execution import rank_layout
from cfscore.explain._tree_shap import TreeShapTables
from cfscore.plan import Trees
from tests.forests import border_rows, numeric_stage, random_trees
from tests.oracles import tree_shap as plain
from tests.oracles.forest import raw_score

N_FEATURES = 6
#: No tables at all, a few, and all that are worth it.
BOUNDS = [0, 2_000, 2**28]


def ranks_of(layout, rows):
    """Return the ranks of rows, shape (n_columns, n_rows), by the plain form."""
    ranks = np.empty((layout.n_columns, len(rows)), layout.dtype)
    for column, found in zip(layout.columns, ranks, strict=True):
        thresholds = layout.features[column.feature].thresholds
        found[:] = column.ranks_of(rows[:, column.feature], thresholds)
    return ranks


class Explained:
    """Trees with their tables."""

    def __init__(self, trees, n_features=N_FEATURES, **options):
        self.n_features = n_features
        self.layout = rank_layout(trees, n_features)
        layout = self.layout
        self.tables = TreeShapTables.build(
            trees, layout.node_column, layout.node_cut, **options
        )

    def ranks(self, rows):
        return ranks_of(self.layout, rows)

    def of(self, rows, slope=1.0):
        return self.of_ranks(self.ranks(rows), slope)

    def of_ranks(self, ranks, slope=1.0):
        out = np.full((ranks.shape[1], self.n_features), np.nan)
        self.tables.contribute(np.ascontiguousarray(ranks), slope, out)
        return out

    def one_by_one(self, ranks, slope=1.0):
        out = np.full((ranks.shape[1], self.n_features), np.nan)
        for row, found in zip(ranks.T, out, strict=True):
            self.tables.contribute_one(np.ascontiguousarray(row), slope, found)
        return out


def trees_of(root_feature, other_feature, leaf_value, covers):
    """Return a root, a node on its right, and three leaves."""
    return Trees(
        node_starts=np.array([0, 2]),
        leaf_starts=np.array([0, 3]),
        feature=np.array([root_feature, other_feature], np.int32),
        threshold=np.array([0.5, 0.5]),
        decision=np.array([8, 8], np.uint8),
        left=np.array([~0, ~1], np.int32),
        right=np.array([1, ~2], np.int32),
        category_set=np.array([-1, -1], np.int32),
        set_starts=np.array([0]),
        set_codes=np.array([], np.int32),
        leaf_value=np.array(leaf_value, float),
        node_cover=np.array([sum(covers), sum(covers[1:])]),
        leaf_cover=np.array(covers),
    )


@pytest.mark.parametrize("bound", BOUNDS)
def test_two_features_by_hand(bound):
    trees = trees_of(0, 1, [0, 0, 8], [2, 1, 1])
    explained = Explained(trees, 2, memory_bound=bound)
    # Only the leaf of value 8 counts: v(S) = 8 * prod over S of "met", over the rest
    # of 1/2. Both met: v() = 2, v(0) = v(1) = 4, v(01) = 8, so 2 + 2/2 = 3 for each.
    # Feature 0 met, 1 not: v(0) = 4, v(1) = v(01) = 0, so 0 gets (2 + 0) / 2 = 1 and
    # 1 gets (-2 - 4) / 2 = -3. None met: each (-2 + 0) / 2 = -1.
    rows = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    expected = np.array([[3, 3], [1, -3], [-3, 1], [-1, -1]])
    np.testing.assert_allclose(explained.of(rows), expected, rtol=0, atol=1e-15)
    np.testing.assert_allclose(explained.of(rows, -0.5), -0.5 * expected, atol=1e-15)


@pytest.mark.parametrize("bound", BOUNDS)
def test_a_feature_tested_twice_is_one_player(bound):
    trees = trees_of(0, 0, [-1, 3, 7], [3, 1, 0])
    explained = Explained(trees, 1, memory_bound=bound)
    rows = np.array([[0.0], [1.0]])
    # alone, a feature gets value - mean; the mean is (-1 * 3 + 3 * 1) / 4 = 0. The row
    # cannot meet the second leaf (x > 0.5 and x <= 0.5)
    np.testing.assert_allclose(explained.of(rows), [[-1.0], [7.0]], atol=1e-15)


@given(st.integers(0, 2**32), st.sampled_from(BOUNDS))
@settings(max_examples=25)
def test_contributions_are_shapley_values_by_definition(seed, bound):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 2, 9, N_FEATURES)
    rows = border_rows(rng, trees, 4, N_FEATURES)
    expected = [
        [float(x) for x in plain.by_subsets(trees, row, N_FEATURES)] for row in rows
    ]
    found = Explained(trees, memory_bound=bound).of(rows)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


@given(st.integers(0, 2**32), st.sampled_from([3, 12, 40]), st.sampled_from(BOUNDS))
@settings(max_examples=15)
def test_contributions_equal_the_recursion_in_extended_precision(
    seed, n_features, bound
):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 2, 90, n_features)
    rows = border_rows(rng, trees, 2, n_features)
    expected = [plain.by_recursion(trees, row, n_features) for row in rows]
    found = Explained(trees, n_features, memory_bound=bound).of(rows)
    np.testing.assert_allclose(found, np.array(expected, float), rtol=0, atol=1e-13)


@given(st.integers(0, 2**32), st.sampled_from(BOUNDS))
@settings(max_examples=25)
def test_base_value_and_contributions_add_up(seed, bound):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 8, 70, N_FEATURES)
    rows = border_rows(rng, trees, 50, N_FEATURES)
    total = numeric_stage(trees, N_FEATURES).expected_raw
    total += Explained(trees, memory_bound=bound).of(rows).sum(axis=1)
    expected = [raw_score(trees, row) for row in rows]
    np.testing.assert_allclose(total, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("bound", BOUNDS)
def test_same_bits_alone_in_any_block_and_in_any_order(bound):
    rng = np.random.default_rng(8)
    trees = random_trees(rng, 20, 40, N_FEATURES)
    explained = Explained(trees, memory_bound=bound)
    ranks = explained.ranks(border_rows(rng, trees, 300, N_FEATURES))
    whole = explained.of_ranks(ranks, 0.7)
    for size in (1, 63, 64, 65):
        parts = [
            explained.of_ranks(ranks[:, i : i + size], 0.7) for i in range(0, 300, size)
        ]
        assert np.concatenate(parts).tobytes() == whole.tobytes()
    order = rng.permutation(300)
    assert explained.of_ranks(ranks[:, order], 0.7).tobytes() == whole[order].tobytes()
    assert explained.one_by_one(ranks, 0.7).tobytes() == whole.tobytes()


def test_products_of_several_sizes_have_the_bits_of_a_block_and_the_sum_of_a_walk():
    rng = np.random.default_rng(3)
    trees = random_trees(rng, 10, 60, 40)
    rows = border_rows(rng, trees, 70, 40)
    explained = Explained(trees, 40, memory_bound=1_000_000)
    counts = explained.tables.estimate
    assert min(counts.n_tables, counts.n_products, counts.n_plain_leaves) > 10
    ranks = explained.ranks(rows)
    found = explained.of_ranks(ranks, 0.7)
    assert explained.one_by_one(ranks, 0.7).tobytes() == found.tobytes()
    expected = [plain.by_recursion(trees, row, 40) for row in rows[:5]]
    np.testing.assert_allclose(found[:5], 0.7 * np.array(expected, float), atol=1e-13)


def test_only_the_first_rows_of_a_block_are_used():
    rng = np.random.default_rng(1)
    trees = random_trees(rng, 5, 20, N_FEATURES)
    rows = border_rows(rng, trees, 100, N_FEATURES)
    explained = Explained(trees)
    out = np.empty((30, N_FEATURES))
    explained.tables.contribute(explained.ranks(rows), 1.0, out)
    assert out.tobytes() == explained.of(rows)[:30].tobytes()


@pytest.mark.parametrize("bound", BOUNDS)
def test_ranks_of_two_bytes(bound):
    rng = np.random.default_rng(4)
    trees = random_trees(rng, 30, 60, n_features=2, n_thresholds=900)
    rows = border_rows(rng, trees, 40, 2)
    explained = Explained(trees, 2, memory_bound=bound)
    assert explained.layout.dtype == np.uint16
    found = explained.of(rows)
    expected = [plain.by_recursion(trees, row, 2) for row in rows[:5]]
    np.testing.assert_allclose(found[:5], np.array(expected, float), atol=1e-12)
    assert explained.one_by_one(explained.ranks(rows)).tobytes() == found.tobytes()


def test_features_that_no_tree_reads_contribute_nothing():
    trees = random_trees(np.random.default_rng(2), 4, 10, 3)
    rows = np.random.default_rng(3).normal(size=(20, 5))
    assert (Explained(trees, 5).of(rows)[:, 3:] == 0.0).all()


def test_trees_of_single_leaves_contribute_nothing():
    trees = random_trees(np.random.default_rng(2), 4, 1, 3)
    explained = Explained(trees, 3)
    assert (explained.of(np.zeros((5, 3))) == 0.0).all()
    assert (explained.one_by_one(explained.ranks(np.zeros((1, 3)))) == 0.0).all()
    assert explained.tables.estimate.n_bytes == 0


@pytest.mark.parametrize("bound", [0, 1_000, 30_000, 10**6, 2**28])
def test_memory_is_known_before_it_is_taken_and_bounded(bound):
    trees = random_trees(np.random.default_rng(5), 20, 60, 12)
    layout = rank_layout(trees, 12)
    arguments = trees, layout.node_column, layout.node_cut
    estimate = TreeShapTables.estimate_for(*arguments, memory_bound=bound)
    tables = TreeShapTables.build(*arguments, memory_bound=bound)
    assert tables.estimate == estimate
    assert estimate.n_bytes <= bound
    others = 400 * trees.n_leaves + 1024 * layout.n_columns
    assert estimate.n_bytes <= tables.nbytes <= estimate.n_bytes + others


@pytest.mark.parametrize("at", ["root", "node", "leaf"])
def test_cases_that_do_not_add_up_are_refused(at):
    trees = random_trees(np.random.default_rng(8), 3, 6, 4)
    names = "node_cover", "leaf_cover"
    covers = {name: getattr(trees, name).copy() for name in names}
    name, place = {
        "root": ("node_cover", trees.node_starts[1]),
        "node": ("node_cover", trees.node_starts[1] + 1),
        "leaf": ("leaf_cover", trees.leaf_starts[2] - 1),
    }[at]
    covers[name][place] *= 2
    n_wrong = 2 if at == "node" else 1
    message = rf"but {n_wrong} inner node\(s\) have others than the two below"
    with pytest.raises(UsageError, match=message):
        Explained(replace(trees, **covers), 4)


def test_a_node_without_training_cases_is_refused():
    trees = trees_of(0, 1, [0, 0, 8], [2, 0, 0])
    message = r"weigh the branches of a tree by training cases, but 1 inner node\(s\)"
    with pytest.raises(UsageError, match=message):
        Explained(trees, 2)
