from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from cfscore.scoring.files._ordered import ordered_map


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("n_items", [0, 1, 2, 40])
def test_results_come_in_order(threads: int, n_items: int) -> None:
    def work(item: int) -> int:
        time.sleep(0.001 * (item % 3))
        return item * item

    found = list(ordered_map(work, range(n_items), threads))
    assert found == [item * item for item in range(n_items)]


@pytest.mark.parametrize("threads", [1, 2])
def test_few_items_are_on_their_way(threads: int) -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for item in range(50):
            drawn.append(item)
            yield item

    with closing(ordered_map(lambda item: item, items(), threads)) as results:
        for item in results:
            time.sleep(0.002)
            assert len(drawn) <= item + 1 + threads + 1


def test_items_are_drawn_from_one_thread() -> None:
    names = set()

    def items() -> Iterator[int]:
        for item in range(20):
            names.add(threading.get_ident())
            yield item

    list(ordered_map(lambda item: item, items(), 3))
    assert len(names) == 1
    assert threading.get_ident() not in names


@pytest.mark.parametrize("threads", [1, 3])
def test_first_failure_is_raised_in_its_turn(threads: int) -> None:
    def work(item: int) -> int:
        if item in (7, 8):
            time.sleep(0.01 * (8 - item))  # the later one fails first
            raise ValueError(item)
        return item

    found = []

    def collect() -> None:
        for item in ordered_map(work, range(20), threads):
            found.append(item)

    with pytest.raises(ValueError, match=r"^7$"):
        collect()
    assert found == list(range(7))


def test_failure_of_drawing_is_raised_after_what_was_drawn() -> None:
    def items() -> Iterator[int]:
        yield 1
        msg = "broken"
        raise OSError(msg)

    found = []

    def collect() -> None:
        for item in ordered_map(lambda item: item, items(), 2):
            found.append(item)

    with pytest.raises(OSError, match="broken"):
        collect()
    assert found == [1]


def test_nothing_runs_on_when_it_is_closed() -> None:
    before = threading.active_count()
    with closing(ordered_map(lambda item: item, iter(range(10**9)), 3)) as results:
        assert next(results) == 0
    assert threading.active_count() == before
