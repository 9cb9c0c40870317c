"""Speed of explaining a forest, beside LightGBM's pred_contrib."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import cfscore as cf
from benchmarks._forest_models import NAMES, Forest, forests, tables
from benchmarks._report import Options, Report, Table
from benchmarks._timing import Rounds, ratio_of_rounds, take_turns

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Explaining a forest: exact contributions and four reasons"
PACKAGES = ("cfscore", "lightgbm", "numba", "numpy", "pyarrow")

_TOLERANCE = 1e-9
_THREADS = (1, 2)
_ROW_ROUNDS = 10
_FIRST_EXPLANATION = """
import json, sys, time
import numpy as np
rows = np.load(sys.argv[2])
begin = time.perf_counter()
import cfscore as cf
scorer = cf.Scorer(cf.load_plan(sys.argv[1]))
loaded = time.perf_counter()
batch = scorer.score(rows, reasons=4)
print(json.dumps([loaded - begin, time.perf_counter() - loaded]))
"""


def measure(options: Options) -> Report:
    """Return the comparison; raises AssertionError where contributions differ."""
    n_rows, n_rounds = (500, 1) if options.quick else (20_000, 5)
    models = forests(options.quick)
    given = tables(n_rows)
    sizes = [_size(forest, n_rows) for forest in models]
    few = [_head(given, size) for size in sizes]
    checked = tuple(map(_check_equality, few, models, sizes))
    measured = [
        _against_peer(
            table, forest, max(50, size // 40), _turns(size, n_rows, n_rounds)
        )
        for table, forest, size in zip(few, models, sizes, strict=True)
    ]
    measured += [
        _one_row(given, models, 20 if options.quick else 1_000),
        _first(given, models, 1 if options.quick else 5),
        _memory(few, models),
    ]
    return Report(f"{TITLE}, {len(NAMES)} features", tuple(measured), checked, _NOTES)


_NOTES = (
    "20,000 rows (1,000 of the largest model, in fewer rounds); LightGBM's "
    "`pred_contrib` is measured on a fortieth, as a row takes as long. Taking turns; "
    "'ratio' is the median over the rounds, per row and at the same number of threads.",
    "Contributions: complete, in float64, quantising, margin, PD and score included. "
    "Reasons: the codes of the four most harmful features of each row.",
    "First explanation: a fresh process with compiled kernels in its cache, from the "
    "import to four reasons of 100 rows. Loading replays the scores of the plan's "
    "golden rows, the first explanation their reasons.",
    "Tables: what stays allocated after the first explanation; peak: of a call that "
    "explains all rows, results included, both as tracemalloc sees them.",
    "One row: ten rounds of a hundred rows each, models in turn; a shared machine has "
    "rounds in which memory is slow, and the best round shows it without.",
    "Goals, 500 x 31 and 300 x 15: 120 times `pred_contrib` (stretch 200); one row "
    "with four reasons in 150 microseconds.",
)


def _size(forest: Forest, n_rows: int) -> int:
    """Return how many rows of a model are explained: fewer of one with many leaves."""
    n_leaves = forest.plan.forest.trees.n_leaves
    return n_rows if n_leaves < 20_000 else n_rows // 20


def _turns(size: int, n_rows: int, most: int) -> int:
    """Return how often a model is measured: less often one that takes minutes."""
    return most if size == n_rows else min(most, 2)


def _head(given: dict[str, Any], n_rows: int) -> dict[str, Any]:
    return {
        name: table.slice(0, n_rows) if name == "Arrow" else table[:n_rows]
        for name, table in given.items()
    }


# ------------------------------------------------------------------ equality


def _check_equality(given: dict[str, Any], forest: Forest, size: int) -> str:
    n_rows = max(50, size // 100)
    rows = given["numpy"][:n_rows]
    expected = forest.booster.predict(rows, pred_contrib=True, num_threads=2)
    found = {
        threads: cf.Scorer(forest.plan, threads=threads).score(
            given["numpy"], reasons=4, contributions=True
        )
        for threads in _THREADS
    }
    one, two = found.values()
    gap = np.abs(one.contributions[:n_rows] - expected[:, :-1]).max()
    assert gap <= _TOLERANCE, gap
    assert abs(one.base_value - expected[0, -1]) <= _TOLERANCE
    rest = np.abs(one.base_value + one.contributions.sum(axis=1) - one.margin).max()
    assert rest <= _TOLERANCE, rest
    assert one.contributions.tobytes() == two.contributions.tobytes()
    scorer = cf.Scorer(forest.plan)
    for i in range(0, n_rows, max(1, n_rows // 50)):
        row = dict(zip(NAMES, rows[i].tolist(), strict=True))
        cited = [reason.code for reason in scorer.score_row(row, reasons=4).reasons]
        assert cited == [code for code in one.reasons[i] if code]
    return (
        f"{forest.name}: contributions of {n_rows:,} rows with LightGBM's "
        f"`pred_contrib`, largest difference {gap:.1e} (limit {_TOLERANCE:.0e}); of "
        f"{len(one):,} rows with their margin, {rest:.1e}; reasons of batch and row"
    )


# ------------------------------------------------------------------ measurements


def _against_peer(
    given: dict[str, Any], forest: Forest, n_peer: int, n_rounds: int
) -> Table:
    few = given["numpy"][:n_peer]
    n_rows = len(given["numpy"])
    calls: dict[str, Callable[[], Any]] = {}
    sizes: dict[str, int] = {}
    for threads in _THREADS:
        scorer = cf.Scorer(forest.plan, threads=threads)
        for name, options in _WAYS.items():
            for container in ("numpy", "Arrow"):
                key = f"{name}, {container} {threads}"
                calls[key] = _scored(scorer, given[container], options)
                sizes[key] = n_rows
        judge = f"LightGBM `pred_contrib`, numpy {threads}"
        calls[judge] = _contributed(forest, few, threads)
        plain = f"LightGBM `predict`, numpy {threads}"
        calls[plain] = _predicted(forest, given["numpy"], threads)
        sizes |= {judge: n_peer, plain: n_rows}
    found = take_turns(calls, n_rounds)
    rows = []
    for key, rounds in found.items():
        name, _, threads = key.rpartition(" ")
        judge = f"LightGBM `pred_contrib`, numpy {threads}"
        ratio = ratio_of_rounds(found[judge], rounds) * sizes[key] / sizes[judge]
        rows.append([name, threads, *_rate(rounds, sizes[key]), f"{ratio:.1f}"])
    columns = ("", "threads", "us a row", "rows/s", "ratio")
    return Table(f"{forest.name} leaves", columns, rows)


_WAYS = {
    "cfscore, contributions": {"contributions": True},
    "cfscore, 4 reasons": {"reasons": 4},
    "cfscore, contributions and 4 reasons": {"contributions": True, "reasons": 4},
}


def _scored(scorer: cf.Scorer, table: Any, options: Any) -> Callable[[], Any]:
    return lambda: scorer.score(table, **options)


def _contributed(forest: Forest, rows: Any, threads: int) -> Callable[[], Any]:
    return lambda: forest.booster.predict(rows, pred_contrib=True, num_threads=threads)


def _predicted(forest: Forest, rows: Any, threads: int) -> Callable[[], Any]:
    return lambda: forest.booster.predict(rows, raw_score=True, num_threads=threads)


def _rate(rounds: Rounds, n_rows: int) -> list[str]:
    return [f"{1e6 * rounds.best / n_rows:.2f}", f"{n_rows / rounds.best:,.0f}"]


def _one_row(given: dict[str, Any], models: tuple[Forest, ...], n_rows: int) -> Table:
    """Return latencies of rows that come one by one, in rounds that take turns."""
    singles = [given["numpy"][i : i + 1] for i in range(n_rows)]
    dicts = [dict(zip(NAMES, row[0].tolist(), strict=True)) for row in singles]
    scorers = [cf.Scorer(forest.plan) for forest in models]
    ours: list[list[Any]] = [[] for _ in models]
    judge: list[list[Any]] = [[] for _ in models]
    each = n_rows // _ROW_ROUNDS
    for first in range(0, each * _ROW_ROUNDS, each):
        for i, (forest, scorer) in enumerate(zip(models, scorers, strict=True)):
            ours[i].append(
                _latencies(
                    lambda row, s=scorer: s.score_row(row, reasons=4),
                    dicts[first : first + each],
                )
            )
            judge[i].append(
                _latencies(
                    lambda row, b=forest.booster: b.predict(
                        row, pred_contrib=True, num_threads=1
                    ),
                    singles[first : first + max(5, each // 10)],
                )
            )
    rows = []
    for forest, own, other in zip(models, ours, judge, strict=True):
        best = min(float(np.median(round_)) for round_ in own)
        p50, p95, p99 = np.percentile(np.concatenate(own), [50, 95, 99])
        peer = float(np.median(np.concatenate(other)))
        cells = [f"{x:.1f}" for x in (p50, p95, p99, best)]
        rows.append([forest.name, *cells, f"{peer:.0f}", f"{peer / p50:.1f}"])
    columns = (
        "",
        "median, us",
        "95 %, us",
        "99 %, us",
        "median of the best round",
        "`pred_contrib`, us",
        "ratio",
    )
    return Table("One row from a dict with 4 reasons", columns, rows)


def _latencies(call: Callable[[Any], Any], rows: list[Any]) -> Any:
    """Return the microseconds of each call."""
    taken = np.empty(len(rows))
    for row in rows[:5]:
        call(row)
    for i, row in enumerate(rows):
        begin = time.perf_counter_ns()
        call(row)
        taken[i] = time.perf_counter_ns() - begin
    return taken / 1e3


# ------------------------------------------------------------------ start, memory


def _first(given: dict[str, Any], models: tuple[Forest, ...], n: int) -> Table:
    """Return the time from plan to first explanation, in and out of a process."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "rows.npy", given["numpy"][:100])
        for forest in models:
            path = folder / "forest.cfs"
            forest.plan.save(path)
            _run(path, folder / "rows.npy")  # compiles what is not compiled yet
            turns = _turns(_size(forest, 10), 10, n)
            found = [_run(path, folder / "rows.npy") for _ in range(turns)]
            inside = [_build(forest, given["numpy"][:1]) for _ in range(turns)]
            cells = [median(values) for values in (*zip(*found, strict=True), inside)]
            rows.append([forest.name, *(f"{seconds:.3f}" for seconds in cells)])
    columns = ("", "import and load, s", "first reasons, s", "same in process, s")
    return Table("From plan to first explanation", columns, rows)


