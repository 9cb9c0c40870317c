"""Timing: contestants take turns, so that a busy moment falls on all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rounds", "ratio_of_rounds", "take_turns"]


@dataclass(frozen=True, eq=False)
class Rounds:
    """Seconds of one contestant, one entry per round.

    Parameters
    ----------
    seconds : array of shape (n_rounds,), float64
        The shortest run of each round.
    """

    seconds: NDArray[np.float64]

    @property
    def best(self) -> float:
        """Shortest run of all, in seconds."""
        return float(self.seconds.min())

    @property
    def median(self) -> float:
        """Median over the rounds, in seconds."""
        return float(np.median(self.seconds))


def take_turns(
    contestants: Mapping[str, Callable[[], Any]],
    n_rounds: int,
    *,
    runs: Mapping[str, int] | int = 1,
) -> dict[str, Rounds]:
    """Time every contestant once per round, each round beginning with another one.

    Parameters
    ----------
    contestants : mapping of str to callable
        What to time; each runs once beforehand, untimed.
    n_rounds : int
        Rounds.
    runs : mapping of str to int, or int, default 1
        Runs of a contestant per round, of which the shortest counts; 1 where a
        mapping does not name it. More for short ones.
    """
    names = list(contestants)
    of_name = dict.fromkeys(names, runs) if isinstance(runs, int) else dict(runs)
    for call in contestants.values():
        call()
    seconds = {name: np.empty(n_rounds) for name in names}
    for i in range(n_rounds):
        turn = i % len(names)
        for name in names[turn:] + names[:turn]:
            seconds[name][i] = _shortest(contestants[name], of_name.get(name, 1))
    return {name: Rounds(values) for name, values in seconds.items()}


def ratio_of_rounds(slow: Rounds, fast: Rounds) -> float:
    """Return how many times ``fast`` is faster: the median over the rounds."""
    return float(np.median(slow.seconds / fast.seconds))


def _shortest(call: Callable[[], Any], runs: int) -> float:
    gc.collect()
    gc.disable()
    try:
        best = np.inf
        for _ in range(runs):
            begin = time.perf_counter()
            call()
            best = min(best, time.perf_counter() - begin)
    finally:
        gc.enable()
    return float(best)
