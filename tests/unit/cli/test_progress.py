from __future__ import annotations

import sys

import pytest

from cfscore.cli._progress import LINE_SECONDS, ScoringProgress, scoring_progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_log_has_a_line_every_half_minute(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with ScoringProgress(clock) as progress:
        for second in range(1, 96):
            clock.now = 100.0 + second
            progress(second * 1000, 200_000, second // 40)
    # Lines at 30, 60 and 90 seconds; 1,000 rows a second throughout.
    assert capsys.readouterr().err.splitlines() == [
        "cfscore: 30,000 of 200,000 rows, 1,000 rows/s, 170 s left, 0 rejected",
        "cfscore: 60,000 of 200,000 rows, 1,000 rows/s, 140 s left, 1 rejected",
        "cfscore: 90,000 of 200,000 rows, 1,000 rows/s, 110 s left, 2 rejected",
    ]
    assert LINE_SECONDS == 30.0


def test_short_run_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with scoring_progress("output 1 of 1") as progress:
        progress(10, None, 0)
    assert capsys.readouterr() == ("", "")


def test_terminal_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    with scoring_progress("output 1 of 1") as progress:
        assert type(progress) is not ScoringProgress
        progress(50, 200, 3)
    out, err = capsys.readouterr()
    assert out == ""
    assert "output 1 of 1" in err
    assert "25%" in err
    assert "3 rejected" in err
