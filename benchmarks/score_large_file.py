"""A large file: millions of rows scored by a process of its own, and its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks._numeric_table import make_columns, make_plan
from benchmarks._report import Options, Report, Table

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Scoring a large file: Parquet to Parquet, 4 reasons"
PACKAGES = ("cfscore", "numba", "numpy", "pyarrow")

_N_FEATURES = 50
_CHUNK_ROWS = 250_000

_SCORE_FILE = """
import json, sys
from pathlib import Path
import cfscore as cf
scorer = cf.Scorer(cf.load_plan(sys.argv[1]), threads=2)
report = scorer.score_file(
    sys.argv[2], sys.argv[3], reasons=4, keep=["application_id"]
)
status = Path("/proc/self/status").read_text().splitlines()
peak = [int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")][0]
print(json.dumps([report.rows, report.seconds, peak]))
"""


def measure(options: Options) -> Report:
    """Return rate and peak memory of a tenth of the rows and of all."""
    n_rows = 500_000 if options.quick else 10_000_000
    if not Path("/proc/self/status").exists():
        return Report(TITLE, ())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_plan(n_features=_N_FEATURES).save(folder / "card.cfs")
        runs = [_run(folder, n) for n in (n_rows // 10, n_rows)]
    title = f"{TITLE}, {n_rows:,} x {_N_FEATURES}"
    return Report(title, (_table(runs),), (), _NOTES)


_NOTES = (
    "One single output file; a process of its own for each number of rows, its peak "
    "resident size told by the system. Goal: ten times the rows, less than 10 % more.",
)


def _run(folder: Path, n_rows: int) -> tuple[int, float, int]:
    source = _write_source(folder / "in.parquet", n_rows)
    paths = [folder / "card.cfs", source, folder / "out.parquet"]
    command = [sys.executable, "-c", _SCORE_FILE, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows, seconds, peak = json.loads(done.stdout)
    assert rows == n_rows == pq.read_metadata(paths[-1]).num_rows
    source.unlink()
    return rows, seconds, peak


def _write_source(path: Path, n_rows: int) -> Path:
    """Write rows chunk by chunk; a chunk comes again and again, with another id."""
    columns = make_columns(min(_CHUNK_ROWS, n_rows), seed=9, n_features=_N_FEATURES)
    arrays = {name: pa.array(values) for name, values in columns.items()}
    size = len(next(iter(columns.values())))
    first = pa.table({"application_id": np.arange(size), **arrays})
    with pq.ParquetWriter(path, first.schema) as writer:
        for start in range(0, n_rows, size):
            ids = pa.array(np.arange(start, start + size))
            chunk = first.set_column(0, "application_id", ids)
            writer.write_table(chunk.slice(0, n_rows - start))
    return path


def _table(runs: list[tuple[int, float, int]]) -> Table:
    least = runs[0][2]
    rows = [
        [
            f"{n:,} rows",
            f"{seconds:.1f}",
            f"{n / seconds:,.0f}",
            f"{peak / 1e6:.0f}",
            f"{peak / least - 1:+.0%}",
        ]
        for n, seconds, peak in runs
    ]
    return Table("Time and peak memory", ("", "s", "rows/s", "MB", "more"), rows)
