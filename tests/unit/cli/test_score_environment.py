"""Scoring where the system is short of something: streams, caches, memory, time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main

pytestmark = pytest.mark.slow


def command(plan: Path, source: object, target: object, *more: str) -> list[str]:
    given = ["score", "-m", str(plan), "-i", str(source), "-o", str(target), *more]
    return [sys.executable, "-m", "cfscore", *given]


def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, capture_output=True, text=True, check=False, **options
    )


def without_streams(redirection: str, arguments: list[str]) -> list[str]:
    return ["sh", "-c", f'exec "$@" {redirection}', "sh", *arguments]


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(
    plan_file: Path, rows_file: Path, tmp_path: Path, redirection: str
) -> None:
    target = tmp_path / "out.csv"
    main(command(plan_file, rows_file, tmp_path / "open.csv")[3:])
    done = run(
        without_streams(redirection, command(plan_file, rows_file, target, "--json"))
    )
    assert done.returncode == 0, done.stderr
    assert target.read_bytes() == (tmp_path / "open.csv").read_bytes()


@pytest.mark.parametrize(
    ("redirection", "source", "target", "code"),
    [("<&-", "-", "out.csv", 3), (">&-", "rows.parquet", "-", 5)],
)
def test_stream_that_is_asked_for_must_be_there(
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    redirection: str,
    source: str,
    target: str,
    code: int,
) -> None:
    given = command(plan_file, source, target)
    done = run(without_streams(redirection, given), cwd=tmp_path)
    assert done.returncode == code
    assert done.stderr.startswith("cfscore: error [")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


def test_nothing_but_the_output_need_be_writable(
    plan_file: Path, rows_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    nowhere = str(tmp_path / "file" / "folder")
    names = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "CFSCORE_CACHE_DIR")
    done = run(
        command(plan_file, rows_file, tmp_path / "out.csv"),
        env={**os.environ, **dict.fromkeys(names, nowhere)},
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


LIMITED = """
import resource, sys
from cfscore.cli import main
main(sys.argv[3:])  # loads and compiles what takes memory of its own
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[2]) * 1_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.exit(main([*sys.argv[3:], "-i", sys.argv[1], "--batch-rows", "1000000"]))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="not told here")
@pytest.mark.parametrize("megabytes", [2, 25, 50])
def test_memory_that_runs_out_leaves_the_old_output(
    plan_file: Path, rows_file: Path, tmp_path: Path, megabytes: int
) -> None:
    source, folder = tmp_path / "long.parquet", tmp_path / "out"
    table = {"use": [0.5] * 400_000, "city": pa.array(["north"] * 400_000)}
    pq.write_table(pa.table(table), source, row_group_size=400_000)
    folder.mkdir()
    given = command(plan_file, rows_file, folder / "scored.parquet")[3:]
    done = run([sys.executable, "-c", LIMITED, str(source), str(megabytes), *given])
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["scored.parquet", "scored.parquet.manifest.json"]
    rows = pq.read_metadata(folder / "scored.parquet").num_rows
    assert done.returncode in (0, 3, 5), done.stderr
    assert rows == (400_000 if done.returncode == 0 else 5)
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert "emory is exhausted" in done.stderr


ENDING = """
import sys, threading, time
from cfscore.scoring import Scorer, load_plan
scorer = Scorer(load_plan(sys.argv[1]), threads=2)
def score():
    while True:
        scorer.score_file(sys.argv[2], sys.argv[3], reasons=2)
scorer.score_file(sys.argv[2], sys.argv[3])
threading.Thread(target=score, daemon=True).start()
time.sleep(0.3)
"""


def test_process_may_end_while_a_thread_scores(plan_file: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "long.parquet", tmp_path / "out.parquet"
    table = {"use": [0.5] * 300_000, "city": pa.array(["north"] * 300_000)}
    pq.write_table(pa.table(table), source)
    given = map(str, (plan_file, source, target))
    done = run([sys.executable, "-c", ENDING, *given], timeout=60)
    assert done.returncode == 0, done.stderr
    assert pq.read_metadata(target).num_rows == 300_000
