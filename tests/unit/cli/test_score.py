from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main
from cfscore.cli.score import plan_outputs
from cfscore.exceptions import UsageError
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
            "use": {"SPECIAL -9991": 0, "MISSING": 2},
            "city": {"MISSING": 0, "UNSEEN": 0},
        },
        "infinite": {},
        "outputs": [str(target)],
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


def test_folder_gets_one_output_per_input(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    for name in ("一月.parquet", "feb.parquet"):
        (inputs / name).write_bytes(rows_file.read_bytes())
    assert score(plan_file, f"{inputs}/*.parquet", tmp_path / "out") == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["feb.parquet", "一月.parquet"]


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
        (("--resume",), "--resume is not part of this version"),
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


def test_inputs_of_one_name_are_refused(tmp_path: Path) -> None:
    sources = [tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"]
    with pytest.raises(UsageError, match=r"would be written to 'x\.csv'"):
        plan_outputs(sources, f"{tmp_path}/out/")


def test_feather_is_written_as_arrow(tmp_path: Path) -> None:
    outputs = plan_outputs([tmp_path / "x.feather"], f"{tmp_path}/out/")
    assert outputs == [([tmp_path / "x.feather"], tmp_path / "out" / "x.arrow")]


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
