"""Boosted model: Parquet scored into Parquet with exact reasons, beside a script."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import cfscore as cf
from benchmarks._numeric_table import N_FEATURES, make_columns
from benchmarks._report import Options, Report, Table
from benchmarks._timing import Rounds, take_turns

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Scoring a file with a boosted model: Parquet to Parquet, 4 exact reasons"
PACKAGES = ("cfscore", "lightgbm", "numba", "numpy", "pandas", "pyarrow")

_OURS, _SCRIPT = "cfscore, 2 threads", "pandas and LightGBM, 2 threads"


def measure(options: Options) -> Report:
    """Return rates; raises where the two differ."""
    n_trees = 50 if options.quick else 500
    sizes = {_OURS: 20_000, _SCRIPT: 2_000} if options.quick else _SIZES
    n_rounds = 1 if options.quick else 3
    booster = _fit(n_trees)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = {
            who: _write_source(folder / f"{n}.parquet", n) for who, n in sizes.items()
        }
        checked = _check_equality(booster, sources[_SCRIPT], folder)
        times = _measure_times(booster, sources, folder, n_rounds)
    title = f"{TITLE}, {n_trees} trees of 31 leaves, {N_FEATURES} features"
    return Report(title, (_rates(times, sizes),), checked, _NOTES)


_SIZES = {_OURS: 200_000, _SCRIPT: 10_000}

_NOTES = (
    "The usual script: `pandas.read_parquet`, `predict`, `predict(pred_contrib=True)`, "
    "`argsort`, the four largest contributions by name, `to_parquet`.",
    "Rates are per row, as the script is given fewer. Goal: 100 times.",
)


def _fit(n_trees: int) -> lgb.Booster:
    columns = make_columns(20_000, seed=11)
    matrix = np.column_stack(list(columns.values()))
    centred = (matrix - np.nanmean(matrix, axis=0)) / np.nanstd(matrix, axis=0)
    log_odds = np.nan_to_num(centred) @ np.linspace(-0.4, 0.4, N_FEATURES) - 2.0
    rng = np.random.default_rng(13)
    y = (rng.random(len(matrix)) < 1.0 / (1.0 + np.exp(-log_odds))).astype(np.int64)
    params = {
        "objective": "binary",
        "num_leaves": 31,
        "verbosity": -1,
        "num_threads": 2,
        "seed": 1,
    }
    data = lgb.Dataset(pd.DataFrame(columns), y)
    return lgb.train(params, data, num_boost_round=n_trees)


def _write_source(path: Path, n_rows: int) -> Path:
    columns = {"application_id": np.arange(n_rows), **make_columns(n_rows, seed=9)}
    pq.write_table(pa.table({name: pa.array(v) for name, v in columns.items()}), path)
    return path


def _usual_script(booster: lgb.Booster, source: Path, target: Path) -> None:
    frame = pd.read_parquet(source)
    features = frame[booster.feature_name()]
    result = frame[["application_id"]].copy()
    result["pd"] = booster.predict(features, num_threads=2)
    contributions = booster.predict(features, pred_contrib=True, num_threads=2)[:, :-1]
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :4]
    names = np.array(booster.feature_name())
    for place in range(4):
        result[f"reason_{place + 1}"] = names[order[:, place]]
    result.to_parquet(target)


def _check_equality(
    booster: lgb.Booster, source: Path, folder: Path
) -> tuple[str, ...]:
    ours, theirs = folder / "ours.parquet", folder / "theirs.parquet"
    _scorer(booster).score_file(source, ours, reasons=4, keep=["application_id"])
    _usual_script(booster, source, theirs)
    found, expected = pq.read_table(ours), pq.read_table(theirs)
    gap = np.abs(found["pd"].to_numpy() - expected["pd"].to_numpy()).max()
    assert gap < 1e-12
    same = [
        a == b
        for a, b in zip(
            found["reason_1"].to_pylist(), expected["reason_1"].to_pylist(), strict=True
        )
    ]
    assert np.mean(same) > 0.999
    return (
        f"PD of {len(found):,} rows: largest difference {gap:.1e}",
        f"first reason of {np.mean(same):.2%} of the rows (ties may differ)",
    )


def _scorer(booster: lgb.Booster) -> cf.Scorer:
    return cf.Scorer(cf.compile_plan(booster, name="boosted"), threads=2)


def _measure_times(
    booster: lgb.Booster, sources: dict[str, Path], folder: Path, n_rounds: int
) -> dict[str, Rounds]:
    scorer = _scorer(booster)

    def ours() -> Any:
        target = folder / "timed.parquet"
        keep = ["application_id"]
        return scorer.score_file(sources[_OURS], target, reasons=4, keep=keep)

    def script() -> None:
        _usual_script(booster, sources[_SCRIPT], folder / "script.parquet")

    return take_turns({_OURS: ours, _SCRIPT: script}, n_rounds)


def _rates(times: dict[str, Rounds], sizes: dict[str, int]) -> Table:
    per_row = {who: rounds.seconds / sizes[who] for who, rounds in times.items()}
    ratio = float(np.median(per_row[_SCRIPT] / per_row[_OURS]))
    rows = [
        [
            who,
            f"{sizes[who]:,}",
            f"{times[who].best:.2f}",
            f"{sizes[who] / times[who].best:,.0f}",
            f"{ratio:.0f}" if who == _OURS else "1",
        ]
        for who in times
    ]
    columns = ("", "rows", "best, s", "rows/s", "times the script")
    return Table("Time", columns, rows)
