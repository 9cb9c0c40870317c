"""Column batch and schema: checks at construction."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.tables import (
    ColumnBatch,
    InputField,
    InputSchema,
    NumericColumn,
    RowFaults,
)


def test_columns_of_another_length_are_refused():
    with pytest.raises(UsageError, match="'a' has 2 rows, not 3"):
        ColumnBatch(3, {"a": NumericColumn(np.zeros(2))})


def test_bad_rows_are_counted_once():
    faults = RowFaults(np.array([0, 1, 3], np.uint8), {("a", "NOT_A_NUMBER"): 5})
    assert faults.n_bad_rows == 2


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_field_needs_a_name(name):
    with pytest.raises(UsageError, match="non-empty text name"):
        InputField(name, "numeric")


def test_a_field_needs_a_known_kind():
    with pytest.raises(UsageError, match="'age': kind must be one of"):
        InputField("age", "number")


def test_field_names_differ():
    field = InputField("age", "numeric")
    with pytest.raises(UsageError, match=r"repeated: \['age'\]"):
        InputSchema((field, field))


def test_a_schema_has_its_names_in_order():
    schema = InputSchema((InputField("b", "numeric"), InputField("a", "boolean")))
    assert len(schema) == 2
    assert schema.names == ("b", "a")
