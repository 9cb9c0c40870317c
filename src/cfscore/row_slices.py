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

__all__ = ["available_threads", "run_slices"]

#: Rows of a slice, at most, where there is more than one: a block of the engines. Of
#: 200,000 rows the threads that are done first wait for a twentieth at the end.
_ROWS_PER_SLICE = 8_192
_ALIGNMENT = 1_024

_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}
_lock = threading.Lock()


def available_threads() -> int:
    """Return the number of CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def slice_bounds(n_rows: int, threads: int) -> list[tuple[int, int]]:
    """Return contiguous ``[start, stop)`` slices of the rows, one for one thread.

    Two slices are worth a second thread where each is a whole one.

    Examples
    --------
    >>> slice_bounds(20_000, 2)
    [(0, 7168), (7168, 14336), (14336, 20000)]
    >>> len(slice_bounds(1_000_000, 2))
    123
    >>> slice_bounds(1_000_000, 1)
    [(0, 1000000)]
    """
    if threads == 1 or n_rows < 2 * _ROWS_PER_SLICE:
        return [(0, n_rows)] if n_rows > 0 else []
    parts = -(-n_rows // _ROWS_PER_SLICE)
    size = -(-n_rows // (parts * _ALIGNMENT)) * _ALIGNMENT
    return [(s, min(s + size, n_rows)) for s in range(0, n_rows, size)]


def run_slices(n_rows: int, threads: int, work: Callable[[int, int], None]) -> None:
    """Call ``work(start, stop)`` for every slice; the first failure is raised."""
    waiting = deque(slice_bounds(n_rows, threads))
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
