"""Memory of a file run: flat in the number of rows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from tests.unit.scoring.file_runs import developed_plan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path("/proc/self/status").exists(), reason="peak memory is not told here"
    ),
]

#: What is freed goes back to the system at once: allocators that keep it for later
#: (Arrow's, and the C library's for large pieces) hold 70 to 150 MB more, by chance.
ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 17),
}
#: More than what is on its way at a time, so that ten times as much is no difference.
N_ROWS = {"parquet": 450_000, "csv": 240_000}
#: Peak resident size of a fresh process, from the system itself: that which
#: ``getrusage`` tells of a child begins at its parent's.
SCORE = """
import sys
from pathlib import Path
from cfscore.scoring import Scorer, load_plan
scorer = Scorer(load_plan(sys.argv[1]), threads=2)
scorer.score_file(sys.argv[2], sys.argv[3], reasons=2, keep=["id"])
status = Path("/proc/self/status").read_text().splitlines()
print([line.split()[1] for line in status if line.startswith("VmHWM")][0])
"""


def write_input(path: Path, copies: int) -> Path:
    rng = np.random.default_rng(1)
    n_rows = N_ROWS[path.suffix[1:]]
    table = pa.table(
        {
            "id": np.arange(n_rows),
            "use": rng.uniform(0.0, 1.0, n_rows),
            "city": rng.choice(["north", "south, east", "new"], n_rows),
            **{f"more_{i}": rng.uniform(size=n_rows) for i in range(3)},
        }
    )
    if path.suffix == ".csv":
        with pa_csv.CSVWriter(path, table.schema) as writer:
            for _ in range(copies):
                writer.write_table(table)
    else:
        with pq.ParquetWriter(path, table.schema) as writer:
            for _ in range(copies):
                writer.write_table(table, row_group_size=50_000)
    return path


def peaks_in_kilobytes(folder: Path, ending: str, copies: int) -> list[int]:
    """Return the peaks of three runs: which threads meet when is chance."""
    source = write_input(folder / f"{copies}.{ending}", copies)
    target = folder / f"out-{copies}.{ending}"
    command = [sys.executable, "-c", SCORE, folder / "card.cfs", source, target]
    settings = {**os.environ, **ENVIRONMENT}
    peaks = []
    for _ in range(3):
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=settings
        )
        peaks.append(int(done.stdout))
    return peaks


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_ten_times_the_rows_need_no_more_memory(tmp_path: Path, ending: str) -> None:
    developed_plan().save(tmp_path / "card.cfs")
    one, ten = (peaks_in_kilobytes(tmp_path, ending, copies) for copies in (1, 10))
    assert median(ten) < 1.05 * median(one), f"{one} and {ten} kB"
