"""Resuming: what was finished is taken over, and the output is the same bytes."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import InputError, OutputError
from cfscore.scoring import Scorer, golden_columns, replay
from cfscore.scoring.files import FileReport, _parts
from tests.unit.scoring.file_runs import (
    content,
    developed_plan,
    make_rows,
    write_inputs,
)

PLAN = developed_plan()
N_FILES = 5


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a part of every input file."""
    monkeypatch.setattr(_parts, "PART_ROWS", 60)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    return write_inputs(tmp_path / "in", N_FILES, 60)


@pytest.fixture
def whole(inputs: Path, tmp_path: Path) -> dict[str, bytes]:
    """Return the output of a run that nothing disturbed."""
    run(inputs, tmp_path / "whole")
    return content(tmp_path / "whole")


def run(source: Path, target: Path, **options: object) -> FileReport:
    scorer = Scorer(options.pop("plan", PLAN), threads=options.pop("threads", 1))
    given = {"keep": ["id"], "reasons": 2, "on_bad": "quarantine", **options}
    return scorer.score_file(source, target, **given)


def interrupt_after(n_rows: int) -> object:
    def progress(done: int, total: int | None, rejected: int) -> None:
        if done >= n_rows:
            raise KeyboardInterrupt

    return progress


def interrupted(
    source: Path, target: Path, n_rows: int = 130, **options: object
) -> int:
    """Stop a run on its way; return the number of parts that it has finished."""
    with pytest.raises(KeyboardInterrupt):
        run(source, target, progress=interrupt_after(n_rows), **options)
    assert [p.name for p in target.iterdir()] == [".cfscore-run"]
    return len((target / ".cfscore-run" / "journal").read_text().splitlines()) - 1


@pytest.mark.parametrize("threads", [1, 2])
def test_finished_parts_are_taken_over(
    inputs: Path, tmp_path: Path, whole: dict[str, bytes], threads: int
) -> None:
    n_finished = interrupted(inputs, tmp_path / "out", threads=threads)
    assert 1 <= n_finished < N_FILES
    report = run(inputs, tmp_path / "out", resume=True, threads=3 - threads)
    assert report.resumed_parts == n_finished
    assert content(tmp_path / "out") == whole


