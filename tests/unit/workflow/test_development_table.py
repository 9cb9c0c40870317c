from __future__ import annotations

import datetime
import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as pa_feather
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import FitError, InputError, SchemaError
from cfscore.workflow import DataConfig, SplitConfig
from cfscore.workflow._development_table import (
    file_sha256,
    instant_of,
    read_development_table,
    read_table_files,
)

DATA = DataConfig("rows.parquet", "bad", id=("id",), exclude=("note",), weight="w")
SPLIT = SplitConfig(time="at")


def rows(**changes: object) -> pa.Table:
    columns = {
        "id": ["a", "b", "c"],
        "at": pa.array([0, 86_400, 86_400], pa.timestamp("s")),
        "age": [31, None, 40],
        "note": ["x", "y", "z"],
        "w": [1.0, 2.0, 0.5],
        "bad": [0, 1, 0],
    }
    return pa.table({**columns, **changes})


def read(tmp_path: Path, table: pa.Table, data: DataConfig = DATA):
    pq.write_table(table, tmp_path / "rows.parquet")
    return read_development_table(data, SPLIT, tmp_path)


def test_columns_take_their_roles(tmp_path: Path) -> None:
    found = read(tmp_path, rows())
    assert found.features.column_names == ["age"]
    assert found.y.tolist() == [0, 1, 0]
    assert found.weight is not None
    assert found.weight.tolist() == [1.0, 2.0, 0.5]
    assert found.instants is not None
    assert found.instants.tolist() == [0, 86_400_000_000, 86_400_000_000]
    assert found.n_rows == 3


@pytest.mark.parametrize(
    "at",
    [
        pa.array([0, 1, 1], pa.date32()),
        pa.array(["1970-01-01", "1970-01-02", "1970-01-02"]),
        pa.array([0, 86_400_000, 86_400_000], pa.timestamp("ms", tz="Asia/Shanghai")),
    ],
)
def test_times_may_be_dates_texts_or_instants_in_a_zone(
    tmp_path: Path, at: pa.Array
) -> None:
    found = read(tmp_path, rows(at=at))
    assert found.instants is not None
    assert found.instants.tolist() == [0, 86_400_000_000, 86_400_000_000]


def test_row_labels_of_pandas_are_no_features(tmp_path: Path) -> None:
    frame = rows().to_pandas().iloc[[2, 0, 1]]
    frame.to_parquet(tmp_path / "rows.parquet")
    assert "__index_level_0__" in pq.read_schema(tmp_path / "rows.parquet").names
    found = read_development_table(DATA, SPLIT, tmp_path)
    assert found.features.column_names == ["age"]


@pytest.mark.parametrize("bad", [[False, True, False], [0.0, 1.0, 0.0]])
def test_target_may_be_boolean_or_float(tmp_path: Path, bad: list[object]) -> None:
    assert read(tmp_path, rows(bad=bad)).y.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"bad": [0, 2, None]}, FitError, r"target 'bad' is not 0 or 1 in 2 row\(s\)"),
        ({"bad": ["y", "n", "n"]}, SchemaError, r"column 'bad': has type string"),
        ({"w": [1.0, None, -1.0]}, FitError, r"weight 'w' is missing or negative in 2"),
        ({"at": ["1970-01-01", "secret", None]}, SchemaError, r"column 'at': has type"),
        (
            {"at": pa.array([0, None, 1], pa.date32())},
            FitError,
            r"'at' is missing in 1",
        ),
    ],
)
def test_faults_are_counted_without_values(
    tmp_path: Path, changes: dict, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        read(tmp_path, rows(**changes))
    assert "secret" not in str(caught.value)


def test_missing_columns_are_all_named_with_a_guess(tmp_path: Path) -> None:
    data = DataConfig("rows.parquet", "badd", id=("idd",))
    with pytest.raises(SchemaError) as caught:
        read(tmp_path, rows(), data)
    assert "column 'badd': is missing; did you mean 'bad'?" in str(caught.value)
    assert "column 'idd': is missing; did you mean 'id'?" in str(caught.value)


def test_csv_has_types_and_only_an_empty_cell_is_missing(tmp_path: Path) -> None:
    text = 'age,city,bad\n31,NA,0\n,"",1\n4.5,null,0\n'
    (tmp_path / "rows.csv").write_text(text)
    files, table = read_table_files(tmp_path / "rows.csv")
    assert files == (tmp_path / "rows.csv",)
    assert table.to_pydict() == {
        "age": [31.0, None, 4.5],
        "city": ["NA", None, "null"],
        "bad": [0, 1, 0],
    }


def test_several_files_are_one_table(tmp_path: Path) -> None:
    for name in ("a", "b"):
        pa_feather.write_feather(pa.table({"x": [1]}), tmp_path / f"{name}.feather")
    files, table = read_table_files(tmp_path)
    assert [file.name for file in files] == ["a.feather", "b.feather"]
    assert table.num_rows == 2


def test_files_that_differ_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"y": [1]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match="differ in the names or types"):
        read_table_files(tmp_path / "*.parquet")


def test_damaged_file_is_refused_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\nsecret\n")
    with pytest.raises(
        InputError, match=r"csv file 'rows\.csv' cannot be read"
    ) as caught:
        read_table_files(tmp_path / "rows.csv")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_hash_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert file_sha256(tmp_path / "x") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_instants_are_utc() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=8))
    day = instant_of(datetime.date(2026, 1, 1))
    # 56 years of 365 days and 14 leap days (1972 to 2024) since 1970.
    assert day == (56 * 365 + 14) * 86_400_000_000
    assert instant_of(datetime.datetime(2026, 1, 1)) == day
    assert instant_of(datetime.datetime(2026, 1, 1, 8, tzinfo=zone)) == day


def test_every_format_that_is_scored_can_be_trained_on(tmp_path: Path) -> None:
    expected = pa.table({"age": [31, None], "city": ["Oslo", "NA"]})
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(b"age\tcity\n31\tOslo\n\tNA\n"))
    with pa.ipc.new_stream(tmp_path / "b.arrow", expected.schema) as writer:
        writer.write_table(expected)
    with pa.ipc.new_file(tmp_path / "c.arrow", expected.schema) as writer:
        writer.write_table(expected)
    pq.write_table(expected, tmp_path / "d.parquet")
    for name in ("a.tsv.gz", "b.arrow", "c.arrow", "d.parquet"):
        assert read_table_files(tmp_path / name)[1].equals(expected)
