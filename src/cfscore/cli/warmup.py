"""``cfscore warmup``: compile every kernel into the cache folder."""

from __future__ import annotations

import time
from argparse import Namespace

from cfscore._kernels import jit
from cfscore._kernels.warm_up import compile_all_kernels
from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._streams import write_json, write_message

__all__ = ["build_parser", "run"]


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore warmup``."""
    parser = CommandParser(
        "warmup",
        "Compile all kernels, so that the first score of a process comes quickly.\n"
        "The folder is CFSCORE_CACHE_DIR, else the user's cache folder; in an image\n"
        "run this once when it is built.",
    )
    parser.add_argument(
        "--json", action="store_true", help="one line of JSON on stdout"
    )
    return parser


def run(arguments: Namespace) -> int:
    """Compile the kernels and say where they lie."""
    begin = time.perf_counter()
    n_kernels = compile_all_kernels()
    seconds = time.perf_counter() - begin
    folder = jit.cache_folder()
    if arguments.json:
        name = None if folder is None else str(folder)
        rounded = round(seconds, 3)
        write_json({"kernels": n_kernels, "folder": name, "seconds": rounded})
        return ExitCode.DONE
    where = f"in {folder}" if folder else "in memory only: no cache folder is writable"
    write_message(f"cfscore: {n_kernels} kernels ready after {seconds:.1f} s, {where}.")
    return ExitCode.DONE
