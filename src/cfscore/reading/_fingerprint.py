"""Fingerprint: what tells whether a file is still the one that was opened."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cfscore.exceptions import InputChangedError

__all__ = [
    "Fingerprint",
    "file_sha256",
    "fingerprint_of",
    "input_changed",
    "refuse_changed",
]


@dataclass(frozen=True)
class Fingerprint:
    """State of a file.

    Parameters
    ----------
    size : int
        Bytes.
    mtime_ns : int
        Time of the last change, nanoseconds since 1970.
    inode : int
        Number of the file on its device; another file under the same name has another.
    """

    size: int
    mtime_ns: int
    inode: int


def fingerprint_of(path: Path) -> Fingerprint:
    """Return the present state of a file."""
    state = os.stat(path)
    return Fingerprint(state.st_size, state.st_mtime_ns, state.st_ino)


def refuse_changed(path: Path, opened: Fingerprint) -> None:
    """Refuse a file whose state is not the one of its opening.

    Raises
    ------
    InputChangedError
        When size, time or file differ, or the file is gone.
    """
    try:
        found = fingerprint_of(path)
    except OSError:
        found = None
    if found != opened:
        raise input_changed(path)


def input_changed(path: Path) -> InputChangedError:
    """Return the error for a file that changed while it was read."""
    msg = f"The input file {path.name!r} changed while it was read."
    return InputChangedError(msg, hint="Run again when nothing writes to it.")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
