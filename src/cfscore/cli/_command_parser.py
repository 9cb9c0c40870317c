"""Command parser: argparse that answers a slip of the pen with the likely spelling."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from cfscore.exceptions import UsageError

__all__ = ["CommandParser", "count"]


class CommandParser(argparse.ArgumentParser):
    """Parser of one command; every fault is a ``UsageError``.

    Parameters
    ----------
    command : str
        Name of the command.
    summary : str
        What it does, for ``--help``.
    later : mapping of str to str, optional
        Flags that are promised but not there yet, with what to do instead.
    epilog : str, optional
        Text below the list of options.
    """

    def __init__(
        self,
        command: str,
        summary: str,
        *,
        later: Mapping[str, str] | None = None,
        epilog: str | None = None,
    ) -> None:
        self._flags: list[str] = []
        self._later = dict(later or {})
        super().__init__(
            prog=f"cfscore {command}",
            description=summary,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add an argument and remember its flags."""
        action = super().add_argument(*names, **options)
        self._flags.extend(action.option_strings)
        return action

    def add_json_flag(self) -> None:
        """Add ``--json``, the same for every command that has it."""
        self.add_argument(
            "--json", action="store_true", help="write one line of JSON to stdout"
        )

    def add_hash_flag(self) -> None:
        """Add ``--expect-sha256``, the same for every command that loads a plan."""
        self.add_argument(
            "--expect-sha256",
            metavar="HASH",
            help="refuse a plan file with any other hash (see: cfscore inspect)",
        )

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return the parsed arguments.

        Raises
        ------
        UsageError
            When an argument is unknown, missing or wrong.
        """
        for argument in arguments:
            if argument == "--":
                break
            self._check_flag(argument)
        return self.parse_args(arguments)

    def _check_flag(self, argument: str) -> None:
        """Refuse an unknown flag before argparse complains about what it left out."""
        if not argument.startswith("-") or argument == "-" or _is_number(argument):
            return
        is_long = argument.startswith("--")
        flag = argument.partition("=")[0] if is_long else argument[:2]
        if flag in self._flags:
            return
        if flag in self._later:
            msg = f"{flag} is not part of this version."
            raise UsageError(msg, hint=self._later[flag])
        msg = f"Unknown option {flag!r}."
        raise UsageError(msg, hint=self._suggest(flag))

    def _suggest(self, flag: str) -> str:
        close = get_close_matches(flag, [*self._flags, *self._later], n=1)
        see = f"See: {self.prog} --help"
        return f"Did you mean {close[0]!r}? {see}" if close else see

    def error(self, message: str) -> NoReturn:
        """Raise instead of writing and leaving."""
        msg = f"{message[:1].upper()}{message[1:]}."
        raise UsageError(msg, hint=f"See: {self.prog} --help")


def count(text: str) -> int:
    """Return a positive integer, as the type of an argument."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        msg = f"{text!r} is not a positive integer"
        raise argparse.ArgumentTypeError(msg)
    return number


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
