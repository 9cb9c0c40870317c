"""Ordered map: items read, worked on and handed out together, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["ordered_map"]

_T = TypeVar("_T")
_R = TypeVar("_R")
_END = object()


def ordered_map(
    work: Callable[[_T], _R], items: Iterable[_T], threads: int
) -> Generator[_R]:
    """Yield ``work(item)`` for every item, in the order of the items.

    One more thread draws the items, so that reading the next ones, working on some and
    whatever the caller does with the last one go on together. At most ``threads + 1``
    items are on their way, whatever their number.

    Parameters
    ----------
    work : callable
        Called from several threads.
    items : iterable
        Drawn from one thread.
    threads : int
        Threads that work.

    Yields
    ------
    object
        The first failure, of drawing or of working, is raised in its turn.
    """
    iterator = iter(items)
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(threads) as workers:

        def begin_next() -> Future[_R | object]:
            return workers.submit(_apply, work, reader.submit(next, iterator, _END))

        waiting = deque(begin_next() for _ in range(threads + 1))
        try:
            while (result := waiting.popleft().result()) is not _END:
                waiting.append(begin_next())
                yield result  # type: ignore[misc]
        finally:
            reader.shutdown(wait=False, cancel_futures=True)
            workers.shutdown(wait=False, cancel_futures=True)


def _apply(work: Callable[[_T], _R], drawn: Future[_T | object]) -> _R | object:
    item = drawn.result()
    return _END if item is _END else work(item)  # type: ignore[arg-type]
