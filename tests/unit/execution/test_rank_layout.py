"""Rank layout: thresholds as ranks, and one column per way to treat missing values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfscore.execution import RankLayout, rank_layout
from cfscore.plan import MISSING_NAN, MISSING_NONE, MISSING_ZERO, ZERO_BOUND, Trees

LEFT, ZERO, NAN, SET = 2, MISSING_ZERO << 2, MISSING_NAN << 2, 1


def stumps(*tests: tuple[int, float, int], sets: tuple[list[int], ...] = ()) -> Trees:
    """Return one tree of one test each: (feature, threshold, decision)."""
    n = len(tests)
    feature, threshold, decision = zip(*tests, strict=True)
    is_set = np.array(decision) & SET
    codes = [np.array(codes, np.int32) for codes in sets]
    return Trees(
        node_starts=np.arange(n + 1, dtype=np.int64),
        leaf_starts=np.arange(0, 2 * n + 1, 2, dtype=np.int64),
        feature=np.array(feature, np.int32),
        threshold=np.array(threshold, np.float64),
        decision=np.array(decision, np.uint8),
        left=np.full(n, ~0, np.int32),
        right=np.full(n, ~1, np.int32),
        category_set=np.where(is_set, np.cumsum(is_set) - 1, -1).astype(np.int32),
        set_starts=np.cumsum([0, *map(len, codes)], dtype=np.int64),
        set_codes=np.concatenate([np.empty(0, np.int32), *codes]),
        leaf_value=np.zeros(2 * n),
        node_cover=np.full(n, 2, np.int64),
        leaf_cover=np.ones(2 * n, np.int64),
    )


def passes(layout: RankLayout, node: int, value: float) -> bool:
    """Return whether a value goes left at a node, by its rank and cut."""
    column = layout.columns[layout.node_column[node]]
    thresholds = layout.features[column.feature].thresholds
    rank = column.ranks_of(np.array([value]), thresholds)[0]
    return bool(rank <= layout.node_cut[node])


def test_equal_thresholds_have_one_rank_and_equal_treatments_one_column() -> None:
    trees = stumps((0, 2.0, NAN), (0, 1.0, NAN), (0, 2.0, NAN), (1, 2.0, NAN))
    layout = rank_layout(trees, 3)
    assert [f.thresholds.tolist() for f in layout.features] == [[1.0, 2.0], [2.0], []]
    assert layout.node_cut.tolist() == [1, 0, 1, 0]
    assert layout.node_column.tolist() == [0, 0, 0, 1]
    assert [f.columns for f in layout.features] == [(0,), (1,), ()]
    assert layout.dtype == np.uint8


def test_missing_values_rank_below_or_above_every_threshold() -> None:
    decisions = (NAN | LEFT, NAN, ZERO | LEFT, ZERO, 0)
    trees = stumps(*((0, limit, d) for d in decisions for limit in (-1.0, 1.0)))
    layout = rank_layout(trees, 1)
    assert layout.n_columns == 5
    # (decision, what NaN does, what 0 does) at the thresholds -1 and 1
    expected = {
        NAN | LEFT: ((True, True), (False, True)),
        NAN: ((False, False), (False, True)),
        ZERO | LEFT: ((True, True), (True, True)),
        ZERO: ((False, False), (False, False)),
        0: ((False, True), (False, True)),  # NaN counts as 0
    }
    for i, decision in enumerate(decisions):
        for value, sides in zip((math.nan, 0.0), expected[decision], strict=True):
            found = tuple(passes(layout, 2 * i + j, value) for j in range(2))
            assert found == sides, (decision, value)


def test_the_default_side_of_values_that_are_never_missing_makes_no_column() -> None:
    layout = rank_layout(stumps((0, 1.0, 0), (0, 1.0, LEFT)), 1)
    assert layout.n_columns == 1
    assert layout.columns[0].missing_type == MISSING_NONE


@pytest.mark.parametrize("threshold", [0.0, 1e-36, -0.0])
def test_values_that_count_as_zero_go_where_zero_goes(threshold: float) -> None:
    layout = rank_layout(stumps((0, threshold, NAN)), 1)
    for value in (0.0, -0.0, 5e-324, ZERO_BOUND, -ZERO_BOUND):
        assert passes(layout, 0, value)
    assert not passes(layout, 0, np.nextafter(ZERO_BOUND, 1.0))


def test_zero_is_right_of_a_tiny_negative_threshold() -> None:
    layout = rank_layout(stumps((0, -1e-36, NAN)), 1)
    for value in (0.0, -5e-324, ZERO_BOUND, -ZERO_BOUND):
        assert not passes(layout, 0, value)
    assert passes(layout, 0, np.nextafter(-ZERO_BOUND, -1.0))


def test_an_infinite_threshold_parts_missing_values_from_all_others() -> None:
    layout = rank_layout(stumps((0, math.inf, NAN)), 1)
    assert passes(layout, 0, math.inf)
    assert not passes(layout, 0, math.nan)


def test_a_set_is_a_column_of_its_own_shared_by_equal_sets() -> None:
    trees = stumps(
        *((0, 0.0, SET) for _ in range(3)),
        (1, 0.0, SET),
        sets=([1, 3], [1], [1, 3], [1]),
    )
    layout = rank_layout(trees, 2)
    assert layout.n_columns == 3
    assert layout.node_column[0] == layout.node_column[2] != layout.node_column[1]
    inside = [v for v in np.arange(-2.0, 6.0, 0.5).tolist() if passes(layout, 0, v)]
    assert inside == [1.0, 1.5, 3.0, 3.5]  # by integer part
    for value in (math.nan, math.inf, -math.inf, 2.0**31):
        assert not passes(layout, 0, value)


def test_an_empty_set_holds_nothing() -> None:
    layout = rank_layout(stumps((0, 0.0, SET), sets=([],)), 1)
    assert not any(passes(layout, 0, value) for value in (0.0, 1.0, -0.5))


@pytest.mark.parametrize(("n", "dtype"), [(255, np.uint8), (256, np.uint16)])
def test_ranks_take_two_bytes_where_one_is_too_small(n: int, dtype: type) -> None:
    layout = rank_layout(stumps(*((0, float(i), NAN) for i in range(n))), 1)
    assert layout.dtype == dtype
    assert layout.node_cut.tolist() == list(range(n))
    assert not passes(layout, n - 1, math.nan)
