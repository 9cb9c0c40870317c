"""Input hash: the inputs are hashed while they are scored."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from queue import SimpleQueue

from cfscore.exceptions import CfscoreError, InputError
from cfscore.reading import Source

__all__ = ["InputHashes"]


class InputHashes:
    """SHA-256 of every input, from a thread of its own.

    The thread does not keep the process from ending: a large file takes longer to hash
    than an interrupted run may take to end.

    Parameters
    ----------
    sources : sequence of Source
        The inputs.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._results: SimpleQueue[str | Exception | None] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True, name="cfscore-hash").start()

    def _run(self) -> None:
        ended = InputError("The inputs could not be hashed.", code="UNREADABLE")
        try:
            for source in self._sources:
                is_file = source.fingerprint is not None
                self._results.put(source.sha256() if is_file else None)
        except (CfscoreError, OSError) as error:
            self._results.put(error)
        finally:
            self._results.put(ended)  # read only if something else went wrong

    def wait(self) -> list[str | None]:
        """Return the hashes in order of the inputs, None for standard input.

        Raises
        ------
        InputError
            When an input cannot be read any more.
        """
        hashes: list[str | None] = []
        for _ in self._sources:
            found = self._results.get()
            if isinstance(found, Exception):
                raise found
            hashes.append(found)
        return hashes
