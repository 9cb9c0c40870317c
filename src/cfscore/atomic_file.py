"""Atomic file: an output appears whole or not at all, and survives a power cut.

The data goes to a temporary file in the same directory, is flushed to the disk, and
takes the place of the target by one rename, which is flushed as well. Whatever fails
before the rename leaves the previous file untouched and removes the temporary one,
also on Ctrl-C. A killed process may leave ``.cfscore-*.tmp`` behind, never half a
target.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cfscore.exceptions import OutputError

__all__ = ["atomic_output", "flush_directory", "write_atomically", "write_refusal"]

_PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)

#: Error numbers that only writing can cause, so that an error without a file name
#: is known not to come from reading some input.
_WRITE_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})

#: How file systems without a way to flush a directory say so.
_CANNOT_FLUSH = frozenset({errno.EINVAL, errno.ENOTSUP})


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write ``data`` to ``path``; an existing file is replaced whole or not at all.

    Parameters
    ----------
    path : str or path
        Target; a symbolic link is followed.
    data : bytes
        Whole content.

    Raises
    ------
    OutputError
        When the file cannot be written, its ``code`` the name of the system's error
        (for example ``"ENOSPC"``); the previous file is untouched.
    """
    with atomic_output(path) as temporary:
        try:
            temporary.write_bytes(data)
        except OSError as error:
            raise write_refusal(Path(path), error) from error


@contextmanager
def atomic_output(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the path of a temporary file that takes the place of ``path`` at the end.

    The temporary file exists, is empty, lies in the same directory and is readable by
    its owner only; the finished file has the mode that a new file has here.

    Parameters
    ----------
    path : str or path
        Target; a symbolic link is followed.

    Yields
    ------
    Path
        Where to write; close it before the block ends.

    Raises
    ------
    OutputError
        When the file cannot be written, its ``code`` the name of the system's error;
        the previous file is untouched. Errors of the block that are not about
        writing leave it as they are.
    """
    target = _regular_target(Path(path))
    temporary = target.parent / f".cfscore-{secrets.token_hex(8)}.tmp"
    try:
        mode = _create(temporary, target)
        try:
            yield temporary
        except OSError as error:
            if _is_about_writing(error, temporary):
                raise write_refusal(target, error) from error
            raise
        _commit(temporary, target, mode)
    finally:
        # After the rename there is nothing left under this name.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    _flush_rename(target)


def _regular_target(path: Path) -> Path:
    """Return the file that ``path`` leads to; refuse what is not a regular file."""
    try:
        target = path.resolve()
        is_special = target.exists() and not target.is_file()
    except (OSError, RuntimeError) as error:  # RuntimeError: links that form a loop
        raise write_refusal(path, error) from error
    if is_special:
        msg = f"Output {path.name!r} exists and is not a regular file."
        raise OutputError(msg, code="NOT_A_FILE", hint="Name another output.")
    return target


def _create(temporary: Path, target: Path) -> int:
    """Create the temporary file, private, and return the mode of new files here.

    The kernel applies the umask, which cannot be read without changing it for every
    thread.
    """
    try:
        handle = os.open(temporary, _NEW, 0o666)
        try:
            mode = stat.S_IMODE(os.fstat(handle).st_mode)
            os.fchmod(handle, _PRIVATE)
        finally:
            os.close(handle)
    except OSError as error:
        raise write_refusal(target, error) from error
    return mode


def _commit(temporary: Path, target: Path, mode: int) -> None:
    """Flush the temporary file and rename it to the target."""
    try:
        handle = os.open(temporary, os.O_RDWR)
        try:
            os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, target)
    except OSError as error:
        raise write_refusal(target, error) from error


def flush_directory(folder: Path) -> None:
    """Flush the names of a folder's files to the disk, where the file system can.

    Raises
    ------
    OSError
        When the system could not.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise


def _flush_rename(target: Path) -> None:
    """Flush the rename; the new file stands either way."""
    try:
        flush_directory(target.parent)
    except OSError as error:
        msg = f"Output {target.name!r} is written, but may not survive a power cut."
        raise OutputError(msg, code=_code(error), hint="Check the disk.") from error


def _is_about_writing(error: OSError, temporary: Path) -> bool:
    if isinstance(error, OutputError):
        return False
    return error.errno in _WRITE_ERRORS or error.filename == str(temporary)


def write_refusal(target: Path, error: OSError | RuntimeError) -> OutputError:
    """Return what to raise where the system did not let an output be written.

    Parameters
    ----------
    target : Path
        The output.
    error : OSError or RuntimeError
        What the system said.

    Returns
    -------
    OutputError
        Its ``code`` is the name of the system's error, for example ``"ENOSPC"``.
    """
    reason = getattr(error, "strerror", None) or str(error)
    msg = f"Output {target.name!r} could not be written: {reason}."
    hint = "A file that was there before is unchanged."
    return OutputError(msg, code=_code(error), hint=hint)


def _code(error: OSError | RuntimeError) -> str | None:
    """Return the name of the system's error number, for example ``"EACCES"``."""
    number = getattr(error, "errno", None)
    return None if number is None else errno.errorcode.get(number)
