"""Trees read from LightGBM's text give its raw scores, bit for bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.compiler._lightgbm_text import LightGBMText, read_lightgbm_text
from cfscore.compiler._lightgbm_write import write_lightgbm_text
from cfscore.compiler._tree_probes import probe_rows
from tests.lightgbm_models import (
    CATEGORICAL,
    raw_scores,
    rewritten,
    train,
    training_rows,
)
from tests.oracles.forest import ZERO_BOUND, raw_score

pytest.importorskip("lightgbm")

#: Around every border of a numeric test with a threshold at or near 0, and beyond.
NUMBERS = [
    sign * value
    for value in (
        0.0,
        5e-324,
        1e-36,
        5e-36,
        np.nextafter(ZERO_BOUND, 0),
        ZERO_BOUND,
        np.nextafter(ZERO_BOUND, 1),
        2e-35,
        np.nextafter(1.5, 0),
        1.5,
        np.nextafter(1.5, 2),
        2.0**53,
        1e300,
        1.7976931348623157e308,
        math.inf,
    )
    for sign in (1.0, -1.0)
] + [math.nan]
#: Around every border of a test for codes 0, 3, 31, 32 and 95.
CODES = [
    *(-1e300, -math.inf, -(2.0**31) - 1, -(2.0**31), -33, -3, -1.5, -1, -0.999, -0.5),
    *(-1e-35, -0.0, 0.0, 1e-36, 0.5, 0.999, 1, 2, 2.999, 3, 3.5, 4, 30.9, 31, 31.5),
    *(32, 32.99, 33, 63, 64, 95, 95.9, 96, 127, 128, 2.0**31 - 1, 2.0**31 - 0.5),
    *(2.0**31, 2.0**32, 2.0**32 + 3, 2.0**53, 2.0**63, 1e300, math.inf, math.nan),
]


def oracle_scores(model: LightGBMText, rows: np.ndarray) -> list[float]:
    return [raw_score(model.trees, row) for row in rows.tolist()]


@pytest.fixture(scope="module")
def numeric_stump() -> str:
    rows, outcomes = training_rows()
    return train(rows[:, 1:2], outcomes, 1, num_leaves=2).model_to_string()


@pytest.fixture(scope="module")
def category_stump() -> str:
    rows, outcomes = training_rows()
    training = {"num_leaves": 2, "min_data_per_group": 1, "cat_smooth": 0.1}
    booster = train(rows[:, 4:5], outcomes, 1, [0], **training)
    text = rewritten(
        booster.model_to_string(), cat_boundaries="0 3", cat_threshold="0 0 0"
    )
    words = f"{1 | 1 << 3 | 1 << 31} 1 {1 << 31}"
    return rewritten(text, cat_threshold=words)


@pytest.mark.parametrize("decision", [0, 2, 4, 6, 8, 10])
@pytest.mark.parametrize(
    "threshold",
    [
        "0",
        "-0",
        "5e-324",
        "1e-36",
        "-1e-36",
        "1.0000000180025095e-35",
        "-1.0000000180025095e-35",
        "1.5",
        "-1.5",
        "1.7976931348623157e+308",
        "inf",
    ],
)
def test_every_numeric_decision(numeric_stump, decision, threshold) -> None:
    text = rewritten(numeric_stump, decision_type=str(decision), threshold=threshold)
    rows = np.array(NUMBERS).reshape(-1, 1)
    assert raw_scores(text, rows).tolist() == oracle_scores(
        read_lightgbm_text(text), rows
    )


@pytest.mark.parametrize("decision", [1, 3, 5, 7, 9, 11])
def test_every_category_decision(category_stump, decision) -> None:
    text = rewritten(category_stump, decision_type=str(decision))
    model = read_lightgbm_text(text)
    assert model.trees.set_codes.tolist() == [0, 3, 31, 32, 95]
    rows = np.array(CODES).reshape(-1, 1)
    assert raw_scores(text, rows).tolist() == oracle_scores(model, rows)


def test_the_default_side_matters_for_missing_values_only(numeric_stump) -> None:
    """By hand: at threshold 1.5 the two sides differ where the cell is missing."""
    cells = np.array([[0.0], [math.nan], [1.0], [2.0]])
    sides = {}
    for decision in (4, 6, 8, 10):
        text = rewritten(numeric_stump, decision_type=str(decision), threshold="1.5")
        left, _ = read_lightgbm_text(text).trees.leaf_value.tolist()
        scores = oracle_scores(read_lightgbm_text(text), cells)
        sides[decision] = "".join("L" if s == left else "R" for s in scores)
    # Missing type zero: 0 and NaN take the default side; type NaN: only NaN.
    assert sides == {4: "RRLR", 6: "LLLR", 8: "LRLR", 10: "LLLR"}


@st.composite
def boosters(draw):
    rows, outcomes = training_rows(draw(st.integers(0, 999)), n_rows=300)
    params = {
        "num_leaves": draw(st.integers(2, 40)),
        "min_data_in_leaf": draw(st.sampled_from([1, 5, 40])),
        "objective": draw(st.sampled_from(["binary", "cross_entropy", "regression"])),
        "learning_rate": draw(st.sampled_from([1e-3, 0.1, 1.0])),
        "max_bin": draw(st.sampled_from([2, 15, 255, 5000])),
        "use_missing": draw(st.booleans()),
        "zero_as_missing": draw(st.booleans()),
        "extra_trees": draw(st.booleans()),
        "boost_from_average": draw(st.booleans()),
        "max_cat_to_onehot": draw(st.sampled_from([1, 4])),
        "min_data_per_group": draw(st.sampled_from([1, 30])),
        "cat_smooth": draw(st.sampled_from([0.1, 10.0])),
        "path_smooth": draw(st.sampled_from([0.0, 1.0])),
    }
    boosting = draw(st.sampled_from(["gbdt", "dart", "rf"]))
    if boosting == "rf":
        params |= {"bagging_freq": 1, "bagging_fraction": 0.6}
    categorical = CATEGORICAL if draw(st.booleans()) else "auto"
    n_trees = draw(st.integers(1, 12))
    return train(
        rows, outcomes, n_trees, categorical, boosting=boosting, **params
    ), rows


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(boosters())
def test_random_models(drawn) -> None:
    booster, training = drawn
    model = read_lightgbm_text(booster.model_to_string())
    rows = np.vstack([probe_rows(model.trees, 7, 512), training])
    expected = raw_scores(booster, rows)
    assert expected.tolist() == oracle_scores(model, rows)
    written = write_lightgbm_text(model)
    assert raw_scores(written, rows).tolist() == expected.tolist()


@pytest.mark.parametrize("values", ["random", "bits"])
def test_every_float64_survives_both_readers(values) -> None:
    """Shortest digits are enough for LightGBM: its reader rounds correctly."""
    rows, outcomes = training_rows(n_rows=9000)
    rng = np.random.default_rng(5)
    booster = train(rows, outcomes, 1, num_leaves=3000, min_data_in_leaf=1)
    model = read_lightgbm_text(booster.model_to_string())
    n = model.trees.n_leaves
    assert n > 2000
    drawn = (
        rng.normal(size=n) * 10.0 ** rng.integers(-320, 300, n)
        if values == "random"
        else rng.integers(0, 2**63, n).view(np.float64)
    )
    drawn = np.where(np.isfinite(drawn), drawn, 1.0)
    for digits in (repr, "{:.17g}".format):
        text = rewritten(
            write_lightgbm_text(model), leaf_value=" ".join(map(digits, drawn.tolist()))
        )
        assert read_lightgbm_text(text).trees.leaf_value.tolist() == drawn.tolist()
        leaf = booster.predict(rows, pred_leaf=True, num_threads=1)[:, 0]
        assert raw_scores(text, rows).tolist() == drawn[leaf].tolist()


def test_the_sum_runs_from_the_first_tree_to_the_last() -> None:
    rows, outcomes = training_rows()
    booster = train(rows, outcomes, 60, learning_rate=0.5)
    model = read_lightgbm_text(booster.model_to_string())
    expected = raw_scores(booster, rows)
    assert expected.tolist() == oracle_scores(model, rows)
    backwards = [
        sum(
            model.trees.leaf_value[model.trees.leaf_starts[tree] + leaf]
            for tree, leaf in reversed(list(enumerate(leaves)))
        )
        for leaves in booster.predict(rows, pred_leaf=True, num_threads=1).tolist()
    ]
    assert expected.tolist() != backwards  # another order gives other bits
