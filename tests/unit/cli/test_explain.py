from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from cfscore.cli import main


def explain(plan: Path, rows: Path, row: int, *more: str) -> int:
    return main(["explain", "-m", str(plan), "-i", str(rows), "--row", str(row), *more])


def test_row_is_explained_by_hand_worked_numbers(
    plan_file: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(plan_file, rows_file, 2, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    # Row 2: use 0.5 in [0.3, 0.7) has WOE 0.1, city "south, east" WOE -0.4, both with
    # coefficient -1; the intercept is -2, the references are 0.1 and 0.05.
    assert found["log_odds"] == pytest.approx(-2.0 - 0.1 + 0.4)
    assert found["pd"] == pytest.approx(1.0 / (1.0 + math.exp(1.7)))
    assert found["base_value"] == pytest.approx(-2.0 + 0.1 + 0.05)
    use, city = found["parts"]
    assert use["attribute"] == "[0.3, 0.7)"
    assert use["contribution"] == pytest.approx(-0.1 - 0.1)
    assert city["attribute"] == "south, east | 中部"
    assert city["contribution"] == pytest.approx(0.4 - 0.05)
    # 20 points double the odds: a unit of log-odds is 20 / ln 2 = 28.8539 points.
    assert city["shortfall_points"] == pytest.approx(0.35 * 28.853901)
    assert [(r["code"], r["text"]) for r in found["reasons"]] == [("CITY", "Place")]
    assert found["reasons"][0]["contribution"] == pytest.approx(0.35)
    assert use["points"] + city["points"] == pytest.approx(found["score"])


def test_contributions_add_up(
    plan_file: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for row in range(1, 6):
        explain(plan_file, rows_file, row, "--json")
        found = json.loads(capsys.readouterr().out)
        total = found["base_value"] + sum(p["contribution"] for p in found["parts"])
        assert total == pytest.approx(found["log_odds"])


def test_special_attribute_has_its_own_reason_in_chinese(
    plan_file: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(plan_file, rows_file, 3, "--language", "zh") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "Row 3 (counted from 1), plan small card" in out
    assert "SPECIAL -9991" in out
    assert "1. 信用历史不足" in out


def test_row_without_harm_has_no_reason(
    plan_file: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(plan_file, rows_file, 1) == 0
    assert "No reason: nothing is below its reference." in capsys.readouterr().out


def test_rows_of_csv_are_counted_below_the_header(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("city,use\nnorth,0.9\nnorth,0.1\n", encoding="utf-8")
    assert explain(plan_file, path, 2, "--json") == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert [part["attribute"] for part in parts] == ["[-inf, 0.3)", "north"]


def test_row_beyond_the_end_is_3(
    plan_file: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(plan_file, rows_file, 6) == 3
    assert "[NO_SUCH_ROW]: The file 'rows.parquet' has 5 row(s), and no row 6" in (
        capsys.readouterr().err
    )


def test_row_zero_is_a_fault_of_usage(plan_file: Path, rows_file: Path) -> None:
    assert explain(plan_file, rows_file, 0) == 2


def test_several_files_are_a_fault_of_usage(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.parquet").write_bytes(rows_file.read_bytes())
    pattern = Path(f"{tmp_path}/*.parquet")
    assert explain(plan_file, pattern, 1) == 2


def test_row_that_cannot_be_scored_is_3_without_its_value(
    plan_file: Path, bad_rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(plan_file, bad_rows_file, 4) == 3
    err = capsys.readouterr().err
    assert "column 'use': 1 x NOT_A_NUMBER" in err
    assert "12%" not in err


def test_hint_on_a_bad_row_is_one_that_can_be_taken(
    plan_file: Path,
    bad_rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("use,city\n0.1,north\n0.1\n")
    for path, fault in ((bad_rows_file, "NOT_A_NUMBER"), (ragged, "RAGGED")):
        assert explain(plan_file, path, 2) == 3
        err = capsys.readouterr().err
        assert fault in err
        assert "correct the cells" in err
        assert "'cfscore score --on-bad quarantine'" in err
        assert "on_bad" not in err


def test_missing_column_is_3(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("use\n0.9\n")
    assert explain(plan_file, path, 1) == 3
    assert "column 'city': is missing" in capsys.readouterr().err
