"""Scaling: what a second thread gives, beside what the machine has to give.

Two CPUs of a shared machine are seldom twice as fast as one. Two processes that share
nothing and score half of the rows each show in the same minutes how far any threads
could get.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

import cfscore as cf
from benchmarks._report import Table
from benchmarks._timing import Rounds, ratio_of_rounds, take_turns
from cfscore.plan import decode_plan

__all__ = ["scaling_table"]

_APART = "(two processes, half of the rows each)"


def scaling_table(
    title: str,
    pairs: Mapping[str, Mapping[int, Callable[[], Any]]],
    n_rounds: int,
    plan: cf.ScoringPlan,
    columns: Mapping[str, NDArray[np.float64]],
) -> Table:
    """Return the times of one and of two threads, of processes in the last row.

    Parameters
    ----------
    title : str
        Title of the table.
    pairs : mapping of str to mapping of int to callable
        What to call with 1 and with 2 threads, by name.
    n_rounds : int
        Rounds; all calls take turns.
    plan : ScoringPlan
        What the processes score with, by one thread each and without reasons.
    columns : mapping of str to array
        The rows, half for each process.
    """
    with _processes(plan, columns) as apart:
        every = {**pairs, _APART: apart}
        calls = {
            f"{name} {n}": call for name, by in every.items() for n, call in by.items()
        }
        found = take_turns(calls, n_rounds)
    rows = [[name, *_cells(found[f"{name} 1"], found[f"{name} 2"])] for name in every]
    header = ("", "1 thread, ms", "2 threads, ms", "ratio", "best / best")
    return Table(title, header, rows)


def _cells(one: Rounds, two: Rounds) -> list[str]:
    return [
        f"{1e3 * one.median:.1f}",
        f"{1e3 * two.median:.1f}",
        f"{ratio_of_rounds(one, two):.2f}",
        f"{one.best / two.best:.2f}",
    ]


@contextmanager
def _processes(
    plan: cf.ScoringPlan, columns: Mapping[str, NDArray[np.float64]]
) -> Iterator[dict[int, Callable[[], None]]]:
    """Yield calls that let two processes work one after the other, or side by side."""
    context = get_context("spawn")
    ends = [context.Pipe() for _ in range(2)]
    workers = [
        context.Process(target=_score_on_demand, args=(theirs,), daemon=True)
        for _, theirs in ends
    ]
    for worker in workers:
        worker.start()
    ours = [end for end, _ in ends]
    middle = len(next(iter(columns.values()))) // 2
    for end, rows in zip(ours, (slice(middle), slice(middle, None)), strict=True):
        end.send((plan.to_bytes(), {name: v[rows] for name, v in columns.items()}))
    for end in ours:
        end.recv()

    def one_by_one() -> None:
        for end in ours:
            end.send(True)
            end.recv()

    def side_by_side() -> None:
        for end in ours:
            end.send(True)
        for end in ours:
            end.recv()

    try:
        yield {1: one_by_one, 2: side_by_side}
    finally:
        for end in ours:
            end.send(False)
        for worker in workers:
            worker.join()


def _score_on_demand(connection: Connection) -> None:
    data, columns = connection.recv()
    scorer = cf.Scorer(decode_plan(data), threads=1)
    scorer.score(columns)
    connection.send(True)
    while connection.recv():
        scorer.score(columns)
        connection.send(True)
