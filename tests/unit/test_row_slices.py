from __future__ import annotations

import threading

import numpy as np
import pytest

from cfscore.row_slices import run_slices, slice_bounds


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("n_rows", [0, 1, 8_192, 16_384, 100_001, 1_000_000])
def test_every_row_is_worked_on_once(n_rows: int, threads: int) -> None:
    met = np.zeros(n_rows, np.int8)
    lock = threading.Lock()

    def work(start: int, stop: int) -> None:
        with lock:
            met[start:stop] += 1

    run_slices(n_rows, threads, work)
    assert (met == 1).all()


def test_small_tables_are_not_cut() -> None:
    assert slice_bounds(16_383, 8) == [(0, 16_383)]
    assert len(slice_bounds(16_384, 8)) == 2
    assert slice_bounds(0, 2) == []


def test_a_thread_that_is_done_takes_what_is_left() -> None:
    """One slice waits for all others, which the second thread works off."""
    bounds = slice_bounds(200_000, 2)
    others_done = threading.Semaphore(0)

    def work(start: int, stop: int) -> None:
        assert (start, stop) in bounds
        if start == 0:
            for _ in bounds[1:]:
                assert others_done.acquire(timeout=30)
        else:
            others_done.release()

    run_slices(200_000, 2, work)
    assert len(bounds) == 25


def test_a_failure_of_any_thread_is_raised() -> None:
    def work(start: int, stop: int) -> None:
        if stop == 200_000:
            msg = "the last one"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="the last one"):
        run_slices(200_000, 2, work)
    run_slices(200_000, 2, lambda start, stop: None)  # the threads are still there
