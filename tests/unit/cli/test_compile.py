from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main
from cfscore.plan import ScoringPlan
from cfscore.scoring import Scorer, load_plan

REASONS = """
[[reason]]
code = "R1"
zh = "额度"
features = ["use", "city"]
"""


def test_plan_is_issued_again_with_other_reasons_and_name(
    plan: ScoringPlan,
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reasons, target = tmp_path / "r.toml", tmp_path / "new.cfs"
    reasons.write_text(REASONS, encoding="utf-8")
    arguments = ["compile", str(plan_file), str(target), "--reasons", str(reasons)]
    assert main([*arguments, "--name", "新卡", "--json"]) == 0
    made = load_plan(target)
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "output": str(target),
        "sha256": made.sha256,
        "name": "新卡",
        "source_sha256": plan.sha256,
    }
    assert made.sha256 in err
    assert made.catalogue.reasons[0].zh == "额度"
    rows = pq.read_table(rows_file)
    before, after = Scorer(plan).score(rows), Scorer(made).score(rows)
    assert before.score.tolist() == after.score.tolist()


def test_development_sample_gives_the_counts(plan_file: Path, tmp_path: Path) -> None:
    sample = {"use": [0.1, 0.1, 0.9, None], "city": ["north"] * 4, "bad": [0, 1, 1, 0]}
    pq.write_table(pa.table(sample), tmp_path / "d.parquet")
    target = tmp_path / "new.cfs"
    arguments = ["compile", str(plan_file), str(target)]
    arguments += ["--development", str(tmp_path / "d.parquet"), "--target", "bad"]
    assert main(arguments) == 0
    use = load_plan(target).points.characteristics[0].attributes
    assert [(a.count, a.bad_rate) for a in use] == [
        (2, 0.5),
        (0, None),
        (1, 1.0),
        (0, None),
        (1, 0.0),
    ]


def test_development_sample_without_target(plan_file: Path, tmp_path: Path) -> None:
    sample = {"use": [0.1, 0.9], "city": ["north"] * 2}
    pq.write_table(pa.table(sample), tmp_path / "d.parquet")
    target = tmp_path / "new.cfs"
    arguments = ["compile", str(plan_file), str(target)]
    assert main([*arguments, "--development", str(tmp_path / "d.parquet")]) == 0
    use = load_plan(target).points.characteristics[0].attributes
    assert [(a.count, a.bad_rate) for a in use][:3] == [(1, None), (0, None), (1, None)]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("model.txt", b"tree\nversion=v4\n", "TEXT"),
        ("model.cfs", b"tree\nversion=v4\n", "TEXT"),
        ("card.pkl", b"anything", "PICKLE"),
        ("card.cfs", b"\x80\x05\x95", "PICKLE"),
        ("card.cfs", b"hello", "NOT_A_PLAN"),
        ("none.cfs", None, "NOT_FOUND"),
    ],
)
def test_other_models_are_refused_by_name(
    tmp_path: Path,
    name: str,
    content: bytes | None,
    code: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / name
    if content is not None:
        source.write_bytes(content)
    assert main(["compile", str(source), str(tmp_path / "o.cfs")]) == 4
    assert f"error [{code}]" in capsys.readouterr().err
    assert not (tmp_path / "o.cfs").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--event", "good"), "event='good' applies to foreign models only"),
        (("--event", "worse"), "invalid choice: 'worse'"),
        (("--feature-names", "none.txt"), "'none.txt' cannot be read"),
        (("--categories", "none.json"), "'none.json' cannot be read"),
        (("--target", "bad"), "Add --development FILE"),
        (("--reasons", "none.toml"), "Reason catalogue 'none.toml'"),
    ],
)
def test_faults_of_usage(
    plan_file: Path,
    tmp_path: Path,
    more: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "o.cfs"
    assert main(["compile", str(plan_file), str(target), *more]) == 2
    assert message in capsys.readouterr().err


def test_reasons_that_leave_a_column_out_are_4(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = tmp_path / "r.toml"
    reasons.write_text("[[reason]]\ncode = 'R'\nfeatures = ['use']\n")
    arguments = ["compile", str(plan_file), str(tmp_path / "o.cfs")]
    assert main([*arguments, "--reasons", str(reasons)]) == 4
    assert "does not cover: ['city']" in capsys.readouterr().err


@pytest.fixture
def folder(plan_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with all that a plan is made of, links among it."""
    folder = plan_file.parent
    monkeypatch.chdir(folder)
    (folder / "reasons.toml").write_text(REASONS, encoding="utf-8")
    (folder / "sub").mkdir()
    sample = pa.table({"use": [0.1, 0.9], "city": ["north"] * 2})
    pq.write_table(sample, folder / "sub" / "d.parquet")
    (folder / "link.cfs").symlink_to(plan_file)
    (folder / "sub" / "link.toml").symlink_to(folder / "reasons.toml")
    (folder / "away").symlink_to("sub", target_is_directory=True)
    return folder


@pytest.mark.parametrize(
    ("arguments", "output", "flag"),
    [
        (["card.cfs"], "card.cfs", "MODEL"),
        (["card.cfs"], "sub/.././card.cfs", "MODEL"),
        (["card.cfs"], "link.cfs", "MODEL"),
        (["link.cfs"], "card.cfs", "MODEL"),
        (["card.cfs", "--reasons", "reasons.toml"], "away/link.toml", "--reasons"),
        (["card.cfs", "--reasons", "sub/link.toml"], "reasons.toml", "--reasons"),
        (["card.cfs", "--categories", "c.json"], "c.json", "--categories"),
        (["card.cfs", "--feature-names", "n.txt"], "n.txt", "--feature-names"),
        (["card.cfs", "--development", "sub"], "away/d.parquet", "--development"),
        (["card.cfs", "--development", "s*/*.parquet"], "sub/d.parquet", "--develop"),
        (["card.cfs", "--development", "sub/*"], "away/new.cfs", "--development"),
    ],
)
def test_output_that_is_an_input_is_2_and_nothing_is_written(
    folder: Path,
    arguments: list[str],
    output: str,
    flag: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    model, *more = arguments
    assert main(["compile", model, output, *more]) == 2
    err = capsys.readouterr().err
    assert f"is what {flag}" in err
    assert "Name another output." in err
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_output_beside_its_inputs_may_be_replaced(folder: Path) -> None:
    more = ["--reasons", "reasons.toml", "--development", "sub/d.parquet"]
    for _ in range(2):
        assert main(["compile", "card.cfs", "sub/new.cfs", *more]) == 0
