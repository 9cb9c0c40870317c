"""Columns handed over by themselves, in a mapping."""

from __future__ import annotations

from array import array
from collections import deque
from decimal import Decimal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import SchemaError
from cfscore.tables import InputField, InputSchema, keep_columns, read_table
from tests.unit.tables.contents import bits, keys_by_row

NUMBER = InputSchema((InputField("a", "numeric"),))
KEYS = InputSchema((InputField("a", "categorical"),))


class ArrayLike:
    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0, 3.0])


class ArrowLike:
    def __arrow_c_array__(self, requested_schema=None):
        return pa.array([1, 2, 3]).__arrow_c_array__(requested_schema)


ONE_TWO_THREE = {
    "list": [1, 2, 3],
    "tuple": (1, 2, 3),
    "range": range(1, 4),
    "array.array": array("d", [1, 2, 3]),
    "deque": deque([1, 2, 3]),
    "numpy": np.array([1, 2, 3], np.int8),
    "strided numpy": np.arange(7)[1::2][:3] // 2 + 1,
    "array-like": ArrayLike(),
    "arrow-like": ArrowLike(),
    "arrow": pa.array([1, 2, 3]),
    "arrow chunks": pa.chunked_array([[1], [], [2, 3]]),
    "series": pd.Series([1, 2, 3], index=[9, 8, 7]),
    "index": pd.Index([1, 2, 3]),
    "range index": pd.RangeIndex(1, 4),
    "extension array": pd.array([1, 2, 3], "Int8"),
    "sparse array": pd.arrays.SparseArray([1, 2, 3]),
    "category": pd.Categorical([1, 2, 3]),
    "polars": pl.Series([1, 2, 3]),
    "runs": pa.RunEndEncodedArray.from_arrays(
        pa.array([1, 2, 3], pa.int16()), pa.array([1, 2, 3])
    ),
    "runs of a dictionary": pa.RunEndEncodedArray.from_arrays(
        pa.array([1, 2, 3], pa.int64()), pa.array([1, 2, 3]).dictionary_encode()
    ),
}


@pytest.mark.parametrize("form", ONE_TWO_THREE)
def test_a_column_may_have_any_form(form):
    table = {"a": ONE_TWO_THREE[form]}
    assert bits(read_table(table, NUMBER).columns["a"].values) == bits([1, 2, 3])
    assert keys_by_row(read_table(table, KEYS).columns["a"]) == ["1", "2", "3"]


@pytest.mark.parametrize("kind", [pa.int64(), pa.string(), pa.bool_(), pa.float64()])
def test_a_chunked_array_may_have_no_chunks(kind):
    table = {"a": pa.chunked_array([], kind)}
    assert read_table(table, NUMBER).n_rows == 0
    assert read_table(table, KEYS).n_rows == 0


def test_long_runs_are_spread_over_their_rows():
    ends = pa.array([3, 5, 9], pa.int32())
    for values in (pa.array([1.5, None, 2]), pa.array(["1.5", None, "2"])):
        runs = pa.RunEndEncodedArray.from_arrays(ends, values).slice(2, 5)
        table = {"a": runs}
        expected = bits([1.5, np.nan, np.nan, 2, 2])
        assert bits(read_table(table, NUMBER).columns["a"].values) == expected
        keys = keys_by_row(read_table(table, KEYS).columns["a"])
        assert keys == ["1.5", None, None, "2", "2"]


@pytest.mark.skipif(not hasattr(pa, "decimal32"), reason="came with pyarrow 19")
def test_short_decimals():
    for kind in ("decimal32", "decimal64"):
        table = {"a": pa.array([Decimal("1.50"), None], getattr(pa, kind)(7, 2))}
        assert bits(read_table(table, NUMBER).columns["a"].values) == bits(
            [1.5, np.nan]
        )
        assert keys_by_row(read_table(table, KEYS).columns["a"]) == ["1.5", None]


HAS_WIDE = hasattr(pl, "Int128")
WIDE = [name for name in ("Int128", "UInt128") if hasattr(pl, name)]


