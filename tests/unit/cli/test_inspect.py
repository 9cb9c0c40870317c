from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cfscore.cli import main
from cfscore.cli._plan_summary import summarize_plan
from cfscore.plan import CutoffReference, ScoringPlan


def test_person_sees_the_whole_plan(
    plan: ScoringPlan, plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(plan_file)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for expected in (
        "== small card",
        plan.sha256,
        "verified       no: unverified",
        "600 points at odds 50:1 (good:bad), 20 points double them",
        "use     numeric",
        "SPECIAL -9991",
        "south, east | 中部",
        "信用历史不足",
        "SPECIAL -9991      THIN, every characteristic",
        "The plan holds no aggregates.",
    ):
        assert expected in out


def test_json_is_the_whole_plan_in_one_line(
    plan: ScoringPlan, plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(plan_file), "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found = json.loads(out)
    assert found["sha256"] == plan.sha256
    assert found["protocol"] == 1
    assert [c["name"] for c in found["characteristics"]] == ["use", "city"]
    points = [a["points"] for a in found["characteristics"][0]["attributes"]]
    assert points == [a.points for a in plan.points.characteristics[0].attributes]
    assert found["reasons"]["reasons"][0]["features"] == ["use"]


def test_reference_just_above_a_cutoff_is_told(plan: ScoringPlan) -> None:
    catalogue = replace(plan.catalogue, reference=CutoffReference(600.0, 20.0))
    summary = summarize_plan(replace(plan, catalogue=catalogue, golden=None))
    assert summary["reasons"]["reference"] == {"score": 600.0, "width": 20.0}


def test_right_hash_is_accepted(plan: ScoringPlan, plan_file: Path) -> None:
    assert main(["inspect", str(plan_file), "--expect-sha256", plan.sha256]) == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "NOT_FOUND"),
        (b"", "ARTIFACT_EMPTY"),
        (b"\x80\x04K\x01.", "NOT_A_PLAN"),
    ],
)
def test_other_file_is_refused_with_4(
    content: bytes | None,
    code: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "x.cfs"
    if content is not None:
        path.write_bytes(content)
    assert main(["inspect", str(path)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert f"[{code}]" in err


def test_wrong_hash_is_refused_with_4(plan_file: Path) -> None:
    assert main(["inspect", str(plan_file), "--expect-sha256", "0" * 64]) == 4
