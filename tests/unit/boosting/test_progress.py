"""Progress: a bar for long training on a terminal, and silence otherwise."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from cfscore.boosting import _progress
from cfscore.boosting._progress import TrainingProgress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(monkeypatch, screen, seconds_before_bar):
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(_progress, "_SECONDS_BEFORE_BAR", seconds_before_bar)
    for variable in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with TrainingProgress("boosting") as progress:
        for iteration in range(3):
            env = {"iteration": iteration, "begin_iteration": 0, "end_iteration": 3}
            progress(SimpleNamespace(**env))
    return screen.getvalue()


def test_long_training_shows_trees_done(monkeypatch):
    text = shown(monkeypatch, Terminal(), -1.0)
    assert "boosting" in text
    assert "3/3" in text


@pytest.mark.parametrize(("screen", "wait"), [(Terminal, 60.0), (io.StringIO, -1.0)])
def test_short_training_or_no_terminal_shows_nothing(monkeypatch, screen, wait):
    assert shown(monkeypatch, screen(), wait) == ""
