"""No customer's value leaves a run but in the output: seeded, and looked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cfscore.cli import main
from cfscore.cli._progress import ScoringProgress
from cfscore.writing import _sink

IDENTITY, PHONE, CARD, NAME = (
    "110105194912310021",
    "13912345678",
    "6222021234567890128",
    "欧阳振华",
)
SECRETS = (IDENTITY, PHONE, CARD, NAME, IDENTITY[:17], PHONE[3:], CARD[-12:])

#: Values where no reader expects them, as files come: a case, its file, its exit code.
CASES = {
    "cells that are no numbers": (f"use,city\n{IDENTITY}x,north\n{PHONE}-,{NAME}\n", 3),
    "ragged rows": (f"use,city\n0.1,north,{CARD}\n{PHONE}\n", 3),
    "unclosed quote": (f'use,city\n0.1,"{IDENTITY}\n', 3),
    "bad encoding": (f"use,city\n0.1,{NAME}\n".encode("gbk"), 3),
    "values as header": (f"{IDENTITY},{NAME}\n{PHONE},{CARD}\n", 3),
    "values that can be scored": (f"use,city\n{PHONE},{NAME}\n,{IDENTITY}\n", 0),
    "no parquet": (f"PAR1{IDENTITY}{PHONE}PAR1", 3),
}


def scanned(texts: Iterator[str]) -> list[str]:
    return [secret for text in texts for secret in SECRETS if secret in text]


def left_behind(folder: Path) -> Iterator[str]:
    """Yield what runs wrote beside their outputs, and all names."""
    for path in folder.rglob("*"):
        yield path.name
        is_account = "manifest" in path.name or "rejects" in path.name
        if path.is_file() and (is_account or ".cfscore" in str(path)):
            yield path.read_text(encoding="utf-8", errors="replace")


def score(plan: Path, source: Path, folder: Path, *more: str) -> int:
    where = ["-i", str(source), "-o", str(folder / "out.csv")]
    return main(["score", "-m", str(plan), *where, "--keep", "city", "--json", *more])


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("on_bad", ["strict", "quarantine"])
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_told(
    plan_file: Path,
    tmp_path: Path,
    case: str,
    on_bad: str,
    debug: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CFSCORE_DEBUG", debug)
    content, code = CASES[case]
    source = tmp_path / ("in.parquet" if case == "no parquet" else "in.csv")
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    folder = tmp_path / "run"
    folder.mkdir()
    found = score(plan_file, source, folder, "--on-bad", on_bad)
    assert found == code or (on_bad == "quarantine" and found == 0)
    out, err = capfd.readouterr()
    assert scanned(iter([out, err, *left_behind(folder)])) == []


def test_scan_finds_what_is_told(
    plan_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The scan is no scan of nothing: values asked for are found."""
    source = tmp_path / "in.csv"
    source.write_text(f"use,city\n{IDENTITY}x,north\n")
    folder = tmp_path / "run"
    folder.mkdir()
    more = ("--on-bad", "quarantine", "--rejects-include-values")
    assert score(plan_file, source, folder, *more) == 0
    assert IDENTITY in scanned(left_behind(folder))


@pytest.mark.parametrize("is_terminal", [False, True])
def test_progress_tells_nothing(
    plan_file: Path,
    tmp_path: Path,
    is_terminal: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    monkeypatch.setattr("cfscore.cli._progress.LINE_SECONDS", 0.0)
    assert ScoringProgress().next_line >= 0.0
    source = tmp_path / "in.csv"
    source.write_text("use,city\n" + f"{PHONE},{NAME}\n{IDENTITY}x,{CARD}\n" * 40)
    folder = tmp_path / "run"
    folder.mkdir()
    more = ("--on-bad", "quarantine", "--batch-rows", "10")
    assert score(plan_file, source, folder, *more) == 0
    err = capsys.readouterr().err
    assert is_terminal or " rows/s, " in err
    assert scanned(iter([err])) == []


def test_error_of_the_system_tells_nothing(
    plan_file: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, f"No space left for {IDENTITY}")

    source = tmp_path / "in.csv"
    source.write_text(f"use,city\n{PHONE},{NAME}\n")
    folder = tmp_path / "run"
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(_sink.os, "fsync", fail)
        assert score(plan_file, source, folder) == 5
    assert json.loads(json.dumps(list(folder.iterdir()))) == []
    assert scanned(iter([capfd.readouterr().err])) == [IDENTITY, IDENTITY[:17]]
