"""Tree text: a hand-worked tree, and LightGBM itself as judge of rewritten ones."""

from __future__ import annotations

from itertools import combinations

import lightgbm as lgb
import numpy as np
import pytest

from cfscore.boosting._tree_text import (
    columns_of_trees,
    reversed_columns,
    split_wide_trees,
)
from cfscore.exceptions import FitError


def model_text(*trees):
    """Return a model text of trees given as dicts of lines."""
    blocks = [
        f"Tree={i}\n" + "\n".join(f"{k}={v}" for k, v in tree.items()) + "\n\n\n"
        for i, tree in enumerate(trees)
    ]
    sizes = " ".join(str(len(block)) for block in blocks)
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        "max_feature_idx=2\nobjective=binary sigmoid:1\nfeature_names=f0 f1 f2\n"
        f"feature_infos=[0:9] [0:9] [0:9]\ntree_sizes={sizes}\n\n"
    )
    return head + "".join(blocks) + "end of trees\n\nfeature_importances:\n\n"


# f0 <= 0.5 ? (f1 <= 1.5 ? 1 : 2) : (f2 <= 2.5 ? 3 : 4); counts 5, 6, 7, 8
WIDE = {
    "num_leaves": 4,
    "num_cat": 0,
    "split_feature": "0 1 2",
    "split_gain": "9 8 7",
    "threshold": "0.5 1.5 2.5",
    "decision_type": "2 2 2",
    "left_child": "1 -1 -2",
    "right_child": "2 -3 -4",
    "leaf_value": "1 3 2 4",
    "leaf_weight": "0.5 0.7 0.6 0.8",
    "leaf_count": "5 7 6 8",
    "internal_value": "0 0 0",
    "internal_weight": "2.6 1.1 1.5",
    "internal_count": "26 11 15",
    "is_linear": 0,
    "shrinkage": 1,
}
STUMP = {"num_leaves": 1, "num_cat": 0, "leaf_value": "-0.5", "shrinkage": 1}


def test_a_hand_worked_tree_is_split_in_two():
    found = split_wide_trees(model_text(WIDE))
    blocks = found.split("Tree=")[1:]
    assert len(blocks) == 2
    first = dict(line.split("=") for line in blocks[0].split("\n") if "=" in line)
    assert first["split_feature"] == "0 1"
    assert first["left_child"] == "1 -1"
    assert first["right_child"] == "-3 -2"
    assert first["leaf_value"] == "1 2 0"
    assert first["leaf_count"] == "5 6 15"
    assert first["leaf_weight"] == "0.5 0.6 1.5"
    # (5 * 1 + 6 * 2) / 26 and / 11
    assert first["internal_value"] == "0.653846 1.54545"
    assert first["internal_count"] == "26 11"
    second = dict(line.split("=") for line in blocks[1].split("\n") if "=" in line)
    assert second["split_feature"] == "0 2"
    assert (second["leaf_value"], second["threshold"]) == ("0 3 4", "0.5 2.5")
    grid = np.array([[a, b, c] for a in (0, 1) for b in (1, 2) for c in (2, 3)], float)
    for text in (model_text(WIDE), found):
        scores = lgb.Booster(model_str=text).predict(grid, raw_score=True)
        assert scores.tolist() == [1, 1, 2, 2, 3, 4, 3, 4]


def test_narrow_trees_stay_as_they_are():
    narrow = WIDE | {"split_feature": "0 1 1"}
    text = model_text(narrow, STUMP)
    assert split_wide_trees(text) == text
    assert columns_of_trees(text) == [{0, 1}, set()]


def test_a_path_of_three_columns_is_refused():
    deep = WIDE | {"left_child": "1 -1 -3", "right_child": "-2 2 -4"}
    with pytest.raises(FitError, match="meets 3 columns where 2") as error:
        split_wide_trees(model_text(deep))
    assert error.value.code == "INTERACTION"


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ({0: 1, 1: 1, 2: 1}, set()),
        ({0: -1}, {0}),
        ({1: -1, 2: 1}, {1}),
        ({1: 0}, set()),
        ({}, set()),
    ],
)
def test_directions_are_read_from_the_leaves(signs, expected):
    assert reversed_columns(model_text(WIDE, STUMP), signs) == expected


def test_one_leaf_in_the_wrong_place_is_seen():
    text = model_text(WIDE | {"leaf_value": "1 3 3.5 4"})  # 3.5 left of the root's 3
    assert reversed_columns(text, {0: 1, 1: 1, 2: 1}) == {0}


@pytest.fixture(scope="module")
def trained():
    """Return a booster under the sets of all pairs, with categories and missing."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 6))
    X[:, 3] = rng.integers(0, 40, 2000)
    X[:, 4] = rng.integers(0, 6, 2000)
    X[rng.random(X.shape) < 0.1] = np.nan
    z = np.nan_to_num(X)
    signal = z[:, 0] * z[:, 1] - z[:, 2] + (z[:, 3] % 3) * z[:, 5]
    y = (rng.random(2000) < 1 / (1 + np.exp(2 - signal))).astype(float)
    params = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "num_leaves": 15,
        "interaction_constraints": [list(p) for p in combinations(range(6), 2)],
    }
    data = lgb.Dataset(X, y, categorical_feature=[3, 4])
    return lgb.train(params, data, num_boost_round=30), X


def test_lightgbm_keeps_pairs_on_paths_only(trained):
    # The reason why trees must be split up at all.
    booster, _ = trained
    assert max(map(len, columns_of_trees(booster.model_to_string()))) > 2


def test_split_trees_predict_the_same_bits(trained):
    booster, X = trained
    text = split_wide_trees(booster.model_to_string())
    again = lgb.Booster(model_str=text)
    assert again.num_trees() > booster.num_trees()
    assert max(map(len, columns_of_trees(text))) == 2
    probe = np.vstack([X, np.full((1, 6), np.nan), np.full((1, 6), -1.0), X * 7])
    expected = booster.predict(probe, raw_score=True)
    assert np.array_equal(again.predict(probe, raw_score=True), expected)


def test_split_trees_have_the_same_contributions(trained):
    booster, X = trained
    again = lgb.Booster(model_str=split_wide_trees(booster.model_to_string()))
    expected = booster.predict(X[:200], pred_contrib=True)
    assert again.predict(X[:200], pred_contrib=True) == pytest.approx(
        expected, abs=1e-12
    )


def test_split_text_is_what_lightgbm_would_write(trained):
    booster, _ = trained
    again = lgb.Booster(model_str=split_wide_trees(booster.model_to_string()))
    text = again.model_to_string()
    assert lgb.Booster(model_str=text).model_to_string() == text
    for tree in again.dump_model()["tree_info"]:
        assert count_below(tree["tree_structure"]) == 2000


def count_below(node):
    """Return the training rows below a node, which its children must add up to."""
    if "leaf_count" in node:
        return node["leaf_count"]
    count = count_below(node["left_child"]) + count_below(node["right_child"])
    assert node["internal_count"] == count
    return count
