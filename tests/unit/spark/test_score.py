"""Scoring on a real Spark session, of one machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cfscore.spark
from cfscore.exceptions import SchemaError, UsageError
from cfscore.scoring import Scorer
from tests.unit.scoring.file_runs import developed_plan, make_rows

pytest.importorskip("pyspark", reason="needs the spark extra")


def java_version() -> int:
    """Return the major version of the Java that Spark would find; 0 without one."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        return 0
    text = subprocess.run(
        [java, "-version"], capture_output=True, text=True, check=False
    ).stderr
    digits = text.partition('"')[2].partition(".")[0]
    return int(digits) if digits.isdigit() else 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(java_version() < 17, reason="Spark 4 needs Java 17 or later"),
    # pandas 3 is newer than what Spark 4.3 was tested with
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::ResourceWarning"),
]

PLAN = developed_plan()
N_ROWS = 2_000


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    built = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "300")
        .getOrCreate()
    )
    yield built
    built.stop()


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    PLAN.save(tmp_path / "card.cfs")
    return tmp_path / "card.cfs"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    pq.write_table(make_rows(N_ROWS), tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def test_results_are_those_of_the_file_run_bit_for_bit(
    session: Any, plan_file: Path, source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.parquet"
    Scorer(PLAN).score_file(source, target, reasons=4, keep=["id"])
    expected = pq.read_table(target)
    df = session.read.parquet(str(source)).repartition(5)
    scored = cfscore.spark.score(df, plan_file, keep=["id"])
    assert scored.columns == [*expected.column_names, "rejects"]
    found = scored.toArrow().sort_by("id")
    assert found["rejects"].null_count == N_ROWS
    for name in expected.column_names[:-1]:
        assert found[name].to_pylist() == expected[name].to_pylist()
    for name in ("log_odds", "pd", "score"):
        assert found[name].to_numpy().tobytes() == expected[name].to_numpy().tobytes()
    assert found["status"].to_pylist() == expected["status"].to_pylist()


def test_rejects_are_columns_and_all_columns_are_kept(
    session: Any, plan_file: Path
) -> None:
    rows = [("a.b", "x", "north"), ("c", "0.5", None), ("d", None, "new")]
    df = session.createDataFrame(rows, "id string, use string, city string")
    df = df.withColumnRenamed("id", "my.id")
    found = cfscore.spark.score(df, plan_file, reasons=1).toArrow().to_pylist()
    assert [row["my.id"] for row in found] == ["a.b", "c", "d"]
    assert [row["use"] for row in found] == ["x", "0.5", None]
    assert [row["status"] for row in found] == [1, 0, 0]
    assert [row["rejects"] for row in found] == ["use: NOT_A_NUMBER", None, None]
    assert found[0]["score"] is None


def test_types_of_kept_columns_stay(session: Any, plan_file: Path) -> None:
    df = session.sql(
        "select date'2024-02-29' as day, cast(1.50 as decimal(9, 2)) as amount, "
        "timestamp'2024-02-29 01:02:03' as moment, true as flag, "
        "cast(0.5 as float) as use, 'north' as city"
    )
    scored = cfscore.spark.score(df, plan_file, reasons=0)
    kinds = dict(scored.dtypes)
    assert {name: kinds[name] for name in df.columns} == dict(df.dtypes)
    assert kinds["score"] == "double"
    assert scored.toArrow().num_rows == 1


def test_empty_partitions(session: Any, plan_file: Path) -> None:
    df = session.createDataFrame([(0.5, "north")], "use double, city string")
    scored = cfscore.spark.score(df.repartition(4), plan_file)
    assert scored.count() == 1
    assert cfscore.spark.score(df.where("use > 1"), plan_file).count() == 0


def test_wrong_requests_are_refused_on_the_driver(
    session: Any, plan_file: Path
) -> None:
    df = session.createDataFrame([(0.5,)], "use double")
    with pytest.raises(SchemaError, match="'city': is not in the data frame"):
        cfscore.spark.score(df, plan_file)
    with pytest.raises(UsageError, match="names of result columns"):
        cfscore.spark.score(df.withColumnRenamed("use", "score"), plan_file)


def test_arrow_of_spark_has_the_types_promised(session: Any, plan_file: Path) -> None:
    df = session.createDataFrame([(0.5, "north")], "use double, city string")
    schema = cfscore.spark.score(df, plan_file, keep=[]).toArrow().schema
    assert schema.field("status").type == pa.int16()
    assert schema.field("pd").type == pa.float64()
