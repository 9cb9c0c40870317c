"""CSV scored into CSV: rows a second, beside pyarrow reading the file."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

import cfscore as cf
from benchmarks._numeric_table import N_FEATURES, make_columns, make_plan
from benchmarks._report import Options, Report, Table
from benchmarks._timing import Rounds, ratio_of_rounds, take_turns

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Scoring a file: CSV to CSV, 4 reasons"
PACKAGES = ("cfscore", "numba", "numpy", "pyarrow")

_READ = "pyarrow, read with guessed types"


def measure(options: Options) -> Report:
    """Return rates; raises where file and table differ."""
    n_rows, n_rounds = (20_000, 1) if options.quick else (500_000, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = _write_source(folder / "in.csv", n_rows)
        checked = _check_equality(source, folder / "out.csv")
        times = _measure_times(source, folder, n_rounds)
        size = source.stat().st_size
    title = f"{TITLE}, {n_rows:,} x {N_FEATURES}"
    return Report(title, (_rates(times, n_rows, size),), checked, _NOTES)


_NOTES = (
    "Input: 30 columns of numbers, 8 % missing, and an id that is kept.",
    "pyarrow reads the file twice: with guessed types, as users do, and every column "
    "as text, which is what a file takes whose cells are to be judged one by one. It "
    "uses all cores, neither judges nor scores, and writes nothing.",
)


def _write_source(path: Path, n_rows: int) -> Path:
    columns = {"application_id": np.arange(n_rows), **make_columns(n_rows, seed=9)}
    arrays = {name: pa.array(v, from_pandas=True) for name, v in columns.items()}
    pa_csv.write_csv(pa.table(arrays), path)
    return path


def _check_equality(source: Path, target: Path) -> tuple[str, ...]:
    scorer = cf.Scorer(make_plan())
    report = scorer.score_file(source, target, reasons=4, keep=["application_id"])
    batch = scorer.score(pa_csv.read_csv(source), reasons=4)
    assert report.scored == len(batch)
    with target.open(newline="", encoding="utf-8") as file:
        for i, row in enumerate(csv.DictReader(file)):
            assert int(row["application_id"]) == i
            assert float(row["score"]) == batch.score[i]
            assert float(row["pd"]) == batch.pd[i]
            assert (row["reason_1"] or None) == batch.reasons[i, 0]
    return (f"score, PD, first reason and id of {len(batch):,} rows with the table",)


def _measure_times(source: Path, folder: Path, n_rounds: int) -> dict[str, Rounds]:
    plan = make_plan()
    scorers = {threads: cf.Scorer(plan, threads=threads) for threads in (1, 2)}
    names = pa_csv.open_csv(source).schema.names
    as_text = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))

    def score(threads: int, target: str) -> None:
        keep = ["application_id"]
        scorers[threads].score_file(source, folder / target, reasons=4, keep=keep)

    contestants = {
        "cfscore, 2 threads": lambda: score(2, "timed.csv"),
        "cfscore, 1 thread": lambda: score(1, "timed.csv"),
        "cfscore, 2 threads, into Parquet": lambda: score(2, "timed.parquet"),
        _READ: lambda: pa_csv.read_csv(source),
        "pyarrow, read as text": lambda: pa_csv.read_csv(
            source, convert_options=as_text
        ),
    }
    return take_turns(contestants, n_rounds)


def _rates(times: dict[str, Rounds], n_rows: int, size: int) -> Table:
    read = times[_READ]
    rows = [
        [
            name,
            f"{rounds.best:.2f}",
            f"{rounds.median:.2f}",
            f"{n_rows / rounds.best / 1e3:,.0f}",
            f"{size / rounds.best / 1e6:,.0f}",
            f"{ratio_of_rounds(rounds, read):.1f}",
        ]
        for name, rounds in times.items()
    ]
    columns = (
        "",
        "best, s",
        "median, s",
        "thousand rows/s",
        "MB/s of input",
        "this / reading",
    )
    return Table("Time", columns, rows)
