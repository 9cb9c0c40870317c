"""Single rows."""

from __future__ import annotations

import math
from collections import ChainMap, Counter, defaultdict

import pytest

from cfscore.exceptions import SchemaError, UsageError
from cfscore.tables import InputField, InputSchema, RowReader

SCHEMA = InputSchema(
    (
        InputField("age", "numeric"),
        InputField("home owner", "boolean"),
        InputField("城市", "categorical"),
    )
)
READER = RowReader(SCHEMA)


def test_cells_come_in_schema_order():
    row = {"id": "x", "城市": "Oslo", "home owner": 1, "age": 31}
    assert READER.read(row) == ([31.0, "True", "Oslo"], ())


def test_missing_cells():
    for gone in (None, float("nan"), "", " \t"):
        cells, faults = READER.read(dict.fromkeys(SCHEMA.names, gone))
        assert math.isnan(cells[0])
        assert cells[1:] == [None, None]
        assert faults == ()


def test_faults_are_named_in_column_order():
    cells, faults = READER.read({"城市": [], "home owner": "yes", "age": 2**60})
    assert math.isnan(cells[0])
    assert cells[1:] == [None, None]
    assert faults == (
        ("age", "INT_LOSSY"),
        ("home owner", "NOT_A_BOOLEAN"),
        ("城市", "UNSUPPORTED_VALUE"),
    )


def test_read_into_replaces_what_the_list_held():
    cells = ["old"] * 9
    assert READER.read_into({"城市": "x", "home owner": 0, "age": 1.5}, cells) == ()
    assert cells == [1.5, "False", "x"]
    faults = READER.read_into({"城市": "x", "home owner": 7, "age": 2.5}, cells)
    assert cells == [2.5, None, "x"]
    assert len(faults) == 1


@pytest.mark.parametrize("row", [{"age": 1}, defaultdict(int, age=1), Counter(age=1)])
def test_missing_columns_are_all_named_and_never_invented(row):
    with pytest.raises(SchemaError) as error:
        READER.read(row)
    assert [(name, code) for name, code, _ in error.value.faults] == [
        ("home owner", "MISSING_COLUMN"),
        ("城市", "MISSING_COLUMN"),
    ]
    assert len(row) == 1


def test_any_mapping_is_a_row():
    row = ChainMap({"age": 1}, {"home owner": True, "城市": "x"})
    assert READER.read(row) == ([1.0, "True", "x"], ())


@pytest.mark.parametrize("row", [None, [1, True, "x"], "SECRET"])
def test_anything_else_is_refused(row):
    with pytest.raises(UsageError, match="A row must be a mapping") as error:
        READER.read(row)
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize("names", [(), ("age",), ("age", "城市")])
def test_schemas_of_any_length(names):
    schema = InputSchema(tuple(f for f in SCHEMA.fields if f.name in names))
    cells, faults = RowReader(schema).read({"age": 1, "城市": "x"})
    assert cells == [1.0, "x"][: len(names)]
    assert faults == ()
