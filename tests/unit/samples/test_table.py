"""Table: what is taken as a development table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from cfscore.exceptions import InputError
from cfscore.samples import as_table


def test_rows_as_lists_become_an_array():
    found = as_table([[1, "a"], [None, "b"]])
    assert found.shape == (2, 2)
    assert found.dtype == object


def test_a_stream_is_gathered_so_that_it_can_be_read_twice():
    table = pa.table({"x": [1.0, 2.0]})
    assert as_table(table.to_reader()).equals(table)


def test_other_tables_are_handed_on():
    rows = [{"x": 1}]
    frame = pd.DataFrame(rows)
    records = np.array([(1.0,)], dtype=[("x", float)])
    for table in (rows, frame, records, {"x": [1]}, []):
        assert as_table(table) is table


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (csr_array(np.eye(2)), "Sparse"),
        (np.zeros(3), "Reshape your data"),
        (np.zeros((1, 2, 3)), "got 3 dimension"),
    ],
)
def test_what_is_no_table_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        as_table(table)
