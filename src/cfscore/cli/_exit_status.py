"""Exit status: what a command's end means to the shell that called it."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum
from pathlib import Path
from types import FrameType, TracebackType

from cfscore import _EXTRA_OF_PACKAGE
from cfscore.cli._streams import close_quietly, write_message
from cfscore.exceptions import (
    ArtifactError,
    CfscoreError,
    CompileError,
    FitError,
    InputChangedError,
    InputError,
    MissingExtraError,
    OutputError,
    UsageError,
)

__all__ = ["ExitCode", "ExitStatus", "sigterm_interrupts"]

_PACKAGE_FOLDER = Path(__file__).resolve().parents[1]


class ExitCode(IntEnum):
    """Exit codes of the ``cfscore`` command."""

    DONE = 0
    USAGE = 2
    INPUT_REFUSED = 3
    ARTEFACT_REFUSED = 4
    OUTPUT_FAILED = 5
    DONE_WITH_REJECTS = 6
    INTERRUPTED = 7
    INTERNAL = 70


_CODE_OF_ERROR: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (UsageError, ExitCode.USAGE),
    (MissingExtraError, ExitCode.USAGE),
    (InputChangedError, ExitCode.OUTPUT_FAILED),
    (InputError, ExitCode.INPUT_REFUSED),
    (FitError, ExitCode.INPUT_REFUSED),
    (ArtifactError, ExitCode.ARTEFACT_REFUSED),
    (CompileError, ExitCode.ARTEFACT_REFUSED),
    (OutputError, ExitCode.OUTPUT_FAILED),
    (OSError, ExitCode.OUTPUT_FAILED),
    (MemoryError, ExitCode.OUTPUT_FAILED),
)


class ExitStatus(AbstractContextManager["ExitStatus"]):
    """Turn whatever ends a command into an exit code and one line on stderr.

    A context manager and not an ``except``: it sees every end, an interrupt included,
    and nothing that a command raises goes on unnoticed.

    Attributes
    ----------
    code : int
        Set by the command when it ends well, by the error otherwise.
    """

    def __init__(self) -> None:
        self.code: int = ExitCode.DONE

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Report an error and keep it from going on; always true."""
        if isinstance(error, SystemExit):  # argparse, after --help
            self.code = int(error.code or 0)
        elif isinstance(error, BrokenPipeError):
            close_quietly()
        elif error is not None:
            self.code = report(error)
        return True


def report(error: BaseException) -> int:
    """Write an error's message to stderr and return its exit code."""
    if isinstance(error, KeyboardInterrupt):
        write_message(
            "cfscore: interrupted. Finished files are kept; nothing half-written is "
            "left, and an output that was not finished is as it was before. Scoring "
            "goes on where it was with --resume."
        )
        return ExitCode.INTERRUPTED
    found = _without_extra(error) or error
    code, message = _describe(found)
    write_message(message)
    if os.environ.get("CFSCORE_DEBUG") == "1":
        write_message("".join(traceback.format_exception(error)).rstrip())
    return code


def _describe(error: BaseException) -> tuple[int, str]:
    """Return exit code and message of an error."""
    for kind, code in _CODE_OF_ERROR:
        if isinstance(error, kind):
            return code, f"cfscore: error {_message(error)}"
    where = _place(error)
    return ExitCode.INTERNAL, (
        f"cfscore: error [INTERNAL]: {type(error).__name__}{where}. This is a defect "
        "of cfscore, not of your data. Run the command again with CFSCORE_DEBUG=1 and "
        "report the traceback with the output of 'cfscore doctor'; remove customers' "
        "values from it first."
    )


def _message(error: BaseException) -> str:
    """Return ``[CODE]: what happened and what to do``."""
    if isinstance(error, CfscoreError):
        return f"[{error.code}]: {error}"
    if isinstance(error, OSError):
        name = f" {Path(str(error.filename)).name!r}" if error.filename else ""
        return f"[OUTPUT]: {error.strerror or type(error).__name__}{name}."
    return "[OUT_OF_MEMORY]: Memory is exhausted. Use fewer rows per batch or threads."


def _without_extra(error: BaseException) -> MissingExtraError | None:
    """Return the error that names the extra, where an optional package is missing."""
    if not isinstance(error, ModuleNotFoundError):
        return None
    package = (error.name or "").partition(".")[0]
    extra = _EXTRA_OF_PACKAGE.get(package)
    if extra is None:
        return None
    msg = f"This command needs {package!r}, which is not installed."
    return MissingExtraError(msg, hint=f'Run: pip install "cfscore[{extra}]"')


def _place(error: BaseException) -> str:
    """Return where in cfscore an error arose; its text may hold customers' values."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(_PACKAGE_FOLDER):
            inside = file.relative_to(_PACKAGE_FOLDER).as_posix()
            return f" at cfscore/{inside}:{frame.lineno}"
    return ""


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Make SIGTERM end a run as Ctrl-C does, so that temporary files are removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
