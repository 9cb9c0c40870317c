"""Speed of scoring a forest, beside LightGBM with the same model."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

import cfscore as cf
from benchmarks._forest_models import NAMES, Forest, cut_forest, forests, tables
from benchmarks._forest_peers import PEERS, Predict, build_peer
from benchmarks._report import Options, Report, Table
from benchmarks._scaling import SCALING_NOTE, scaling_table
from benchmarks._timing import Rounds, ratio_of_rounds, take_turns

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Scoring a forest: Scorer.score against LightGBM's Booster.predict"
PACKAGES = ("cfscore", "lightgbm", "numba", "numpy", "pyarrow", *PEERS)

_THREADS = (1, 2)
_CONTAINERS = ("numpy", "Arrow")
_PEER_GAP = {"lleaves": 1e-9, "onnxruntime": 1e-3}
_TREES = (25, 50, 100, 200, 500)
#: Peers of the picture; lleaves would be compiled for every number of trees.
_GROWN = ("onnxruntime",)
#: Most leaves that lleaves is given.
_MOST_COMPILED = 20_000
_SLOW = "which takes it many minutes to compile"


@dataclass(frozen=True, eq=False)
class _Course:
    """What is scored, by whom, and how often.

    Parameters
    ----------
    tables : mapping of str to table
        The same rows in each container.
    n_rounds : int
        Rounds in which the contestants take turns.
    missing : list of str
        Peers that were not measured, and why.
    """

    tables: dict[str, Any]
    n_rounds: int
    missing: list[str]

    @property
    def rows(self) -> Any:
        """The rows as the peers read them: one C-ordered array of float64."""
        return self.tables["numpy"]


def measure(options: Options) -> Report:
    """Return the comparison; raises AssertionError where a bit differs."""
    n_rows, n_rounds = (5_000, 1) if options.quick else (200_000, 5)
    course = _Course(tables(n_rows), n_rounds, [])
    models = forests(options.quick)
    checked = tuple(_check_equality(course, forest) for forest in models)
    measured = [_against_peers(course, forest) for forest in models]
    measured += [
        _threads(course, models[0]),
        _one_row(course, models, 20 if options.quick else 1_000),
        _growth(course, models[0], (2, 10) if options.quick else _TREES),
        _memory(course, models),
        _preparation(models),
    ]
    title = f"{TITLE}, {n_rows:,} x {len(NAMES)}"
    return Report(
        title, tuple(measured), checked, (*_NOTES, *dict.fromkeys(course.missing))
    )


_NOTES = (
    "`Scorer.score` returns log-odds, PD, score and status, quantising included; "
    "LightGBM's `predict(raw_score=True)` the raw score alone.",
    "numpy: one C-ordered array of float64. Arrow: one column per feature, read in "
    "place; LightGBM reads it too, the other peers do not.",
    "Contestants take turns, each round beginning with another one. 'best' is the "
    "shortest run, 'ratio' the median over the rounds, at the same number of threads.",
    "onnxruntime computes in float32 and gives PDs; it is not exact.",
    "Memory: peak of what is allocated during the call, results included, as "
    "tracemalloc sees it (numpy and Python); LightGBM's own is not seen.",
    SCALING_NOTE,
    "Goals, 500 x 31, 2 threads, from a float64 table: 25 times LightGBM (stretch 40), "
    "3 times lleaves; two threads 1.8 times one.",
)


# ------------------------------------------------------------------ equality


def _check_equality(course: _Course, forest: Forest) -> str:
    expected = _predict(forest, course.rows, 2)()
    for threads in _THREADS:
        scorer = cf.Scorer(forest.plan, threads=threads)
        for table in course.tables.values():
            found = scorer.score(table).log_odds
            assert found.tobytes() == expected.tobytes()
    every = max(1, len(course.rows) // 200)
    for i in range(0, len(course.rows), every):
        row = dict(zip(NAMES, course.rows[i].tolist(), strict=True))
        assert scorer.score_row(row).log_odds == expected[i]
    return (
        f"{forest.name}: log-odds of all {len(expected):,} rows with LightGBM's raw "
        f"score, from {', '.join(course.tables)} and one by one: the same bits"
    )


def _peers(
    course: _Course, forest: Forest, names: Sequence[str] = tuple(_PEER_GAP)
) -> dict[str, Predict]:
    """Return the peers there are, found equal within what they promise."""
    found = {}
    expected = _predict(forest, course.rows[:2_000], 1)()
    for name in names:
        if name == "lleaves" and forest.plan.forest.trees.n_leaves > _MOST_COMPILED:
            course.missing.append(f"{name}: not measured on {forest.name}, {_SLOW}")
            continue
        predict, fault = build_peer(name, forest)
        if predict is None:
            course.missing.append(fault)
            continue
        largest = np.quantile(np.abs(predict(course.rows[:2_000], 1) - expected), 0.99)
        assert largest <= _PEER_GAP[name], (name, largest)
        found[name] = predict
    return found


# ------------------------------------------------------------------ contestants


def _predict(forest: Forest, table: Any, threads: int) -> Callable[[], Any]:
    return lambda: forest.booster.predict(table, raw_score=True, num_threads=threads)


def _score(forest: Forest, table: Any, threads: int) -> Callable[[], Any]:
    scorer = cf.Scorer(forest.plan, threads=threads)
    return lambda: scorer.score(table)


def _with(predict: Predict, rows: Any, threads: int) -> Callable[[], Any]:
    return lambda: predict(rows, threads)


Key = tuple[str, int]


def _contestants(course: _Course, forest: Forest) -> dict[Key, Callable[[], Any]]:
    """Return what takes turns, by name and threads."""
    peers = _peers(course, forest)
    found: dict[Key, Callable[[], Any]] = {}
    for threads in _THREADS:
        for container in _CONTAINERS:
            table = course.tables[container]
            if container == "numpy" or _reads_arrow(forest, table):
                found[f"LightGBM, {container}", threads] = _predict(
                    forest, table, threads
                )
            found[f"cfscore, {container}", threads] = _score(forest, table, threads)
        for name, predict in peers.items():
            found[f"{name}, numpy", threads] = _with(predict, course.rows, threads)
    return found


def _reads_arrow(forest: Forest, table: pa.Table) -> bool:
    """Return whether this LightGBM reads Arrow, which needs cffi."""
    try:
        forest.booster.predict(table.slice(0, 1))
    except (ImportError, TypeError, ValueError):
        return False
    return True


# ------------------------------------------------------------------ measurements


def _against_peers(course: _Course, forest: Forest) -> Table:
    contestants = _contestants(course, forest)
    named = {f"{name} {threads}": call for (name, threads), call in contestants.items()}
    often = {name: 3 for name in named if name.startswith("cfscore")}
    found = take_turns(named, course.n_rounds, runs=often)
    rows = []
    for name, threads in contestants:
        rounds = found[f"{name} {threads}"]
        judge = found[f"LightGBM, numpy {threads}"]
        rows.append([name, str(threads), *_times(rounds, judge, len(course.rows))])
    columns = ("", "threads", "best, ms", "median, ms", "million rows/s", "ratio")
    return Table(f"{forest.name} leaves, beside LightGBM", columns, rows)


def _times(rounds: Rounds, judge: Rounds, n_rows: int) -> list[str]:
    return [
        f"{1e3 * rounds.best:.1f}",
        f"{1e3 * rounds.median:.1f}",
        f"{n_rows / rounds.best / 1e6:.3f}",
        f"{ratio_of_rounds(judge, rounds):.1f}",
    ]


def _threads(course: _Course, forest: Forest) -> Table:
    pairs = {
        container: {t: _score(forest, course.tables[container], t) for t in _THREADS}
        for container in _CONTAINERS
    }
    title = f"{forest.name}: two threads beside one"
    columns = dict(zip(NAMES, course.rows.T, strict=True))
    return scaling_table(title, pairs, 4 * course.n_rounds, forest.plan, columns)


def _one_row(course: _Course, models: tuple[Forest, ...], n_rows: int) -> Table:
    """Return the median latency of rows that come one by one."""
    singles = [course.rows[i : i + 1] for i in range(n_rows)]
    dicts = [dict(zip(NAMES, row[0].tolist(), strict=True)) for row in singles]
    rows = []
    for forest in models:
        scorer = cf.Scorer(forest.plan)
        ours = _latency(scorer.score_row, dicts)
        booster = forest.booster
        judge = _latency(
            lambda row, b=booster: b.predict(row, raw_score=True, num_threads=1),
            singles,
        )
        cells = [f"{ours:.1f}", f"{judge:.1f}", f"{judge / ours:.1f}"]
        rows.append([forest.name, *cells])
    columns = ("", "cfscore `score_row`, us", "LightGBM `predict`, us", "ratio")
    return Table(f"One row at a time, median of {n_rows:,}", columns, rows)


def _latency(call: Callable[[Any], Any], rows: list[Any]) -> float:
    """Return the median microseconds of a call."""
    taken = np.empty(len(rows))
    for row in rows[:20]:
        call(row)
    for i, row in enumerate(rows):
        begin = time.perf_counter_ns()
        call(row)
        taken[i] = time.perf_counter_ns() - begin
    return float(np.median(taken)) / 1e3


def _growth(course: _Course, forest: Forest, sizes: tuple[int, ...]) -> Table:
    """Return rows a second against the number of trees, on two threads."""
    few = course.rows[: max(1, len(course.rows) // 4)]
    rows = []
    columns = ("trees", "cfscore", "LightGBM", *_GROWN, "cfscore / LightGBM")
    for n_trees in sizes:
        cut = cut_forest(forest, n_trees)
        calls = {"cfscore": _score(cut, few, 2), "LightGBM": _predict(cut, few, 2)}
        peers = _peers(course, cut, _GROWN)
        calls |= {name: _with(predict, few, 2) for name, predict in peers.items()}
        often = {"cfscore": 3}
        found = take_turns(calls, course.n_rounds, runs=often)
        rates = {name: len(few) / found[name].best / 1e3 for name in found}
        cells = [f"{rates[n]:,.0f}" if n in rates else "-" for n in columns[1:-1]]
        ratio = ratio_of_rounds(found["LightGBM"], found["cfscore"])
        rows.append([str(n_trees), *cells, f"{ratio:.1f}"])
    title = f"Thousand rows a second by number of trees ({forest.name}, 2 threads)"
    return Table(title, columns, rows)


# ------------------------------------------------------------------ memory, start


def _memory(course: _Course, models: tuple[Forest, ...]) -> Table:
    rows = []
    for forest in models:
        for container in _CONTAINERS:
            peak = _peak_bytes(_score(forest, course.tables[container], 2))
            cells = [f"{peak / 1e6:.1f}", f"{peak / len(course.rows):.0f}"]
            rows.append([f"{forest.name}, {container}", *cells])
    return Table("Peak memory of a call, 2 threads", ("", "MB", "bytes a row"), rows)


def _peak_bytes(call: Callable[[], Any]) -> int:
    call()
    tracemalloc.start()
    try:
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak


def _preparation(models: tuple[Forest, ...]) -> Table:
    """Return what it takes to get from a plan to a scorer."""
    rows = []
    for forest in models:
        found = take_turns({"scorer": lambda f=forest: cf.Scorer(f.plan)}, 3)
        size = len(forest.plan.to_bytes()) / 1e6
        text = len(forest.booster.model_to_string()) / 1e6
        best = f"{1e3 * found['scorer'].best:.1f}"
        rows.append([forest.name, best, f"{size:.2f}", f"{text:.2f}"])
    columns = ("", "Scorer(plan), ms", "plan, MB", "LightGBM text, MB")
    return Table("From plan to scorer", columns, rows)
