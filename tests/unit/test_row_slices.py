from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.row_slices import ROWS_PER_SLICE, run_slices, slice_bounds


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
    assert slice_bounds(0, 2, 64) == []


def test_rows_that_take_longer_are_cut_sooner() -> None:
    assert slice_bounds(127, 2, 64) == [(0, 127)]
    assert slice_bounds(128, 8, 64) == [(0, 64), (64, 128)]
    assert slice_bounds(1_000, 8, 64)[-1] == (896, 1_000)
    assert slice_bounds(40_000, 2, 64) == slice_bounds(40_000, 2)


@given(st.integers(0, 300_000), st.integers(1, 9), st.sampled_from([64, 1_024, 8_192]))
def test_threads_get_equally_many_slices_of_a_block_at_most(
    n_rows: int, threads: int, worth: int
) -> None:
    bounds = slice_bounds(n_rows, threads, worth)
    assert [start for start, _ in bounds[1:]] == [stop for _, stop in bounds[:-1]]
    assert sum(stop - start for start, stop in bounds) == n_rows
    used = min(threads, n_rows // worth)
    if used < 2:
        assert len(bounds) == (n_rows > 0)
        return
    assert all(0 < stop - start <= ROWS_PER_SLICE for start, stop in bounds)
    each = -(-n_rows // (ROWS_PER_SLICE * used))
    assert each * used - used < len(bounds) <= each * used


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
    assert len(bounds) == 26


def test_a_failure_of_any_thread_is_raised() -> None:
    def work(start: int, stop: int) -> None:
        if stop == 200_000:
            msg = "the last one"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="the last one"):
        run_slices(200_000, 2, work)
    run_slices(200_000, 2, lambda start, stop: None)  # the threads are still there
