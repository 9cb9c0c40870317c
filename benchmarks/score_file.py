"""Parquet scored into Parquet: rows a second, share of reading and writing."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import cfscore as cf
from benchmarks._numeric_table import N_FEATURES, fitted_card, make_columns, make_plan
from benchmarks._report import Options, Report, Table
from benchmarks._timing import Rounds, ratio_of_rounds, take_turns

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Scoring a file: Parquet to Parquet, 4 reasons"
PACKAGES = ("cfscore", "optbinning", "numba", "numpy", "pandas", "pyarrow")

_BATCH_ROWS = 131_072

_SCORE_FILE = """
import json, sys
from pathlib import Path
import cfscore as cf
scorer = cf.Scorer(cf.load_plan(sys.argv[1]))
scorer.score_file(sys.argv[2], sys.argv[3], reasons=4, keep=["application_id"])
status = Path("/proc/self/status").read_text().splitlines()
print(json.dumps([int(l.split()[1]) * 1024 for l in status if l[:5] == "VmHWM"][0]))
"""


def measure(options: Options) -> Report:
    """Return rates, shares and memory; raises where file and table differ."""
    n_rows, n_rounds = (20_000, 1) if options.quick else (1_000_000, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = _write_source(folder / "in.parquet", n_rows)
        checked = _check_equality(source, folder / "out.parquet")
        times = _measure_times(source, folder, n_rounds)
        memory = _measure_memory(folder, n_rows // 5)
    tables = (_rates(times, n_rows), _shares(times), memory)
    title = f"{TITLE}, {n_rows:,} x {N_FEATURES}"
    return Report(title, tables, checked, _NOTES)


_NOTES = (
    "Input: 30 columns of float64, 8 % missing, and an id that is kept. Output: id, "
    "log_odds, pd, score, reason_1 to reason_4, status.",
    "'read', 'write' and 'copy' are pyarrow alone, in batches as large as ours: the "
    "input read and thrown away, our output written again, the input written again.",
    "optbinning: `pandas.read_parquet`, `score` and `predict_proba`, `to_parquet`, "
    "all rows in memory and no reasons.",
    "Memory: peak resident size of a fresh process. Goal: ten times the rows, less "
    "than 10 % more.",
)


def _write_source(path: Path, n_rows: int, copies: int = 1) -> Path:
    """Write ``copies`` times the same rows, row groups as large as our batches."""
    columns = {"application_id": np.arange(n_rows), **make_columns(n_rows, seed=9)}
    table = pa.table({name: pa.array(v) for name, v in columns.items()})
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(copies):
            writer.write_table(table, row_group_size=_BATCH_ROWS)
    return path


def _check_equality(source: Path, target: Path) -> tuple[str, ...]:
    scorer = cf.Scorer(make_plan())
    report = scorer.score_file(source, target, reasons=4, keep=["application_id"])
    table, written = pq.read_table(source), pq.read_table(target)
    batch = scorer.score(table, reasons=4)
    assert report.scored == len(table) == len(written)
    for field in ("log_odds", "pd", "score"):
        in_file = written[field].combine_chunks().to_numpy(zero_copy_only=False)
        assert in_file.tobytes() == getattr(batch, field).tobytes()
    assert written["application_id"].equals(table["application_id"])
    for k in range(4):
        codes = written[f"reason_{k + 1}"].cast(pa.string()).to_pylist()
        assert codes == batch.reasons[:, k].tolist()
    head = table.slice(0, 20_000).to_pandas()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gap = np.abs(fitted_card().score(head) - batch.score[: len(head)]).max()
    assert gap <= 1e-9
    return (
        f"log-odds, PD, score, reasons and id of {len(table):,} rows with the table",
        f"score of {len(head):,} rows with optbinning: largest difference {gap:.1e}",
    )


# ------------------------------------------------------------------ time


def _measure_times(source: Path, folder: Path, n_rounds: int) -> dict[str, Rounds]:
    plan, card, ours = make_plan(), fitted_card(), folder / "out.parquet"
    scorers = {threads: cf.Scorer(plan, threads=threads) for threads in (1, 2)}
    output = pq.read_table(ours)

    def score(threads: int, reasons: int, name: str = "timed.parquet") -> None:
        target = f"{folder}/{name}"
        keep = ["application_id"]
        scorers[threads].score_file(source, target, reasons=reasons, keep=keep)

    def peer() -> None:
        frame = pd.read_parquet(source)
        result = frame[["application_id"]].copy()
        result["score"] = card.score(frame)
        result["pd"] = card.predict_proba(frame)[:, 1]
        result.to_parquet(folder / "peer.parquet")

    contestants = {
        "cfscore, 4 reasons, 2 threads": lambda: score(2, 4),
        "cfscore, 4 reasons, 1 thread": lambda: score(1, 4),
        "cfscore, 4 reasons, 2 threads, parts": lambda: score(2, 4, "timed/"),
        "cfscore, no reasons, 2 threads": lambda: score(2, 0),
        "pyarrow, read": lambda: _read(source),
        "pyarrow, write": lambda: _write(output, folder / "written.parquet"),
        "pyarrow, copy": lambda: _copy(source, folder / "copied.parquet"),
        "optbinning, no reasons": peer,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return take_turns(contestants, n_rounds)


def _read(source: Path) -> None:
    for _ in pq.ParquetFile(source).iter_batches(_BATCH_ROWS):
        pass


def _write(table: pa.Table, target: Path) -> None:
    with pq.ParquetWriter(target, table.schema) as writer:
        for batch in table.to_batches(_BATCH_ROWS):
            writer.write_batch(batch)


def _copy(source: Path, target: Path) -> None:
    file = pq.ParquetFile(source)
    with pq.ParquetWriter(target, file.schema_arrow) as writer:
        for batch in file.iter_batches(_BATCH_ROWS):
            writer.write_batch(batch)


def _rates(times: dict[str, Rounds], n_rows: int) -> Table:
    peer = times["optbinning, no reasons"]
    rows = [
        [
            name,
            f"{rounds.best:.2f}",
            f"{rounds.median:.2f}",
            f"{n_rows / rounds.best / 1e3:,.0f}",
            f"{ratio_of_rounds(peer, rounds):.1f}",
        ]
        for name, rounds in times.items()
    ]
    columns = ("", "best, s", "median, s", "thousand rows/s", "optbinning / this")
    return Table("Time", columns, rows)


def _shares(times: dict[str, Rounds]) -> Table:
    ours = times["cfscore, 4 reasons, 2 threads"].median
    read, write, copy = (
        times[f"pyarrow, {verb}"].median for verb in ("read", "write", "copy")
    )
    rows = [
        ["reading, by pyarrow alone", f"{read / ours:.0%}"],
        ["writing, by pyarrow alone", f"{write / ours:.0%}"],
        ["the rest: scoring, reasons, waiting", f"{1 - (read + write) / ours:.0%}"],
        ["copying the file by pyarrow instead", f"{copy / ours:.0%}"],
        ["goal: at most 2.5 times a copy", f"{ours / copy:.2f} times"],
    ]
    return Table("Of the time with 4 reasons and 2 threads", ("", "share"), rows)


# ------------------------------------------------------------------ memory


def _measure_memory(folder: Path, n_rows: int) -> Table:
    columns = ("", "MB", "more")
    if not Path("/proc/self/status").exists():
        return Table("Peak memory", columns, [["not told by this system", "-", "-"]])
    make_plan().save(folder / "card.cfs")
    peaks = {copies * n_rows: _peak_bytes(folder, n_rows, copies) for copies in (1, 10)}
    least = min(peaks.values())
    rows = [
        [f"{n:,} rows", f"{peak / 1e6:.0f}", f"{peak / least - 1:+.0%}"]
        for n, peak in peaks.items()
    ]
    return Table("Peak memory", columns, rows)


def _peak_bytes(folder: Path, n_rows: int, copies: int) -> int:
    """Return the peak resident size of a process that scores one file.

    Not from ``getrusage``: on Linux that of a child begins at its parent's.
    """
    source = _write_source(folder / "many.parquet", n_rows, copies)
    paths = [folder / "card.cfs", source, folder / "many_scored.parquet"]
    command = [sys.executable, "-c", _SCORE_FILE, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    source.unlink()
    return int(json.loads(done.stdout))
