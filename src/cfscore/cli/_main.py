"""Entry: finds the command, loads its module alone, and returns an exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Protocol, cast

from cfscore import __version__
from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode, ExitStatus, sigterm_interrupts
from cfscore.cli._streams import open_streams, plain_warnings, write_data, write_message
from cfscore.exceptions import UsageError

__all__ = ["COMMANDS", "main"]

#: Commands with their summaries; each is the module of that name in this package.
COMMANDS = {
    "demo": "synthetic loan book -> scorecard -> plan -> scored file, for a person",
    "synthesize": "write the synthetic loan book alone",
    "train": "run a whole development from one TOML config",
    "compile": "turn a LightGBM text into a plan, or re-issue a plan",
    "score": "score files with a plan",
    "inspect": "show what is in a plan",
    "explain": "show how one row of a file gets its score and reasons",
    "warmup": "compile all kernels, so that the first score comes quickly",
    "doctor": "show versions, threads, caches and what is missing",
}

_LATER = ("export", "monitor", "report", "validate")


class _Command(Protocol):
    """What the module of a command offers."""

    def build_parser(self) -> CommandParser:
        """Return the command's parser."""

    def run(self, arguments: Namespace) -> int:
        """Run the command and return its exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a ``cfscore`` command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process when omitted.

    Returns
    -------
    int
        Exit code; see ``cfscore.cli``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    open_streams()
    status = ExitStatus()
    with status, sigterm_interrupts(), plain_warnings():
        status.code = _dispatch(arguments)
    return int(status.code)


def _dispatch(arguments: list[str]) -> int:
    if not arguments:
        write_message(_help())
        return ExitCode.USAGE
    first, *rest = arguments
    if first in ("-h", "--help"):
        write_data(_help() + "\n")
        return ExitCode.DONE
    if first in ("-V", "--version"):
        write_data(f"cfscore {__version__}\n")
        return ExitCode.DONE
    if first not in COMMANDS:
        raise _unknown(first)
    command = cast(_Command, import_module(f"cfscore.cli.{first}"))
    return command.run(command.build_parser().parse(rest))


def _unknown(name: str) -> UsageError:
    """Return the error for a first argument that is no command."""
    see = "See: cfscore --help"
    if name in _LATER:
        msg = f"The command {name!r} is not part of this version."
        return UsageError(msg, hint=see)
    is_flag = name.startswith("-")
    known = ["--help", "--version"] if is_flag else list(COMMANDS)
    close = get_close_matches(name, known, n=1)
    msg = f"Unknown {'option' if is_flag else 'command'} {name!r}."
    return UsageError(msg, hint=f"Did you mean {close[0]!r}? {see}" if close else see)


def _help() -> str:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    return (
        "usage: cfscore COMMAND [options]\n\n"
        "Credit scorecards, compiled into one plan from which every score is read.\n\n"
        f"commands:\n{listed}\n\n"
        "options:\n  -h, --help     show this, or a command's options after its name\n"
        "  -V, --version  show the version\n\n"
        "exit codes: 0 done, 2 usage, 3 input refused or too many rejects, 4 artefact\n"
        "refused, 5 output failed, 6 done with rejects (--fail-on-rejects), "
        "7 interrupted,\n70 internal. CFSCORE_DEBUG=1 shows tracebacks."
    )
