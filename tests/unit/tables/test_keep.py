"""Kept columns: the same cells, as Arrow."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import SchemaError, UsageError
from cfscore.tables import keep_columns
from tests.unit.tables.containers import CONTAINERS

ID = 110101199003074518  # 18 digits: float64 would make it ...512


@pytest.mark.parametrize("container", CONTAINERS)
def test_identifiers_survive_every_container(container):
    if container in {"object matrix", "pandas category"}:
        pytest.skip("has no names, or no missing whole numbers")
    table = pa.table({"id": [ID, None, 7], "text": ["007", " ", None]})
    kept = keep_columns(CONTAINERS[container](table), ["text", "id"])
    assert kept.column_names == ["text", "id"]
    assert kept.column("id").to_pylist() == [ID, None, 7]
    assert kept.column("text").to_pylist() == ["007", " ", None]


CELLS = {
    "whole numbers": ([ID, None, -1], pa.int64()),
    "large whole numbers": ([2**64 - 1, None], pa.uint64()),
    "floats": ([0.1, None, float("inf")], pa.float64()),
    "both": ([1, 0.5, None, 2**53], pa.float64()),
    "booleans": ([True, None, False], pa.bool_()),
    "text": (["x", None, "", "工程师"], pa.large_string()),
    "decimals": ([Decimal("1.50"), None, Decimal("-100")], pa.decimal128(38, 2)),
    "dates": ([dt.date(2020, 2, 29), None], pa.date32()),
    "moments": ([dt.datetime(2020, 2, 29, 1, 2, 3, 4), None], pa.timestamp("us")),
    "nothing": ([None, None], pa.null()),
}


@pytest.mark.parametrize("family", CELLS)
def test_lists_become_the_arrow_type_of_their_cells(family):
    cells, kind = CELLS[family]
    column = keep_columns({"a": cells}, ["a"]).column("a")
    assert column.type == kind
    assert column.to_pylist() == cells


ARRAYS = {
    "int": (np.array([ID]), pa.int64()),
    "strided": (np.array([[1, 2], [3, 4]], np.int8)[:, 1], pa.int8()),
    "big-endian": (np.array([1.5], ">f8"), pa.float64()),
    "bool": (np.array([True, False]), pa.bool_()),
    "text": (np.array(["a", ""]), pa.large_string()),
    "days": (np.array(["2020-02-29", "NaT"], "datetime64[D]"), pa.date32()),
    "moments": (np.array(["2020-02-29T01", "NaT"], "datetime64[s]"), pa.timestamp("s")),
}


@pytest.mark.parametrize("family", ARRAYS)
def test_arrays_keep_their_type(family):
    values, kind = ARRAYS[family]
    column = keep_columns({"a": values}, ["a"]).column("a")
    assert column.type == kind
    assert column.to_pylist() == values.tolist()


def test_masked_cells_are_null():
    values = np.ma.MaskedArray([ID, 2], [False, True])
    assert keep_columns({"a": values}, ["a"]).column("a").to_pylist() == [ID, None]
    flags = np.ma.MaskedArray([True, False], [False, True])
    assert keep_columns({"a": flags}, ["a"]).column("a").to_pylist() == [True, None]
    texts = np.ma.MaskedArray(["x", "y"], [False, True])
    assert keep_columns({"a": texts}, ["a"]).column("a").to_pylist() == ["x", None]


def test_arrow_columns_are_passed_through():
    dates = pa.chunked_array([[dt.date(2020, 1, 1)], [None]])
    nested = pa.array([{"a": 1}, None])
    kept = keep_columns(pa.table({"d": dates, "s": nested}), ["s", "d"])
    assert kept.column("d").equals(dates)
    assert kept.column("s").to_pylist() == nested.to_pylist()


def test_pandas_and_polars_columns_keep_their_types():
    frame = pd.DataFrame(
        {"i": [ID], "d": pd.to_datetime(["2020-01-01"]), "c": pd.Categorical(["x"])}
    )
    kept = keep_columns(frame, ["c", "d", "i"])
    assert pa.types.is_dictionary(kept.schema.field("c").type)
    assert pa.types.is_timestamp(kept.schema.field("d").type)
    assert kept.column("i").to_pylist() == [ID]
    polars = pl.DataFrame({"i": [ID], "x": [[1]], "d": [dt.date(2020, 1, 1)]})
    kept = keep_columns(polars, ["d", "i"])
    assert kept.to_pylist() == [{"d": dt.date(2020, 1, 1), "i": ID}]


@pytest.mark.parametrize(
    "cells",
    [
        [1, "SECRET"],
        [2**65],
        [True, 0.5],
        [2**53 + 1, 0.5],
        [b"SECRET", "x"],
        ["SECRET \ud800"],
        [[1]],
        [dt.datetime(2020, 1, 1, tzinfo=dt.UTC)],
        np.zeros((2, 2)),
        np.array(["2020-01"], "datetime64[M]"),
    ],
    ids=str,
)
def test_what_has_no_exact_arrow_type_is_refused(cells):
    with pytest.raises(SchemaError, match="cannot be kept") as error:
        keep_columns({"a": cells}, ["a"])
    assert "SECRET" not in str(error.value)


def test_mixed_pandas_objects_are_refused():
    frame = pd.DataFrame({"a": pd.Series([1, "SECRET"], dtype=object)})
    with pytest.raises(SchemaError, match="cannot be kept") as error:
        keep_columns(frame, ["a"])
    assert "SECRET" not in str(error.value)


def test_all_faults_are_raised_at_once():
    table = {"a": [1, 2], "b": [1], "c": [1, "x"]}
    with pytest.raises(SchemaError) as error:
        keep_columns(table, ["a", "z", "b"])
    assert [fault[:2] for fault in error.value.faults] == [("z", "MISSING_COLUMN")]
    with pytest.raises(SchemaError) as error:
        keep_columns(table, ["a", "b", "c"])
    found = [fault[:2] for fault in error.value.faults]
    assert found == [("b", "LENGTH"), ("c", "UNSUPPORTED_TYPE")]


def test_a_bare_array_has_nothing_to_keep():
    with pytest.raises(UsageError, match="no column names"):
        keep_columns(np.zeros((2, 2)), ["a"])


def test_no_columns():
    assert keep_columns({"a": [1, 2]}, []).num_columns == 0
