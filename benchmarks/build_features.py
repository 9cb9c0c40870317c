"""Features of raw tables: time to build them, beside featuretools, and their worth."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from benchmarks._development_task import data_folder
from benchmarks._public_events import (
    EventTask,
    load_berka,
    load_home_credit,
    load_invoices,
)
from benchmarks._report import Options, Report, Table
from cfscore.features import (
    SPECIAL_CODES,
    FeatureSpec,
    Source,
    Window,
    build_feature_row,
    build_features,
)

__all__ = ["PACKAGES", "TITLE", "gini_gain", "measure"]

TITLE = "Features of raw tables, built as of each application"
PACKAGES = ("cfscore", "polars", "pandas", "numpy", "lightgbm")

#: Names the interpreter of an environment that has featuretools.
PEER = "CFSCORE_FEATURETOOLS_PYTHON"

_WINDOWS = (30, 90, 365)
_MEASURES = ("sum", "mean", "max", "min", "std", "count")
_TOLERANCE = 1e-9


def measure(options: Options) -> Report:
    """Return times, the comparison and the gain of related tables."""
    folder = data_folder()
    if folder is None:
        return Report(TITLE, (), notes=("Skipped: CFSCORE_TEST_DATA is not set.",))
    repeats = 1 if options.quick else 5
    tasks = [load(folder) for load in (load_berka, load_invoices, load_home_credit)]
    checked, peers = _beside_peers(tasks[0], repeats)
    tables = [_times(tasks, repeats), peers]
    notes = list(_NOTES)
    if not options.quick:
        tables.append(_gini_table(*gini_gain(tasks[2], repeats=5)))
    if PEER not in os.environ:
        notes.append(f"featuretools was left out: {PEER} is not set.")
    return Report(TITLE, tuple(tables), tuple(checked), tuple(notes))


_NOTES = (
    "Seconds are those of the processor over all threads, the least of several runs.",
    "One application: `build_feature_row` from its own records as a list of dicts.",
    "Beside peers: sum, mean, maximum, minimum, standard deviation and count of the "
    "amount in [as_of - w, as_of), w = 30, 90 and 365 days. featuretools: one `dfs` "
    "per window with `training_window` and `include_cutoff_time=False`. pandas: one "
    "mask per application and window.",
    "Related tables: out-of-fold Gini of LightGBM (120 trees of 6 leaves, learning "
    "rate 0.04), 5 stratified folds, repeated 5 times.",
)


# -------------------------------------------------------------------- times


def _least_seconds(run: Callable[[], Any], repeats: int) -> float:
    run()
    seconds = []
    for _ in range(repeats):
        begin = time.process_time()
        run()
        seconds.append(time.process_time() - begin)
    return min(seconds)


def _times(tasks: list[EventTask], repeats: int) -> Table:
    rows = []
    for task in tasks:
        arguments = (task.tables, task.catalogue)
        whole = _least_seconds(
            lambda a=arguments, t=task: build_features(
                t.applications, *a, as_of=t.as_of
            ),
            repeats,
        )
        rows.append(
            [
                task.name,
                f"{task.applications.height:,}",
                f"{task.n_rows:,}",
                str(len(task.catalogue.names)),
                f"{whole:.2f}",
                f"{1000 * _row_seconds(task, repeats):.0f}",
            ]
        )
    columns = (
        "data set",
        "applications",
        "raw rows",
        "features",
        "all, s",
        "one application, ms",
    )
    return Table("Time to build", columns, rows)


def _row_seconds(task: EventTask, repeats: int) -> float:
    application = task.applications.row(0, named=True)
    records = {}
    for name, table in task.tables.items():
        shared = [c for c in task.catalogue.application_columns if c in table.columns]
        is_own = [pl.col(c) == application[c] for c in shared] or [pl.lit(value=False)]
        records[name] = table.filter(is_own).to_dicts()
    return _least_seconds(
        lambda: build_feature_row(
            application, records, task.catalogue, as_of=task.as_of
        ),
        repeats,
    )


# -------------------------------------------------------------------- peers


def _beside_peers(task: EventTask, repeats: int) -> tuple[list[str], Table]:
    """Return what was found equal on berka, and the times."""
    source = Source(
        "trans",
        key="account_id",
        event_time="date",
        available_at="date",
        resolution="date",
    )
    specs = [
        FeatureSpec(
            source=source,
            column="amount",
            aggregation=name,
            windows=[Window(days=days) for days in _WINDOWS],
            name=name,
        )
        for name in _MEASURES
    ]

    def ours() -> pl.DataFrame:
        return build_features(task.applications, task.tables, specs, as_of=task.as_of)

    expected = _nulled(ours().to_pandas())
    facts = task.tables["trans"].select(key="account_id", at="date", value="amount")
    applications = task.applications.select(key="account_id", as_of="date")
    seconds = {"cfscore": _least_seconds(ours, repeats)}
    checked = []
    peers = {"pandas, one mask each": _by_pandas, "featuretools": _by_featuretools}
    for name, build in peers.items():
        found = build(facts.to_pandas(), applications.to_pandas())
        if found is None:
            continue
        table, seconds[name], label = found
        _check_equal(expected, table, name)
        checked.append(f"{expected.size:,} values of {len(table)} loans with {label}")
    rows = [
        [name, f"{s:.3f}", f"{s / seconds['cfscore']:.1f}"]
        for name, s in seconds.items()
    ]
    title = f"18 windowed features of {task.applications.height} loans (berka)"
    return checked, Table(title, ("", "seconds", "this / cfscore"), rows)


def _nulled(features: pd.DataFrame) -> pd.DataFrame:
    """Return features with NaN for what cannot be measured, as others have it."""
    return features.mask(features.isin(list(SPECIAL_CODES.values())))


def _check_equal(expected: pd.DataFrame, found: pd.DataFrame, name: str) -> None:
    for column in expected:
        ours = expected[column].to_numpy(np.float64)
        theirs = found[column].to_numpy(np.float64)
        if column.startswith("sum") or column.startswith("count"):
            theirs = np.where(np.isnan(theirs), 0.0, theirs)
        if not np.allclose(ours, theirs, rtol=_TOLERANCE, atol=0.0, equal_nan=True):
            msg = f"{name} differs in {column}"
            raise AssertionError(msg)


def _by_pandas(
    facts: pd.DataFrame, applications: pd.DataFrame
) -> tuple[pd.DataFrame, float, str]:
    begin = time.process_time()
    of_key = dict(list(facts.groupby("key")))
    rows = []
    for key, as_of in applications.itertuples(index=False):
        own, row = of_key[key], {}
        for days in _WINDOWS:
            start = as_of - pd.Timedelta(days=days)
            values = own["value"][(own["at"] >= start) & (own["at"] < as_of)]
            row |= {f"{name}_{days}d": getattr(values, name)() for name in _MEASURES}
        rows.append(row)
    return pd.DataFrame(rows), time.process_time() - begin, "pandas"


def _by_featuretools(
    facts: pd.DataFrame, applications: pd.DataFrame
) -> tuple[pd.DataFrame, float, str] | None:
    python = os.environ.get(PEER)
    if python is None:
        return None
    script = Path(__file__).with_name("_featuretools_peer.py")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("facts", "applications", "out")]
        facts.to_csv(paths[0], index=False)
        applications.to_csv(paths[1], index=False)
        done = subprocess.run(
            [python, str(script), *map(str, paths)],
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, version = done.stdout.split()[-2:]
        found = pd.read_csv(paths[2])
    named = {
        f"{name.upper()}(facts.value)_{days}d": f"{name}_{days}d"
        for name in _MEASURES
        for days in _WINDOWS
    }
    named |= {f"COUNT(facts)_{days}d": f"count_{days}d" for days in _WINDOWS}
    return found.rename(columns=named), float(seconds), f"featuretools {version}"


# --------------------------------------------------------------------- worth


def gini_gain(
    task: EventTask, repeats: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return out-of-fold Ginis without and with related tables, one per repeat.

    Parameters
    ----------
    task : EventTask
        Home Credit, with its target among the applications.
    repeats : int
        Times that the folds are drawn.
    """
    flat = task.applications.drop("TARGET", "SK_ID_CURR", task.as_of).to_pandas()
    features = build_features(
        task.applications, task.tables, task.catalogue, as_of=task.as_of
    )
    both = pd.concat([flat, features.to_pandas()], axis=1)
    y = task.applications.get_column("TARGET").to_numpy()
    ginis = [
        [_gini(_categorised(table), y, seed) for table in (flat, both)]
        for seed in range(repeats)
    ]
    without, with_related = np.array(ginis).T
    return without, with_related


