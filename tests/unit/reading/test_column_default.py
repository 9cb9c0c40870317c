from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from cfscore.exceptions import UsageError
from cfscore.reading import (
    ColumnDefault,
    InputBlock,
    NumberFormat,
    resolve_defaults,
)
from cfscore.reading._column_default import with_defaults
from cfscore.tables import InputField, InputSchema

SCHEMA = InputSchema(
    (
        InputField("age", "numeric"),
        InputField("owner", "boolean"),
        InputField("city", "categorical"),
    )
)


@pytest.mark.parametrize(
    ("declared", "column", "cell"),
    [
        (35, "age", 35.0),
        ("35.5", "age", 35.5),
        ("-9991", "age", -9991.0),
        ("", "age", None),
        (None, "age", None),
        (float("nan"), "age", None),
        (True, "owner", True),
        ("False", "owner", False),
        ("", "owner", None),
        ("north", "city", "north"),
        ("  ", "city", None),
        ("NA", "city", "NA"),
    ],
)
def test_cells_are_read_like_those_of_a_table(declared, column, cell):
    kind = {field.name: field.kind for field in SCHEMA.fields}[column]
    found = resolve_defaults({column: declared}, SCHEMA)
    assert found == (ColumnDefault(column, kind, cell),)


@pytest.mark.parametrize(
    ("declared", "cell"),
    [("1,234.5", 1234.5), ("12%", 0.12), ("NA", None), (1.5, 1.5), (None, None)],
)
def test_texts_are_read_by_what_is_declared_of_their_column(declared, cell):
    numbers = (NumberFormat("age", thousands=",", powers={"%": -2}),)
    found = resolve_defaults({"age": declared}, SCHEMA, numbers, ["NA"])
    assert found == (ColumnDefault("age", "numeric", cell),)
    (city,) = resolve_defaults({"city": "1,234.5"}, SCHEMA, numbers, ["NA"])
    assert city.cell == "1,234.5"


@pytest.mark.parametrize("n_rows", [0, 1, 11])
@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("numeric", -0.0),
        ("numeric", 1 / 3),
        ("boolean", True),
        ("boolean", False),
        ("categorical", "中部"),
        *((kind, None) for kind in ("numeric", "boolean", "categorical")),
    ],
)
def test_every_row_has_the_cell(kind, cell, n_rows):
    declared = ColumnDefault("x", kind, cell)
    column = declared.cells(n_rows)
    column.validate(full=True)
    assert column.type == declared.field.type
    assert list(map(repr, column.to_pylist())) == [repr(cell)] * n_rows


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"aged": 3}, r"declared for 'aged', which the plan does not .*mean 'age'\?"),
        ({"city": "half \ud800"}, r"'city' is no cell of .* column\. Give a text"),
        ({"age": "12%"}, "default of 'age' is no cell of a numeric column"),
        ({"age": float("inf")}, "default of 'age' is no cell of a numeric column"),
        ({"age": "1e999"}, "default of 'age' is no cell of a numeric column"),
        ({"owner": "maybe"}, "default of 'owner' is no cell of a boolean .*True or Fa"),
    ],
)
def test_what_is_no_cell_of_the_column_is_refused(declared, message):
    with pytest.raises(UsageError, match=message) as caught:
        resolve_defaults(declared, SCHEMA)
    assert "12%" not in str(caught.value)


def test_declared_columns_stand_where_they_are_wanted():
    batch = pa.record_batch({"age": [1.0, 2.0]})
    block = InputBlock(batch, np.array([4, 5]))
    defaults = resolve_defaults({"owner": True, "city": None}, SCHEMA)
    found = with_defaults(block, ["owner", "age", "city"], defaults)
    assert found.batch.to_pydict() == {
        "owner": [True, True],
        "age": [1.0, 2.0],
        "city": [None, None],
    }
    assert found.batch.schema.field("city").type == pa.string()
    assert found.rows.tolist() == [4, 5]
