"""Resuming a run into one file: it goes on from a checkpoint, and no byte tells."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import InputError, OutputError, UsageError
from cfscore.scoring import Scorer
from cfscore.scoring.files import FileReport, _parts
from cfscore.scoring.files._block_run import BlockRunner
from tests.unit.scoring.file_runs import (
    content,
    developed_plan,
    make_rows,
    write_inputs,
)

PLAN = developed_plan()
N_FILES, N_ROWS = 6, 60
LAYOUTS = ["parquet", "csv", "arrow"]
JOURNAL, PART, REJECTS = "journal", "part-00000", "rejects-00000"


@pytest.fixture(autouse=True)
def close_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a checkpoint behind every input file but the last."""
    monkeypatch.setattr(_parts, "PART_ROWS", 2 * N_ROWS)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = write_inputs(tmp_path / "in", N_FILES - 1, N_ROWS)
    rows = make_rows(N_ROWS, seed=9).to_pydict()
    use = ["" if use is None else str(use) for use in rows["use"]]
    use[::9] = ["12%"] * 7
    table = pa.table({**rows, "use": use})
    pa_csv.write_csv(table, folder / "02 bad.csv")
    for path in folder.glob("*.parquet"):
        found = pq.read_table(path)
        text = found["id"].cast(pa.string())
        pq.write_table(found.set_column(0, "id", text), path)
    return folder


def run(source: Path, target: Path, **options: object) -> FileReport:
    scorer = Scorer(PLAN, threads=options.pop("threads", 1))
    given = {"keep": ["id"], "reasons": 2, "on_bad": "quarantine", **options}
    return scorer.score_file(source, target, **given)


def whole(inputs: Path, target: Path, **options: object) -> dict[str, bytes]:
    """Return the output of a run that nothing disturbed."""
    folder = target.parent.with_name("whole")
    folder.mkdir()
    run(inputs, folder / target.name, **options)
    return content(folder)


def stop_at(n_rows: int) -> Callable[..., None]:
    """Return a way to take blocks that ends at a row, as a signal might."""
    real, n_taken = BlockRunner.take, iter(range(0, 10**6, 10))

    def take(self: BlockRunner, *given: object) -> None:
        if next(n_taken) == n_rows:
            raise KeyboardInterrupt
        real(self, *given)

    return take


def interrupted(inputs: Path, target: Path, n_rows: int, **options: object) -> Path:
    """Stop a run after so many of its rows; return its staging folder."""
    target.parent.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BlockRunner, "take", stop_at(n_rows))
        with pytest.raises(KeyboardInterrupt):
            run(inputs, target, batch_rows=10, **options)
    (staging,) = target.parent.iterdir()
    return staging


def count_kept(staging: Path) -> int:
    return len((staging / JOURNAL).read_text().splitlines()) - 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("threads", [1, 2])
