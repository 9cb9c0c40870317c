"""Progress of a feature run: a bar for people, a callback for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

__all__ = ["Progress", "reporting"]

#: Called with (applications done, applications in all) after every source of a chunk.
Progress = Callable[[int, int], None]


@contextmanager
def reporting(progress: Progress | bool | None) -> Iterator[Progress]:
    """Yield the callback of a run; True draws a bar on standard error.

    Parameters
    ----------
    progress : callable, bool or None
        What the caller asked for.
    """
    if callable(progress):
        yield progress
    elif progress:
        yield from _bar()
    else:
        yield lambda done, total: None


def _bar() -> Iterator[Progress]:
    bar = Bar(
        TextColumn("features"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("applications"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("features", total=None)
    with bar:
        yield lambda done, total: bar.update(task, completed=done, total=total)
