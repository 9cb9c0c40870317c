"""Inference of a schema from a development table."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import SchemaError, UsageError
from cfscore.tables import infer_schema


def kinds(table, **options):
    return [(field.name, field.kind) for field in infer_schema(table, **options).fields]


def kind_of(values):
    return kinds({"a": values})[0][1]


NUMERIC = [
    np.array([1, 2]),
    np.array([0.5], np.float32),
    [1, 2.5, None],
    [Decimal("1.5"), 2],
    [None, float("nan"), " "],
    [1, "", None],
    np.array([1, None], object),
    np.ma.MaskedArray([1, 2], [True, False]),
    pd.array([1, None], "Int64"),
    pd.array([0.5, None], "Float64"),
    pd.array([1, 2], "uint8[pyarrow]"),
    pd.arrays.SparseArray([0.0, 1.0]),
    pl.Series([Decimal("1.5"), None]),
    pa.array([1.0, None]),
    pa.array([None, None]),
    pa.array([Decimal("1.5")]),
    pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array([1.5])),
    [],
]
BOOLEAN = [
    np.array([True, False]),
    [True, None, np.True_],
    np.array([True, None, np.nan], object),
    pd.array([True, None], "boolean"),
    pl.Series([True, None]),
    pa.array([True, None]),
]
CATEGORICAL = [
    ["a", None, ""],
    ["1", "2"],
    np.array(["a", "b"]),
    np.array(["a", np.nan], object),
    pd.Series(["a", None], dtype="str"),
    pd.Series(["a", None], dtype=object),
    pd.array(["a", None], "string"),
    pd.Categorical([1, 2]),
    pl.Series(["a", None]),
    pl.Series(["a"], dtype=pl.Categorical),
    pl.Series(["a"], dtype=pl.Enum(["a"])),
    pa.array(["a", None]),
    pa.array(["a"], pa.string_view()),
    pa.array([1, 2]).dictionary_encode(),
]


@pytest.mark.parametrize("values", NUMERIC, ids=lambda v: type(v).__name__)
def test_numbers_and_columns_without_values_are_numeric(values):
    assert kind_of(values) == "numeric"


@pytest.mark.parametrize("values", BOOLEAN, ids=lambda v: type(v).__name__)
def test_booleans_are_boolean(values):
    assert kind_of(values) == "boolean"


@pytest.mark.parametrize("values", CATEGORICAL, ids=lambda v: type(v).__name__)
def test_text_and_dictionaries_are_categorical(values):
    assert kind_of(values) == "categorical"


@pytest.mark.parametrize(
    ("cells", "types"),
    [
        ([1, "SECRET"], "int, str"),
        ([True, 1], "bool, int"),
        ([True, "SECRET", 0.5], "bool, float, str"),
        ([b"SECRET"], "bytes"),
        ([1, [2]], "int, list"),
    ],
)
def test_mixtures_are_refused_with_the_types_found(cells, types):
    with pytest.raises(SchemaError, match=f"cells of types {types};") as error:
        infer_schema({"a": cells})
    assert "SECRET" not in str(error.value)
    assert [code for _, code, _ in error.value.faults] == ["MIXED_TYPES"]


def test_a_mixture_may_be_read_as_a_category():
    assert kinds({"a": [1, "x"]}, categorical=["a"]) == [("a", "categorical")]


def test_all_faults_are_raised_at_once():
    table = {"a": [1, "x"], "b": [1, 2], "c": [True, 1]}
    with pytest.raises(SchemaError) as error:
        infer_schema(table)
    assert [column for column, _, _ in error.value.faults] == ["a", "c"]


def test_types_that_cannot_be_read_are_refused():
    frame = pd.DataFrame({"a": [1], "opened": pd.to_datetime(["2020-01-01"])})
    with pytest.raises(
        SchemaError, match=r"'opened'.*neither number, boolean nor text"
    ):
        infer_schema(frame)


def test_columns_of_an_array_are_numbered():
    assert kinds(np.zeros((2, 2))) == [("x0", "numeric"), ("x1", "numeric")]
    mixed = np.array([["a", 1], [None, 2]], object)
    assert kinds(mixed) == [("x0", "categorical"), ("x1", "numeric")]


def test_a_numeric_array_holds_no_categories():
    with pytest.raises(SchemaError, match="pass a named table"):
        infer_schema(np.zeros((2, 2)), categorical=["x1"])


def test_named_columns_are_categorical_whatever_they_hold():
    table = {"code": [1, 2], "flag": [True, False], "age": [1, 2]}
    assert kinds(table, categorical=("flag", "code")) == [
        ("code", "categorical"),
        ("flag", "categorical"),
        ("age", "numeric"),
    ]


def test_an_unknown_name_is_refused_with_a_hint():
    with pytest.raises(UsageError, match=r"'Code', which is not .* mean 'code'"):
        infer_schema({"code": [1]}, categorical=["Code"])


def test_one_text_is_not_a_list_of_names():
    with pytest.raises(UsageError, match=r"Write \['code'\]"):
        infer_schema({"code": [1]}, categorical="code")


@pytest.mark.parametrize("blank", [" ", "\u3000\t"])
def test_blank_names_are_refused(blank):
    with pytest.raises(SchemaError, match="column 2 of the table has a blank name"):
        infer_schema({"age": [31], blank: [1]})


def test_rows_must_all_have_the_same_keys():
    with pytest.raises(SchemaError, match="'b': absent from 1 of 2 rows"):
        infer_schema([{"a": 1}, {"a": 2, "b": 3}])