def _run(plan: Path, rows: Path) -> list[float]:
    command = [sys.executable, "-c", _FIRST_EXPLANATION, str(plan), str(rows)]
    done = subprocess.run(
        command, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    found: list[float] = json.loads(done.stdout)
    return found


def _build(forest: Forest, row: Any) -> float:
    """Return the seconds of a new scorer's first explanation."""
    scorer = cf.Scorer(forest.plan)
    begin = time.perf_counter()
    scorer.score(row, reasons=4)
    return time.perf_counter() - begin


def _memory(few: list[dict[str, Any]], models: tuple[Forest, ...]) -> Table:
    rows = []
    for given, forest in zip(few, models, strict=True):
        scorer = cf.Scorer(forest.plan, threads=2)
        scorer.score(given["numpy"][:1])
        tracemalloc.start()
        try:
            scorer.score(given["numpy"][:1], reasons=4)
            kept, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            batch = scorer.score(given["numpy"], reasons=4, contributions=True)
            peak = tracemalloc.get_traced_memory()[1] - kept
        finally:
            tracemalloc.stop()
        per_row = f"{peak / len(batch):.0f}"
        rows.append([forest.name, f"{kept / 1e6:.1f}", f"{peak / 1e6:.1f}", per_row])
    columns = ("", "tables, MB", "peak of a call, MB", "bytes a row")
    return Table("Memory, 2 threads", columns, rows)
