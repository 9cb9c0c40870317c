"""LightGBM's model text: what it writes is read, what no plan holds is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.compiler._lightgbm_text import (
    MAX_TEXT_BYTES,
    LightGBMText,
    read_lightgbm_text,
)
from cfscore.exceptions import CompileError
from tests.lightgbm_models import (
    CATEGORICAL,
    resized,
    rewritten,
    train,
    training_rows,
)
from tests.oracles.forest import raw_score

lightgbm = pytest.importorskip("lightgbm")

#: Written by hand: two splits, one of them on codes 1, 3 and 33 of the second feature.
BY_HAND = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:0.5
feature_names=age 城市
feature_infos=[18:99] -1:1:3:33
tree_sizes=0 0

Tree=0
num_leaves=3
num_cat=1
split_feature=0 1
split_gain=2 1
threshold=30.5 0
decision_type=2 1
left_child=-1 -2
right_child=1 -3
leaf_value=-0.25 0.5 1
leaf_weight=5 3 2
leaf_count=50 30 20
internal_value=0 0.1
internal_weight=10 5
internal_count=100 50
cat_boundaries=0 2
cat_threshold=10 2
is_linear=0
shrinkage=0.1


Tree=1
num_leaves=1
num_cat=0
split_feature=
split_gain=
threshold=
decision_type=
left_child=
right_child=
leaf_value=0.125
leaf_weight=
leaf_count=100
internal_value=
internal_weight=
internal_count=
is_linear=0
shrinkage=1


end of trees

feature_importances:
age=1
城市=1

parameters:
[objective: binary]
[categorical_feature: 1]
[data: ]

end of parameters

pandas_categorical:[["x", "y"]]
"""


@pytest.fixture(scope="module")
def text() -> str:
    return resized(BY_HAND)


def refused(text: str | bytes, code: str, match: str) -> None:
    with pytest.raises(CompileError, match=match) as caught:
        read_lightgbm_text(text)
    assert caught.value.code == code
    assert str(caught.value).startswith("LightGBM model text, ")
    assert len(str(caught.value)) < 400


def test_a_text_by_hand_becomes_flat_arrays(text: str) -> None:
    model = read_lightgbm_text(text)
    assert model.feature_names == ("age", "城市")
    assert model.feature_infos == ("[18:99]", "-1:1:3:33")
    assert model.n_features == 2
    assert (model.objective, model.sigmoid, model.averages) == ("binary", 0.5, False)
    assert model.predicts_log_odds
    assert model.monotone_constraints is None
    assert model.pandas_categorical == (("x", "y"),)
    assert model.parameters["data"] == ""
    assert model.declared_categorical == {1}
    trees = model.trees
    assert trees.node_starts.tolist() == [0, 2, 2]
    assert trees.leaf_starts.tolist() == [0, 3, 4]
    assert trees.feature.tolist() == [0, 1]
    assert trees.threshold.tolist() == [30.5, 0.0]
    assert trees.decision.tolist() == [2, 1]
    assert trees.left.tolist() == [-1, -2]
    assert trees.right.tolist() == [1, -3]
    assert trees.category_set.tolist() == [-1, 0]
    assert trees.set_starts.tolist() == [0, 3]
    assert trees.set_codes.tolist() == [1, 3, 33]  # 10 = bits 1 and 3; 2 = bit 1 of 32
    assert trees.leaf_value.tolist() == [-0.25, 0.5, 1.0, 0.125]
    assert trees.node_cover.tolist() == [100, 50]
    assert trees.leaf_cover.tolist() == [50, 30, 20, 100]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([30.5, 1], -0.125),  # -0.25 + 0.125
        ([31, 1], 0.625),  # 0.5 + 0.125
        ([31, 33.9], 0.625),  # cut to 33
        ([31, 2], 1.125),  # 1 + 0.125
        ([31, -1], 1.125),
        ([31, np.nan], 1.125),
        ([np.nan, 1], -0.125),  # missing type none: NaN is 0
    ],
)
def test_the_oracle_follows_the_text_by_hand(text: str, row: list, expected) -> None:
    assert raw_score(read_lightgbm_text(text).trees, row) == expected
    booster = lightgbm.Booster(model_str=text)
    assert booster.predict([row], raw_score=True, num_threads=1)[0] == expected


