"""Part pool: parts run by threads, progress told by the thread that waits for them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

from cfscore.exceptions import InputError
from cfscore.scoring.files._block_run import StoppedError
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._parts import FinishedPart, Part

__all__ = ["PartPool"]


class PartPool:
    """Runs parts; the first failure, in the order of the parts, ends the run.

    Parameters
    ----------
    options : FileOptions
        Progress and limit of rejects.
    total_rows : int or None
        Rows of all parts, None where unknown.
    finished : sequence of FinishedPart
        Parts that need not run.
    """

    def __init__(
        self,
        options: FileOptions,
        total_rows: int | None,
        finished: Sequence[FinishedPart],
    ) -> None:
        self.options = options
        self.total_rows = total_rows
        self.rows = sum(part.tally.n_rows for part in finished)
        self.rejected = sum(part.tally.n_rejected for part in finished)
        self._last_wanted = sys.maxsize
        self._lock = threading.Lock()
        self._events: SimpleQueue[tuple[int, int] | None] = SimpleQueue()

    def is_stopped(self, position: int) -> bool:
        """Return whether a part is to be given up: a failure before it ends the run."""
        return position > self._last_wanted

    def report(self, n_rows: int, n_rejected: int) -> None:
        """Take in what a part has done; called from its thread."""
        self._events.put((n_rows, n_rejected))

    def run(
        self,
        work: Callable[[Part], FinishedPart],
        parts: Sequence[Part],
        threads: int,
    ) -> list[FinishedPart]:
        """Run parts and return what became of them.

        Parameters
        ----------
        work : callable
            Runs a part, in a thread of the pool.
        parts : sequence of Part
            In order.
        threads : int
            Parts that run at a time.

        Raises
        ------
        InputError
            As soon as more rows are rejected than may be, code ``TOO_MANY_REJECTS``.
        """
        if not parts:
            return []
        with ThreadPoolExecutor(threads, thread_name_prefix="cfscore-part") as pool:
            try:
                futures = [pool.submit(self._attempt, work, part) for part in parts]
                self._follow(len(parts))
            finally:
                self._stop_after(-1)
        return [future.result() for future in futures]

    def _attempt(
        self, work: Callable[[Part], FinishedPart], part: Part
    ) -> FinishedPart:
        finished = None
        try:
            self._check_wanted(part)
            finished = work(part)
        finally:
            if finished is None:
                self._stop_after(part.position)
            self._events.put(None)
        return finished

    def _check_wanted(self, part: Part) -> None:
        if self.is_stopped(part.position):
            raise StoppedError

    def _stop_after(self, position: int) -> None:
        with self._lock:
            self._last_wanted = min(self._last_wanted, position)

    def _follow(self, n_running: int) -> None:
        """Tell of progress until the last part has ended."""
        while n_running:
            event = self._events.get()
            if event is None:
                n_running -= 1
                continue
            self.rows += event[0]
            self.rejected += event[1]
            self._check_rejects()
            if self.options.progress is not None:
                self.options.progress(self.rows, self.total_rows, self.rejected)

    def _check_rejects(self) -> None:
        """Refuse as soon as nothing that follows can make it good."""
        limit = self.options.max_rejected
        if limit is None or self.total_rows is None or not self.rejected:
            return
        most = limit(self.total_rows)
        if self.rejected > most:
            msg = f"More than {most:g} of {self.total_rows} rows were rejected: "
            msg += "too many."
            raise InputError(msg, code="TOO_MANY_REJECTS")
