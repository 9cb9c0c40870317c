"""Building: containers, files, progress, one row and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import InputError, SchemaError, UsageError
from cfscore.features import (
    Combination,
    FeatureSpec,
    Source,
    build_feature_row,
    build_features,
)
from tests.unit.features.small_tables import (
    AS_OF,
    DAY,
    SUM_30D,
    TABLE,
    TX,
    built,
    decisions,
)


def test_the_output_is_in_the_container_of_the_applications() -> None:
    pandas = built(
        SUM_30D, applications=decisions("x", "y").to_pandas().set_axis([7, 3])
    )
    assert isinstance(pandas, pd.DataFrame)
    assert pandas.index.tolist() == [7, 3]
    assert pandas["tx_amount_sum_30d"].tolist() == [21.5, -9992.0]
    arrow = built(SUM_30D, applications=decisions().to_arrow())
    assert isinstance(arrow, pa.Table)
    assert arrow.column(0).to_pylist() == [21.5]
    rows = built(SUM_30D, applications=[{"who": "x", "as_of": AS_OF}])
    assert isinstance(rows, pl.DataFrame)
    assert isinstance(built(SUM_30D, applications=decisions().lazy()), pl.DataFrame)


def test_tables_may_be_of_any_kind(tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    folder.mkdir()
    TABLE.head(1).write_parquet(folder / "1.parquet")
    TABLE.tail(-1).write_parquet(folder / "2.parquet")
    TABLE.write_parquet(tmp_path / "all.parquet")
    kinds: list[Any] = [
        TABLE,
        TABLE.lazy(),
        TABLE.to_pandas(),
        TABLE.to_arrow(),
        TABLE.to_dicts(),
        TABLE.with_columns(pl.col("who").cast(pl.Categorical)),
        folder,
        str(tmp_path / "all.parquet"),
    ]
    for kind in kinds:
        assert built(SUM_30D, kind).item() == 21.5, type(kind)


def test_pandas_holes_are_missing() -> None:
    table = pd.DataFrame(
        {
            "who": ["x", "x", None],
            "amount": [np.nan, 2.0, 3.0],
            "at": pd.to_datetime([AS_OF - DAY] * 3),
            "known": pd.to_datetime([AS_OF - DAY, AS_OF - DAY, pd.NaT]),
        }
    )
    spec = FeatureSpec(source=TX, column="amount", aggregation="count")
    assert built(spec, table).item() == 1


def test_whole_keys_that_pandas_made_floats_are_found() -> None:
    table = TABLE.to_pandas().assign(who=[7.0, np.nan, 7.5])
    applications = pl.DataFrame({"who": [7, 8], "as_of": AS_OF})
    assert built(SUM_30D, table, applications).to_series().to_list() == [1.5, -9992.0]


def test_keep_and_order_of_columns() -> None:
    applications = decisions("y", "x").with_columns(note=pl.Series(["b", "a"]))
    found = built(SUM_30D, applications=applications, keep=["note", "who"])
    assert found.columns == ["note", "who", "tx_amount_sum_30d"]
    assert found.rows() == [("b", "y", -9992.0), ("a", "x", 21.5)]


def test_no_applications_give_no_rows() -> None:
    empty = decisions().head(0)
    found = built(SUM_30D, applications=empty)
    assert found.shape == (0, 1)
    assert found.dtypes == [pl.Float64]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"specs": []}, UsageError, "There are no specs"),
        ({"specs": [SUM_30D, SUM_30D]}, UsageError, "is called 'tx_amount_sum_30d'"),
        ({"specs": ["sum"]}, UsageError, "must hold FeatureSpec objects, got str"),
        ({"special": "nan"}, UsageError, "special must be 'codes' or 'status'"),
        ({"chunk_rows": 0}, UsageError, "chunk_rows must be a positive integer, got 0"),
        ({"table": {}}, UsageError, r"Table 'tx' is needed .* Pass tables\['tx'\]"),
        ({"table": {"txs": TABLE}}, UsageError, "Did you mean 'txs'"),
        ({"table": {"tx": "gone.parquet"}}, UsageError, "no Parquet file at 'gone"),
        ({"table": {"tx": 7}}, InputError, "Table 'tx' is a int that is no table"),
        ({"table": {"tx": [1, 2]}}, InputError, "a list of something other than dicts"),
        (
            {"table": TABLE.rename({"amount": "amuont"})},
            SchemaError,
            r"column 'amount': is not in table 'tx' .*Did you mean 'amuont'",
        ),
        (
            {"table": TABLE.with_columns(amount=pl.lit("1"))},
            SchemaError,
            "column 'amount': has type String; numbers are needed",
        ),
        (
            {"table": TABLE.with_columns(pl.col("at").dt.date())},
            SchemaError,
            r"column 'at': has type Date where an instant .*resolution='date'",
        ),
        (
            {"table": TABLE.with_columns(pl.col("at").dt.replace_time_zone(None))},
            SchemaError,
            r"column 'at': has no time zone where the decision has one \[MIXED_ZONES\]",
        ),
        (
            {"table": TABLE.with_columns(who=pl.lit(7))},
            SchemaError,
            r"is String on one side and Int64 in table 'tx' \[KEY_TYPES\]",
        ),
        (
            {"applications": decisions().rename({"as_of": "at"})},
            SchemaError,
            "column 'as_of': is not in table 'applications'",
        ),
        (
            {
                "applications": decisions(as_of=None).with_columns(
                    pl.col("as_of").cast(pl.Date)
                )
            },
            InputError,
            "Column 'as_of' is missing in 1 of 1 rows",
        ),
        (
            {"applications": decisions(as_of="2025-06-15")},
            SchemaError,
            "column 'as_of': has type String where a date or a timestamp is needed",
        ),
        (
            {
                "applications": decisions().with_columns(tx_amount_sum_30d=1),
                "keep": ["tx_amount_sum_30d"],
            },
            UsageError,
            r"Kept columns have the names of features: \['tx_amount_sum_30d'\]",
        ),
    ],
)
def test_what_is_refused(change: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        built(**({"specs": [SUM_30D]} | change))


def test_sources_and_operands_are_checked_together() -> None:
    other = Source("tx", key="who", event_time="at", available_at="at")
    count = FeatureSpec(source=other, aggregation="count")
    with pytest.raises(UsageError, match="Two different sources are called 'tx'"):
        built([SUM_30D, count])
    ahead = Combination(
        name="r", operation="ratio", left="tx_amount_sum_3d", right="tx_amount_sum_30d"
    )
    with pytest.raises(
        UsageError,
        match=r"'r' reads 'tx_amount_sum_3d', no feature before it\. Did you",
    ):
        built([SUM_30D, ahead])
    text = Combination(
        name="r", operation="sum", left="tx_amount_sum_30d", right="application.who"
    )
    with pytest.raises(SchemaError, match="column 'who': has type String; numbers are"):
        built([SUM_30D, text])


def test_cells_never_stand_in_a_message() -> None:
    secret = "6222-0000-1111"
    table = TABLE.with_columns(amount=pl.lit(secret))
    with pytest.raises(SchemaError) as caught:
        built(SUM_30D, table)
    assert secret not in str(caught.value)


def test_progress_is_told_in_applications() -> None:
    told: list[tuple[int, int]] = []
    other = Source("other", key="who", event_time="at", available_at="known")
    specs = [SUM_30D, FeatureSpec(source=other, aggregation="count")]
    build_features(
        decisions(*"xyzuv"),
        {"tx": TABLE, "other": TABLE},
        specs,
        as_of="as_of",
        chunk_rows=2,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (4, 5), (5, 5)]


def test_a_bar_is_drawn_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    built(SUM_30D, progress=True)
    assert capsys.readouterr().out == ""


def test_one_row_needs_no_records_and_no_types() -> None:
    application = {"who": "x", "as_of": AS_OF}
    found = build_feature_row(application, {"tx": []}, [SUM_30D], as_of="as_of")
    assert found == {"tx_amount_sum_30d": -9992.0}
    record = {"who": "x", "at": AS_OF - DAY, "known": AS_OF - DAY, "amount": None}
    whole = record | {"amount": 7}
    found = build_feature_row(
        application, {"tx": [record, whole]}, [SUM_30D], as_of="as_of", special="status"
    )
    assert found == {"tx_amount_sum_30d": 7.0, "tx_amount_sum_30d_status": None}
    with pytest.raises(UsageError, match="special must be"):
        build_feature_row(application, {}, [SUM_30D], as_of="as_of", special="x")
