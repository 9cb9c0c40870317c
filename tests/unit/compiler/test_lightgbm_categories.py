"""Categories from ``pandas_categorical`` only where nothing can have moved them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cfscore.compiler._lightgbm_categories import Categories, model_categories
from cfscore.compiler._lightgbm_text import LightGBMText, read_lightgbm_text
from cfscore.exceptions import CompileError, UsageError
from tests.lightgbm_models import CATEGORICAL, train, training_rows

pytest.importorskip("lightgbm")

CITIES = ["north", "south", "中部"]
GRADES = ["A", "B", "C", "D"]


def trained(columns: pd.DataFrame, categorical: Any = "auto") -> LightGBMText:
    _, outcomes = training_rows()
    training = {"min_data_per_group": 1, "cat_smooth": 0.1}
    booster = train(columns, outcomes, 5, categorical, **training)
    return read_lightgbm_text(booster.model_to_string())


def frame(**columns: Any) -> pd.DataFrame:
    """Return columns of the training rows' length, by default one of each kind."""
    rows, _ = training_rows()
    cells = {
        "age": rows[:, 0],
        "city name": pd.Categorical(np.take(CITIES, rows[:, 4].astype(int) % 3)),
        "grade": pd.Categorical(np.take(GRADES, rows[:, 4].astype(int) % 4)),
    }
    return pd.DataFrame({**cells, **columns})


def categories_of(model: LightGBMText, given: Any = None) -> Categories:
    return model_categories(model, model.feature_names, given)


def ambiguous(model: LightGBMText, match: str, given: Any = None) -> None:
    with pytest.raises(CompileError, match=re.escape(match)) as caught:
        categories_of(model, given)
    assert caught.value.code == "CATEGORIES"
    assert "Pass categories=" in str(caught.value)


def refused(model: LightGBMText, given: Any, match: str, code: str) -> None:
    with pytest.raises(UsageError, match=re.escape(match)) as caught:
        categories_of(model, given)
    assert caught.value.code == code


@pytest.fixture(scope="module")
def model() -> LightGBMText:
    return trained(frame())


def test_string_categories_are_those_of_the_frame(model: LightGBMText) -> None:
    assert categories_of(model) == {1: tuple(CITIES), 2: tuple(GRADES)}


def test_named_categories_come_first(model: LightGBMText) -> None:
    given = {"grade": ["1", 2, 3.0, "x"], "city_name": CITIES[::-1]}
    assert categories_of(model, given) == {
        1: ("中部", "south", "north"),
        2: ("1", "2", "3", "x"),
    }
    assert categories_of(model, {"grade": GRADES[::-1]}) == {
        1: tuple(CITIES),
        2: ("D", "C", "B", "A"),
    }


def test_the_lenders_names_may_have_spaces(model: LightGBMText) -> None:
    names = ("age", "city name", "grade")
    found = model_categories(model, names, {"city name": ["x", "y", "z"]})
    assert found[1] == ("x", "y", "z")


def test_codes_are_values_where_training_saw_no_category_column() -> None:
    rows, outcomes = training_rows()
    model = read_lightgbm_text(train(rows, outcomes, 3, CATEGORICAL).model_to_string())
    assert model.pandas_categorical is None
    assert categories_of(model) == {4: None, 5: None}
    given = {"Column_5": ["a", "b", "c"]}
    assert categories_of(model, given) == {4: None, 5: ("a", "b", "c")}
    whole = trained(pd.DataFrame(rows).add_prefix("f"), ["f4"])
    assert whole.pandas_categorical == ()
    assert categories_of(whole) == {4: None}


def test_models_without_categories_have_none() -> None:
    rows, outcomes = training_rows()
    model = read_lightgbm_text(train(rows, outcomes).model_to_string())
    assert categories_of(model) == {}
    refused(model, {"Column_4": ["a"]}, "splits 'Column_4' as a number", "CATEGORIES")


def test_an_ordered_category_column_makes_the_lists_ambiguous() -> None:
    rows, _ = training_rows()
    sizes = np.take(["low", "mid", "top"], rows[:, 4].astype(int) % 3)
    ordered = pd.Categorical(sizes, ["low", "mid", "top"], ordered=True)
    model = trained(frame(size=ordered))
    ambiguous(model, "3 lists for 2 categorical features")
    given = {"city_name": CITIES, "grade": GRADES}
    assert categories_of(model, given) == {1: tuple(CITIES), 2: tuple(GRADES)}
    refused(
        model, {"size": ["low", "mid"]}, "'size' as a number. Ordered", "CATEGORIES"
    )


