"""Progress: a bar on a terminal, a line every half minute in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from cfscore.cli._streams import write_message

__all__ = ["LINE_SECONDS", "ScoringProgress", "scoring_progress"]

#: Time between two lines where there is no terminal.
LINE_SECONDS = 30.0


class ScoringProgress(AbstractContextManager["ScoringProgress"]):
    """Told after every batch how far a scoring run has come.

    Parameters
    ----------
    clock : callable
        Seconds of a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.begin = clock()
        self.next_line = self.begin + LINE_SECONDS

    def __call__(self, done: int, total: int | None, rejected: int) -> None:
        """Write a line when half a minute has passed since the last one.

        Parameters
        ----------
        done : int
            Rows scored or rejected so far.
        total : int or None
            Rows in all; None where the input does not tell before it is read.
        rejected : int
            Rows rejected so far.
        """
        now = self.clock()
        if now < self.next_line:
            return
        self.next_line = now + LINE_SECONDS
        write_message(progress_line(done, total, rejected, now - self.begin))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take down whatever was drawn."""


class _BarProgress(ScoringProgress):
    """A bar with rate, time left and rejects."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TextColumn("rows {task.fields[rate]}, {task.fields[rejected]:,} rejected"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task(label, total=None, rate="", rejected=0)

    def __enter__(self) -> _BarProgress:
        self.bar.start()
        return self

    def __call__(self, done: int, total: int | None, rejected: int) -> None:
        seconds = max(self.clock() - self.begin, 1e-9)
        self.bar.update(
            self.task,
            completed=done,
            total=total,
            rejected=rejected,
            rate=f"({done / seconds:,.0f}/s)",
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()


def scoring_progress(label: str) -> ScoringProgress:
    """Return the progress that suits stderr: a bar for a person, lines for a log."""
    return _BarProgress(label) if sys.stderr.isatty() else ScoringProgress()


def progress_line(done: int, total: int | None, rejected: int, seconds: float) -> str:
    """Return one line of a log.

    Examples
    --------
    >>> progress_line(500, 2000, 3, 10.0)
    'cfscore: 500 of 2,000 rows, 50 rows/s, 30 s left, 3 rejected'
    >>> progress_line(500, None, 0, 10.0)
    'cfscore: 500 rows, 50 rows/s, 0 rejected'
    """
    rate = done / max(seconds, 1e-9)
    rows = f"{done:,} rows" if total is None else f"{done:,} of {total:,} rows"
    left = "" if total is None else f" {(total - done) / max(rate, 1e-9):.0f} s left,"
    return f"cfscore: {rows}, {rate:,.0f} rows/s,{left} {rejected:,} rejected"