def test_run_that_was_not_resumed_starts_anew(
    inputs: Path, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    interrupted(inputs, tmp_path / "out")
    assert run(inputs, tmp_path / "out").resumed_parts == 0
    assert content(tmp_path / "out") == whole


def test_several_interruptions(
    inputs: Path, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    found = [interrupted(inputs, tmp_path / "out", n_rows=70)]
    for n_rows in (130, 250):
        found.append(interrupted(inputs, tmp_path / "out", n_rows=n_rows, resume=True))
    assert found == sorted(found)
    run(inputs, tmp_path / "out", resume=True)
    assert content(tmp_path / "out") == whole


def test_whole_output_is_left_alone(
    inputs: Path, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    target = tmp_path / "whole"
    before = {path: path.stat().st_mtime_ns for path in target.iterdir()}
    report = run(inputs, target, resume=True)
    assert report.resumed_parts == N_FILES
    assert (report.rows, report.rejected) == (60 * N_FILES, 0)
    assert {path: path.stat().st_mtime_ns for path in target.iterdir()} == before
    assert run(inputs, target).resumed_parts == 0
    assert content(target) == whole


def test_whole_single_file_is_left_alone(inputs: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    first = run(inputs, target)
    assert run(inputs, target, resume=True).resumed_parts == 1
    target.write_bytes(target.read_bytes() + b" ")
    second = run(inputs, target, resume=True)
    assert second.resumed_parts == 0
    assert replace(second, seconds=0) == replace(first, seconds=0)


def other_plan() -> object:
    made = replace(PLAN, name="another")
    return replace(made, golden=replay(made, golden_columns(made)))


@pytest.mark.parametrize(
    "change",
    [
        {"plan": other_plan()},
        {"reasons": 3},
        {"keep": []},
        {"layout": "csv"},
        {"reject_values": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_parts_of_another_run_are_not_taken_over(
    inputs: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    interrupted(inputs, tmp_path / "out")
    report = run(inputs, tmp_path / "out", resume=True, **change)
    assert report.resumed_parts == 0
    run(inputs, tmp_path / "anew", **change)
    assert content(tmp_path / "out") == content(tmp_path / "anew")


def test_part_of_a_changed_input_is_done_again(inputs: Path, tmp_path: Path) -> None:
    n_finished = interrupted(inputs, tmp_path / "out", n_rows=190)
    first = inputs / "00.parquet"
    pq.write_table(make_rows(60, seed=99), first)
    report = run(inputs, tmp_path / "out", resume=True)
    assert report.resumed_parts == n_finished - 1
    run(inputs, tmp_path / "anew")
    assert content(tmp_path / "out") == content(tmp_path / "anew")


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "journal"])
def test_damaged_part_is_done_again(
    inputs: Path, tmp_path: Path, whole: dict[str, bytes], damage: str
) -> None:
    n_finished = interrupted(inputs, tmp_path / "out", n_rows=190)
    staging = tmp_path / "out" / ".cfscore-run"
    part, journal = staging / "part-00000", staging / "journal"
    data = bytearray(part.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
    elif damage == "cut":
        part.write_bytes(data[:-1])
    elif damage == "remove":
        part.unlink()
    else:  # a line that was being written when the power went
        text = journal.read_bytes()
        journal.write_bytes(text[: len(text) - 20])
    report = run(inputs, tmp_path / "out", resume=True)
    assert report.resumed_parts == n_finished - 1
    assert content(tmp_path / "out") == whole


@pytest.mark.parametrize("text", ["", "x", "[]\n", '{"cfscore": "0"}\n'])
def test_journal_of_nobody_is_ignored(
    inputs: Path, tmp_path: Path, whole: dict[str, bytes], text: str
) -> None:
    interrupted(inputs, tmp_path / "out")
    (tmp_path / "out" / ".cfscore-run" / "journal").write_text(text)
    assert run(inputs, tmp_path / "out", resume=True).resumed_parts == 0
    assert content(tmp_path / "out") == whole


def test_refused_run_leaves_nothing(inputs: Path, tmp_path: Path) -> None:
    broken = inputs / "09.csv"
    broken.write_text("id,use,city\n1,x,north\n")
    for options in ({"on_bad": "strict"}, {"max_rejected": lambda n: 0}):
        with pytest.raises(InputError):
            run(inputs, tmp_path / "out", keep=[], **options)
        assert not (tmp_path / "out").exists()


def test_failed_output_keeps_what_is_finished(
    inputs: Path,
    tmp_path: Path,
    whole: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = tmp_path / "out"
    calls = iter(range(100))
    real = os.fsync

    def fail(handle: int) -> None:
        if next(calls) == 12:
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OutputError) as caught:
            run(inputs, target)
    assert caught.value.code == "ENOSPC"
    assert [p.name for p in target.iterdir()] == [".cfscore-run"]
    assert run(inputs, target, resume=True).resumed_parts > 0
    assert content(target) == whole


def test_second_run_is_refused_and_disturbs_nothing(
    inputs: Path, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    refused = []

    def start_another(done: int, total: int | None, rejected: int) -> None:
        with pytest.raises(OutputError) as caught:
            run(inputs, tmp_path / "out", resume=True)
        refused.append(caught.value.code)

    run(inputs, tmp_path / "out", progress=start_another)
    assert set(refused) == {"LOCKED"}
    assert content(tmp_path / "out") == whole


def test_fewer_parts_replace_more(inputs: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    run(inputs, target)
    (target / "notes.txt").write_text("mine")
    (inputs / "00.parquet").unlink()
    run(inputs, target, on_bad="strict")
    names = sorted(path.name for path in target.iterdir())
    parts = [f"part-{i:05d}.parquet" for i in range(N_FILES - 1)]
    assert names == ["_manifest.json", "notes.txt", *parts]
    manifest = json.loads((target / "_manifest.json").read_text())
    assert [output["file"] for output in manifest["outputs"]] == parts


def test_progress_goes_on_where_it_was(inputs: Path, tmp_path: Path) -> None:
    n_finished = interrupted(inputs, tmp_path / "out")
    told: list[int] = []

    def progress(done: int, total: int | None, rejected: int) -> None:
        told.append(done)
        assert total == 60 * N_FILES

    run(inputs, tmp_path / "out", resume=True, progress=progress)
    assert told[0] == 60 * n_finished + 60
    assert told[-1] == 60 * N_FILES


def test_too_many_rejects_end_the_run_early(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(N_FILES):
        (folder / f"{i}.csv").write_text("use,city\n" + "x,north\n" * 60)
    told: list[int] = []
    with pytest.raises(InputError, match="More than 3 of 300 rows were rejected"):
        run(
            folder,
            tmp_path / "out",
            keep=[],
            max_rejected=lambda n: n / 100,
            progress=lambda done, total, rejected: told.append(done),
        )
    assert told == []  # the first 60 rows tell


def test_no_warning_of_a_lock_that_was_let_go(inputs: Path, tmp_path: Path) -> None:
    interrupted(inputs, tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(inputs, tmp_path / "out", resume=True)
