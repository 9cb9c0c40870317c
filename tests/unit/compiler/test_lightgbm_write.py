"""Canonical text: what is written again is the same model to both readers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.compiler._lightgbm_write import write_lightgbm_text
from tests.lightgbm_models import (
    CATEGORICAL,
    raw_scores,
    train,
    training_rows,
    with_first_tree,
)

pytest.importorskip("lightgbm")


@pytest.fixture(scope="module")
def booster():
    rows, outcomes = training_rows()
    constraints = [1, 0, 0, 0, 0, 0, 0]
    training = {"min_data_per_group": 1, "cat_smooth": 0.1}
    return train(
        rows,
        outcomes,
        6,
        CATEGORICAL,
        sigmoid=0.3,
        monotone_constraints=constraints,
        monotone_constraints_method="basic",
        **training,
    )


def test_written_text_reads_as_the_same_model(booster) -> None:
    model = read_lightgbm_text(booster.model_to_string())
    written = write_lightgbm_text(model)
    again = read_lightgbm_text(written)
    assert write_lightgbm_text(again) == written
    for name in type(model.trees).__dataclass_fields__:
        np.testing.assert_array_equal(
            getattr(again.trees, name), getattr(model.trees, name), strict=True
        )
    assert (again.sigmoid, again.monotone_constraints) == (0.3, (1, 0, 0, 0, 0, 0, 0))
    assert again.parameters == {}  # free text is not passed on


def test_category_sets_are_written_in_the_order_of_their_nodes(booster) -> None:
    tree = {
        "num_leaves": "3",
        "num_cat": "2",
        "split_feature": "4 5",
        "split_gain": "2 1",
        "threshold": "1 0",  # the first node names the second set
        "decision_type": "1 1",
        "left_child": "1 -1",
        "right_child": "-2 -3",
        "leaf_value": "0.25 0.5 1",
        "leaf_weight": "1 1 1",
        "leaf_count": "1 2 3",
        "internal_value": "0 0",
        "internal_weight": "3 2",
        "internal_count": "6 4",
        "cat_boundaries": "0 1 3",
        "cat_threshold": "1 2 4",
    }
    text = booster.model_to_string(num_iteration=1)
    model = read_lightgbm_text(with_first_tree(text, **tree))
    assert model.trees.category_set.tolist() == [1, 0]
    assert model.trees.set_codes.tolist() == [0, 1, 34]  # bit 0; bits 1 and 32 + 2
    written = write_lightgbm_text(model)
    assert "\nthreshold=0 1\n" in written
    assert "\ncat_boundaries=0 2 3\ncat_threshold=2 4 1\n" in written
    codes = np.array(
        [[0.0] * 4 + [four, five, 0] for four in (0, 1, 34) for five in (0, 1)]
    )
    assert raw_scores(written, codes).tolist() == [0.5, 0.5, 0.25, 1, 0.25, 1]
    assert raw_scores(with_first_tree(text, **tree), codes).tolist() == [
        0.5,
        0.5,
        0.25,
        1,
        0.25,
        1,
    ]


def test_lightgbm_explains_the_written_text_alike(booster) -> None:
    """SHAP values need the counts of nodes and leaves, so they are passed on."""
    rows, _ = training_rows()
    model = read_lightgbm_text(booster.model_to_string())
    written = write_lightgbm_text(model)
    lightgbm = pytest.importorskip("lightgbm")
    options = {"pred_contrib": True, "num_threads": 1}
    np.testing.assert_array_equal(
        lightgbm.Booster(model_str=written).predict(rows[:50], **options),
        booster.predict(rows[:50], **options),
    )


def test_averaging_categories_and_names_are_written(booster) -> None:
    model = replace(
        read_lightgbm_text(booster.model_to_string()),
        averages=True,
        objective="regression",
        sigmoid=1.0,
        feature_names=("城市", "b_c", "c", "d", "e", "f", "g"),
        pandas_categorical=(("中部", 'a "quoted" text'), (1, 2.5, True)),
    )
    again = read_lightgbm_text(write_lightgbm_text(model))
    assert (again.averages, again.objective) == (True, "regression")
    assert again.feature_names == model.feature_names
    assert again.pandas_categorical == model.pandas_categorical
    rows, _ = training_rows()
    np.testing.assert_array_equal(
        raw_scores(write_lightgbm_text(model), rows), raw_scores(booster, rows)
    )