def test_bytes_and_text_are_the_same(text: str) -> None:
    assert_same(read_lightgbm_text(text), read_lightgbm_text(text.encode()))


def assert_same(one: LightGBMText, two: LightGBMText) -> None:
    for name in ("feature_names", "feature_infos", "objective", "sigmoid", "averages"):
        assert getattr(one, name) == getattr(two, name)
    for name in type(one.trees).__dataclass_fields__:
        np.testing.assert_array_equal(
            getattr(one.trees, name), getattr(two.trees, name), strict=True
        )


@pytest.mark.parametrize(
    ("objective", "expected", "log_odds"),
    [
        ("binary", "binary", True),
        ("cross_entropy", "cross_entropy", True),
        ("regression", "regression", False),
        ("regression_l1", "regression_l1", False),
        ("huber", "huber", False),
        ("fair", "fair", False),
        ("quantile", "quantile", False),
        ("mape", "mape", False),
    ],
)
def test_objectives_that_can_be_compiled(objective, expected, log_odds) -> None:
    rows, outcomes = training_rows(n_rows=120)
    booster = train(rows, outcomes, 2, objective=objective)
    model = read_lightgbm_text(booster.model_to_string())
    assert (model.objective, model.sigmoid) == (expected, 1.0)
    assert model.predicts_log_odds is log_odds


