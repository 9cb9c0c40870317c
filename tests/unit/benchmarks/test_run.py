"""Runner: every measurement can be found, listed and refused by name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import benchmarks
from benchmarks._report import Report, Table
from benchmarks.run import MEASUREMENTS, main

pytest.importorskip("optbinning", reason="needs the train extra")


def test_every_measurement_is_listed() -> None:
    folder = Path(benchmarks.__file__).parent
    files = {path.stem for path in folder.glob("[a-z]*.py")} - {"run"}
    assert set(MEASUREMENTS) == files


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_measurement_has_what_the_runner_needs(name: str) -> None:
    module = import_module(f"benchmarks.{name}")
    assert callable(module.measure)
    assert module.TITLE
    assert "cfscore" in module.PACKAGES


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(MEASUREMENTS)


def test_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["score_tables"])
    assert "unknown: score_tables" in capsys.readouterr().err


def test_report_is_markdown() -> None:
    table = Table("Speed", ("", "ms"), [["a|b", "1.0"]])
    text = Report("Title", (table,), ("PD",), ("a note",)).to_markdown("Run here.")
    assert text == (
        "# Title\n\nRun here.\n\nEqual before anything was timed:\n\n- PD\n\n"
        "### Speed\n\n|  | ms |\n| --- | ---: |\n| a\\|b | 1.0 |\n\n"
        "Notes:\n\n- a note\n"
    )
