"""Encoding: numbers as they are, categories by name, missing as NaN."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.boosting import UNSEEN_CODE, FeatureEncoding
from cfscore.tables import InputField, InputSchema, read_table

SCHEMA = InputSchema(
    (
        InputField("age", "numeric"),
        InputField("city of birth", "categorical"),
        InputField("owner", "boolean"),
    )
)
TABLE = {
    "age": [31.0, None, float("inf"), -0.0],
    "city of birth": ["Rome", None, "北京", "Rome"],
    "owner": [True, False, None, True],
}
# Keys by their text: Rome 0, 北京 1.
MATRIX = [[31, 0, 1], [np.nan, np.nan, 0], [np.inf, 1, np.nan], [-0.0, 0, 1]]


def learn(table=TABLE, used=None):
    batch = read_table(table, SCHEMA)
    used = np.ones(batch.n_rows, bool) if used is None else np.array(used)
    return FeatureEncoding.learn(SCHEMA, batch, used)


def encode(encoding, table):
    return encoding.encode(read_table(table, SCHEMA))


def test_every_kind_becomes_numbers():
    encoding = learn()
    assert encoding.categories == {"city of birth": ("Rome", "北京")}
    found = encode(encoding, TABLE)
    assert found.dtype == np.float64
    assert found.flags.c_contiguous
    assert np.array_equal(found, MATRIX, equal_nan=True)


def as_dictionary(table):
    encoded = pa.array(table["city of birth"]).dictionary_encode()
    return pa.table(table | {"city of birth": encoded})


def as_pandas_category(table):
    cities = pd.Categorical(table["city of birth"], ["北京", "Rome", "not used"])
    return pd.DataFrame(table | {"city of birth": cities})


def as_polars_categorical(table):
    city = pl.col("city of birth").cast(pl.Categorical)
    return pl.DataFrame(table).with_columns(city)


def as_permuted(table):
    return pd.DataFrame(table)[["owner", "age", "city of birth"]].assign(more=1)


def as_rows(table):
    cells = zip(*table.values(), strict=True)
    return [dict(zip(table, row, strict=True)) for row in cells]


@pytest.mark.parametrize(
    "make",
    [
        pd.DataFrame,
        pl.DataFrame,
        pa.table,
        as_dictionary,
        as_pandas_category,
        as_polars_categorical,
        as_rows,
    ],
)
def test_every_container_gives_the_same_matrix(make):
    encoding = learn(make(TABLE))
    assert encoding == learn()
    assert np.array_equal(encode(encoding, make(TABLE)), MATRIX, equal_nan=True)


def test_columns_are_matched_by_name():
    assert np.array_equal(encode(learn(), as_permuted(TABLE)), MATRIX, equal_nan=True)


def test_other_rows_know_only_the_learnt_categories():
    table = {
        "age": [1, 2, 3, 4],
        "city of birth": ["北京", "Lima", "", "rome"],
        "owner": ["True", 0, 1.0, ""],
    }
    found = encode(learn(), table)
    assert found[[0, 1, 3], 1].tolist() == [1.0, UNSEEN_CODE, UNSEEN_CODE]
    assert np.isnan(found[2, 1])
    assert found[:3, 2].tolist() == [1.0, 0.0, 1.0]


def test_categories_of_unused_rows_are_unseen():
    encoding = learn(used=[True, True, False, True])
    assert encoding.categories == {"city of birth": ("Rome",)}


def test_columns_have_plain_names_and_positions():
    encoding = learn()
    assert encoding.feature_names == ["f0", "f1", "f2"]
    assert encoding.categorical_positions == [1]
