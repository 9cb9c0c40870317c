"""Comparison: two contenders over the folds of a development task, as tables."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks._checkpoint import Checkpoint, FoldResult
from benchmarks._contender import Contender
from benchmarks._development_task import TASKS, DevelopmentTask, data_folder, load_task
from benchmarks._paired import (
    TOLERANCE,
    PairedDifference,
    compare_folds,
    compare_samples,
)
from benchmarks._report import Options, Report, Table

__all__ = ["Comparison"]

Results = dict[str, list[FoldResult]]


@dataclass(frozen=True)
class Comparison:
    """What is compared, and how it is told.

    Parameters
    ----------
    title : str
        The question.
    name : str
        Of the checkpoint on disk.
    contenders : tuple of Contender
        Ours and the peer.
    method : tuple of str
        How the numbers come about.
    tolerance : float
        A shortfall of Gini that is of no consequence.
    """

    title: str
    name: str
    contenders: tuple[Contender, Contender]
    method: tuple[str, ...]
    tolerance: float = TOLERANCE

    def measure(self, options: Options) -> Report:
        """Return the comparison over all data sets; finished folds stay on disk."""
        folder = data_folder()
        if folder is None:
            notes = ("Skipped: CFSCORE_TEST_DATA is not set.",)
            return Report(self.title, (), notes=notes)
        n_folds = min(options.folds, 2 if options.quick else 25)
        names = options.tasks or (("german",) if options.quick else tuple(TASKS))
        checkpoint = Checkpoint(self.name)
        gini_rows, cost_rows, notes = [], [], []
        for name in names:
            task = load_task(name, folder)
            results = _run(task, self.contenders, n_folds, checkpoint)
            gini_rows.append(_gini_row(task, results, self.tolerance))
            cost_rows.append(_cost_row(task, results))
            notes += _notes(task, results)
        ours, peer = (contender.name for contender in self.contenders)
        tables = (
            _gini_table(ours, peer, gini_rows),
            _cost_table(ours, peer, cost_rows),
        )
        return Report(self.title, tables, notes=(*self.method, *notes))


# ------------------------------------------------------------------ running


def _run(
    task: DevelopmentTask,
    contenders: Sequence[Contender],
    n_folds: int,
    checkpoint: Checkpoint,
) -> Results:
    data_key = _data_key(task)
    results: Results = {contender.name: [] for contender in contenders}
    for fold, train, test in task.splits(n_folds):
        for contender in contenders:
            key = f"{data_key} {contender.key}"
            result = checkpoint.find(task.name, contender.name, fold, key)
            if result is None:
                result = _run_fold(task, contender, (fold, key), train, test)
                checkpoint.add(result)
                _show(result)
            results[contender.name].append(result)
    return results


def _run_fold(
    task: DevelopmentTask,
    contender: Contender,
    names: tuple[str, str],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> FoldResult:
    run = (task.name, contender.name, *names)
    try:
        fit = contender.fit(task, train)
        risk = fit.predict(task.X.iloc[test].reset_index(drop=True))
        gini = 2.0 * roc_auc_score(task.y[test], risk) - 1.0
    except Exception as error:  # any failure of a contender is a result
        failure = f"{type(error).__name__}: {error}".splitlines()[0]
        return FoldResult(*run, None, len(train), len(test), failure=failure)
    return FoldResult(
        *run,
        float(gini),
        len(train),
        len(test),
        fit.n_characteristics,
        fit.wall_seconds,
        fit.cpu_seconds,
        risk=risk.tolist() if task.is_out_of_time else None,
    )


def _data_key(task: DevelopmentTask) -> str:
    told = (list(task.X), sorted(task.special_codes.items()), task.categorical)
    digest = hashlib.sha256(repr(told).encode())
    digest.update(pd.util.hash_pandas_object(task.X, index=False).to_numpy().tobytes())
    digest.update(task.y.tobytes())
    if task.trained_on is not None:
        digest.update(task.trained_on.tobytes())
    return digest.hexdigest()[:12]


def _show(result: FoldResult) -> None:
    found = result.failure or (
        f"Gini {result.gini:.4f}, {result.n_characteristics} characteristics, "
        f"{result.cpu_seconds:.1f} s"
    )
    print(
        f"{result.task}, {result.fold}, {result.contender}: {found}",
        file=sys.stderr,
        flush=True,
    )


# ------------------------------------------------------------------ tables


def _gini_row(task: DevelopmentTask, results: Results, tolerance: float) -> list[str]:
    ours, peer = results.values()
    both = [(a, b) for a, b in zip(ours, peer, strict=True) if not _failed(a, b)]
    head = [task.name, f"{len(task.y):,} x {task.X.shape[1]}", _split_text(task, ours)]
    if not both:
        return [*head, *["-"] * 5, "no fold without a failure"]
    found = _compare(task, both, tolerance)
    return [
        *head,
        f"{found.ours:.4f}",
        f"{found.peer:.4f}",
        f"{found.difference:+.4f}",
        f"{found.standard_error:.4f}",
        "-"
        if np.isnan(found.wide_standard_error)
        else f"{found.wide_standard_error:.4f}",
        found.verdict,
    ]


def _failed(a: FoldResult, b: FoldResult) -> bool:
    return bool(a.failure or b.failure)


def _compare(
    task: DevelopmentTask, both: list[tuple[FoldResult, FoldResult]], tolerance: float
) -> PairedDifference:
    if task.trained_on is not None:
        ours, peer = both[0]
        y = task.y[~task.trained_on]
        found = compare_samples(y, ours.risk, peer.risk)
    else:
        found = compare_folds([a.gini for a, _ in both], [b.gini for _, b in both])
    return replace(found, tolerance=tolerance)


def _split_text(task: DevelopmentTask, results: list[FoldResult]) -> str:
    if task.is_out_of_time:
        return f"out of time, {results[0].n_train:,} + {results[0].n_test:,}"
    return f"{len(results)} folds"


def _cost_row(task: DevelopmentTask, results: Results) -> list[str]:
    cells = [task.name]
    seconds = []
    for side in results.values():
        fitted = [r for r in side if not r.failure]
        if not fitted:
            return [task.name, *["-"] * 5]
        seconds.append(median(r.cpu_seconds for r in fitted))
        cells.append(f"{median(r.n_characteristics for r in fitted):.0f}")
    ours, peer = seconds
    return [*cells, f"{ours:.1f}", f"{peer:.1f}", f"{peer / ours:.2f}"]


def _gini_table(ours: str, peer: str, rows: list[list[str]]) -> Table:
    columns = (
        "data set",
        "rows x columns",
        "split",
        f"Gini {ours}",
        f"Gini {peer}",
        "difference",
        "paired s.e.",
        "wide s.e.",
        "verdict",
    )
    return Table("Gini on rows not trained on", columns, rows)


def _cost_table(ours: str, peer: str, rows: list[list[str]]) -> Table:
    columns = (
        "data set",
        f"characteristics, {ours}",
        f"characteristics, {peer}",
        f"fit {ours}, s",
        f"fit {peer}, s",
        f"{peer} / {ours}",
    )
    return Table(
        "Size of the model and processor seconds of a fit (medians)", columns, rows
    )


def _notes(task: DevelopmentTask, results: Results) -> Iterator[str]:
    """Yield failures, and what was left out of the table."""
    for name, side in results.items():
        failures = [f"{r.fold}: {r.failure}" for r in side if r.failure]
        if failures:
            n = len(failures)
            yield f"{task.name}, {name} failed in {n} fold(s): {failures[0]}"
    for reason in dict.fromkeys(task.dropped.values()):
        columns = [f"`{c}`" for c, why in task.dropped.items() if why == reason]
        yield f"{task.name}, left out ({reason}): {', '.join(columns)}."
