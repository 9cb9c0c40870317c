"""Fingerprint: the same table has the same one, any difference another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.samples import training_fingerprint
from cfscore.tables import InputField, InputSchema, read_table

SCHEMA = InputSchema((InputField("x", "numeric"), InputField("c", "categorical")))
X = [1.5, None, 0.0, -3.0]
C = ["b", "a", None, "b"]
Y = [0.0, 1.0, 0.0, 1.0]


def fingerprint(table=None, y=Y, weights=None, schema=SCHEMA):
    table = {"x": X, "c": C} if table is None else table
    weights = np.ones(len(y)) if weights is None else np.array(weights)
    return training_fingerprint(schema, read_table(table, schema), np.array(y), weights)


def test_it_is_stable_over_releases():
    assert fingerprint() == (
        "98217fa5ab61a353d014d9d27116f38c2ccf2f71a12b84c6e80550875c5f0363"
    )


def test_every_container_has_the_same():
    tables = [
        pd.DataFrame({"x": X, "c": C}),
        pd.DataFrame({"c": pd.Categorical(C, ["z", "b", "a"]), "x": X}),
        pl.DataFrame({"x": X, "c": C}),
        pa.table({"c": pa.array(C).dictionary_encode(), "x": X}),
        [{"x": x, "c": c} for x, c in zip(X, C, strict=True)],
        {"x": np.array([1.5, np.nan, -0.0, -3.0]), "c": np.array(C, object)},
    ]
    assert {fingerprint(table) for table in tables} == {fingerprint()}


@pytest.mark.parametrize(
    "change",
    [
        {"y": [1.0, 1.0, 0.0, 1.0]},
        {"weights": [1.0, 2.0, 1.0, 1.0]},
        {"table": {"x": [1.5, 0.0, 0.0, -3.0], "c": C}},
        {"table": {"x": X, "c": ["a", "b", None, "a"]}},
        {"table": {"x": X, "c": ["b", "a", "z", "b"]}},
        {"table": {"x": X[::-1], "c": C[::-1]}, "y": Y[::-1]},
    ],
)
def test_any_change_gives_another(change):
    assert fingerprint(**change) != fingerprint()


def test_names_and_kinds_belong_to_it():
    renamed = InputSchema((InputField("z", "numeric"), InputField("c", "categorical")))
    as_text = InputSchema((InputField("x", "numeric"), InputField("c", "boolean")))
    table = {"x": X, "z": X, "c": [True, False, None, True]}
    found = {fingerprint(table, schema=s) for s in (SCHEMA, renamed, as_text)}
    assert len(found) == 3
