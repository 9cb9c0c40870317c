"""Start-up of a fresh process: import, first score, first compilation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

import cfscore as cf
from benchmarks._numeric_table import fitted_card, make_columns, make_plan
from benchmarks._report import Options, Report, Table

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Start-up: import, first score of a process, first compilation"
PACKAGES = ("cfscore", "optbinning", "numba", "numpy", "pyarrow", "pandas")

# Each script prints {"at": clock of the system when done, ...}.
_DONE = "import json, time; print(json.dumps({'at': time.time(), 'result': result}))"

_IMPORT = f"""
import time
begin = time.perf_counter()
import PACKAGE
result = time.perf_counter() - begin
{_DONE}
"""

_SCORE_ROW = f"""
import json, sys
import cfscore as cf
row = json.load(open(sys.argv[2]))
scorer = cf.Scorer(cf.load_plan(sys.argv[1]))
result = scorer.score_row(row, reasons=4).score
{_DONE}
"""

_SCORE_TABLE = f"""
import sys
import numpy as np
import cfscore as cf
table = dict(np.load(sys.argv[2]))
scorer = cf.Scorer(cf.load_plan(sys.argv[1]))
result = float(scorer.score(table, reasons=4).score[0])
{_DONE}
"""

_PEER_SCORE = f"""
import sys
import numpy as np
import pandas as pd
from optbinning import Scorecard
table = pd.DataFrame(dict(np.load(sys.argv[2])))
card = Scorecard.load(sys.argv[1])
result = float(card.score(table)[0])
{_DONE}
"""


@dataclass(frozen=True)
class _Files:
    """What the scripts read, and the folder of compiled kernels."""

    plan: Path
    card: Path
    row: Path
    table: Path
    kernels: Path


def measure(options: Options) -> Report:
    """Return the medians; raises where a script fails or scores differ."""
    n = 2 if options.quick else 9
    with tempfile.TemporaryDirectory() as folder:
        files = _write_files(Path(folder), 100 if options.quick else 1_000)
        warm_up(files.kernels)
        checked = _check_equality(files)
        tables = (_imports(files, n), _first_scores(files, n), _first_compilation(n))
    return Report(TITLE, tables, checked, _NOTES)


_NOTES = (
    "Every figure is the median of several fresh processes that take turns; imported "
    "files lie in the system's cache, `.pyc` files are written.",
    "The first score counts from before the process is started until the score is "
    "there: interpreter, imports, loading and auditing the plan, replaying its golden "
    "rows, kernels from the cache. optbinning loads a pickle, which checks nothing.",
    "First compilation: `cfscore warmup` into an empty `CFSCORE_CACHE_DIR`, whole "
    "process.",
    "Goals: import 0.15 s, first score 1.2 s, first compilation 20 s.",
)


def _write_files(folder: Path, n_rows: int) -> _Files:
    files = _Files(
        *(folder / name for name in ("card.cfs", "card.pkl", "row.json", "rows.npz")),
        folder / "kernels",
    )
    columns = make_columns(n_rows, seed=3)
    make_plan().save(files.plan)
    fitted_card().save(str(files.card))
    row = {n: None if v[0] != v[0] else float(v[0]) for n, v in columns.items()}
    files.row.write_text(json.dumps(row), encoding="utf-8")
    np.savez(files.table, **columns)
    return files


def _run(script: str, *arguments: object, kernels: Path | None = None) -> dict:
    """Return what a fresh process printed, and the seconds until it was done."""
    environment = dict(os.environ)
    if kernels is not None:
        environment["CFSCORE_CACHE_DIR"] = str(kernels)
    command = [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)]
    begin = time.time()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    )
    printed = json.loads(done.stdout.splitlines()[-1])
    return {**printed, "until_done": printed["at"] - begin}


def warm_up(kernels: Path) -> dict:
    """Compile all kernels into a folder; return what the command says of it."""
    command = [sys.executable, "-m", "cfscore", "warmup", "--json"]
    environment = {**os.environ, "CFSCORE_CACHE_DIR": str(kernels)}
    begin = time.perf_counter()
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    )
    wall = time.perf_counter() - begin
    return {**json.loads(done.stdout), "wall": wall}


def _check_equality(files: _Files) -> tuple[str, ...]:
    row = _run(_SCORE_ROW, files.plan, files.row, kernels=files.kernels)["result"]
    table = _run(_SCORE_TABLE, files.plan, files.table, kernels=files.kernels)["result"]
    peer = _run(_PEER_SCORE, files.card, files.table)["result"]
    expected = float(cf.Scorer(make_plan()).score(dict(np.load(files.table))).score[0])
    assert row == table == expected
    assert abs(peer - expected) <= 1e-9
    return ("the score of the first row in every process, optbinning's to 1e-9",)


def _imports(files: _Files, n: int) -> Table:
    packages = ("cfscore", "numpy", "optbinning")
    seconds: dict[str, list[float]] = {package: [] for package in packages}
    for _ in range(n):
        for package in packages:
            script = _IMPORT.replace("PACKAGE", package)
            seconds[package].append(_run(script, kernels=files.kernels)["result"])
    return _seconds_table("Import", seconds)


def _first_scores(files: _Files, n: int) -> Table:
    scripts = {
        "cfscore, one row, 4 reasons": (_SCORE_ROW, files.plan, files.row),
        "cfscore, table, 4 reasons": (_SCORE_TABLE, files.plan, files.table),
        "optbinning, table": (_PEER_SCORE, files.card, files.table),
    }
    seconds: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(n):
        for name, script in scripts.items():
            found = _run(*script, kernels=files.kernels)
            seconds[name].append(found["until_done"])
    return _seconds_table("Process start to first score, warm cache", seconds)


def _seconds_table(title: str, seconds: dict[str, list[float]]) -> Table:
    peer = median(list(seconds.values())[-1])
    rows = [
        [name, f"{median(s):.3f}", f"{min(s):.3f}", f"{peer / median(s):.1f}"]
        for name, s in seconds.items()
    ]
    return Table(title, ("", "median, s", "best, s", "optbinning / this"), rows)


def _first_compilation(n: int) -> Table:
    found = []
    for _ in range(max(1, n // 3)):
        with tempfile.TemporaryDirectory() as folder:
            found.append(warm_up(Path(folder)))
    rows = [
        [
            f"all {found[0]['kernels']} kernels",
            f"{median(f['wall'] for f in found):.1f}",
            f"{median(f['seconds'] for f in found):.1f}",
        ]
    ]
    columns = ("", "process, s", "compiling, s")
    return Table("First compilation, empty cache", columns, rows)
