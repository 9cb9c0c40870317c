"""Progress: a bar on a terminal when training takes long."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

__all__ = ["TrainingProgress"]

#: Work shorter than this shows no bar.
_SECONDS_BEFORE_BAR = 2.0


class TrainingProgress:
    """A LightGBM callback that draws trees done on stderr, if that is a terminal.

    Used as a context, so that the bar is taken away however training ends.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Progress | None = None
        self._console = Console(file=sys.stderr)
        self._start = 0.0

    def __enter__(self) -> Self:
        """Start the clock."""
        self._start = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __call__(self, env: Any) -> None:
        """Show that another tree is done."""
        if self._bar is None:
            waited = time.monotonic() - self._start
            if not self._console.is_terminal or waited < _SECONDS_BEFORE_BAR:
                return
            columns = (TextColumn("{task.description}"), BarColumn())
            self._bar = Progress(
                *columns, MofNCompleteColumn(), console=self._console, transient=True
            )
            self._bar.add_task(self._title, total=env.end_iteration)
            self._bar.start()
        done = env.iteration - env.begin_iteration + 1
        self._bar.update(self._bar.task_ids[0], completed=done)
