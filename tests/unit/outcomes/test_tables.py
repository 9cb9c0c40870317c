"""Raw tables: every container gives the same columns; schema faults come together."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import InputError, SchemaError
from cfscore.outcomes import days_past_due, loan_history
from cfscore.outcomes._tables import ColumnSpec, TableSpec, read_tables

SPEC = TableSpec(
    "loans",
    {
        "loan_id": ColumnSpec("key"),
        "day": ColumnSpec("date"),
        "amount": ColumnSpec("amount"),
        "seq": ColumnSpec("whole", is_required=False),
        "code": ColumnSpec("text", is_required=False),
    },
)
ROWS = [
    {"loan_id": "A", "day": date(2025, 1, 31), "amount": 1.5, "seq": 1, "code": "x"},
    {"loan_id": "B", "day": None, "amount": None, "seq": None, "code": None},
]
FRAME = pl.DataFrame(ROWS)


class Capsule:
    """A table that speaks the Arrow PyCapsule interface and nothing else."""

    def __arrow_c_stream__(self, requested_schema=None):
        return FRAME.to_arrow().__arrow_c_stream__(requested_schema)


def read(table, time_zone="Asia/Shanghai", spec=SPEC):
    return read_tables([(spec, table)], time_zone)[0]


@pytest.mark.parametrize(
    "table",
    [
        FRAME,
        FRAME.lazy(),
        FRAME.to_pandas(),
        FRAME.to_arrow(),
        FRAME.to_arrow().to_batches()[0],
        FRAME.to_dict(as_series=False),
        ROWS,
        Capsule(),
    ],
    ids=lambda table: type(table).__name__,
)
def test_every_container_gives_the_same_columns(table):
    assert read(table).rows() == FRAME.rows()


def test_parquet_files_are_tables(tmp_path):
    FRAME[:1].write_parquet(tmp_path / "a.parquet")
    FRAME[1:].write_parquet(tmp_path / "b.parquet")
    assert read(tmp_path).rows() == FRAME.rows()
    assert read(str(tmp_path / "a.parquet")).rows() == FRAME.rows()[:1]


def test_missing_has_one_meaning():
    table = pd.DataFrame(
        {
            "loan_id": ["A", " ", None],
            "day": pd.to_datetime(["2025-01-31", None, None]),
            "amount": [1.0, np.nan, None],
            "code": ["x", "", "  "],
        }
    )
    assert read(table).select("loan_id", "day", "amount", "code").rows() == [
        ("A", date(2025, 1, 31), 1.0, "x"),
        (None, None, None, None),
        (None, None, None, None),
    ]


def test_keys_are_text_or_whole_numbers():
    whole = read({"loan_id": np.array([1.0, 2.0]), "day": [None] * 2, "amount": [1, 2]})
    assert whole["loan_id"].to_list() == [1, 2]
    category = pl.Series(["A", "B"], dtype=pl.Categorical)
    text = read({"loan_id": category, "day": [None] * 2, "amount": [1, 2]})
    assert text["loan_id"].to_list() == ["A", "B"]


def test_dates_are_calendar_days_in_the_zone():
    table = {
        "loan_id": [1, 2],
        "day": [datetime(2025, 1, 31, 15, 59, tzinfo=UTC)] * 2,
        "amount": [Decimal("1.50"), Decimal("2.25")],
    }
    table["day"][1] = datetime(2025, 1, 31, 16, 0, tzinfo=UTC)
    read_days = read(table)["day"].to_list()
    assert read_days == [date(2025, 1, 31), date(2025, 2, 1)]
    assert read(table, "UTC")["day"].to_list() == [date(2025, 1, 31)] * 2
    assert read(table)["amount"].to_list() == [1.5, 2.25]
    local = pl.Series([datetime(2025, 1, 31, 23, 59)])
    assert read({**table, "day": local.extend(local)})["day"][0] == date(2025, 1, 31)


def test_all_schema_faults_of_all_tables_come_together():
    loans = {"loan": ["A"], "disbursed_at": ["2025-01-31"], "principal": ["5000"]}
    instalments = {"loan_id": ["A"], "seq": [1.5], "due_date": [date(2025, 2, 28)]}
    repayments = {"loan_id": [0.5], "paid_at": [True], "amount": [1.0]}
    with pytest.raises(SchemaError) as caught:
        loan_history(loans, instalments, repayments, snapshot=date(2025, 3, 31))
    assert [(column, code) for column, code, _ in caught.value.faults] == [
        ("loans.loan_id", "MISSING_COLUMN"),
        ("loans.disbursed_at", "TYPE"),
        ("loans.principal", "TYPE"),
        ("instalments.seq", "TYPE"),
        ("instalments.due_principal", "MISSING_COLUMN"),
        ("repayments.loan_id", "TYPE"),
        ("repayments.paid_at", "TYPE"),
    ]
    text = str(caught.value)
    assert "column 'loans.loan_id': is missing" in text
    assert "has type String, and must hold dates or instants; parse it first" in text
    assert "with 1 value(s) that are not whole" in text
    assert "5000" not in text


def test_a_misspelt_column_is_suggested():
    with pytest.raises(SchemaError, match=r"'loans.amount': .*did you mean 'amuont'"):
        read({"loan_id": ["A"], "day": [None], "amuont": [1.0]})


def test_loan_ids_must_be_of_one_type():
    instalments = {
        "loan_id": [1],
        "seq": [1],
        "due_date": [date(2025, 2, 10)],
        "due_principal": [100.0],
    }
    repayments = {"loan_id": ["1"], "paid_at": [date(2025, 2, 10)], "amount": [100.0]}
    expected = r"'repayments.loan_id': has type String, and 'instalments' has Int64"
    with pytest.raises(SchemaError, match=expected):
        days_past_due(instalments, repayments, at=date(2025, 2, 28))


@pytest.mark.parametrize("nothing", [[], pl.Series([], dtype=pl.String)])
def test_an_empty_table_takes_the_type_of_the_others(nothing):
    instalments = {
        "loan_id": [1],
        "seq": [1],
        "due_date": [date(2025, 2, 10)],
        "due_principal": [100.0],
    }
    repayments = {"loan_id": nothing, "paid_at": [], "amount": []}
    result = days_past_due(instalments, repayments, at=date(2025, 2, 28))
    assert result.rows() == [(1, date(2025, 2, 28), 18, 1)]


def test_names_of_results_are_refused():
    loans = {"loan_id": ["A"], "disbursed_at": [date(2025, 1, 1)], "label": ["good"]}
    with pytest.raises(SchemaError, match=r"'loans.label': .* rename it \[RESERVED"):
        loan_history(loans, _dues(), _paid(), snapshot=date(2025, 3, 31))


def _dues():
    return {
        "loan_id": ["A"],
        "seq": [1],
        "due_date": [date(2025, 2, 10)],
        "due_principal": [1.0],
    }


def _paid():
    return {"loan_id": [], "paid_at": [], "amount": []}


@pytest.mark.parametrize(
    "table",
    [
        7,
        "no/such/folder",
        {"loan_id": ["A", "secret"], "day": [None]},
        [1, 2],
        pa.array([1]),
    ],
    ids=lambda table: type(table).__name__,
)
def test_other_things_are_no_tables(table):
    with pytest.raises(InputError, match=r"^The table 'loans' cannot be") as caught:
        read(table)
    assert caught.value.code == "UNREADABLE"
    assert "secret" not in str(caught.value)
    assert "Parquet" in caught.value.hint
