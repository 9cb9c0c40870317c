"""Parallel work: order, errors that name their column, and the progress bar."""

from __future__ import annotations

import io
import threading
import time

import pytest

from cfscore.binning import _parallel
from cfscore.binning._parallel import map_columns
from cfscore.exceptions import FitError, UsageError

NAMES = tuple("abcdef")


@pytest.mark.parametrize("n_jobs", [None, -1, 1, 2, 50])
def test_results_stand_in_column_order(n_jobs):
    def wait_and_shout(name):
        time.sleep(0.005 * (ord("g") - ord(name)))
        return name.upper()

    assert map_columns(wait_and_shout, NAMES, n_jobs) == {n: n.upper() for n in NAMES}
    assert list(map_columns(wait_and_shout, NAMES, n_jobs)) == list(NAMES)


def test_two_threads_work_at_the_same_time():
    barrier = threading.Barrier(2, timeout=10)
    map_columns(lambda name: barrier.wait(), ("a", "b"), 2)


def test_no_columns_no_work():
    assert map_columns(str.upper, (), None) == {}


def fail_on(column, error):
    def work(name):
        if name == column:
            raise error
        return name

    return work


def test_a_crash_names_its_column_and_keeps_its_cause():
    error = ZeroDivisionError("1 / 0")
    with pytest.raises(FitError, match=r"Column 'd': .*ZeroDivisionError") as caught:
        map_columns(fail_on("d", error), NAMES, 2)
    assert caught.value.__cause__ is error


def test_an_error_of_our_own_passes_unchanged():
    error = UsageError("Column 'c': something.")
    with pytest.raises(UsageError) as caught:
        map_columns(fail_on("c", error), NAMES, 2)
    assert caught.value is error


@pytest.mark.parametrize("n_jobs", [0, -2])
def test_wrong_number_of_jobs(n_jobs):
    with pytest.raises(UsageError, match="n_jobs"):
        map_columns(str.upper, NAMES, n_jobs)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, True), (io.StringIO, False)])
def test_long_work_shows_a_bar_on_a_terminal_only(monkeypatch, stream, shown):
    screen = stream()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(_parallel, "_SECONDS_BEFORE_BAR", 0.01)
    for variable in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    map_columns(lambda name: time.sleep(0.05), NAMES, 2)
    assert ("binning" in screen.getvalue()) == shown


def test_short_work_shows_no_bar(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    map_columns(str.upper, NAMES, 2)
    assert screen.getvalue() == ""
