"""Row slices: serial kernels over threads, results independent of the slicing.

There are more slices than threads, and a thread that is done takes the next one: where
one CPU is slower than another, or has other work, nobody waits for half of the rows.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["ROWS_PER_SLICE", "available_threads", "run_slices"]

#: Rows of a slice, at most, where there is more than one: a block of the engines.
ROWS_PER_SLICE = 8_192
_ALIGNMENT = 64

_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}
_lock = threading.Lock()


def available_threads() -> int:
    """Return the number of CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def slice_bounds(
    n_rows: int, threads: int, worth_a_thread: int = ROWS_PER_SLICE
) -> list[tuple[int, int]]:
    """Return contiguous ``[start, stop)`` slices of the rows, one for one thread.

    Equally many for each thread, so that equally fast ones are done together.

    Examples
    --------
    >>> slice_bounds(20_000, 2)
    [(0, 5056), (5056, 10112), (10112, 15168), (15168, 20000)]
    >>> slice_bounds(1_000, 2), slice_bounds(1_000, 2, 256)
    ([(0, 1000)], [(0, 512), (512, 1000)])
    >>> len(slice_bounds(1_000_000, 2))
    124
    >>> slice_bounds(1_000_000, 1)
    [(0, 1000000)]
    """
    threads = min(threads, n_rows // worth_a_thread)
    if threads < 2:
        return [(0, n_rows)] if n_rows > 0 else []
    each = -(-n_rows // (ROWS_PER_SLICE * threads))
    size = -(-n_rows // (each * threads * _ALIGNMENT)) * _ALIGNMENT
    return [(s, min(s + size, n_rows)) for s in range(0, n_rows, size)]


def run_slices(
    n_rows: int,
    threads: int,
    work: Callable[[int, int], None],
    *,
    worth_a_thread: int = ROWS_PER_SLICE,
) -> None:
    """Call ``work(start, stop)`` for every slice; the first failure is raised.

    Parameters
    ----------
    n_rows : int
        Rows to be worked on.
    threads : int
        Upper bound of threads.
    work : callable
        Called once for each slice, slices in any order.
    worth_a_thread : int, default 8,192
        Rows below which another thread costs more than it gives: about half a
        millisecond of work.
    """
    waiting = deque(slice_bounds(n_rows, threads, worth_a_thread))
    others = min(threads, len(waiting)) - 1
    if others < 1:
        for start, stop in waiting:
            work(start, stop)
        return

    def next_slice() -> tuple[int, int] | None:
        try:
            return waiting.popleft()
        except IndexError:
            return None

    def work_off() -> None:
        for start, stop in iter(next_slice, None):
            work(start, stop)

    futures = [_pool(threads).submit(work_off) for _ in range(others)]
    try:
        work_off()
    finally:
        failures = [future.exception() for future in futures]
    for failure in failures:
        if failure is not None:
            raise failure


def _pool(threads: int) -> ThreadPoolExecutor:
    """Return this process's pool; a forked child makes its own."""
    key = (os.getpid(), threads)
    with _lock:
        if key not in _pools:
            _pools[key] = ThreadPoolExecutor(threads, thread_name_prefix="cfscore")
        return _pools[key]


def _forget_pools() -> None:
    """Drop what a fork copied: its threads do not exist in the child."""
    global _lock  # noqa: PLW0603 - the parent's lock may be held for ever
    _lock = threading.Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pools)
