"""Scaling: what a second thread gives, beside what the machine has to give.

Two CPUs of a shared machine are seldom twice as fast as one. Two processes that only
count, and share nothing, show in the same minutes how far any program could get.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from benchmarks._report import Table
from benchmarks._timing import Rounds, ratio_of_rounds, take_turns

__all__ = ["scaling_table"]

#: Steps that one process takes alone, or two processes half each; some 30 ms.
_STEPS = 600_000


def scaling_table(
    title: str, pairs: Mapping[str, Mapping[int, Callable[[], Any]]], n_rounds: int
) -> Table:
    """Return the times of one and of two threads, the machine's own in the last row.

    Parameters
    ----------
    title : str
        Title of the table.
    pairs : mapping of str to mapping of int to callable
        What to call with 1 and with 2 threads, by name.
    n_rounds : int
        Rounds; all calls take turns.
    """
    with _counting_processes() as counting:
        every = {**pairs, "(two processes that count)": counting}
        calls = {
            f"{name} {n}": call for name, by in every.items() for n, call in by.items()
        }
        found = take_turns(calls, n_rounds)
    rows = [[name, *_cells(found[f"{name} 1"], found[f"{name} 2"])] for name in every]
    columns = ("", "1 thread, ms", "2 threads, ms", "ratio", "best / best")
    return Table(title, columns, rows)


def _cells(one: Rounds, two: Rounds) -> list[str]:
    return [
        f"{1e3 * one.median:.1f}",
        f"{1e3 * two.median:.1f}",
        f"{ratio_of_rounds(one, two):.2f}",
        f"{one.best / two.best:.2f}",
    ]


@contextmanager
def _counting_processes() -> Iterator[dict[int, Callable[[], None]]]:
    """Yield calls that let one process do all steps, or two half of them each."""
    context = get_context("spawn")
    ends = [context.Pipe() for _ in range(2)]
    workers = [
        context.Process(target=_count_on_demand, args=(theirs,), daemon=True)
        for _, theirs in ends
    ]
    for worker in workers:
        worker.start()
    ours = [end for end, _ in ends]

    def count(n: int) -> None:
        for end in ours[:n]:
            end.send(_STEPS // n)
        for end in ours[:n]:
            end.recv()

    try:
        yield {1: lambda: count(1), 2: lambda: count(2)}
    finally:
        for end in ours:
            end.send(0)
        for worker in workers:
            worker.join()


def _count_on_demand(connection: Connection) -> None:
    while steps := connection.recv():
        total = 0
        for i in range(steps):
            total += i & 7
        connection.send(total)
