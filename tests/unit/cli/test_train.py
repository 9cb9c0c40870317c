from __future__ import annotations

import json
from pathlib import Path

import pytest

from cfscore.cli import main
from cfscore.workflow import example_config_text, raw_config_text

CSV = "id,age,bad\n" + "".join(
    f"{i},{20 + i % 40},{int(i % 40 < 4 or i % 97 == 0)}\n" for i in range(2000)
)
CONFIG = """
[data]
path = "rows.csv"
target = "bad"
id = ["id"]
[split]
holdout = 0.25
[output]
name = "age alone"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "rows.csv").write_text(CSV)
    path = tmp_path / "run.toml"
    path.write_text(CONFIG)
    return path


def test_example_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--example"]) == 0
    assert capsys.readouterr().out == example_config_text()
    assert main(["train", "--example", "raw"]) == 0
    assert capsys.readouterr().out == raw_config_text()


def test_run_is_shown_and_written(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "-c", str(config)]) == 0
    out, err = capsys.readouterr()
    assert "== age alone (scorecard): discrimination" in out
    assert "holdout" in out
    assert "chosen: information value" in out
    assert err.endswith(f"-> {tmp_path / 'run'}\n")
    assert (tmp_path / "run" / "scorecard.cfs").exists()


def test_output_on_the_command_line_wins(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "elsewhere"
    arguments = ["train", "-c", str(config), "-o", str(folder), "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["folder"] == str(folder)
    assert found["metrics"]["scorecard"]["holdout"]["rows"] == 500
    assert not (tmp_path / "run").exists()
    assert main(arguments) == 5
    assert "[EXISTS]" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("holdout", "hold_out", 2, "Unknown key 'split.hold_out'. Did you mean 'holdo"),
        ('"bad"', '"badd"', 3, "column 'badd': is missing; did you mean 'bad'?"),
        ("rows.csv", "none.csv", 3, "No input file is found"),
    ],
)
def test_faults_have_their_codes(
    config: Path,
    old: str,
    new: str,
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config.write_text(CONFIG.replace(old, new))
    assert main(["train", "-c", str(config)]) == code
    assert message in capsys.readouterr().err


def test_config_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train"]) == 2
    assert "cfscore train --example > run.toml" in capsys.readouterr().err