@pytest.mark.parametrize(
    ("params", "code", "match"),
    [
        ({"objective": "cross_entropy_lambda"}, "OBJECTIVE", "an intensity"),
        ({"objective": "poisson"}, "OBJECTIVE", "poisson cannot be compiled"),
        ({"objective": "tweedie"}, "OBJECTIVE", "tweedie cannot be compiled"),
        ({"objective": "regression", "reg_sqrt": True}, "OBJECTIVE", "a square"),
        ({"objective": "multiclass", "num_class": 2}, "MULTICLASS", "found 2"),
        (
            {"objective": "regression", "linear_tree": True},
            "LINEAR_TREE",
            "tree 0: lin",
        ),
        (
            {"objective": lambda _p, d: (d.get_label(), d.get_label())},
            "OBJECTIVE",
            "miss",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_models_that_cannot_be_compiled_are_refused_by_name(
    params, code, match
) -> None:
    rows, outcomes = training_rows(n_rows=120)
    booster = train(np.nan_to_num(rows, posinf=0), outcomes, 2, **params)
    refused(booster.model_to_string(), code, match)


@pytest.mark.parametrize(
    "name", ["lambdarank", "rank_xendcg", "gamma", "multiclassova"]
)
def test_other_objectives_are_refused_by_name(text: str, name: str) -> None:
    refused(rewritten(text, objective=name), "OBJECTIVE", f"{name} cannot be compiled")


@pytest.mark.parametrize(
    "objective",
    [
        "",
        "none",
        "binary",
        "binary sigmoid:",
        "binary sigmoid:0",
        "binary sigmoid:-1",
        "binary sigmoid:nan",
        "binary sigmoid:1e999",
        "binary sigmoid:1 x",
        "binary  sigmoid:1",
        "BINARY sigmoid:1",
        "cross_entropy sigmoid:1",
        "xentropy",
    ],
)
def test_objectives_in_another_form_are_refused(text: str, objective: str) -> None:
    refused(rewritten(text, objective=objective), "OBJECTIVE", "header, objective")


def test_sigmoid_and_monotone_constraints_are_read() -> None:
    rows, outcomes = training_rows()
    directions = [1, -1, 0, 0, 0, 0, 0]
    booster = train(rows, outcomes, sigmoid=0.7, monotone_constraints=directions)
    model = read_lightgbm_text(booster.model_to_string())
    assert model.sigmoid == 0.7
    assert model.monotone_constraints == tuple(directions)


def test_random_forests_average() -> None:
    rows, outcomes = training_rows()
    sampling = {"bagging_freq": 1, "bagging_fraction": 0.5}
    booster = train(rows, outcomes, 4, boosting="rf", **sampling)
    model = read_lightgbm_text(booster.model_to_string())
    assert model.averages
    sums = [raw_score(model.trees, row) for row in rows[:50].tolist()]
    raw = booster.predict(rows[:50], raw_score=True, num_threads=1)
    assert raw.tolist() == sums  # sums; only predict divides by the number of trees
    pd_bad = booster.predict(rows[:50], num_threads=1)
    mean = np.array(sums) / model.trees.n_trees
    np.testing.assert_allclose(pd_bad, 1 / (1 + np.exp(-mean)), rtol=1e-15)


@pytest.mark.parametrize(
    "params",
    [
        {"boosting": "dart", "drop_rate": 0.5, "skip_drop": 0.0},
        {"data_sample_strategy": "goss"},
        {"max_bin": 1000, "num_leaves": 60},
        {"extra_trees": True, "boost_from_average": False},
        {"use_missing": False},
        {"zero_as_missing": True},
        {"max_cat_to_onehot": 1, "min_data_per_group": 1, "cat_smooth": 0.1},
        {"learning_rate": 1e-30},
        {"max_depth": 1},
    ],
    ids=lambda params: next(iter(params)),
)
def test_ways_of_training(params) -> None:
    rows, outcomes = training_rows(seed=1)
    booster = train(rows, outcomes, 4, CATEGORICAL, **params)
    model = read_lightgbm_text(booster.model_to_string())
    found = [raw_score(model.trees, row) for row in rows.tolist()]
    assert booster.predict(rows, raw_score=True, num_threads=1).tolist() == found


def test_early_stopped_models_end_at_the_best_iteration() -> None:
    rows, outcomes = training_rows()
    check_rows, check_outcomes = training_rows(seed=2)
    data = lightgbm.Dataset(rows, outcomes)
    booster = lightgbm.train(
        {
            "verbosity": -1,
            "num_threads": 1,
            "objective": "binary",
            "learning_rate": 0.3,
        },
        data,
        50,
        valid_sets=[lightgbm.Dataset(check_rows, check_outcomes, reference=data)],
        callbacks=[lightgbm.early_stopping(2, verbose=False)],
        keep_training_booster=True,
    )
    model = read_lightgbm_text(booster.model_to_string())
    assert model.trees.n_trees == booster.best_iteration < booster.current_iteration()
    found = [raw_score(model.trees, row) for row in rows.tolist()]
    assert booster.predict(rows, raw_score=True, num_threads=1).tolist() == found


def test_trees_of_one_leaf() -> None:
    rows, outcomes = training_rows()
    booster = train(rows, outcomes, 3, min_data_in_leaf=500)
    text = booster.model_to_string()
    assert "\nsplit_feature=\n" in text  # the arrays of nodes are there, and empty
    model = read_lightgbm_text(text)
    assert (model.trees.n_nodes, model.trees.n_leaves) == (0, model.trees.n_trees)
    raw = booster.predict(rows[:1], raw_score=True, num_threads=1)
    assert raw[0] == raw_score(model.trees, rows[0].tolist())


def test_a_threshold_may_part_missing_from_all_values() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 1))
    missing = rng.random(300) < 0.4
    rows[missing, 0] = np.nan
    booster = train(rows, (missing ^ (rng.random(300) < 0.1)).astype(float), 1)
    text = booster.model_to_string()
    model = read_lightgbm_text(text)
    assert "threshold=inf" in text
    assert np.isinf(model.trees.threshold[0])
    for cell in (np.nan, np.inf, -np.inf, 1e301, 0.0):
        raw = booster.predict([[cell]], raw_score=True, num_threads=1)[0]
        assert raw == raw_score(model.trees, [cell])


def test_feature_names_with_spaces_and_chinese() -> None:
    rows, outcomes = training_rows()
    names = ["月 收入", "a b", "c", "d=e", "é", "f", "g"]
    booster = train(pd.DataFrame(rows, columns=names), outcomes)
    model = read_lightgbm_text(booster.model_to_string())
    assert model.feature_names == ("月_收入", "a_b", "c", "d=e", "é", "f", "g")


def test_what_pandas_columns_leave_in_the_text() -> None:
    rows, outcomes = training_rows()
    frame = pd.DataFrame(
        {
            "age": rows[:, 0],
            "city": pd.Categorical(np.where(rows[:, 1] > 0, "中部", "north")),
            "grade": pd.Categorical(
                np.where(rows[:, 2] > 0, "low", "high"), ["low", "high"], ordered=True
            ),
            "one": pd.Categorical(["same"] * len(rows)),
        }
    )
    model = read_lightgbm_text(train(frame, outcomes).model_to_string())
    assert model.pandas_categorical == (("north", "中部"), ("low", "high"), ("same",))
    infos = dict(zip(model.feature_names, model.feature_infos, strict=True))
    assert infos["grade"] == "[0:1]"  # listed, and split as a number
    assert infos["one"] == "none"  # listed, and constant
    assert sorted(infos["city"].split(":")) == ["-1", "0", "1"]
    assert model.declared_categorical == {1, 3}


def test_saving_again_changes_nothing() -> None:
    rows, outcomes = training_rows()
    text = train(rows, outcomes, 3, CATEGORICAL).model_to_string()
    again = lightgbm.Booster(model_str=text).model_to_string()
    assert_same(read_lightgbm_text(text), read_lightgbm_text(again))


def test_a_saved_file_is_read_as_bytes(tmp_path) -> None:
    rows, outcomes = training_rows()
    booster = train(rows, outcomes)
    booster.save_model(tmp_path / "model.txt")
    model = read_lightgbm_text((tmp_path / "model.txt").read_bytes())
    assert_same(model, read_lightgbm_text(booster.model_to_string()))


def test_sections_that_may_be_absent(text: str) -> None:
    whole = read_lightgbm_text(text)
    without_parameters = text.replace(
        text[text.index("\nparameters:") : text.index("\npandas")], ""
    )
    without_categories = text[: text.index("\npandas")]
    without_sizes = text.replace(
        text[text.index("tree_sizes") : text.index("\nTree=0")], ""
    )
    for shorter in (without_parameters, without_categories, without_sizes):
        assert shorter != text
        assert_same(whole, read_lightgbm_text(shorter))
    assert read_lightgbm_text(without_parameters).parameters == {}
    assert read_lightgbm_text(without_parameters).declared_categorical is None
    assert read_lightgbm_text(without_categories).pandas_categorical is None


def test_a_parser_section_is_passed_over(text: str) -> None:
    parser = '\nparser:\n{"className": "x"}\nend of parser\n'
    longer = text.replace("\npandas", parser + "\npandas")
    assert_same(read_lightgbm_text(text), read_lightgbm_text(longer))


@pytest.mark.parametrize("names", ["name:city", "1,x", "1,", "99999999999"])
def test_categorical_features_declared_by_name_are_not_known(text: str, names) -> None:
    changed = text.replace(
        "[categorical_feature: 1]", f"[categorical_feature: {names}]"
    )
    assert read_lightgbm_text(changed).declared_categorical is None


def test_format_three_is_read_and_others_are_refused(text: str) -> None:
    older = rewritten(text.replace("is_linear=0\n", ""), version="v3")
    assert read_lightgbm_text(older).version == "v3"
    assert_same(read_lightgbm_text(text), read_lightgbm_text(older))
    for version in ("v2", "v99", ""):
        refused(rewritten(text, version=version), "VERSION", "expected one of v3, v4")


def test_a_text_that_is_too_large_is_not_looked_at() -> None:
    refused(bytes(MAX_TEXT_BYTES + 1), "TOO_LARGE", "at most 268435456 are read")