def test_interrupted_file_is_gone_on_with(
    inputs: Path, tmp_path: Path, layout: str, threads: int
) -> None:
    target = tmp_path / "out" / f"out.{layout}"
    staging = interrupted(inputs, target, 4 * N_ROWS - 10, threads=threads)
    n_kept = count_kept(staging)
    assert n_kept == 3
    report = run(inputs, target, resume=True, threads=3 - threads)
    assert report.resumed_parts == n_kept
    assert (report.rows, report.rejected) == (N_FILES * N_ROWS, 7)
    assert content(target.parent) == whole(inputs, target)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("part_rows", "n_kept"), [(110, 4), (130, 2), (200, 2), (250, 1)]
)
def test_checkpoints_lie_between_units(
    inputs: Path,
    tmp_path: Path,
    layout: str,
    part_rows: int,
    n_kept: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Half of it, after which one is due, comes in the middle of a unit of 60 rows.
    monkeypatch.setattr(_parts, "PART_ROWS", part_rows)
    target = tmp_path / "out" / f"out.{layout}"
    staging = interrupted(inputs, target, 5 * N_ROWS - 10)
    assert count_kept(staging) == n_kept
    report = run(inputs, target, resume=True)
    assert report.resumed_parts == n_kept
    assert report.rows == N_FILES * N_ROWS
    assert content(target.parent) == whole(inputs, target)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_several_interruptions(inputs: Path, tmp_path: Path, layout: str) -> None:
    target = tmp_path / "out" / f"out.{layout}"
    found = []
    for n_rows in (130, 70, 110):  # counted from where each goes on
        staging = interrupted(inputs, target, n_rows, resume=True)
        found.append(count_kept(staging))
    assert found == [2, 3, 4]
    run(inputs, target, resume=True)
    assert content(target.parent) == whole(inputs, target)


def test_strict_run_is_gone_on_with(inputs: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "out.parquet"
    (inputs / "02 bad.csv").unlink()
    staging = interrupted(inputs, target, 4 * N_ROWS - 10, on_bad="strict")
    assert not (staging / REJECTS).exists()
    assert run(inputs, target, resume=True, on_bad="strict").resumed_parts >= 2
    assert content(target.parent) == whole(inputs, target, on_bad="strict")


def test_run_that_was_not_resumed_starts_anew(inputs: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "out.csv"
    interrupted(inputs, target, 4 * N_ROWS - 10)
    assert run(inputs, target).resumed_parts == 0
    assert content(target.parent) == whole(inputs, target)


@pytest.mark.parametrize(
    "change", [{"reasons": 1}, {"keep": []}, {"reject_values": True}], ids=str
)
def test_file_of_another_run_is_not_gone_on_with(
    inputs: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    target = tmp_path / "out" / "out.csv"
    interrupted(inputs, target, 4 * N_ROWS - 10)
    assert run(inputs, target, resume=True, **change).resumed_parts == 0
    assert content(target.parent) == whole(inputs, target, **change)


@pytest.mark.parametrize("position", [0, 1, N_FILES - 1])
def test_changed_input_is_read_again(
    inputs: Path, tmp_path: Path, position: int
) -> None:
    target = tmp_path / "out" / "out.parquet"
    n_kept = count_kept(interrupted(inputs, target, 4 * N_ROWS - 10))
    os.utime(sorted(inputs.iterdir())[position], ns=(1, 1))
    report = run(inputs, target, resume=True)
    assert report.resumed_parts == min(position, n_kept)
    assert content(target.parent) == whole(inputs, target)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("name", "damage", "n_lost"),
    [
        (PART, "flip", 3),
        (PART, "cut", 1),
        (PART, "remove", 3),
        (REJECTS, "cut", 1),
        (REJECTS, "remove", 3),
        ("footer-00001", "flip", 2),
        ("footer-00001", "remove", 2),
        (JOURNAL, "cut", 1),
        (JOURNAL, "remove", 3),
    ],
)
def test_what_is_damaged_is_done_again(
    inputs: Path, tmp_path: Path, layout: str, name: str, damage: str, n_lost: int
) -> None:
    target = tmp_path / "out" / f"out.{layout}"
    staging = interrupted(inputs, target, 4 * N_ROWS - 10)
    with (staging / JOURNAL).open() as journal:
        _, *lines = map(json.loads, journal)
    path = staging / name
    if not path.exists():
        assert name.startswith("footer")
        assert layout != "parquet"
        return
    # The length at the last checkpoint: what comes after it is nobody's loss.
    key = {PART: "file", REJECTS: "rejects"}.get(name)
    data = bytearray(path.read_bytes()[: lines[2][key]["n_bytes"] if key else None])
    if damage == "flip":
        data[20] ^= 1
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(data[:-5] if damage == "cut" else data)
    report = run(inputs, target, resume=True)
    assert report.resumed_parts == 3 - n_lost
    assert content(target.parent) == whole(inputs, target)


@pytest.mark.parametrize("moved", [["out.csv"], ["out.csv", "out.csv.rejects.csv"]])
def test_file_that_was_being_moved_is_all_there(
    inputs: Path, tmp_path: Path, moved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "out.csv"
    target.parent.mkdir()
    expected = whole(inputs, target)
    staging: dict[str, bytes] = {}
    real = os.replace

    def keep(source: object, place: object) -> None:
        # what a run that is killed here leaves
        if Path(str(place)).name == "out.csv":
            staging.update(content(Path(str(source)).parent))
        real(source, place)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", keep)
        run(inputs, target)
    (target.parent / "out.csv.manifest.json").unlink()
    names = {"out.csv": PART, "out.csv.rejects.csv": REJECTS}
    probe = interrupted(inputs, tmp_path / "probe" / "out.csv", 200)
    folder = target.parent / probe.name
    folder.mkdir()
    for name in (JOURNAL, PART, REJECTS):
        (folder / name).write_bytes(staging[name])
    for name, staged in names.items():
        if name in moved:
            (folder / staged).unlink()
        else:
            (target.parent / name).unlink()
    report = run(inputs, target, resume=True)
    assert report.resumed_parts == N_FILES
    assert report.rows == N_FILES * N_ROWS
    assert content(target.parent) == expected


def test_refused_run_leaves_nothing(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for options in ({"on_bad": "strict"}, {"max_rejected": lambda n: 0}):
        with pytest.raises(InputError):
            run(inputs, tmp_path / "out" / "out.csv", **options)
        assert list((tmp_path / "out").iterdir()) == []


def test_failed_run_keeps_what_is_finished_and_what_was_there(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "out.parquet"
    target.parent.mkdir()
    target.write_bytes(b"earlier")
    calls = iter(range(100))
    real = os.fsync

    def fail(handle: int) -> None:
        if next(calls) == 14:
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OutputError) as caught:
            run(inputs, target)
    assert caught.value.code == "ENOSPC"
    assert target.read_bytes() == b"earlier"
    assert run(inputs, target, resume=True).resumed_parts > 0
    assert content(target.parent) == whole(inputs, target)


def test_short_run_keeps_no_journal(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parts, "PART_ROWS", 2 * N_ROWS * N_FILES)
    target = tmp_path / "out.parquet"
    monkeypatch.setattr(BlockRunner, "take", stop_at(4 * N_ROWS))
    with pytest.raises(KeyboardInterrupt):
        run(inputs, target, batch_rows=10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_progress_goes_on_where_it_was(inputs: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "out.arrow"
    n_kept = count_kept(interrupted(inputs, target, 4 * N_ROWS - 10))
    told: list[int] = []
    run(
        inputs,
        target,
        resume=True,
        progress=lambda done, total, rejected: told.append(done),
    )
    assert told[0] == N_ROWS * (n_kept + 1)
    assert told[-1] == N_ROWS * N_FILES


def test_standard_input_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = make_rows(5)
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    stream.seek(0)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    with pytest.raises(UsageError, match=r"standard input cannot be resumed"):
        run("-", tmp_path / "out.parquet", resume=True)
