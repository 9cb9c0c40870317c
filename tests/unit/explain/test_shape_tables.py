"""Shape tables: additive and pairwise forests read like a scorecard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import ExplanationError, UsageError
from cfscore.explain import explain_table, shape_tables
from cfscore.plan import (
    ZERO_BOUND,
    AffineCalibration,
    ForestFeature,
    ForestStage,
    Trees,
)
from cfscore.scoring import Scorer
from tests.forests import border_rows
from tests.unit.explain.forest_plans import forest_plan, random_plan
from tests.unit.scoring.small_plan import small_plan


def trees_of(feature, threshold, decision, left, right, leaf_value, leaf_cover, **sets):
    """Return one tree."""
    n = len(feature)
    return Trees(
        node_starts=np.array([0, n]),
        leaf_starts=np.array([0, n + 1]),
        feature=np.array(feature, np.int32),
        threshold=np.array(threshold, float),
        decision=np.array(decision, np.uint8),
        left=np.array(left, np.int32),
        right=np.array(right, np.int32),
        category_set=np.array(sets.get("category_set", [-1] * n), np.int32),
        set_starts=np.array(sets.get("set_starts", [0])),
        set_codes=np.array(sets.get("set_codes", []), np.int32),
        leaf_value=np.array(leaf_value, float),
        node_cover=np.full(n, sum(leaf_cover)),
        leaf_cover=np.array(leaf_cover),
    )


NAN, ZERO = 2 << 2, 1 << 2  # missing types


def number_plan(decision, thresholds=(1.0, 3.0)):
    """Return a plan: x <= 1 gives 0.4, x <= 3 gives 0.1, else -0.5."""
    trees = trees_of(
        [0, 0], thresholds, [decision] * 2, [~0, ~1], [1, ~2], [0.4, 0.1, -0.5],
        [10, 20, 10],
    )  # fmt: skip
    return forest_plan(ForestStage((ForestFeature("income", "numeric"),), trees))


def test_a_number_by_hand():
    plan = number_plan(NAN)
    tables = shape_tables(plan)
    # the mean by cover: (10 * 0.4 + 20 * 0.1 - 10 * 0.5) / 40
    assert tables.intercept == pytest.approx(0.025)
    table = tables.table("income")
    assert table.axes[0].labels == ("[-inf, 1]", "(1, 3]", "(3, inf]", "MISSING")
    np.testing.assert_allclose(table.log_odds, [0.375, 0.075, -0.525, -0.525])
    scores = Scorer(plan).score([{"income": x} for x in (1.0, 3.0, 4.0, None)]).score
    np.testing.assert_allclose(table.points, scores)
    frame = table.to_arrow().to_pydict()
    assert frame["feature"] == ["income"] * 4
    assert frame["lower"] == [-np.inf, 1.0, 3.0, None]
    assert frame["upper"] == [1.0, 3.0, np.inf, None]


def test_zero_that_counts_as_missing_is_a_row_of_its_own():
    # zero goes right twice, as missing does, and lies within (-inf, 1]
    table = shape_tables(number_plan(ZERO)).table("income")
    labels = ("[-inf, 0)", "0", "(0, 1]", "(1, 3]", "(3, inf]", "MISSING")
    assert table.axes[0].labels == labels
    low, high = 0.375, -0.525
    expected = [low, high, low, 0.075, high, high]
    np.testing.assert_allclose(table.log_odds, expected)


def test_bounds_of_the_zero_zone_read_zero():
    table = shape_tables(number_plan(NAN, (ZERO_BOUND, 3.0))).table("income")
    assert table.axes[0].labels == ("[-inf, 0]", "(0, 3]", "(3, inf]", "MISSING")


def test_labels_have_as_many_digits_as_keep_bounds_apart():
    close = (1.0, 1.0000001)
    table = shape_tables(number_plan(NAN, close)).table("income")
    assert table.axes[0].labels[:2] == ("[-inf, 1]", "(1, 1.0000001]")


def category_plan():
    """Return a plan: cities 0 and 2 of 3 give -1, all else 1; then age <= 30."""
    trees = trees_of(
        [0, 1], [0.0, 30.0], [1, NAN], [1, ~0], [~2, ~1], [-1.0, -2.0, 1.0],
        [5, 5, 10], category_set=[0, -1], set_starts=[0, 2], set_codes=[0, 2],
    )  # fmt: skip
    city = ForestFeature("city", "categorical", ("north", "south", "中部"))
    return forest_plan(ForestStage((city, ForestFeature("age", "numeric")), trees))


def test_a_pair_with_a_category_by_hand():
    plan = category_plan()
    tables = shape_tables(plan)
    assert repr(tables) == "ShapeTables(1 features, 1 pairs)"
    # leaf 2 has the city alone: 1 - 0.5 where it is reached, else -0.5
    city = tables.table("city")
    assert city.axes[0].labels == ("north", "south", "中部", "MISSING", "UNSEEN")
    np.testing.assert_allclose(city.log_odds, [-0.5, 0.5, -0.5, 0.5, 0.5])
    # leaves 0 and 1: -1 or -2, less their mean 0.25 * (-1 - 2)
    pair = tables.table("age", "city")
    assert pair is tables.table("city", "age")
    assert pair.features == ("city", "age")
    assert repr(pair) == "ShapeTable(city, age: 5 x 3 cells)"
    out = [0.75] * 3
    inside = [-0.25, -1.25, -1.25]
    np.testing.assert_allclose(pair.log_odds, [inside, out, inside, out, out])
    frame = tables.to_arrow()
    assert frame.num_rows == 5 + 15
    assert frame["feature_2"].to_pylist() == [None] * 5 + ["age"] * 15
    assert frame["bin_2"].to_pylist()[5:8] == ["[-inf, 30]", "(30, inf]", "MISSING"]


def test_centred_tables_by_hand():
    tables = shape_tables(category_plan())
    background = {"city": ["north", "south"], "age": [20.0, 40.0]}
    centred = tables.centred(background)
    # grid over (north, south) x (young, old): [[-0.25, -1.25], [0.75, 0.75]];
    # along the city: -0.75 and 0.75, so with its own -0.5 and 0.5: -1.25 and 1.25
    city, age = centred.table("city"), centred.table("age")
    np.testing.assert_allclose(city.log_odds[:2], [-1.25, 1.25])
    # along the age: 0.25 and -0.25 about the mean 0
    np.testing.assert_allclose(age.log_odds[:2], [0.25, -0.25])
    pair = centred.table("city", "age").log_odds[:2, :2]
    np.testing.assert_allclose(pair, [[0.25, -0.25], [-0.25, 0.25]])
    assert centred.intercept == pytest.approx(tables.intercept)
    rows = [{"city": c, "age": a} for c in ("north", "x", None) for a in (20.0, None)]
    np.testing.assert_allclose(centred.margin(rows), tables.margin(rows))
    total = sum(t.points[t.cells_of(read(centred, rows))] for t in centred)
    np.testing.assert_allclose(total, Scorer(category_plan()).score(rows).score)


def read(tables, rows):
    from cfscore.tables import read_table

    return read_table(rows, tables.schema)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([1, 2]), st.booleans())
def test_tables_and_intercept_are_the_margin(seed, most_features, with_line):
    calibration = AffineCalibration(0.7, -1.2) if with_line else None
    plan = random_plan(seed, most_features, calibration=calibration)
    rows = border_rows(np.random.default_rng(seed), plan.forest.trees, 200)
    tables = shape_tables(plan)
    batch = Scorer(plan).score(rows)
    np.testing.assert_allclose(tables.margin(rows), batch.margin, atol=1e-9, rtol=0)
    np.testing.assert_allclose(
        tables.centred(rows).margin(rows), batch.margin, atol=1e-9, rtol=0
    )


def test_tables_of_an_additive_model_are_its_contributions():
    plan = random_plan(11, most_features=1)
    rows = border_rows(np.random.default_rng(0), plan.forest.trees, 50)
    tables = shape_tables(plan)
    found = explain_table(plan, rows)
    for table in tables:
        read_off = table.log_odds[table.cells_of(read(tables, rows))]
        column = found.column_of(table.features[0])
        np.testing.assert_allclose(found.values[:, column], read_off, atol=1e-12)


def test_averages_and_events_are_part_of_the_unit():
    plan = random_plan(2, most_features=1)
    stage = replace(plan.forest, averages=True, event="good", sigmoid=0.5)
    plan = forest_plan(stage)
    rows = border_rows(np.random.default_rng(0), plan.forest.trees, 50)
    margin = Scorer(plan).score(rows).margin
    np.testing.assert_allclose(shape_tables(plan).margin(rows), margin, atol=1e-12)


def test_a_scorecard_has_its_own_points():
    plan = small_plan()
    tables = shape_tables(plan)
    use = tables.table("use")
    expected = [a.points for a in plan.points.characteristics[0].attributes]
    assert use.points.tolist() == expected
    assert use.to_arrow()["lower"].to_pylist() == [-np.inf, 0.3, 0.7, None, None]
    rows = {"use": [0.1, None, -9991.0], "city": ["north", "x", None]}
    margin = Scorer(plan).score(rows).margin
    np.testing.assert_allclose(tables.margin(rows), margin, atol=1e-12)


def test_free_forests_are_refused():
    with pytest.raises(ExplanationError, match="Up to 3 features of plan") as error:
        shape_tables(random_plan(0))
    assert error.value.code == "NOT_ADDITIVE"
    assert error.value.hint == 'Train with interaction="none" or interaction="pairs".'


def test_refusals():
    tables = shape_tables(number_plan(NAN))
    with pytest.raises(UsageError, match=r"no shape table of \['age'\]. There are: "):
        tables.table("age")
    with pytest.raises(UsageError, match="A background needs at least one row"):
        tables.centred({"income": []})


def test_frames_of_pandas_and_polars():
    table = shape_tables(number_plan(NAN)).table("income")
    for frame in (table.to_pandas(), table.to_polars()):
        assert list(frame.columns) == table.to_arrow().column_names
        assert len(frame) == 4