def test_an_undeclared_category_column_makes_the_lists_ambiguous() -> None:
    """An integer column declared categorical, beside a column that is only listed."""
    rows, _ = training_rows()
    region = rows[:, 4].astype(int) % 3
    model = trained(frame(region=region), ["city name", "region"])
    assert len(model.pandas_categorical) == len(categories_in(model)) == 2
    # Codes 0 to 2 would fit; but "grade" has every value of a list of four.
    ambiguous(model, "of 'region' may be that of 'grade', whose values fill it")
    numbers = trained(frame(region=region + 2), ["city name", "region"])
    ambiguous(numbers, "'region' has 4 categories, but its codes go up to 4")


def categories_in(model: LightGBMText) -> list[str]:
    return [info for info in model.feature_infos if info[0] not in "[n"]


def test_a_constant_category_column_makes_the_lists_ambiguous() -> None:
    rows, _ = training_rows()
    constant = pd.Categorical(["only"] * len(rows))
    model = trained(frame(kind=constant))
    ambiguous(model, "3 lists for 2 categorical features")
    # As many lists as categorical features, as one of those has no list.
    code = rows[:, 4].astype(int) % 2
    moved = trained(
        frame(kind=constant, code=code), ["city name", "grade", "kind", "code"]
    )
    assert len(moved.pandas_categorical) == len(categories_in(moved)) == 3
    ambiguous(moved, "a feature declared as categorical was constant in training")
    ambiguous(replace(moved, parameters={}), "'code' is constant")


@pytest.mark.parametrize(
    "values",
    [
        (1, 2, 3, 4),
        (1.0, 2.0, 3.0, 4.0),
        ("1", "2", "3", "4"),
        ("-1", "0", "7", "007"),
        (0, "1", 2.0, 3),
    ],
    ids=str,
)
def test_lists_that_could_be_integer_codes_are_ambiguous(model, values) -> None:
    changed = replace(model, pandas_categorical=(tuple(CITIES), values))
    ambiguous(changed, "the list in the place of 'grade' could be integer codes")
    assert categories_of(changed, {"grade": GRADES})[1] == tuple(CITIES)


def test_booleans_could_be_integer_codes() -> None:
    rows, _ = training_rows()
    model = trained(frame(flag=pd.Categorical(rows[:, 1] > 0)))
    ambiguous(model, "the list in the place of 'flag' could be integer codes")
    found = categories_of(model, {"flag": [False, True]})
    assert found[3] == ("False", "True")


def test_lists_with_one_text_that_is_no_integer_are_not_codes(model) -> None:
    lists = (tuple(CITIES), (1, 2, 3, "4+"))
    found = categories_of(replace(model, pandas_categorical=lists))
    assert found[2] == ("1", "2", "3", "4+")


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (("A", "B", "C"), "'grade' has 3 categories, but its codes go up to 3"),
        (("A",), "'grade' is constant"),
        ((), "'grade' is constant"),
        (("A", "B", "C", ""), "'grade' has blank or equal entries"),
        (("A", "B", "C", "A"), "'grade' has blank or equal entries"),
        (("A", "B", 1, "1"), "'grade' has blank or equal entries"),
    ],
)
def test_lists_that_do_not_fit_are_ambiguous(model, values, match: str) -> None:
    ambiguous(replace(model, pandas_categorical=(tuple(CITIES), values)), match)


@pytest.mark.parametrize(
    ("given", "match", "code"),
    [
        ({"grade": ["A", "B", "C"]}, "has 3 categories, but the model", "CATEGORIES"),
        ({"grade": ["A", "B", "C", "A"]}, "a list of distinct", "CATEGORIES"),
        ({"grade": ["A", "B", "C", None]}, "a list of distinct", "CATEGORIES"),
        ({"grade": ["A", "B", "C", " "]}, "a list of distinct", "CATEGORIES"),
        ({"grade": "ABCD"}, "a list of distinct", "CATEGORIES"),
        ({"age": ["young", "old"]}, "splits 'age' as a number", "CATEGORIES"),
        ({"town": CITIES}, "'town' is no feature of the model", "NAMES"),
    ],
)
def test_an_argument_that_does_not_fit_is_refused(model, given, match, code) -> None:
    refused(model, given, match, code)


def test_a_rare_category_may_be_missing_from_what_training_saw() -> None:
    grades = frame()["grade"].cat.set_categories([*GRADES, "E"])
    model = trained(frame(grade=grades))
    assert categories_of(model)[2] == (*GRADES, "E")
