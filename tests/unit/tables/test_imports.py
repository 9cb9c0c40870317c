"""What reading a table may import, seen from a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
import textwrap

BANNED = [
    "lightgbm",
    "matplotlib",
    "optbinning",
    "pandas",
    "polars",
    "scipy",
    "shap",
    "sklearn",
]

SCRIPT = """
import datetime as dt
import sys
from decimal import Decimal

import numpy as np
import pyarrow as pa
from cfscore.tables import (
    InputField, InputSchema, RowReader, column_names, infer_schema, keep_columns,
    read_table, row_count,
)

def array(kind, data, length, valid=None):
    return pa.Array.from_buffers(kind, length, [valid, pa.py_buffer(data)])

# Longer than twelve bytes: pyarrow 18 cannot hand over a cast to short text views.
offsets = pa.py_buffer(np.array([0, 1, 26], np.int32))
buffers = [None, offsets, pa.py_buffer(b"1longer than twelve bytes!")]
text = pa.Array.from_buffers(pa.string(), 2, buffers)
codes = array(pa.int8(), np.array([0, 1], np.int8), 2)
columns = {
    "float": array(pa.float64(), np.array([1.0, 2.0]), 2),
    "nulls": array(pa.float64(), np.array([1.0, 2.0]), 2, pa.py_buffer(b"\\x01")),
    "single": array(pa.float32(), np.array([1.0, 2.0], np.float32), 2),
    "whole": array(pa.int64(), np.array([1, 2**60]), 2, pa.py_buffer(b"\\x03")),
    "bool": array(pa.bool_(), b"\\x01", 2),
    "text": text,
    "view": text.cast(pa.string_view()),
    "dictionary": pa.DictionaryArray.from_arrays(codes, text),
    "null": pa.nulls(2),
    "decimal": array(pa.float64(), np.array([1.0, 2.0]), 2).cast(pa.decimal128(38, 25)),
    "chunks": pa.chunked_array([text, text]).slice(1, 2),
    "no chunks": pa.chunked_array([text, text]).slice(1, 2),
    "days": array(pa.date32(), np.array([1, 2], np.int32), 2),
}
readable = [name for name in columns if name != "days"]
arrow = pa.Table.from_arrays(list(columns.values()), names=list(columns))
lists = {
    "mixed": [1, "x", True, None, Decimal("1.5")],
    "text": ["a", None, "", "1.5", "x"],
    "floats": [0.5, None, 1, 2**50, 7],
    "days": [dt.date(2020, 1, 1)] * 5,
    "array": np.arange(5.0),
    "whole array": np.arange(5),
    "masked": np.ma.MaskedArray(np.arange(5), [1, 0, 0, 0, 0]),
    "texts": np.array(list("abcde")),
}
records = [dict(zip(lists, row)) for row in zip(*lists.values())]

class Capsule:
    def __arrow_c_stream__(self, requested_schema=None):
        return arrow.__arrow_c_stream__(requested_schema)

for table in (arrow, arrow.to_batches()[0], columns, Capsule(), lists, records):
    names = [name for name in column_names(table) if name != "days"]
    for kind in ("numeric", "boolean", "categorical"):
        schema = InputSchema(tuple(InputField(name, kind) for name in names))
        read_table(table, schema)
    if "mixed" not in names:
        infer_schema(arrow.select(readable))
    keep_columns(table, [name for name in column_names(table) if name != "mixed"])
    row_count(table)

numbers = InputSchema(tuple(InputField(name, "numeric") for name in "ab"))
for matrix in (np.zeros((9, 2)), np.zeros((9, 2), order="F"), np.zeros((9, 2), int)):
    read_table(matrix, numbers)
    infer_schema(matrix)
reader = RowReader(
    InputSchema((InputField("mixed", "numeric"), InputField("text", "categorical")))
)
for record in records:
    reader.read(record)
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_plain_containers_import_no_data_frame_library():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(SCRIPT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "pyarrow" in loaded
    assert loaded & set(BANNED) == set()
