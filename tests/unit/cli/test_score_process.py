"""Scoring in a process of its own: what a shell, a scheduler and a user see."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow


def command(plan: Path, source: Path, target: Path, *more: str) -> list[str]:
    arguments = ["score", "-m", str(plan), "-i", str(source), "-o", str(target), *more]
    return [sys.executable, "-m", "cfscore", *arguments]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, check=False
    )


def test_wrong_flag_wrong_file_wrong_plan(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "o.parquet"
    outcomes = {
        2: run(*command(plan_file, rows_file, target, "--treads", "2")),
        3: run(*command(plan_file, plan_file, target)),
        4: run(*command(rows_file, rows_file, target)),
    }
    for code, done in outcomes.items():
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        assert done.stderr.startswith("cfscore: error [")
        assert done.stderr.count("\n") == 1
    assert not target.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_is_7_and_leaves_everything_as_it_was(
    plan_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    source, folder = tmp_path / "long.parquet", tmp_path / "out"
    rows = 300_000
    table = {"use": [0.5] * rows, "city": pa.array(["north"] * rows)}
    pq.write_table(pa.table(table), source)
    folder.mkdir()
    target = folder / "scored.parquet"
    target.write_bytes(b"earlier")
    # One row a batch: long enough to be interrupted, wherever this runs.
    process = subprocess.Popen(
        command(plan_file, source, target, "--batch-rows", "1"),
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(list(folder.iterdir())) < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 7
    assert err.startswith("cfscore: interrupted.")
    assert "Traceback" not in err
    assert [path.name for path in folder.iterdir()] == ["scored.parquet"]
    assert target.read_bytes() == b"earlier"


def test_reader_that_stops_early_disturbs_nothing(plan_file: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cfscore", "inspect", str(plan_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
