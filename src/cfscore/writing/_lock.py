"""Run lock: one run at a time writes an output.

The kernel holds the lock and lets go of it when the process ends, however it ends; the
text in the file only says who holds it, or who held it and did not end well.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import warnings
from contextlib import suppress
from pathlib import Path

from cfscore.atomic_file import write_refusal
from cfscore.exceptions import OutputError

__all__ = ["RunLock"]

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
_MAX_HOLDER_BYTES = 4096


class RunLock:
    """A lock file.

    Parameters
    ----------
    path : Path
        The lock file; its folder must exist.
    output : Path
        What is written under the lock, for messages.
    """

    def __init__(self, path: Path, output: Path) -> None:
        self._path = path
        self._output = output
        self._handle = -1
        self._is_held = False

    def acquire(self) -> None:
        """Take the lock; to be released whatever happens meanwhile.

        Raises
        ------
        OutputError
            When another run holds the lock, code ``LOCKED``; or when the file cannot be
            written.

        Warns
        -----
        UserWarning
            When a run that held the lock ended without letting go of it.
        """
        try:
            while not self._is_taken():
                pass
            self._sign()
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise write_refusal(self._output, error) from error

    def release(self) -> None:
        """Remove the file and let go of the lock, where it is held."""
        handle, self._handle = self._handle, -1
        if self._is_held:
            with suppress(OSError):
                self._path.unlink()
        if handle >= 0:
            with suppress(OSError):  # a forked child would hold on to it
                fcntl.flock(handle, fcntl.LOCK_UN)
            os.close(handle)
        self._is_held = False

    def _is_taken(self) -> bool:
        """Lock the file, and return whether it is still the one of that name."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = os.open(self._path, _FLAGS, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._refusal() from None
        try:
            found = os.stat(self._path)
        except FileNotFoundError:  # the run before removed it while we were opening it
            return False
        self._is_held = os.path.samestat(found, os.fstat(self._handle))
        return self._is_held

    def _sign(self) -> None:
        """Say who holds the lock, after telling of a holder that did not let go."""
        before = self._holder()
        if before:
            msg = f"An earlier run ({before}) that wrote {self._output.name!r} did not "
            msg += "end well; its lock is taken over."
            warnings.warn(msg, stacklevel=2)
        text = json.dumps({"process": os.getpid(), "host": platform.node()})
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text.encode(), 0)

    def _holder(self) -> str:
        """Return who signed the file, as far as it can be told."""
        text = os.pread(self._handle, _MAX_HOLDER_BYTES, 0)
        if not text:
            return ""
        try:
            found = json.loads(text)
            return f"process {int(found['process'])} on {str(found['host'])[:80]!r}"
        except (ValueError, KeyError, TypeError):
            return "unknown process"

    def _refusal(self) -> OutputError:
        holder = self._holder() or "unknown process"
        msg = f"Another run ({holder}) is writing {self._output.name!r}."
        hint = "Wait for it to end, or choose another output."
        return OutputError(msg, code="LOCKED", hint=hint)
