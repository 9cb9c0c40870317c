"""Standard output: bytes for another program, which may read slowly or go away."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from cfscore.exceptions import OutputError

__all__ = ["StandardOutput"]

_FILE_BYTES = 1 << 20
_WAIT_SECONDS = 0.2

#: Says that a message of 8 bytes follows, which does not.
_TORN = b"\xff\xff\xff\xff\x08\x00\x00\x00"


class StandardOutput(io.RawIOBase):
    """An Arrow stream on standard output, torn where it is not whole.

    A stream that only stops is read as a shorter one. So one that is abandoned ends
    inside a message, which readers refuse.

    Parameters
    ----------
    check_wanted : callable
        Called while nobody reads; raises to give the stream up.

    Raises
    ------
    OutputError
        In ``write``: when nobody reads any more, code ``EPIPE``, or nobody could.
    """

    def __init__(self, check_wanted: Callable[[], None]) -> None:
        super().__init__()
        self.n_bytes = 0
        self._check_wanted = check_wanted
        self._is_ended = False
        with _refusals():
            self._handle = sys.stdout.fileno()
            is_file = stat.S_ISREG(os.fstat(self._handle).st_mode)
        # What a pipe takes without waiting for its reader, once it takes anything.
        self._piece_bytes = _FILE_BYTES if is_file else select.PIPE_BUF

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on, as fast as they are read."""
        view = memoryview(data).cast("B")
        left = b"" if self._is_ended else view
        while left:
            self._wait()
            with _refusals():
                n_written = os.write(self._handle, left[: self._piece_bytes])
            left = left[n_written:]
            self.n_bytes += n_written
        return len(view)

    def sync(self) -> None:
        """Do nothing: a pipe holds nothing back."""

    def close(self) -> None:
        """End the stream; the handle stays open, as it is not ours."""
        self._is_ended = True
        super().close()

    def abandon(self) -> None:
        """Tear a stream that has not ended, so that nobody takes it for whole."""
        is_begun = self.n_bytes > 0 and not self._is_ended
        self._is_ended = True
        with suppress(OSError):
            if is_begun and self._takes_more(0.0):
                os.write(self._handle, _TORN)

    def _wait(self) -> None:
        while not self._takes_more(_WAIT_SECONDS):
            self._check_wanted()

    def _takes_more(self, seconds: float) -> bool:
        return bool(select.select([], [self._handle], [], seconds)[1])


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        msg = f"Standard output could not be written: {error.strerror or error}."
        hint = "What was read of it is not all."
        code = errno.errorcode.get(error.errno or 0)
        raise OutputError(msg, code=code, hint=hint) from error
