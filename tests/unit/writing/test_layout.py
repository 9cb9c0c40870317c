"""Layouts: which columns each of them can hold."""

from __future__ import annotations

from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.writing import unwritable_columns

KINDS = {
    "text": pa.string(),
    "bytes": pa.binary(),
    "list": pa.list_(pa.int8()),
    "span": pa.duration("s"),
    "interval": pa.month_day_nano_interval(),
    "codes": pa.dictionary(pa.int8(), pa.string()),
    "moment": pa.timestamp("ns", "Asia/Shanghai"),
    "nowhere": pa.timestamp("ns", "Mars/Phobos"),
    "nothing": pa.null(),
}


@pytest.mark.parametrize(
    ("layout", "names"),
    [
        ("csv", ["bytes", "list", "span", "interval", "nowhere"]),
        ("parquet", ["interval"]),
        ("arrow", []),
    ],
)
def test_columns_that_a_layout_cannot_hold_are_named(layout, names) -> None:
    found = unwritable_columns(KINDS.items(), layout)
    assert [name for name, _, _ in found] == names
    assert {code for _, code, _ in found} <= {"UNSUPPORTED_TYPE"}


def test_faults_say_which_type() -> None:
    (found,) = unwritable_columns([("a", pa.binary())], "csv")
    assert found == ("a", "UNSUPPORTED_TYPE", "of type binary has no text in CSV")


def test_parquet_holds_all_others() -> None:
    for name, kind in KINDS.items():
        if name != "interval":
            pq.write_table(pa.table({name: pa.nulls(1, kind)}), BytesIO())
