"""Forest engine: the bits of the plain form, whatever the trees and the slicing."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore._kernels.forest import N_PLANES
from cfscore._kernels.forest_one import MOST_LEAVES
from cfscore.execution import BLOCK_ROWS, ForestEngine, _row_forest
from cfscore.plan import (
    AffineCalibration,
    BetaCalibration,
    ForestFeature,
    ForestStage,
    IsotonicCalibration,
    Trees,
)
from cfscore.score_scale import ScoreScale
from cfscore.tables import FAULT_CODES, CategoryColumn, ColumnBatch, NumericColumn
from tests.forests import border_rows, numeric_stage, random_trees
from tests.oracles import forest as plain


def batch_of(rows):
    columns = {
        f"f{j}": NumericColumn(np.ascontiguousarray(rows[:, j]))
        for j in range(rows.shape[1])
    }
    return ColumnBatch(len(rows), columns)


def raw_of(stage, rows, **options):
    return ForestEngine(stage, ScoreScale()).run(batch_of(rows), **options).margin


@given(st.integers(0, 2**32), st.sampled_from([1, 2, 8, 9, 33, 70, 300]))
@settings(max_examples=40)
def test_raw_score_equals_the_walk_through_each_tree(seed, max_leaves):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 4, max_leaves)
    rows = border_rows(rng, trees, 60)
    found = raw_of(numeric_stage(trees), rows)
    assert found.tolist() == [plain.raw_score(trees, row) for row in rows]


@given(st.integers(0, 2**32), st.sampled_from([2, 33, MOST_LEAVES, 90]))
@settings(max_examples=30)
def test_one_row_has_the_bits_of_the_batch(seed, max_leaves):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 6, max_leaves)
    rows = border_rows(rng, trees, 25)
    engine = ForestEngine(numeric_stage(trees), ScoreScale())
    found = engine.run(batch_of(rows)).margin
    assert [engine.row_forest.score(row)[0] for row in rows] == found.tolist()


@pytest.mark.parametrize("leaves", [MOST_LEAVES, MOST_LEAVES + 1])
def test_widest_tree_of_one_word_and_first_that_one_row_walks(leaves):
    rng = np.random.default_rng(leaves)
    trees = random_trees(rng, 1, leaves)
    while trees.n_leaves != leaves:
        trees = random_trees(rng, 1, leaves)
    rows = border_rows(rng, trees, 200)
    one = ForestEngine(numeric_stage(trees), ScoreScale()).row_forest
    found = [one.score(row)[0] for row in rows]
    assert found == [plain.raw_score(trees, row) for row in rows]
    assert len(set(found)) > 8  # the rows reach leaves far apart


def test_one_row_walks_the_trees_whose_numbers_do_not_fit(monkeypatch):
    monkeypatch.setattr(_row_forest, "_MOST_TREES", 3)
    rng = np.random.default_rng(5)
    trees = random_trees(rng, 8, 20)
    rows = border_rows(rng, trees, 100)
    one = ForestEngine(numeric_stage(trees), ScoreScale()).row_forest
    found = [one.score(row)[0] for row in rows]
    assert found == [plain.raw_score(trees, row) for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("leaves", [8 * N_PLANES, 8 * N_PLANES + 1])
def test_widest_tree_on_planes_and_first_that_is_walked(leaves):
    rng = np.random.default_rng(leaves)
    while True:
        trees = random_trees(rng, 1, leaves)
        if trees.n_leaves == leaves:
            break
        rng = np.random.default_rng(int(rng.integers(2**32)))
    engine = ForestEngine(numeric_stage(trees), ScoreScale())
    assert bool(engine.masks.n_planes[0]) == (leaves == 8 * N_PLANES)
    rows = border_rows(rng, trees, 200)
    found = engine.run(batch_of(rows)).margin
    assert found.tolist() == [plain.raw_score(trees, row) for row in rows]


def test_more_than_255_thresholds_are_ranked_in_two_bytes():
    rng = np.random.default_rng(4)
    trees = random_trees(rng, 30, 60, n_features=2, n_thresholds=900)
    stage = numeric_stage(trees, 2)
    assert ForestEngine(stage, ScoreScale()).layout.dtype == np.uint16
    rows = border_rows(rng, trees, 300, 2)
    expected = [plain.raw_score(trees, row) for row in rows]
    assert raw_of(stage, rows).tolist() == expected
    one = ForestEngine(stage, ScoreScale()).row_forest
    assert [one.score(row)[0] for row in rows] == expected


@pytest.mark.parametrize("n_rows", [0, 1, BLOCK_ROWS, 2 * BLOCK_ROWS + 1025])
def test_threads_blocks_and_order_do_not_change_a_bit(n_rows):
    rng = np.random.default_rng(n_rows)
    trees = random_trees(rng, 8, 30)
    rows = border_rows(rng, trees, n_rows)
    stage = numeric_stage(trees)
    one = raw_of(stage, rows)
    assert raw_of(stage, rows, threads=3).tobytes() == one.tobytes()
    order = rng.permutation(n_rows)
    assert raw_of(stage, rows[order]).tobytes() == one[order].tobytes()


def test_few_rows_of_a_large_forest_are_shared_between_threads():
    rng = np.random.default_rng(3)
    trees = random_trees(rng, 300, 60)
    rows = border_rows(rng, trees, 200)
    met, blocks, lock = np.zeros(len(rows), int), [], threading.Lock()

    def consumer(ranks, first, n):
        with lock:
            met[first : first + n] += 1
            blocks.append(n)

    one = raw_of(numeric_stage(trees), rows)
    explained = raw_of(numeric_stage(trees), rows, threads=3, consumer=consumer)
    assert explained.tobytes() == one.tobytes()
    assert (met == 1).all()
    assert len(blocks) > 1


def stump(threshold=1.0, decision=8):
    """Return one test of feature 0: -1 on the left, +2 on the right."""
    return Trees(
        *(np.array([0, n], np.int64) for n in (1, 2)),
        feature=np.array([0], np.int32),
        threshold=np.array([threshold]),
        decision=np.array([decision], np.uint8),
        left=np.array([~0], np.int32),
        right=np.array([~1], np.int32),
        category_set=np.array([-1], np.int32),
        set_starts=np.array([0], np.int64),
        set_codes=np.array([], np.int32),
        leaf_value=np.array([-1.0, 2.0]),
        node_cover=np.array([4], np.int64),
        leaf_cover=np.array([3, 1], np.int64),
    )


def test_from_raw_score_to_points_by_hand():
    rows = np.array([[0.5], [1.5]])
    stage = replace(numeric_stage(stump(), 1), sigmoid=0.5)
    # 0.5 * (-1, 2) = (-0.5, 1.0); score = offset - factor * log_odds
    found = ForestEngine(stage, ScoreScale()).run(batch_of(rows))
    assert found.log_odds.tolist() == [-0.5, 1.0]
    assert found.margin is found.log_odds
    assert found.pd.tolist() == [1 / (1 + math.exp(0.5)), 1 / (1 + math.exp(-1.0))]
    scale = ScoreScale()
    expected = [scale.score_from_log_odds(x) for x in (-0.5, 1.0)]
    assert found.score.tolist() == expected
    rounded = ForestEngine(stage, ScoreScale(rounding="points")).run(batch_of(rows))
    assert rounded.score.tolist() == [round(x) for x in expected]
    assert rounded.pd.tolist() == found.pd.tolist()


def test_halves_are_rounded_to_even_and_zero_has_no_sign():
    # factor 1 and offset 0: the score is minus the log-odds
    scale = ScoreScale(
        pdo=math.log(2.0), base_score=0.0, base_odds=1.0, rounding="points"
    )
    for values, expected in (((-0.5, 1.5), "0.0 -2.0"), ((0.3, -2.5), "0.0 2.0")):
        trees = replace(stump(), leaf_value=np.array(values))
        engine = ForestEngine(numeric_stage(trees, 1), scale)
        found = engine.run(batch_of(np.array([[0.5], [1.5]]))).score
        assert " ".join(map(str, found.tolist())) == expected


def test_averaging_and_an_event_that_is_good():
    stage = replace(numeric_stage(stump(), 1), averages=True, event="good")
    found = ForestEngine(stage, ScoreScale()).run(batch_of(np.array([[0.5], [1.5]])))
    assert found.log_odds.tolist() == [1.0, -2.0]


def test_calibrations_follow_the_margin_and_affine_ones_are_folded_in():
    rows = batch_of(np.array([[0.5], [1.5]]))
    stage = numeric_stage(stump(), 1)
    line = ForestEngine(stage, ScoreScale(), AffineCalibration(2.0, 0.25)).run(rows)
    assert line.margin.tolist() == line.log_odds.tolist() == [-1.75, 4.25]
    steps = IsotonicCalibration((0.0,), (-3.0, -1.0))
    found = ForestEngine(stage, ScoreScale(), steps).run(rows)
    assert found.margin.tolist() == [-1.0, 2.0]
    assert found.log_odds.tolist() == [-3.0, -1.0]
    assert found.pd.tolist() == [1 / (1 + math.exp(3.0)), 1 / (1 + math.exp(1.0))]
    beta = BetaCalibration(1.0, 1.0, 0.5)
    found = ForestEngine(stage, ScoreScale(), beta).run(rows)
    assert found.log_odds.tolist() == [beta.apply_one(-1.0), beta.apply_one(2.0)]


def test_trees_of_a_single_leaf_give_their_values():
    trees = Trees(
        *(np.array(starts, np.int64) for starts in ([0, 0, 0], [0, 1, 2])),
        *(np.empty(0, t) for t in (np.int32, np.float64, np.uint8)),
        *(np.empty(0, np.int32) for _ in range(3)),
        set_starts=np.array([0], np.int64),
        set_codes=np.array([], np.int32),
        leaf_value=np.array([0.25, -1.0]),
        node_cover=np.array([], np.int64),
        leaf_cover=np.array([0, 7], np.int64),
    )
    stage = numeric_stage(trees, 2)
    rows = np.array([[0.0, np.nan], [np.inf, 1.0]])
    assert raw_of(stage, rows).tolist() == [-0.75, -0.75]
    engine = ForestEngine(stage, ScoreScale())
    assert engine.row_forest.score(rows[0])[0] == -0.75
    assert stage.expected_raw == -0.75


def test_category_keys_reach_the_trees_as_their_codes():
    trees = replace(
        stump(),
        threshold=np.array([0.0]),
        decision=np.array([1], np.uint8),
        category_set=np.array([0], np.int32),
        set_starts=np.array([0, 2], np.int64),
        set_codes=np.array([0, 2], np.int32),
    )
    stage = ForestStage((ForestFeature("c", "categorical", ("A", "B", "C")),), trees)
    column = CategoryColumn(np.array([0, 1, 2, 3, -1], np.int32), ("C", "B", "A", "?"))
    engine = ForestEngine(stage, ScoreScale())
    found = engine.run(ColumnBatch(5, {"c": column}), count=True)
    # A and C go left; B, a key that is not known and a missing one go right
    assert found.margin.tolist() == [-1.0, 2.0, -1.0, 2.0, 2.0]
    assert found.role_counts == {"c": {"MISSING": 1, "UNSEEN": 1}}


def test_policies_refuse_and_count():
    feature = ForestFeature("f0", "numeric", missing="error", non_finite="error")
    stage = ForestStage((feature,), stump())
    rows = batch_of(np.array([[0.0], [np.nan], [np.inf], [-np.inf]]))
    found = ForestEngine(stage, ScoreScale()).run(rows)
    assert found.status.tolist() == [
        0,
        FAULT_CODES["MISSING"],
        FAULT_CODES["NOT_FINITE"],
        FAULT_CODES["NOT_FINITE"],
    ]
    assert np.isnan(found.log_odds[1:]).all()
    assert np.isnan(found.score[1:]).all()
    assert found.fault_counts == {("f0", "MISSING"): 1, ("f0", "NOT_FINITE"): 2}
    assert found.infinite_counts == {"f0": 2}


def test_an_unseen_category_is_refused_where_the_plan_says_so():
    feature = ForestFeature("c", "categorical", ("A",), unseen="error")
    column = CategoryColumn(np.array([0, 1, -1], np.int32), ("A", "new"))
    engine = ForestEngine(ForestStage((feature,), stump()), ScoreScale())
    found = engine.run(ColumnBatch(3, {"c": column}))
    assert found.status.tolist() == [0, FAULT_CODES["UNSEEN"], 0]
    assert found.fault_counts == {("c", "UNSEEN"): 1}