def _categorised(table: pd.DataFrame) -> pd.DataFrame:
    texts = table.columns[[not pd.api.types.is_numeric_dtype(t) for t in table.dtypes]]
    return table.astype(dict.fromkeys(texts, "category"))


def _gini(table: pd.DataFrame, y: NDArray[np.int64], seed: int) -> float:
    risk = np.zeros(len(y))
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for train, test in folds.split(table, y):
        model = lgb.LGBMClassifier(
            n_estimators=120,
            learning_rate=0.04,
            num_leaves=6,
            min_child_samples=50,
            colsample_bytree=0.3,
            reg_lambda=10.0,
            random_state=0,
            n_jobs=1,
            verbose=-1,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(table.iloc[train], y[train])
        risk[test] = model.predict_proba(table.iloc[test])[:, 1]
    return 2.0 * float(roc_auc_score(y, risk)) - 1.0


def _gini_table(
    without: NDArray[np.float64], with_related: NDArray[np.float64]
) -> Table:
    gains = with_related - without
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    row = [
        "homecredit",
        f"{without.mean():.4f}",
        f"{with_related.mean():.4f}",
        f"{gains.mean():+.4f}",
        f"{error:.4f}",
    ]
    columns = ("data set", "flat table", "with five tables", "gain", "standard error")
    return Table("Out-of-fold Gini", columns, [row])
