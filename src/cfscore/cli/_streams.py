"""Streams: data on stdout, messages on stderr, whatever the console can show.

A reader that stops early (``| head``) ends the writing, not the run, and a console
without Chinese shows escapes instead of failing.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

__all__ = [
    "close_quietly",
    "leads_nowhere",
    "open_streams",
    "plain_warnings",
    "write_data",
    "write_json",
    "write_message",
]


def open_streams() -> None:
    """Open those of stdin, stdout and stderr that the process was started without.

    They lead nowhere. The first file to be opened would have the number of one
    otherwise, and take what any library writes there.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115, for good


def leads_nowhere(stream: TextIO) -> bool:
    """Return whether a stream is one of ``open_streams``."""
    return stream.name == os.devnull


def write_data(text: str) -> None:
    """Write text to stdout; nothing happens where nobody reads any more."""
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:
        close_quietly()


def write_json(content: Mapping[str, Any]) -> None:
    """Write one line of JSON to stdout."""
    write_data(json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def write_message(text: str) -> None:
    """Write a line to stderr; nothing happens where nobody reads any more."""
    try:
        _write(sys.stderr, text + "\n")
    except OSError:
        return


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Show warnings as one line each, without the place in the code."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        write_message(f"cfscore: warning: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def close_quietly() -> None:
    """Point a stdout that nobody reads at nowhere: Python flushes it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
