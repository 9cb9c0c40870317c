"""Damage by name: every part of a model text that a prediction depends on is checked.

Most of these crash LightGBM's own reader, hang it or are loaded as another model.
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable

import numpy as np
import pytest

from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.exceptions import CompileError
from tests.lightgbm_models import (
    CATEGORICAL,
    resized,
    rewritten,
    train,
    training_rows,
    with_first_tree,
)

pytest.importorskip("lightgbm")


@pytest.fixture(scope="module")
def booster():
    rows, outcomes = training_rows()
    training = {"min_data_per_group": 1, "cat_smooth": 0.1, "num_leaves": 4}
    return train(rows, outcomes, 3, CATEGORICAL, **training)


@pytest.fixture(scope="module")
def text(booster) -> str:
    """Return a model whose first tree has nodes 0 and 2 numeric, 1 categorical."""
    first = {
        "num_leaves": "4",
        "num_cat": "1",
        "split_feature": "0 4 1",
        "split_gain": "3 2 1",
        "threshold": "0.5 0 -1.5",
        "decision_type": "8 1 2",
        "left_child": "1 -1 -2",
        "right_child": "2 -3 -4",
        "leaf_value": "0.1 0.2 0.3 0.4",
        "leaf_weight": "1 1 1 1",
        "leaf_count": "10 20 30 40",
        "internal_value": "0 0 0",
        "internal_weight": "3 2 1",
        "internal_count": "100 40 60",
        "cat_boundaries": "0 2",
        "cat_threshold": "5 1",
        "is_linear": "0",
        "shrinkage": "0.1",
    }
    return with_first_tree(booster.model_to_string(), **first)


def refusal(text: str | bytes) -> CompileError:
    with pytest.raises(CompileError) as caught:
        read_lightgbm_text(text)
    assert len(str(caught.value)) < 400
    return caught.value


def refused(text: str | bytes, code: str, match: str) -> None:
    error = refusal(text)
    assert error.code == code
    assert re.search(match, str(error)), str(error)


def test_the_undamaged_text_is_read(text: str) -> None:
    assert read_lightgbm_text(text).trees.n_trees == 3


@pytest.mark.parametrize(
    ("damage", "code", "match"),
    [
        (
            lambda t: t.replace("\n", "\r\n").encode(),
            "TEXT",
            "carriage returns.*binary",
        ),
        (lambda t: t.replace("tree\n", "tree\r\n", 1), "TEXT", "carriage returns"),
        (lambda t: t.replace("age", "a\0e", 1) + "\0", "TEXT", "NUL"),
        (lambda t: t.encode("utf-16"), "TEXT", "not UTF-8"),
        (lambda t: t.replace("tree", "tree\udc80", 1), "TEXT", "not UTF-8"),
        (lambda t: b"\xff" + t.encode(), "TEXT", "not UTF-8"),
        (lambda t: b"\xef\xbb\xbf" + t.encode(), "TEXT", "first line is not 'tree'"),
        (lambda t: b"", "TEXT", "first line is not 'tree'"),
        (lambda t: "", "TEXT", "first line is not 'tree'"),
        (lambda t: bytes(range(1, 13)), "TEXT", "first line is not 'tree'"),
        (lambda t: np.random.default_rng(0).bytes(4096), "TEXT", "UTF-8|carriage"),
        (lambda t: "\n" + t, "TEXT", "first line is not 'tree'"),
        (lambda t: "tree\n", "TEXT", "no trees.*cut"),
        (lambda t: t[: t.index("Tree=1")], "TEXT", "'end of trees' is missing.*cut"),
        (lambda t: t + t, "TAIL", "unexpected line.*one model"),
        (lambda t: t + "x\n", "TAIL", "1 unexpected line"),
        (
            lambda t: t[: t.index("end of parameters")],
            "TAIL",
            "'end of parameters' mis",
        ),
        (lambda t: t.replace("feature_importances:", "x"), "TAIL", "importances: mis"),
    ],
)
def test_the_whole_text(text: str, damage, code: str, match: str) -> None:
    refused(damage(text), code, match)


def test_other_files_of_a_model(booster) -> None:
    match = "first line is not 'tree'.*save_model"
    refused(json.dumps(booster.dump_model()), "TEXT", match)
    refusal(pickle.dumps(booster))


@pytest.mark.parametrize(
    ("line", "value", "match"),
    [
        ("num_class", "1.0", "header, num_class: expected an integer"),
        ("num_class", "", "header, num_class: expected an integer"),
        ("num_class", "0x1", "header, num_class: expected an integer"),
        ("label_index", "-1", "header, label_index: expected an integer"),
        ("max_feature_idx", "5", "feature_names: expected 6 entries, found 7"),
        ("max_feature_idx", "2147483646", "expected 2147483647 entries, found 7"),
        ("max_feature_idx", "99999999999999999999", "expected an integer between"),
        ("feature_names", "a b c d e f", "feature_names: expected 7 entries, found 6"),
        ("feature_names", "a b c d e f f", "names must be unique and not empty"),
        ("feature_names", "a b  d e f g", "names must be unique and not empty"),
        ("feature_infos", "none", "feature_infos: expected 7 entries, found 1"),
        ("feature_infos", "none " * 6 + "[1:x]", "feature_infos: expected 'none'"),
        ("feature_infos", "none " * 6 + "1:2:", "feature_infos: expected 'none'"),
        ("feature_infos", "none " * 6 + "[nan:1]", "feature_infos: expected 'none'"),
    ],
)
def test_the_header(text: str, line: str, value: str, match: str) -> None:
    refused(rewritten(text, **{line: value}), "HEADER", match)


@pytest.mark.parametrize("value", ["1 0", "1 0 0 0 0 0 2", "a b c d e f g"])
def test_monotone_constraints(text: str, value: str) -> None:
    line = f"monotone_constraints={value}\nfeature_infos"
    changed = text.replace("feature_infos", line, 1)
    refused(changed, "HEADER", "header, monotone_constraints: expected")


@pytest.mark.parametrize(
    "key",
    [
        "version",
        "num_class",
        "num_tree_per_iteration",
        "label_index",
        "max_feature_idx",
        "feature_names",
        "feature_infos",
    ],
)
def test_header_keys_are_there_once(text: str, key: str) -> None:
    line = re.search(rf"(?m)^{key}=.*\n", text)[0]
    refused(text.replace(line, "", 1), "HEADER", f"header: {key} missing")
    refused(text.replace(line, line * 2, 1), "HEADER", f"header: {key} is given twice")
    refused(text.replace(line, "x" + line, 1), "HEADER", f"unknown key 'x{key}'")


def test_header_lines_of_another_form(text: str) -> None:
    twice = text.replace("feature_names", "average_output\n" * 2 + "feature_names", 1)
    refused(twice, "HEADER", "average_output is given twice")
    other = text.replace("feature_names", "average\nfeature_names", 1)
    refused(other, "HEADER", "a line is not of the form key=value")


def test_the_objective_cannot_be_lost(text: str) -> None:
    """LightGBM takes such a text and gives out raw scores as probabilities."""
    gone = re.sub(r"objective=.*\n", "", text, count=1)
    refused(gone, "OBJECTIVE", "objective: missing.*custom objective")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda sizes: sizes[:-1], "tree_sizes: expected 3 entries, one per tree, fo"),
        (lambda sizes: [*sizes, sizes[-1]], "tree_sizes: expected 3 entries, one per"),
        (lambda sizes: [sizes[0] + 1, *sizes[1:]], "tree 0 has .* bytes, not"),
        (lambda sizes: [sizes[0], -sizes[1], sizes[2]], "expected integers between 1"),
        (lambda sizes: [10**9, *sizes[1:]], "tree 0 has .* bytes, not 1000000000"),
        (lambda sizes: [], "expected 3 entries, one per tree, found 0"),
    ],
)
def test_tree_sizes(text: str, change: Callable[[list[int]], list[int]], match) -> None:
    """LightGBM adds these numbers to a pointer."""
    line = re.search(r"(?m)^tree_sizes=(.*)$", text)
    sizes = " ".join(map(str, change([int(n) for n in line[1].split()])))
    changed = text.replace(line[0], f"tree_sizes={sizes}")
    refused(changed, "HEADER", match)


@pytest.mark.parametrize(
    ("line", "value", "match"),
    [
        ("num_leaves", "0", "tree 0, num_leaves: expected an integer between 1"),
        ("num_leaves", "-4", "tree 0, num_leaves: expected an integer between 1"),
        ("num_leaves", "3", "tree 0, .*: expected 2 entries, found 3"),
        ("num_leaves", "5", "tree 0, .*: expected 4 entries, found 3"),
        ("num_leaves", "2147483647", "expected 2147483646 entries, found 3"),
        ("num_leaves", "1", "tree 0, .*: expected 0 entries, found 3"),
        ("num_cat", "0", "category split names no category set"),
        ("num_cat", "2", "must name every category set once"),
        ("num_cat", "-1", "num_cat: expected integers between 0 and 3"),
        ("num_cat", "1000000000", "num_cat: expected integers between 0 and 3"),
        # A cycle: LightGBM walks it for ever.
        ("left_child", "0 -1 -2", "a child node does not come after its parent"),
        ("right_child", "2 0 -4", "a child node does not come after its parent"),
        ("left_child", "1 1 -2", "a child node does not come after its parent"),
        ("left_child", "2 -1 -2", "a node or leaf has more than one parent"),
        ("right_child", "2 -3 -3", "a node or leaf has more than one parent"),
        ("left_child", "3 -1 -2", "left_child: expected integers between -4 and 2"),
        ("right_child", "2 -3 -5", "right_child: expected integers between -4 and 2"),
        ("right_child", "2 -3", "right_child: expected 3 entries, found 2"),
        ("right_child", "2  -3 -4", "right_child: expected 3 entries, found 4"),
        ("split_feature", "0 4 7", "split_feature: expected integers between 0 and 6"),
        ("split_feature", "0 -1 1", "split_feature: expected integers between 0 and"),
        ("split_feature", "0 4 1.5", "split_feature: expected integers, one blank"),
        ("split_feature", "0 4 99999999999", "split_feature: expected integers, one"),
        (
            "decision_type",
            "12 1 2",
            "decision_type: expected integers between 0 and 11",
        ),
        (
            "decision_type",
            "8 1 16",
            "decision_type: expected integers between 0 and 11",
        ),
        (
            "decision_type",
            "8 1 -2",
            "decision_type: expected integers between 0 and 11",
        ),
        ("decision_type", "8 1 3", "category split names no category set"),
        ("decision_type", "8 0 2", "must name every category set once"),
        ("threshold", "0.5 1 -1.5", "category split names no category set"),
        ("threshold", "0.5 -1 -1.5", "category split names no category set"),
        ("threshold", "0.5 0.5 -1.5", "category split names no category set"),
        ("threshold", "0.5 inf -1.5", "category split names no category set"),
        ("threshold", "nan 0 -1.5", "threshold: expected finite decimal numbers"),
        ("threshold", "-inf 0 -1.5", "threshold: expected finite decimal numbers"),
        ("threshold", "1e400 0 -1.5", "threshold: a number is beyond float64"),
        ("threshold", "0,5 0 -1.5", "threshold: expected finite decimal numbers"),
        ("leaf_value", "nan 0.2 0.3 0.4", "leaf_value: expected finite decimal"),
        ("leaf_value", "inf 0.2 0.3 0.4", "leaf_value: expected finite decimal"),
        ("leaf_value", "1e400 0.2 0.3 0.4", "leaf_value: a number is beyond float64"),
        ("leaf_value", "0,1 0,2 0,3 0,4", "leaf_value: expected finite decimal"),
        ("leaf_value", "0.1 0.2 0.3", "leaf_value: expected 4 entries, found 3"),
        ("leaf_value", "0.1 0.2 0.3 0.4 ", "leaf_value: expected 4 entries, found 5"),
        ("leaf_value", "", "leaf_value: expected 4 entries, found 0"),
        ("leaf_count", "10 20 30 -1", "leaf_count: expected integers between 0"),
        ("internal_count", "1e2 40 60", "internal_count: expected integers, one"),
        ("split_gain", "3 2", "split_gain: expected 3 entries, found 2"),
        ("leaf_weight", "1 1 1 x", "leaf_weight: expected finite decimal numbers"),
        ("leaf_weight", "", "leaf_weight: expected 4 entries, found 0"),
        ("shrinkage", "", "shrinkage: expected 1 entries, found 0"),
        ("cat_boundaries", "0 3", "cat_threshold: expected 3 entries, found 2"),
        ("cat_boundaries", "0 0", "cat_boundaries: entries must ascend from 0"),
        ("cat_boundaries", "1 2", "cat_boundaries: entries must ascend from 0"),
        ("cat_boundaries", "2 0", "cat_boundaries: entries must ascend from 0"),
        ("cat_boundaries", "0 1 2", "cat_boundaries: expected 2 entries, found 3"),
        ("cat_boundaries", "0 -2", "cat_boundaries: expected integers between 0"),
        ("cat_boundaries", "0 2000000000", "cat_boundaries: entries must ascend"),
        ("cat_threshold", "5 4294967296", "cat_threshold: expected integers between"),
        ("cat_threshold", "5 -1", "cat_threshold: expected integers between 0 and"),
    ],
)
def test_a_tree(text: str, line: str, value: str, match: str) -> None:
    refused(rewritten(text, **{line: value}), "TREE", match)


@pytest.mark.parametrize(
    "number",
    [
        "+1",
        " 1",
        "1_0",
        "0x1p3",
        "1.",
        ".5",
        "1e",
        "1e+",
        "--1",
        "1e5.5",
        "Infinity",
        "NaN",
        "1d5",
        "0.1f",
        "1'000",
        "9" * 26,
        "0." + "1" * 26,
        "1e1000",
        "1\t",
    ],
)
def test_numbers_have_one_form(text: str, number: str) -> None:
    error = refusal(rewritten(text, leaf_value=f"{number} 0.2 0.3 0.4"))
    assert error.code == "TREE"
    assert str(error).startswith("LightGBM model text, tree 0, leaf_value: ")


@pytest.mark.parametrize("number", ["-0", "1e5", "1E-05", "00.5", "1.0e+300", "5e-324"])
def test_other_forms_of_the_same_number_are_read(text: str, number: str) -> None:
    model = read_lightgbm_text(rewritten(text, leaf_value=f"{number} 0.2 0.3 0.4"))
    assert str(model.trees.leaf_value[0]) == str(float(number))


def test_digits_of_other_scripts_are_refused(text: str) -> None:
    changed = rewritten(text, leaf_count="10 20 30 ٤٠")
    refused(changed, "TREE", "trees: expected ASCII only")


@pytest.mark.parametrize(
    "key",
    [
        "num_leaves",
        "num_cat",
        "split_feature",
        "threshold",
        "decision_type",
        "left_child",
        "right_child",
        "leaf_value",
        "leaf_count",
        "internal_count",
        "cat_boundaries",
        "cat_threshold",
    ],
)
def test_tree_keys_are_there_once(text: str, key: str) -> None:
    line = re.search(rf"(?m)^{key}=.*\n", text)[0]
    gone = resized(text.replace(line, "", 1))
    refused(gone, "TREE", f"tree 0: {key} missing|tree 0, {key}: expected")
    twice = resized(text.replace(line, line * 2, 1))
    refused(twice, "TREE", f"tree 0: {key} is given twice")


def test_tree_keys_that_no_prediction_reads_may_be_absent(text: str) -> None:
    whole = read_lightgbm_text(text).trees
    for key in ("split_gain", "leaf_weight", "internal_value", "internal_weight"):
        text = re.sub(rf"(?m)^{key}=.*\n", "", text)
    shorter = read_lightgbm_text(resized(text)).trees
    np.testing.assert_array_equal(shorter.leaf_value, whole.leaf_value)


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda t: t.replace("Tree=1\n", "Tree=2\n"), "tree 1 is not where it should"),
        (lambda t: t.replace("Tree=0\n", "Tree=00\n"), "tree 0 is not where it should"),
        (lambda t: t.replace("num_cat", "num\ncat", 1), "tree 0: a line is not of"),
        (lambda t: t.replace("num_cat", "\nnum_cat", 1), "tree 0: a line is not of"),
        (lambda t: t.replace("num_cat", "x=1\nnum_cat", 1), "tree 0: unknown key 'x'"),
        (
            lambda t: t.replace("\n\n\nTree=1", "\nTree=1"),
            "tree 0: no blank line after",
        ),
        (lambda t: t.replace("num_cat=1", "k" * 999 + "=1", 1), "key 'k{40}\\.\\.\\.'"),
    ],
)
def test_trees_among_each_other(text: str, damage, match: str) -> None:
    changed = damage(text)
    sizes = re.search(r"(?m)^tree_sizes=.*\n", changed)[0]
    refused(changed.replace(sizes, ""), "TREE", match)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_linear": "1"}, "LINEAR_TREE"),
        ({"is_linear": "0\nleaf_const=1 2 3 4"}, "LINEAR_TREE"),
        ({"num_class": "3"}, "MULTICLASS"),
        ({"num_tree_per_iteration": "3"}, "MULTICLASS"),
        ({"version": "v99"}, "VERSION"),
    ],
)
def test_models_of_another_kind_are_named(text: str, change, code: str) -> None:
    assert refusal(rewritten(text, **change)).code == code


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("[objective: ", "objective: ", "parameters: a line is not of the form"),
        ("[objective: ", "[objective ", "parameters: a line is not of the form"),
        ("[data: ]\n", "[data: ]\n[data: ]\n", "parameters: data is given twice"),
        ("feature_importances:\n", "feature_importances:\nx=1\n", "a feature's name"),
        ("feature_importances:\n", "feature_importances:\nno\n", "a feature's name"),
        (
            "importances:\nColumn_",
            "importances:\nColumn_0=1\nColumn_",
            "a feature's na",
        ),
        (":null", ":", "pandas_categorical: expected null or a JSON list"),
        (":null", ":{}", "pandas_categorical: expected null or a JSON list"),
        (":null", ":[1]", "pandas_categorical: expected null or a JSON list"),
        (":null", ":[[[1]]]", "pandas_categorical: expected null or a JSON list"),
        (":null", ":[[null]]", "pandas_categorical: expected null or a JSON list"),
        (":null", ":[[NaN]]", "pandas_categorical: expected null or a JSON list"),
        (":null", ":[[1e999]]", "pandas_categorical: expected null or a JSON list"),
        (":null", f":[[{'9' * 5000}]]", "pandas_categorical: expected null or"),
        (":null", ":" + "[" * 100_000, "pandas_categorical: expected null or a JSON"),
        (":null", ':[["x"', "pandas_categorical: expected null or a JSON list"),
    ],
)
def test_what_follows_the_trees(text: str, old: str, new: str, match: str) -> None:
    assert old in text
    refused(text.replace(old, new, 1), "TAIL", match)


def test_names_in_another_order_are_what_the_text_says(text: str) -> None:
    """Only a hash of the text shows this; names decide which column is read."""
    names = [f"Column_{i}" for i in range(7)]
    swapped = rewritten(text, feature_names=" ".join(reversed(names)))
    assert read_lightgbm_text(swapped).feature_names == tuple(reversed(names))
