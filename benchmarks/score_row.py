"""Latency of one row from a dict, with four reasons."""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import cfscore as cf
from benchmarks._numeric_table import N_FEATURES, fitted_card, make_columns, make_plan
from benchmarks._report import Options, Report, Table

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "One row: Scorer.score_row from a dict, 4 reasons"
PACKAGES = ("cfscore", "optbinning", "numba", "numpy", "pandas")

Row = dict[str, float | None]


def measure(options: Options) -> Report:
    """Return the latencies; raises AssertionError where row and batch differ."""
    n_rows, n_peer = (500, 5) if options.quick else (20_000, 100)
    columns, scorer = make_columns(n_rows, seed=5), cf.Scorer(make_plan())
    rows = _to_dicts(columns)
    frame = pd.DataFrame(columns)
    checked = _check_equality(scorer, rows, frame)
    timed = {
        "cfscore `score_row`, 4 reasons": _each(_scoring(scorer, 4), rows),
        "cfscore `score_row`, 0 reasons": _each(_scoring(scorer, 0), rows),
    }
    singles = [frame.iloc[i : i + 1] for i in range(n_peer)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pandas says to optbinning
        timed["optbinning `score`, one-row frame"] = _each(fitted_card().score, singles)
    return Report(f"{TITLE}, {N_FEATURES} features", (_table(timed),), checked, _NOTES)


_NOTES = (
    "Every row is another one; all are built beforehand. Missing cells are None.",
    "`score_row` returns log-odds, PD, score and four reasons with their texts; "
    "optbinning's `score` the points alone.",
    "Goal: 20 microseconds at the median with four reasons.",
)


def _to_dicts(columns: dict[str, NDArray[np.float64]]) -> list[Row]:
    """Return rows as a service gets them from JSON."""
    cells = (values.tolist() for values in columns.values())
    return [
        {
            name: None if value != value else value
            for name, value in zip(columns, row, strict=True)
        }
        for row in zip(*cells, strict=True)
    ]


def _check_equality(
    scorer: cf.Scorer, rows: list[Row], frame: pd.DataFrame
) -> tuple[str, ...]:
    batch = scorer.score(frame, reasons=4)
    for i, row in enumerate(rows):
        one = scorer.score_row(row, reasons=4)
        expected = (batch.log_odds[i], batch.pd[i], batch.score[i])
        assert (one.log_odds, one.pd, one.score) == expected
        assert [r.code for r in one.reasons] == [c for c in batch.reasons[i] if c]
    return (f"log-odds, PD, score and reasons of {len(rows):,} rows with the batch",)


def _scoring(scorer: cf.Scorer, reasons: int) -> Callable[[Row], Any]:
    return lambda row: scorer.score_row(row, reasons=reasons)


def _each(call: Callable[[Any], Any], rows: Sequence[Any]) -> NDArray[np.float64]:
    """Return the microseconds of each row."""
    clock, taken = time.perf_counter_ns, np.empty(len(rows))
    for row in rows[: max(1, len(rows) // 20)]:
        call(row)
    gc.collect()
    gc.disable()
    try:
        for i, row in enumerate(rows):
            begin = clock()
            call(row)
            taken[i] = clock() - begin
    finally:
        gc.enable()
    return taken / 1e3


def _table(timed: dict[str, NDArray[np.float64]]) -> Table:
    peer = np.median(list(timed.values())[-1])
    rows = []
    for name, taken in timed.items():
        p50, p95, p99 = np.percentile(taken, [50, 95, 99])
        cells = [f"{len(taken):,}", f"{p50:,.1f}", f"{p95:,.1f}", f"{p99:,.1f}"]
        rows.append([name, *cells, f"{peer / p50:,.0f}"])
    columns = ("", "rows", "median, us", "95 %, us", "99 %, us", "optbinning / this")
    return Table("Latency", columns, rows)
