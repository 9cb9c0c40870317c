from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cfscore.scoring import Scorer
from cfscore.writing import CsvFormat
from tests.unit.scoring.file_runs import developed_plan

SCORER = Scorer(developed_plan(), threads=2)

#: Rows 2 and 3 hold a number that is none, row 5 has a cell too many,
#: row 6 too few; the others are fine.
TEXT = (
    "id,use,city\n1,0.1,north\n2,1_000,north\n3,x,new\n4,,\n5,0.1,north,1\n6,0.1\n"
    "7,0.9,中部\n"
)


def rejects_of(tmp_path: Path, **options: object) -> list[list[str]]:
    source = tmp_path / "in.csv"
    source.write_text(TEXT)
    report = SCORER.score_file(
        source, tmp_path / "out.parquet", keep=["id"], on_bad="quarantine", **options
    )
    assert report.rejects is not None
    text = Path(report.rejects).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_reason_is_listed_by_row_column_and_code(tmp_path: Path) -> None:
    file = str(tmp_path / "in.csv")
    assert rejects_of(tmp_path) == [
        ["file", "row", "column", "code"],
        [file, "2", "use", "NOT_A_NUMBER"],
        [file, "3", "use", "NOT_A_NUMBER"],
        [file, "5", "", "RAGGED"],
        [file, "6", "", "RAGGED"],
    ]
    # the n-th row of the output is the n-th of the input, unreadable ones included
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["id"].to_pylist() == ["1", "2", "3", "4", None, None, "7"]
    assert found["status"].to_pylist() == [0, 1, 1, 0, 10, 10, 0]
    assert found["score"].null_count == 4


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 100])
def test_the_size_of_batches_changes_nothing(tmp_path: Path, batch_rows: int) -> None:
    assert rejects_of(tmp_path, batch_rows=batch_rows) == rejects_of(tmp_path)


def test_values_are_shown_only_where_asked_for(tmp_path: Path) -> None:
    found = rejects_of(tmp_path, reject_values=True)
    assert [line[2:] for line in found] == [
        ["column", "code", "value"],
        ["use", "NOT_A_NUMBER", "1_000"],
        ["use", "NOT_A_NUMBER", "x"],
        ["", "RAGGED", ""],
        ["", "RAGGED", ""],
    ]


def test_values_are_disarmed_like_other_texts(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("use,city\n=1+1,north\n")
    report = SCORER.score_file(
        source,
        tmp_path / "out.csv",
        on_bad="quarantine",
        reject_values=True,
        csv=CsvFormat("utf-8-sig", excel_safe=True),
    )
    text = Path(str(report.rejects)).read_bytes()
    assert text.startswith(b"\xef\xbb\xbffile,row,column,code,value\n")
    assert text.endswith(b",1,use,NOT_A_NUMBER,'=1+1\n")


def test_row_with_several_faults_has_a_line_for_each(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"use,city\n\xff,\xfe\n0.1,north\n")
    report = SCORER.score_file(source, tmp_path / "out.csv", on_bad="quarantine")
    lines = Path(str(report.rejects)).read_text().splitlines()
    assert [line.rpartition("in.csv,")[2] for line in lines[1:]] == [
        "1,use,ENCODING",
        "1,city,ENCODING",
    ]
    assert report.faults == {("use", "ENCODING"): 1, ("city", "ENCODING"): 1}
    assert (report.rows, report.rejected) == (2, 1)


def test_strict_run_lists_nothing(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("use,city\n0.1,north\n")
    report = SCORER.score_file(source, tmp_path / "out.csv")
    assert report.rejects is None
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["in.csv", "out.csv", "out.csv.manifest.json"]
