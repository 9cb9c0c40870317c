"""Reading a table: columns by name, all schema faults at once, cell faults by row."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import InputError, SchemaError
from cfscore.tables import (
    FAULT_CODES,
    InputField,
    InputSchema,
    column_names,
    read_table,
    row_count,
)
from tests.unit.tables.contents import bits, keys_by_row

AGE = InputField("age", "numeric")
OWNER = InputField("home owner", "boolean")
CITY = InputField("城市", "categorical")
SCHEMA = InputSchema((AGE, OWNER, CITY))
GOOD = {"城市": ["Oslo", None], "age": [31, None], "home owner": [True, None]}


def fault_codes(error):
    return [(column, code) for column, code, _ in error.value.faults]


def test_columns_come_in_schema_order_and_extra_ones_are_left_out():
    batch = read_table({"id": ["x", "y"], **GOOD}, SCHEMA)
    assert list(batch.columns) == ["age", "home owner", "城市"]
    assert batch.n_rows == 2
    assert batch.faults is None
    assert batch.columns["home owner"].keys == ("False", "True")


def test_status_is_the_first_fault_in_column_order_and_counts_are_by_column():
    batch = read_table(
        {
            "age": ["x", 31, 2**53 + 1, "y"],
            "home owner": ["maybe", "maybe", True, 1],
            "城市": [[1], "Oslo", 1, b"Oslo"],
        },
        SCHEMA,
    )
    assert batch.faults.status.tolist() == [
        FAULT_CODES["NOT_A_NUMBER"],
        FAULT_CODES["NOT_A_BOOLEAN"],
        FAULT_CODES["INT_LOSSY"],
        FAULT_CODES["NOT_A_NUMBER"],
    ]
    assert batch.faults.counts == {
        ("age", "NOT_A_NUMBER"): 2,
        ("age", "INT_LOSSY"): 1,
        ("home owner", "NOT_A_BOOLEAN"): 2,
        ("城市", "UNSUPPORTED_VALUE"): 2,
    }
    assert batch.faults.n_bad_rows == 4
    assert bits(batch.columns["age"].values) == bits([np.nan, 31.0, np.nan, np.nan])
    assert keys_by_row(batch.columns["城市"]) == [None, "Oslo", "1", None]


def test_all_schema_faults_are_raised_at_once():
    frame = pd.DataFrame([[1, 2, 3]], columns=["Age", "城市", "城市"])
    with pytest.raises(SchemaError) as error:
        read_table(frame, SCHEMA)
    assert fault_codes(error) == [
        ("age", "MISSING_COLUMN"),
        ("home owner", "MISSING_COLUMN"),
        ("城市", "DUPLICATE_COLUMN"),
    ]
    assert "did you mean 'Age'?" in str(error.value)


def test_faults_of_types_and_lengths_are_raised_at_once():
    table = {
        "age": np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"),
        "home owner": [True, False],
        "城市": ["Oslo"],
    }
    with pytest.raises(SchemaError) as error:
        read_table(table, SCHEMA)
    assert fault_codes(error) == [("age", "UNSUPPORTED_TYPE"), ("城市", "LENGTH")]
    assert "has 1 rows where 2 are expected" in str(error.value)


UNREADABLE_ARROW = {
    "timestamp": pa.array([dt.datetime(2020, 1, 1)]),
    "date": pa.array([dt.date(2020, 1, 1)]),
    "time": pa.array([dt.time(1)]),
    "binary": pa.array([b"SECRET"]),
    "list": pa.array([["SECRET"]]),
    "struct": pa.array([{"SECRET": 1}]),
    "dictionary of dates": pa.array([dt.date(2020, 1, 1)]).dictionary_encode(),
}


@pytest.mark.parametrize("found", UNREADABLE_ARROW)
def test_arrow_types_beyond_numbers_booleans_and_text_are_refused(found):
    schema = InputSchema((AGE,))
    with pytest.raises(SchemaError, match="neither number, boolean nor text") as error:
        read_table(pa.table({"age": UNREADABLE_ARROW[found]}), schema)
    assert fault_codes(error) == [("age", "UNSUPPORTED_TYPE")]
    assert "SECRET" not in str(error.value)


UNREADABLE_COLUMNS = {
    "complex": (np.array([1j]), "UNSUPPORTED_TYPE"),
    "bytes": (np.array([b"x"]), "UNSUPPORTED_TYPE"),
    "long double": (np.array([1], np.longdouble), "UNSUPPORTED_TYPE"),
    "two dimensions": (np.zeros((1, 2)), "SHAPE"),
    "no dimension": (np.array(1.0), "SHAPE"),
    "single number": (31, "SHAPE"),
    "single text": ("SECRET", "SHAPE"),
    "nothing": (None, "SHAPE"),
    "period": (pd.period_range("2020", periods=1, freq="D"), "UNSUPPORTED_TYPE"),
    "time zone": (
        pd.to_datetime(["2020-01-01"]).tz_localize("UTC"),
        "UNSUPPORTED_TYPE",
    ),
    "category of dates": (
        pd.Series(pd.to_datetime(["2020-01-01"])).astype("category"),
        "UNSUPPORTED_TYPE",
    ),
    "polars struct": (pl.Series([{"SECRET": 1}]), "UNSUPPORTED_TYPE"),
}


@pytest.mark.parametrize("found", UNREADABLE_COLUMNS)
def test_columns_of_other_types_are_refused(found):
    values, code = UNREADABLE_COLUMNS[found]
    with pytest.raises(SchemaError) as error:
        read_table({"age": values}, InputSchema((AGE,)))
    assert fault_codes(error) == [("age", code)]
    assert "SECRET" not in str(error.value)


def test_a_row_without_a_key_makes_the_column_missing():
    rows = [{"age": 31, "home owner": True, "城市": "Oslo"}, {"age": 2, "城市": "Oslo"}]
    with pytest.raises(SchemaError, match="absent from 1 of 2 rows") as error:
        read_table(rows, SCHEMA)
    assert fault_codes(error) == [("home owner", "MISSING_COLUMN")]


def test_no_rows_are_no_fault():
    empty = {name: [] for name in SCHEMA.names}
    frames = [
        empty,
        [],
        pd.DataFrame(empty),
        pl.DataFrame(empty),
        np.empty((0, 3), "O"),
    ]
    for table in frames:
        batch = read_table(table, SCHEMA)
        assert batch.n_rows == 0
        assert batch.columns["age"].values.shape == (0,)
        assert batch.columns["城市"].codes.shape == (0,)


def test_an_empty_mapping_has_no_columns():
    with pytest.raises(SchemaError, match="3 schema fault"):
        read_table({}, SCHEMA)


def test_a_schema_without_fields_reads_the_number_of_rows():
    assert read_table({"a": [1, 2]}, InputSchema(())).n_rows == 2


class TestBareArrays:
    NUMBERS = InputSchema((AGE, OWNER))

    def test_columns_are_taken_in_schema_order(self):
        batch = read_table(np.array([[31.0, 1.0], [np.nan, 0.0]]), self.NUMBERS)
        assert bits(batch.columns["age"].values) == bits([31.0, np.nan])
        assert keys_by_row(batch.columns["home owner"]) == ["True", "False"]

    @pytest.mark.parametrize("width", [0, 1, 3])
    def test_another_width_is_refused(self, width):
        with pytest.raises(SchemaError, match=rf"2 columns .* found {width}"):
            read_table(np.zeros((4, width)), self.NUMBERS)

    def test_a_numeric_array_holds_no_categories(self):
        with pytest.raises(SchemaError, match="pass a named table") as error:
            read_table(np.zeros((4, 3)), SCHEMA)
        assert fault_codes(error) == [("城市", "UNNAMED_CATEGORY")]

    def test_an_object_array_does(self):
        batch = read_table(np.array([[31, True, "Oslo"]], object), SCHEMA)
        assert keys_by_row(batch.columns["城市"]) == ["Oslo"]

    @pytest.mark.parametrize("shape", [(), (3,), (2, 2, 2)])
    def test_other_dimensions_are_refused(self, shape):
        with pytest.raises(InputError, match=f"an array with {len(shape)} dimension"):
            read_table(np.zeros(shape), self.NUMBERS)

    def test_whatever_converts_to_an_array_is_one(self):
        class Like:
            def __array__(self, dtype=None, copy=None):
                return np.array([[31.0, 1.0]])

        assert bits(read_table(Like(), self.NUMBERS).columns["age"].values) == bits(
            [31]
        )


class TestNoTable:
    @pytest.mark.parametrize(
        "table", [None, 3, "SECRET", b"x", object(), pd.Series([1]), pl.col("a")]
    )
    def test_other_objects_are_refused_by_type(self, table):
        with pytest.raises(
            InputError, match=r"A table is required|Arrow table|2D array"
        ) as error:
            read_table(table, SCHEMA)
        assert "SECRET" not in str(error.value)

    @pytest.mark.parametrize("table", [[1, 2], [[1, 2]], ["SECRET"], [GOOD, 3]])
    def test_lists_of_anything_but_dicts_are_refused(self, table):
        with pytest.raises(InputError, match="a list of: ") as error:
            read_table(table, SCHEMA)
        assert "SECRET" not in str(error.value)

    def test_an_arrow_stream_of_a_single_column_is_refused(self):
        with pytest.raises(InputError, match="could not be read as an Arrow table"):
            read_table(pl.Series([1, 2]), SCHEMA)


class TestViews:
    SCHEMA = InputSchema(tuple(InputField(f"f{i}", "numeric") for i in range(4)))

    def shares(self, table, matrix):
        columns = read_table(table, self.SCHEMA).columns.values()
        return all(np.shares_memory(column.values, matrix) for column in columns)

    def test_float64_columns_are_views(self):
        matrix = np.asfortranarray(np.random.default_rng(0).normal(size=(50, 4)))
        names = self.SCHEMA.names
        arrow = pa.table(list(matrix.T), names=names)
        assert self.shares(matrix, matrix)
        assert self.shares(pd.DataFrame(matrix, columns=names, copy=False), matrix)
        assert self.shares(dict(zip(names, matrix.T, strict=True)), matrix)
        assert self.shares(
            arrow, np.frombuffer(arrow.column(0).chunk(0).buffers()[1])
        ) is (False)  # other columns have other buffers
        one = InputSchema((InputField("f0", "numeric"),))
        values = read_table(arrow, one).columns["f0"].values
        assert values.ctypes.data == arrow.column(0).chunk(0).buffers()[1].address

    def test_a_view_cannot_be_written_and_the_input_still_can(self):
        values = np.zeros(3)
        schema = InputSchema((AGE,))
        column = read_table({"age": values}, schema).columns["age"].values
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1.0
        values[0] = 1.0

    def test_single_precision_is_widened_and_said_so(self):
        table = {
            "f0": np.array([0.1], np.float32),
            "f1": pa.array([0.1], pa.float32()),
            "f2": np.array([0.1]),
            "f3": np.array([0.5], np.float16),
        }
        batch = read_table(table, self.SCHEMA)
        assert batch.widened == ("f0", "f1", "f3")
        assert batch.columns["f0"].values[0] == 0.10000000149011612


class TestDamagedArrow:
    SCHEMA = InputSchema((CITY,))

    @pytest.mark.parametrize("codes", [[0, 5], [0, -2]])
    def test_positions_outside_the_dictionary_are_refused(self, codes):
        array = pa.DictionaryArray.from_arrays(
            pa.array(codes, pa.int8()), pa.array(["SECRET"]), safe=False
        )
        with pytest.raises(SchemaError, match="damaged") as error:
            read_table({"城市": array}, self.SCHEMA)
        assert "SECRET" not in str(error.value)

    @pytest.mark.parametrize("wrap", [lambda a: a, lambda a: a.dictionary_encode()])
    def test_text_that_is_not_utf8_is_refused(self, wrap):
        offsets = pa.py_buffer(np.array([0, 2], np.int32))
        buffers = [None, offsets, pa.py_buffer(b"\xff\xfe")]
        array = wrap(pa.Array.from_buffers(pa.string(), 1, buffers))
        with pytest.raises(SchemaError, match="damaged"):
            read_table({"城市": array}, self.SCHEMA)

    def test_offsets_that_run_backwards_are_refused(self):
        offsets = pa.py_buffer(np.array([0, 2_000_000, 1], np.int32))
        array = pa.Array.from_buffers(
            pa.string(), 2, [None, offsets, pa.py_buffer(b"x")]
        )
        with pytest.raises(SchemaError, match="damaged"):
            read_table({"城市": array}, self.SCHEMA)


class TestCategories:
    SCHEMA = InputSchema((CITY,))

    def test_one_value_has_one_key_in_every_type(self):
        ones = [
            *([1], [1.0], ["1"], np.array([1], np.uint8), np.array([1.0], np.float32)),
            *(pd.array([1], "Int8"), pd.Categorical([1]), pd.Categorical(["1"])),
            *(
                pl.Series(["1"], dtype=pl.Categorical),
                pl.Series(["1"], dtype=pl.Enum(["1"])),
            ),
            pa.array(["1"]).dictionary_encode(),
            pa.array([1]).cast(pa.decimal128(30, 3)),
        ]
        for values in ones:
            column = read_table({"城市": values}, self.SCHEMA).columns["城市"]
            assert keys_by_row(column) == ["1"]

    def test_18_digits_survive_in_every_type(self):
        number = 110101199003074518
        for values in (
            [number],
            np.array([number]),
            pd.array([number, None], "Int64")[:1],
            pa.array([number]),
            pl.Series([number]),
            pd.Categorical([number]),
        ):
            column = read_table({"城市": values}, self.SCHEMA).columns["城市"]
            assert keys_by_row(column) == [str(number)]

    def test_text_is_not_trimmed_and_blank_text_is_missing(self):
        column = read_table({"城市": [" a", "a", "\t", "", "\u3000"]}, self.SCHEMA)
        assert keys_by_row(column.columns["城市"]) == [" a", "a", None, None, None]

    def test_a_short_slice_of_a_long_dictionary_holds_the_used_keys_only(self):
        entries = pa.array([f"k{i}" for i in range(1000)])
        codes = pa.array([None, 999, 7, 999], pa.uint16())
        for kind in (pa.string(), pa.string_view(), pa.large_string()):
            array = pa.DictionaryArray.from_arrays(codes, entries.cast(kind))
            column = read_table({"城市": array}, self.SCHEMA).columns["城市"]
            assert keys_by_row(column) == [None, "k999", "k7", "k999"]
            assert len(column.keys) == 2

    def test_keys_are_distinct_when_cells_are_not(self):
        cells = [1, 1.0, "1", True, "True", 0.0, -0.0]
        column = read_table({"城市": cells}, self.SCHEMA).columns["城市"]
        assert column.keys == ("1", "True", "0")
        assert column.codes.tolist() == [0, 0, 0, 1, 1, 2, 2]
        assert column.codes.dtype == np.int32


def test_names_and_rows_of_every_container():
    frame = pd.DataFrame({"a": [1, 2], "b c": [3, 4]})
    tables = [
        frame,
        pl.from_pandas(frame),
        pl.from_pandas(frame).lazy(),
        pa.Table.from_pandas(frame),
        frame.to_dict("list"),
        frame.to_dict("records"),
        frame.to_records(index=False),
    ]
    for table in tables:
        assert column_names(table) == ("a", "b c")
        assert row_count(table) == 2
    assert column_names(frame.to_numpy()) is None
    assert row_count(frame.to_numpy()) == 2


@pytest.mark.parametrize("labels", [[0, 1], ["a", 1], ["a", ("b", "c")]])
def test_names_must_be_text(labels):
    with pytest.raises(SchemaError, match="its name is no text but "):
        column_names(pd.DataFrame([[1, 2]], columns=pd.Index(labels, dtype=object)))


@pytest.mark.parametrize("labels", [["a", ""], ["", ""]])
def test_names_must_not_be_empty(labels):
    with pytest.raises(SchemaError) as caught:
        column_names(pd.DataFrame([[1, 2]], columns=labels))
    assert "column '': column 2 of the table has an empty name" in str(caught.value)
    assert len(caught.value.faults) == labels.count("")


def test_names_must_differ():
    with pytest.raises(SchemaError, match="2 columns of this name"):
        column_names(pa.table([[1], [2]], names=["a", "a"]))
