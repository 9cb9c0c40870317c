"""File runs that are killed: resumed, they give the bytes of a run that was not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.scoring.file_runs import developed_plan, write_inputs

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

ROOT = Path(__file__).parents[3]
N_ROWS = 60


def harness(tmp_path: Path, what: str, layout: str, *more: int) -> dict[str, int]:
    developed_plan().save(tmp_path / "card.cfs")
    inputs = write_inputs(tmp_path / "in", 3, N_ROWS)
    (tmp_path / "work").mkdir()
    places = (tmp_path / "card.cfs", inputs, tmp_path / "work", layout, N_ROWS)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.unit.scoring.kill_harness",
            *map(str, (what, *places, *more)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(("layout", "n_files"), [("folder", 5), ("parquet", 3)])
def test_killed_at_every_call_to_the_system(
    tmp_path: Path, layout: str, n_files: int
) -> None:
    found = harness(tmp_path, "calls", layout)
    assert found["files"] == n_files
    assert found["kills"] > found["unfinished"] > 8


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["folder", "parquet", "csv", "arrow"])
def test_killed_at_random_times(tmp_path: Path, layout: str) -> None:
    # CFSCORE_TEST_KILLS=100 takes some minutes.
    n_kills = int(os.environ.get("CFSCORE_TEST_KILLS", "5"))
    found = harness(tmp_path, "random", layout, n_kills, 2)
    assert found["kills"] >= n_kills
