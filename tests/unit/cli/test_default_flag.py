"""``--default``: a column of the plan that a file may lack."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main


def run(command: str, plan: Path, source: object, *more: str) -> int:
    return main([command, "-m", str(plan), "-i", str(source), *more])


@pytest.fixture
def lacking(tmp_path: Path) -> Path:
    path = tmp_path / "lacking.csv"
    path.write_text("id,use\na,0.1\nb,0.5\nc,\n")
    return path


@pytest.mark.parametrize("city", ["north", "elsewhere", ""])
def test_rows_are_scored_as_if_the_file_had_the_column(
    plan_file: Path,
    lacking: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    city: str,
) -> None:
    whole = tmp_path / "whole.csv"
    lines = lacking.read_text().splitlines()
    filled = ["id,use,city", *(f"{line},{city}" for line in lines[1:])]
    whole.write_text("".join(f"{line}\n" for line in filled))
    a, b = tmp_path / "a.parquet", tmp_path / "b.parquet"
    default = ("--default", f"city={city}", "--json")
    assert run("score", plan_file, lacking, "-o", str(a), *default) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["defaulted"] == {"city": 3}
    assert "  column 'city': 3 x the default" in err
    assert run("score", plan_file, whole, "-o", str(b)) == 0
    assert pq.read_table(a).equals(pq.read_table(b))


def test_without_it_the_column_is_missing(
    plan_file: Path,
    lacking: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "out.csv"
    assert run("score", plan_file, lacking, "-o", str(target)) == 3
    assert "MISSING_COLUMN" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--default", "city"), "--default takes COLUMN=VALUE, not 'city'"),
        (("--default", "=north"), "--default takes COLUMN=VALUE"),
        (("--default", "city=a", "--default", "city=b"), "names 'city' twice"),
        (("--default", "cities=a"), "Did you mean 'city'?"),
        (("--default", "use=much"), "default of 'use' is no cell of a numeric column"),
    ],
)
def test_slips_of_the_pen_are_2(
    plan_file: Path,
    lacking: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str, ...],
    message: str,
) -> None:
    target = tmp_path / "out.csv"
    assert run("score", plan_file, lacking, "-o", str(target), *given) == 2
    assert message in capsys.readouterr().err
    assert not target.exists()


def test_a_stream_may_lack_it_too(
    plan_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"use": [0.1, 0.5]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    stream = io.TextIOWrapper(io.BytesIO(sink.getvalue().to_pybytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    target = tmp_path / "out.parquet"
    given = ("-o", str(target), "--default", "city=north")
    assert run("score", plan_file, "-", *given) == 0
    assert pq.read_table(target).num_rows == 2


def test_the_same_row_is_explained(
    plan_file: Path, lacking: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--row", "2", "--default", "city=north", "--json")
    assert run("explain", plan_file, lacking, *given) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["row"] == 2
    assert "north" in json.dumps(found)


def test_dry_run_tells_of_it(
    plan_file: Path,
    lacking: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = ("-o", str(tmp_path / "out"), "--default", "city=", "--dry-run", "--json")
    assert run("score", plan_file, lacking, *more) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["defaulted"] == {"city": 1}
    assert err.endswith("\n  column 'city': the default in 1 input(s)\n")


def test_the_default_is_read_like_a_cell_of_its_column(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("city\nnorth\n")
    more = ("--default", "use=90%", "--row", "1", "--json")
    assert run("explain", plan_file, source, *more) == 2
    declared = ("--number-format", "use=percent")
    assert run("explain", plan_file, source, *more, *declared) == 0
    explained = json.loads(capsys.readouterr().out)["score"]
    target = tmp_path / "out.parquet"
    flags = (*more[:2], *declared, "-o", str(target))
    assert run("score", plan_file, source, *flags) == 0
    assert pq.read_table(target)["score"].to_pylist() == [explained]
