"""Checkpoint: finished folds survive an interruption."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks._checkpoint import Checkpoint, FoldResult

RESULT = FoldResult("german", "cfscore", "fold 1", "key", 0.5, 800, 200, risk=[0.1])


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_finished_fold_is_found_again() -> None:
    Checkpoint("run").add(RESULT)
    assert Checkpoint("run").find("german", "cfscore", "fold 1", "key") == RESULT


def test_other_key_or_fold_is_not_taken() -> None:
    Checkpoint("run").add(RESULT)
    again = Checkpoint("run")
    assert again.find("german", "cfscore", "fold 1", "another key") is None
    assert again.find("german", "cfscore", "fold 2", "key") is None


def test_line_that_was_cut_off_is_left_out() -> None:
    first = Checkpoint("run")
    first.add(RESULT)
    first.add(replace(RESULT, fold="fold 2"))
    text = first.path.read_text(encoding="utf-8")
    first.path.write_text(text[:-20], encoding="utf-8")
    again = Checkpoint("run")
    assert again.find("german", "cfscore", "fold 1", "key") == RESULT
    assert again.find("german", "cfscore", "fold 2", "key") is None


def test_run_after_a_cut_off_line_is_kept() -> None:
    first = Checkpoint("run")
    first.add(RESULT)
    text = first.path.read_text(encoding="utf-8")
    first.path.write_text(text[:-20], encoding="utf-8")
    Checkpoint("run").add(RESULT)
    assert Checkpoint("run").find("german", "cfscore", "fold 1", "key") == RESULT
