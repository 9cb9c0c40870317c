"""Special codes in the forest engine: NaN to the trees, missing to no one else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.execution import BLOCK_ROWS, ForestEngine
from cfscore.plan import ForestFeature, ForestStage
from cfscore.score_scale import ScoreScale
from cfscore.tables import FAULT_CODES, ColumnBatch, NumericColumn
from tests.forests import border_rows, numeric_stage, random_trees

SCALE = ScoreScale()


def batch_of(rows):
    columns = {
        f"f{j}": NumericColumn(np.ascontiguousarray(rows[:, j]))
        for j in range(rows.shape[1])
    }
    return ColumnBatch(len(rows), columns)


def with_codes(stage, codes):
    """Return the stage with special codes of each feature."""
    features = tuple(
        replace(feature, special=special)
        for feature, special in zip(stage.features, codes, strict=True)
    )
    return replace(stage, features=features)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_a_row_with_codes_has_the_bits_of_one_with_nan(seed):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 5, 30)
    rows = border_rows(rng, trees, 300)
    codes = [
        tuple(rng.choice(np.unique(column[np.isfinite(column)]), n, replace=False))
        for column, n in zip(rows.T, (0, 1, 2, 3), strict=True)
    ]
    blanked = rows.copy()
    for column, found in zip(blanked.T, codes, strict=True):
        column[np.isin(column, found)] = np.nan
    stage = numeric_stage(trees)
    expected = ForestEngine(stage, SCALE).run(batch_of(blanked)).margin
    for threads in (1, 2):
        engine = ForestEngine(with_codes(stage, codes), SCALE)
        found = engine.run(batch_of(rows), threads=threads)
        assert found.margin.tobytes() == expected.tobytes()


def small_stage(**policies):
    feature = ForestFeature("f0", "numeric", special=(-7.0, -8.0), **policies)
    other = ForestFeature("f1", "numeric")
    trees = random_trees(np.random.default_rng(1), 3, 10, n_features=2)
    return ForestStage((feature, other), trees)


CELLS = np.array([-7.0, -8.0, np.nan, np.inf, 1.0, np.nextafter(-7.0, 0.0)])


def rows_of(n=6):
    return np.column_stack([np.resize(CELLS, n), np.resize([-7.0, 2.0], n)])


def test_each_code_is_counted_and_none_is_missing():
    found = ForestEngine(small_stage(), SCALE).run(batch_of(rows_of()), count=True)
    assert found.role_counts == {
        "f0": {"MISSING": 1, "SPECIAL -7": 1, "SPECIAL -8": 1},
        "f1": {"MISSING": 0},
    }
    assert found.infinite_counts == {"f0": 1}
    assert found.fault_counts == {}


def test_codes_are_counted_over_all_blocks_and_threads():
    n = 2 * BLOCK_ROWS + 6
    engine = ForestEngine(small_stage(), SCALE)
    found = engine.run(batch_of(rows_of(n)), count=True, threads=2)
    expected = [int((rows_of(n)[:, 0] == code).sum()) for code in (-7.0, -8.0)]
    counts = found.role_counts["f0"]
    assert [counts["SPECIAL -7"], counts["SPECIAL -8"]] == expected


@pytest.mark.parametrize("count", [False, True])
def test_a_code_is_not_refused_as_missing(count):
    engine = ForestEngine(small_stage(missing="error", non_finite="error"), SCALE)
    found = engine.run(batch_of(rows_of()), count=count)
    missing, infinite = FAULT_CODES["MISSING"], FAULT_CODES["NOT_FINITE"]
    assert found.status.tolist() == [0, 0, missing, infinite, 0, 0]
    assert found.fault_counts == {("f0", "MISSING"): 1, ("f0", "NOT_FINITE"): 1}


def test_the_table_of_the_caller_stays_as_it_is():
    rows = rows_of()
    batch = batch_of(rows)
    ForestEngine(small_stage(), SCALE).run(batch)
    assert batch.columns["f0"].values.tobytes() == rows[:, 0].tobytes()
