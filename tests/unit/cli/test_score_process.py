"""Scoring in a process of its own: what a shell, a scheduler and a user see."""

from __future__ import annotations

import os
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


def start_long_run(plan: Path, source: Path, target: Path) -> subprocess.Popen[str]:
    """Begin a run that takes long, and return when it has begun to write."""
    rows = 300_000
    table = {"use": [0.5] * rows, "city": pa.array(["north"] * rows)}
    pq.write_table(pa.table(table), source)
    # One row a batch: long enough to be interrupted, wherever this runs.
    process = subprocess.Popen(
        command(plan, source, target, "--batch-rows", "1"),
        stderr=subprocess.PIPE,
        text=True,
    )
    folder = target if target.is_dir() else target.parent
    deadline = time.monotonic() + 60
    while not list(folder.glob(".cfscore-*/part-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_is_7_and_leaves_everything_as_it_was(
    plan_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "scored.parquet"
    target.write_bytes(b"earlier")
    process = start_long_run(plan_file, tmp_path / "long.parquet", target)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 7
    assert err.startswith("cfscore: interrupted.")
    assert "--resume" in err
    assert "Traceback" not in err
    assert [path.name for path in folder.iterdir()] == ["scored.parquet"]
    assert target.read_bytes() == b"earlier"


def test_second_run_is_5_and_names_the_first(plan_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    source = tmp_path / "long.parquet"
    process = start_long_run(plan_file, source, target)
    second = run(*command(plan_file, source, target))
    process.kill()
    process.communicate(timeout=60)
    assert second.returncode == 5
    assert second.stderr.startswith("cfscore: error [LOCKED]: Another run (process ")
    assert f"process {process.pid} on" in second.stderr
    third = run(*command(plan_file, source, target, "--resume"))
    assert third.returncode == 0
    assert f"cfscore: warning: An earlier run (process {process.pid}" in third.stderr
    assert pq.read_table(target).num_rows == 300_000


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.GB18030", "PYTHONUTF8": "0"},
        {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "7"},
    ],
)
def test_environment_changes_no_byte(
    plan_file: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        "日期,use,city\n2024-02-29,0.1,中部\n=1,x,new\n", encoding="utf-8"
    )
    outputs = []
    for name, more in (("a", {}), ("b", environment)):
        folder = tmp_path / name
        folder.mkdir()
        done = subprocess.run(
            command(
                plan_file,
                source,
                folder / "out.csv",
                *("--keep", "日期", "--on-bad", "quarantine"),
            ),
            env={**os.environ, **more},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        outputs.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == 3


def test_full_disk_is_5_and_leaves_everything_as_it_was(
    plan_file: Path, tmp_path: Path
) -> None:
    source, folder = tmp_path / "in.parquet", tmp_path / "out"
    pq.write_table(pa.table({"use": [0.5] * 9_000, "city": ["north"] * 9_000}), source)
    folder.mkdir()
    (folder / "scored.csv").write_bytes(b"earlier")
    limit = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, -1));"
        "runpy.run_module('cfscore', run_name='__main__')"
    )
    _, _, _, *arguments = command(plan_file, source, folder / "scored.csv")
    done = run(sys.executable, "-c", limit, *arguments)
    assert done.returncode == 5, done.stderr
    assert done.stderr.startswith("cfscore: error [EFBIG]: Output 'scored.csv' could")
    assert [path.name for path in folder.iterdir()] == ["scored.csv"]
    assert (folder / "scored.csv").read_bytes() == b"earlier"


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
