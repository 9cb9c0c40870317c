"""Scaling: what a second thread gives, beside what the machine has to give.

Two CPUs of a shared machine are seldom twice as fast as one. Two processes that share
nothing and score half of the rows each show in the same minutes how far any threads
could get, and two threads that hash a few KB over and over what there is to be had
without any memory.
"""

from __future__ import annotations

import hashlib
import threading
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

__all__ = ["SCALING_NOTE", "scaling_table"]

SCALING_NOTE = (
    "Two threads beside one: medians of calls that take turns; 'best / best' compares "
    "the moments in which nobody else needed the machine. The last two rows share no "
    "memory, or need none: what they give is about what there is to be had."
)

_APART = "(two processes, half of the rows each)"
_HASHING = "(two threads that hash 16 KB, half of the times each)"
_HASHED, _TIMES = bytes(16_384), 1_600


def scaling_table(
    title: str,
    pairs: Mapping[str, Mapping[int, Callable[[], Any]]],
    n_rounds: int,
    plan: cf.ScoringPlan,
    columns: Mapping[str, NDArray[np.float64]],
) -> Table:
    """Return the times of one and of two threads, in the last rows what is to be had.

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
        hashing = {1: lambda: _hash(1), 2: lambda: _hash(2)}
        every = {**pairs, _APART: apart, _HASHING: hashing}
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


def _hash(n_threads: int) -> None:
    """Hash the same bytes many times, a share by each thread."""

    def work() -> None:
        digest = hashlib.sha256()
        for _ in range(_TIMES // n_threads):
            digest.update(_HASHED)

    others = [threading.Thread(target=work) for _ in range(n_threads - 1)]
    for other in others:
        other.start()
    work()
    for other in others:
        other.join()


@contextmanager
def _processes(
    plan: cf.ScoringPlan, columns: Mapping[str, NDArray[np.float64]]
) -> Iterator[dict[int, Callable[[], None]]]:
    """Yield calls that let one process score all rows, or two of them half each."""
    context = get_context("spawn")
    ends = [context.Pipe() for _ in range(2)]
    workers = [
        context.Process(target=_score_on_demand, args=(theirs,), daemon=True)
        for _, theirs in ends
    ]
    for worker in workers:
        worker.start()
    ours = [end for end, _ in ends]
    n_rows = len(next(iter(columns.values())))
    everything, halves = (0, n_rows), ((0, n_rows // 2), (n_rows // 2, n_rows))
    for end in ours:
        end.send((plan.to_bytes(), dict(columns)))

    def score(*shares: tuple[int, int]) -> None:
        for end, share in zip(ours, shares, strict=False):
            end.send(share)
        for end, _ in zip(ours, shares, strict=False):
            end.recv()

    try:
        score(everything, everything)
        yield {1: lambda: score(everything), 2: lambda: score(*halves)}
    finally:
        for end, worker in zip(ours, workers, strict=True):
            if worker.is_alive():
                end.send(None)
            worker.join()


def _score_on_demand(connection: Connection) -> None:
    data, columns = connection.recv()
    scorer = cf.Scorer(decode_plan(data), threads=1)
    while share := connection.recv():
        scorer.score({name: values[slice(*share)] for name, values in columns.items()})
        connection.send(True)
