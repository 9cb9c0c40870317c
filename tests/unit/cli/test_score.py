from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main
from cfscore.plan import ScoringPlan
from cfscore.scoring import Scorer


def score(plan: Path, source: object, target: object, *more: str) -> int:
    return main(["score", "-m", str(plan), "-i", str(source), "-o", str(target), *more])


def test_file_is_scored_like_the_table(
    plan: ScoringPlan,
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "scored.parquet"
    assert score(plan_file, rows_file, target, "--keep", "id") == 0
    expected = Scorer(plan).score(pq.read_table(rows_file), reasons=4).to_arrow()
    found = pq.read_table(target)
    assert found.column_names == ["id", *expected.column_names]
    assert found.drop_columns("id").equals(expected)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cfscore: 5 rows scored, 0 rejected in ")
    assert err.endswith(f"-> {target}\n  column 'city': 1 x UNSEEN\n")


def test_json_accounts_for_every_row(
    plan: ScoringPlan,
    plan_file: Path,
    bad_rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "scored.csv"
    more = ("--on-bad", "quarantine", "--reasons", "0", "--json")
    assert score(plan_file, bad_rows_file, target, *more) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found = json.loads(out)
    assert found.pop("seconds") >= 0.0
    assert found.pop("rows_per_second") >= 0
    assert found == {
        "rows": 4,
        "scored": 2,
        "rejected": 2,
        "faults": {"use": {"NOT_A_NUMBER": 2}},
        "roles": {
            "use": {"SPECIAL -9991": 0, "MISSING": 0},
            "city": {"MISSING": 0, "UNSEEN": 0},
        },
        "defaulted": {},
        "repeated": None,
        "infinite": {},
        "outside": {},
        "score_psi": None,
        "outputs": [str(target)],
        "manifest": f"{target}.manifest.json",
        "rejects": f"{target}.rejects.csv",
        "resumed_parts": 0,
        "plan_sha256": plan.sha256,
    }


def test_strict_refuses_the_file_and_leaves_the_output(
    plan_file: Path,
    bad_rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "scored.csv"
    target.write_text("earlier")
    assert score(plan_file, bad_rows_file, target) == 3
    assert target.read_text() == "earlier"
    err = capsys.readouterr().err
    assert "[ROW_FAULTS]: 2 of 4 row(s) cannot be scored" in err
    assert "12%" not in err


@pytest.mark.parametrize(
    ("limit", "code"), [("2", 0), ("1", 3), ("50%", 0), ("49%", 3)]
)
def test_too_many_rejects_refuse_the_output(
    plan_file: Path, bad_rows_file: Path, tmp_path: Path, limit: str, code: int
) -> None:
    target = tmp_path / "scored.csv"
    more = ("--on-bad", "quarantine", "--max-rejects", limit)
    assert score(plan_file, bad_rows_file, target, *more) == code
    assert target.exists() is (code == 0)


def test_rejects_can_be_an_exit_code(
    plan_file: Path, bad_rows_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    more = ("--on-bad", "quarantine", "--fail-on-rejects")
    assert score(plan_file, bad_rows_file, tmp_path / "a.csv", *more) == 6
    assert score(plan_file, rows_file, tmp_path / "b.csv", *more) == 0


def test_folder_gets_parts_and_a_manifest(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    for name in ("一月.parquet", "feb.parquet"):
        (inputs / name).write_bytes(rows_file.read_bytes())
    target = tmp_path / "out"
    assert score(plan_file, f"{inputs}/*.parquet", target, "--keep", "id") == 0
    names = sorted(path.name for path in target.iterdir())
    assert names == ["_manifest.json", "part-00000.parquet"]
    # readers of data sets pass over the manifest
    assert pq.read_table(target).column("id").to_pylist() == list("abcde") * 2
    manifest = json.loads((target / "_manifest.json").read_text())
    assert [Path(source["path"]).name for source in manifest["inputs"]] == [
        "feb.parquet",
        "一月.parquet",
    ]
    assert [source["rows_in"] for source in manifest["inputs"]] == [5, 5]


@pytest.mark.parametrize("layout", ["parquet", "csv", "arrow"])
def test_parts_have_the_format_asked_for(
    plan_file: Path, rows_file: Path, tmp_path: Path, layout: str
) -> None:
    target = f"{tmp_path}/out/"
    assert score(plan_file, rows_file, target, "--format", layout) == 0
    assert (tmp_path / "out" / f"part-00000.{layout}").stat().st_size > 0


def test_one_output_takes_all_inputs(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    for name in ("a.parquet", "b.parquet"):
        (inputs / name).write_bytes(rows_file.read_bytes())
    target = tmp_path / "all.parquet"
    more = ("--keep", "id, city", "--keep", "use", "--batch-rows", "2")
    assert score(plan_file, inputs, target, *more) == 0
    found = pq.read_table(target)
    assert found.num_rows == 10
    assert found.column_names[:3] == ["id", "city", "use"]


def test_threads_and_batches_change_nothing(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    assert (
        score(plan_file, rows_file, first, "--threads", "1", "--batch-rows", "1") == 0
    )
    assert score(plan_file, rows_file, second, "--threads", "2") == 0
    assert pq.read_table(first).equals(pq.read_table(second))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--rejects-include-values",), "Add --on-bad quarantine"),
        (("--output-encoding", "big5"), "invalid choice: 'big5'"),
        (("--encoding", "big5"), "CSV encoding 'big5' is not one of"),
        (("--expect-rows", "-1"), "'-1' is not a positive integer"),
        (("--max-rejects", "1%"), "Add --on-bad quarantine"),
        (("--max-rejects", "x"), "neither a number of rows nor a percentage"),
        (("--on-bad", "ignore"), "invalid choice: 'ignore'"),
        (("--threads", "0"), "'0' is not a positive integer"),
        (("--keep", "score"), "have the names of result columns"),
        (("--kep", "id"), "Did you mean '--keep'?"),
    ],
)
def test_faults_of_usage(
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    more: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert score(plan_file, rows_file, tmp_path / "o.csv", *more) == 2
    assert message in capsys.readouterr().err


def test_output_over_the_input_is_refused(plan_file: Path, rows_file: Path) -> None:
    before = rows_file.read_bytes()
    assert score(plan_file, rows_file, rows_file) == 2
    assert score(plan_file, rows_file, rows_file.parent) == 2
    assert rows_file.read_bytes() == before


@pytest.mark.parametrize("source", ["none.parquet", "none-*.parquet", "empty-folder"])
def test_missing_input_is_3(plan_file: Path, tmp_path: Path, source: str) -> None:
    (tmp_path / "empty-folder").mkdir()
    assert score(plan_file, tmp_path / source, tmp_path / "o.csv") == 3


def test_missing_column_is_3(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(pa.table({"use": [0.1]}), tmp_path / "x.parquet")
    assert score(plan_file, tmp_path / "x.parquet", tmp_path / "o.csv") == 3
    assert "column 'city'" in capsys.readouterr().err


def test_other_plan_than_expected_is_4(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "o.csv"
    assert score(plan_file, rows_file, target, "--expect-sha256", "0" * 64) == 4
    assert score(rows_file, rows_file, target) == 4
    assert not target.exists()


def test_output_that_cannot_be_written_is_5(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    assert score(plan_file, rows_file, tmp_path / "none" / "o.csv") == 5
    (tmp_path / "file").write_text("")
    assert score(plan_file, rows_file, tmp_path / "file" / "out" / "") == 5


@pytest.mark.parametrize(("rows", "code"), [("5", 0), ("6", 3), ("0", 3)])
def test_other_number_of_rows_than_expected_is_3(
    plan_file: Path, rows_file: Path, tmp_path: Path, rows: str, code: int
) -> None:
    target = tmp_path / "o.csv"
    assert score(plan_file, rows_file, target, "--expect-rows", rows) == code
    assert target.exists() is (code == 0)


def test_other_input_than_expected_is_3(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "o.csv"
    right = sha256(rows_file.read_bytes()).hexdigest()
    wrong = "0" * 64
    assert score(plan_file, rows_file, target, "--expect-input-sha256", wrong) == 3
    assert not target.exists()
    assert score(plan_file, rows_file, target, "--expect-input-sha256", right) == 0
    assert target.exists()


def test_unused_columns_are_refused_where_asked_for(
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "o.csv"
    assert score(plan_file, rows_file, target, "--strict-columns") == 3
    assert "column 'id': of 'rows.parquet' is neither" in capsys.readouterr().err
    assert score(plan_file, rows_file, target, "--strict-columns", "--keep", "id") == 0


def test_dry_run_checks_and_writes_nothing(
    plan_file: Path,
    bad_rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(tmp_path.iterdir())
    assert score(plan_file, bad_rows_file, tmp_path / "out", "--dry-run", "--json") == 0
    assert sorted(tmp_path.iterdir()) == before
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["rows"], found["parts"], found["layout"]) == (4, 1, "csv")
    assert (found["sample_rows"], found["sample_rejected"]) == (4, 2)
    assert found["faults"] == {"use": {"NOT_A_NUMBER": 2}}
    assert err.startswith("cfscore: nothing written. 1 input(s) with all columns")
    assert "column 'use': 2 x NOT_A_NUMBER in the first 4 rows" in err
    pq.write_table(pa.table({"use": [0.1]}), tmp_path / "x.parquet")
    assert score(plan_file, tmp_path / "x.parquet", "o.csv", "--dry-run") == 3


def test_resumed_run_that_was_complete_does_nothing(
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "out"
    assert score(plan_file, rows_file, target) == 0
    before = {path: path.stat().st_mtime_ns for path in target.iterdir()}
    assert score(plan_file, rows_file, target, "--resume", "--json") == 0
    assert {path: path.stat().st_mtime_ns for path in target.iterdir()} == before
    out, err = capsys.readouterr()
    assert json.loads(out)["resumed_parts"] == 1
    assert "\n  1 part(s) taken over from an earlier run" in err


def test_resuming_where_there_is_nothing_says_so(
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert score(plan_file, rows_file, tmp_path / "o.parquet", "--resume") == 0
    assert "\n  nothing taken over from an earlier run" in capsys.readouterr().err


def test_declared_input_is_read_as_declared(plan_file: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "o.parquet"
    source.write_bytes("use;city\n0.1;中部\nN/A;north\n".encode("gb18030"))
    more = ("--delimiter", ";", "--encoding", "gb18030", "--null", "N/A")
    assert score(plan_file, source, target, *more, "--keep", "city") == 0
    assert pq.read_table(target).column("city").to_pylist() == ["中部", "north"]


def test_output_for_excel(plan_file: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "o.csv"
    source.write_text("name,use,city\n=1+1,0.1,中部\n")
    more = ("--keep", "name,city", "--excel-safe", "--output-encoding", "utf-8-sig")
    assert score(plan_file, source, target, *more, "--reasons", "0") == 0
    text = target.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffname,city,log_odds,pd,score,status\n'=1+1,中部,")