@pytest.mark.skipif(not HAS_WIDE, reason="came with polars 1.18")
def test_a_polars_type_without_an_arrow_type_is_refused_by_column():
    frame = pl.DataFrame({"b": [1], "a": pl.Series([[1]], dtype=pl.List(pl.Int128))})
    schema = InputSchema((*NUMBER.fields, InputField("b", "numeric")))
    for table in (frame, frame.to_dict()):
        with pytest.raises(SchemaError, match="Arrow does not know") as error:
            read_table(table, schema)
        assert [name for name, _, _ in error.value.faults] == ["a"]


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize(
    "cells", [[1, None, 2**53, 9_991], [7, None, 2**53 + 1, 2**70, 2**127 - 1], [None]]
)
def test_polars_integers_of_128_bits_are_the_integers(name, cells):
    if name == "Int128":
        cells = [*cells, -9_991]
    frame = pl.DataFrame({"b": ["x"] * len(cells)}).with_columns(
        a=pl.Series(cells, dtype=getattr(pl, name))
    )
    for table in (frame, frame.lazy(), nw.from_native(frame), frame.to_dict()):
        expected = read_table({"a": cells}, NUMBER)
        found = read_table(table, NUMBER)
        assert bits(found.columns["a"].values) == bits(expected.columns["a"].values)
        assert faults(found) == faults(expected)
        keys = keys_by_row(read_table(table, KEYS).columns["a"])
        assert keys == [None if cell is None else str(cell) for cell in cells]


def faults(batch):
    return {} if batch.faults is None else batch.faults.counts


@pytest.mark.skipif(not HAS_WIDE, reason="came with polars 1.18")
def test_polars_integers_of_128_bits_are_kept():
    series = pl.Series([110105194912310021, None], dtype=pl.Int128)
    kept = keep_columns(pl.DataFrame({"a": series}), ["a"])
    assert kept.column("a").to_pylist() == series.to_list()
    assert pa.types.is_int64(kept.schema.field("a").type)
    assert keep_columns({"a": series}, ["a"]).equals(kept)


def test_a_category_with_more_entries_than_rows():
    entries = [f"k{i}" for i in range(50)]
    for categories in (entries, np.array(entries, object), range(50)):
        short = pd.Categorical.from_codes([7, -1, 7, 3], categories=categories)
        column = read_table({"a": short}, KEYS).columns["a"]
        names = [str(categories[7]), None, str(categories[7]), str(categories[3])]
        assert keys_by_row(column) == names
        assert len(column.keys) == 2


def test_a_category_of_mixed_entries():
    short = pd.Categorical.from_codes([2, -1], categories=[1, "a", 2.5, "b"])
    assert keys_by_row(read_table({"a": short}, KEYS).columns["a"]) == ["2.5", None]


def test_a_dictionary_with_a_null_entry():
    codes = pa.array([0, 1, None, 2])
    table = {"a": pa.DictionaryArray.from_arrays(codes, pa.array([7, None, 2**60]))}
    assert keys_by_row(read_table(table, KEYS).columns["a"]) == [
        "7",
        None,
        None,
        str(2**60),
    ]
    batch = read_table(table, NUMBER)
    assert bits(batch.columns["a"].values) == bits([7, np.nan, np.nan, np.nan])
    assert batch.faults.counts == {("a", "INT_LOSSY"): 1}


def test_masked_categories_and_numbers():
    values = np.ma.MaskedArray(np.array([1, 2**60, 1]), [False, True, False])
    batch = read_table({"a": values}, NUMBER)
    assert bits(batch.columns["a"].values) == bits([1, np.nan, 1])
    assert batch.faults is None  # what lies under a mask is no fault
    assert keys_by_row(read_table({"a": values}, KEYS).columns["a"]) == ["1", None, "1"]


def test_text_with_half_a_surrogate_pair():
    cells = ["1", "\ud800", None]
    batch = read_table({"a": cells}, NUMBER)
    assert batch.faults.counts == {("a", "NOT_A_NUMBER"): 1}
    assert keys_by_row(read_table({"a": cells}, KEYS).columns["a"]) == cells
