"""Kept parts: what a run that fails leaves behind for one that goes on from it."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType

from cfscore.exceptions import InputError
from cfscore.scoring.files._journal import JOURNAL, Journal
from cfscore.scoring.files._parts import FinishedPart
from cfscore.writing import Staging

__all__ = ["KeptParts"]


class KeptParts(AbstractContextManager["KeptParts"]):
    """Finished parts, of which a journal is kept for a run that resumes this one.

    On a failure, what such a run can use stays in the staging folder; all else goes.

    Parameters
    ----------
    staging : Staging
        Where they are.
    journal : Journal
        Tells of them.
    names : set of str
        Staged files that are taken over from an earlier run.
    """

    def __init__(self, staging: Staging, journal: Journal, names: set[str]) -> None:
        self._staging = staging
        self._journal = journal
        self._names = names
        self._lock = threading.Lock()

    def add(self, part: FinishedPart) -> None:
        """Add a part that is written and flushed; from any thread."""
        with self._lock:
            self._journal.add(part)
            self._names.update(file.name for file in part.files)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear away what nobody can use."""
        code = getattr(error, "code", None)
        if error is None or code == "NOT_RESTORED":
            return
        is_refused = isinstance(error, InputError) and code != "INPUT_CHANGED"
        is_useful = bool(self._names) and not is_refused
        self._staging.clear(keep=[JOURNAL, *self._names] if is_useful else [])
