"""Row slices: serial kernels over threads, results independent of the slicing."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["available_threads", "run_slices"]

#: Rows below which a second thread costs more than it gives.
_MIN_ROWS_PER_THREAD = 8_192
_ALIGNMENT = 1_024

_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}
_lock = threading.Lock()


def available_threads() -> int:
    """Return the number of CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def slice_bounds(n_rows: int, threads: int) -> list[tuple[int, int]]:
    """Return contiguous ``[start, stop)`` slices of the rows, at most one a thread.

    Examples
    --------
    >>> slice_bounds(20_000, 2)
    [(0, 10240), (10240, 20000)]
    >>> slice_bounds(100, 2)
    [(0, 100)]
    """
    parts = max(1, min(threads, n_rows // _MIN_ROWS_PER_THREAD))
    size = -(-n_rows // parts)
    size = -(-size // _ALIGNMENT) * _ALIGNMENT if parts > 1 else max(size, 1)
    return [(s, min(s + size, n_rows)) for s in range(0, n_rows, size)]


def run_slices(n_rows: int, threads: int, work: Callable[[int, int], None]) -> None:
    """Call ``work(start, stop)`` for every slice; the first failure is raised."""
    bounds = slice_bounds(n_rows, threads)
    if len(bounds) <= 1:
        for start, stop in bounds:
            work(start, stop)
        return
    futures = [_pool(threads).submit(work, start, stop) for start, stop in bounds[1:]]
    try:
        work(*bounds[0])
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
