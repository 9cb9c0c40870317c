"""Speed of scoring a table, beside optbinning with the same card."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from optbinning import Scorecard

import cfscore as cf
from benchmarks._numeric_table import N_FEATURES, fitted_card, make_columns, make_plan
from benchmarks._report import Options, Report, Table
from benchmarks._scaling import SCALING_NOTE, scaling_table
from benchmarks._timing import Rounds, ratio_of_rounds, take_turns

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Scoring a table: Scorer.score against optbinning's Scorecard.score"
PACKAGES = ("cfscore", "optbinning", "numba", "numpy", "pandas", "polars", "pyarrow")

_PD_TOLERANCE, _SCORE_TOLERANCE = 1e-12, 1e-9
_FIELDS = ("log_odds", "pd", "score")


@dataclass(frozen=True, eq=False)
class _Course:
    """What is scored, by whom, and how often.

    Parameters
    ----------
    tables : mapping of str to table
        The same rows in each container.
    card : optbinning.Scorecard
        The peer.
    scorers : mapping of int to Scorer
        Ours, by number of threads.
    n_rounds : int
        Rounds in which the contestants take turns.
    """

    tables: dict[str, Any]
    card: Scorecard
    scorers: dict[int, cf.Scorer]
    n_rounds: int

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as the peer reads them."""
        return self.tables["pandas"]


def measure(options: Options) -> Report:
    """Return the comparison; raises AssertionError where results are not equal."""
    n_rows, n_rounds = (5_000, 2) if options.quick else (200_000, 15)
    course = _set_course(n_rows, n_rounds)
    larger = _set_course(5 * n_rows, max(1, n_rounds // 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pandas says to optbinning
        checked = _check_equality(course)
        tables = (
            _against_peer(course),
            _threads(course),
            _threads(larger),
            _memory(course),
        )
    return Report(f"{TITLE}, {n_rows:,} x {N_FEATURES}", tables, checked, _NOTES)


_NOTES = (
    "optbinning's `score` returns the points alone; `Scorer.score` returns log-odds, "
    "PD and score from one pass, and with reasons the four most harmful codes.",
    "Contestants take turns, each round beginning with another one. 'best' is the "
    "shortest run, 'ratio' the median over the rounds.",
    "optbinning runs on one thread, in numpy and pandas; the fair ratio is that of one "
    "thread.",
    "pandas: one array per column, as Parquet is read. numpy: one C-ordered array of "
    "rows. Memory: peak of what is allocated during the call, results included, as "
    "tracemalloc sees it (numpy and Python, not Arrow's own pool).",
    SCALING_NOTE,
    "Goals: 40 times optbinning (stretch 80); two threads 1.8 times one.",
)


def _set_course(n_rows: int, n_rounds: int) -> _Course:
    columns = make_columns(n_rows)
    card, plan = fitted_card(), make_plan()
    tables = {
        "pandas": pd.DataFrame(columns),
        "numpy": np.column_stack([columns[name] for name in plan.schema.names]),
        "Arrow": pa.table({name: pa.array(v) for name, v in columns.items()}),
        "polars": pl.DataFrame(columns),
        "mapping": columns,
    }
    scorers = {threads: cf.Scorer(plan, threads=threads) for threads in (1, 2)}
    return _Course(tables, card, scorers, n_rounds)


# ------------------------------------------------------------------ equality


def _check_equality(course: _Course) -> tuple[str, ...]:
    ours = course.scorers[1].score(course.frame, reasons=4)
    pd_gap = _gap(ours.pd, course.card.predict_proba(course.frame)[:, 1])
    score_gap = _gap(ours.score, course.card.score(course.frame))
    assert pd_gap <= _PD_TOLERANCE, pd_gap
    assert score_gap <= _SCORE_TOLERANCE, score_gap
    for table in course.tables.values():
        for scorer in course.scorers.values():
            other = scorer.score(table, reasons=4)
            assert all(_same_bits(ours, other, field) for field in _FIELDS)
            assert (ours.reason_indices == other.reason_indices).all()
    return (
        f"PD of all {len(ours.pd):,} rows with optbinning's `predict_proba`: largest "
        f"difference {pd_gap:.1e} (limit {_PD_TOLERANCE:.0e})",
        f"score with optbinning's `score`: largest difference {score_gap:.1e} (limit "
        f"{_SCORE_TOLERANCE:.0e})",
        f"log-odds, PD, score and reasons between {', '.join(course.tables)} and "
        f"between threads: the same bits",
    )


def _gap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.abs(a - b).max())


def _same_bits(a: cf.ScoreBatch, b: cf.ScoreBatch, field: str) -> bool:
    return getattr(a, field).tobytes() == getattr(b, field).tobytes()


# ------------------------------------------------------------------ measurements


def _call(
    course: _Course, container: str, threads: int, reasons: int
) -> Callable[[], Any]:
    scorer, table = course.scorers[threads], course.tables[container]
    return lambda: scorer.score(table, reasons=reasons)


def _against_peer(course: _Course) -> Table:
    runs = [(c, t, 0) for c in course.tables for t in course.scorers]
    runs += [("pandas", t, 4) for t in course.scorers]
    contestants = {repr(run): _call(course, *run) for run in runs}
    contestants["optbinning"] = lambda: course.card.score(course.frame)
    often = dict.fromkeys(map(repr, runs), 5)
    found = take_turns(contestants, course.n_rounds, runs=often)
    peer = found["optbinning"]
    rows = [["optbinning `score`, pandas", "1", *_times(peer, peer, course)]]
    for container, threads, reasons in runs:
        name = f"cfscore, {container}" + (", 4 reasons" if reasons else "")
        rounds = found[repr((container, threads, reasons))]
        rows.append([name, str(threads), *_times(rounds, peer, course)])
    columns = ("", "threads", "best, ms", "median, ms", "million rows/s", "ratio")
    return Table("Beside optbinning", columns, rows)


def _times(rounds: Rounds, peer: Rounds, course: _Course) -> list[str]:
    rate = len(course.frame) / rounds.best / 1e6
    return [
        f"{1e3 * rounds.best:.1f}",
        f"{1e3 * rounds.median:.1f}",
        f"{rate:.2f}",
        f"{ratio_of_rounds(peer, rounds):.1f}",
    ]


def _threads(course: _Course) -> Table:
    pairs = {
        f"{container}, {reasons} reasons": {
            t: _call(course, container, t, reasons) for t in course.scorers
        }
        for container in ("pandas", "numpy", "Arrow")
        for reasons in (0, 4)
    }
    title = f"Two threads beside one, {len(course.frame):,} rows"
    plan, columns = course.scorers[1].plan, course.tables["mapping"]
    return scaling_table(title, pairs, 4 * course.n_rounds, plan, columns)


def _memory(course: _Course) -> Table:
    calls = {
        "optbinning `score`, pandas": lambda: course.card.score(course.frame),
        "cfscore, pandas": _call(course, "pandas", 2, 0),
        "cfscore, pandas, 4 reasons": _call(course, "pandas", 2, 4),
        "cfscore, Arrow, 4 reasons": _call(course, "Arrow", 2, 4),
    }
    peaks = {name: _peak_bytes(call) for name, call in calls.items()}
    peer = next(iter(peaks.values()))
    n_rows = len(course.frame)
    rows = [
        [name, f"{peak / 1e6:.1f}", f"{peak / n_rows:.0f}", f"{peer / peak:.1f}"]
        for name, peak in peaks.items()
    ]
    return Table(
        "Peak memory of a call", ("", "MB", "bytes a row", "optbinning / this"), rows
    )


def _peak_bytes(call: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak
