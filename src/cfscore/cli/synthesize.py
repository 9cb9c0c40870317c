"""``cfscore synthesize``: the synthetic loan book alone."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable

from cfscore.cli._command_parser import CommandParser, count
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._progress import LINE_SECONDS
from cfscore.cli._streams import write_json, write_message
from cfscore.datasets import synthesize, synthesize_flat

__all__ = ["build_parser", "run"]

_SUMMARY = """\
Write a synthetic loan book: raw tables of customers, applications, credit reports,
transactions, balances, loans and repayments as Parquet, the rows that are dirty on
purpose, the truth, and manifest.json. No person stands behind a row."""


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore synthesize``."""
    parser = CommandParser("synthesize", _SUMMARY)
    parser.add_argument("folder", metavar="OUT", help="folder to write to")
    parser.add_argument(
        "--customers", type=count, default=20_000, metavar="N", help="default 20000"
    )
    parser.add_argument("--seed", type=_seed, default=7, metavar="S", help="default 7")
    parser.add_argument(
        "--flat",
        action="store_true",
        help="write one flat table with features and label instead: "
        "flat_applications.parquet, one application per customer",
    )
    parser.add_json_flag()
    return parser


def run(arguments: Namespace) -> int:
    """Write the book and say what is in it."""
    if arguments.flat:
        _write_flat(arguments)
    else:
        _write_book(arguments)
    return ExitCode.DONE


def _write_book(arguments: Namespace) -> None:
    manifest = synthesize(
        arguments.folder,
        customers=arguments.customers,
        seed=arguments.seed,
        progress=_lines(),
    )
    rows = manifest.rows
    write_message(
        f"cfscore: {manifest.customers:,} customers, {rows['applications']:,} "
        f"applications, {sum(rows.values()):,} rows in {len(rows)} tables, "
        f"{manifest.n_dirty_rows:,} of them dirty on purpose, seed {manifest.seed} "
        f"-> {arguments.folder}"
    )
    if arguments.json:
        content = manifest.to_dict()
        write_json({name: content[name] for name in ("customers", "seed", "files")})


def _write_flat(arguments: Namespace) -> None:
    manifest = synthesize_flat(
        arguments.folder, customers=arguments.customers, seed=arguments.seed
    )
    write_message(
        f"cfscore: {manifest.customers:,} applications, {manifest.bad_rate:.2%} bad, "
        f"seed {manifest.seed} -> {arguments.folder}"
    )
    if arguments.json:
        content = manifest.to_dict()
        kept = ("customers", "seed", "bads", "bad_rate", "files")
        write_json({name: content[name] for name in kept})


def _lines(
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[int, int], None]:
    """Return what writes a line of progress when half a minute has passed."""
    next_line = clock() + LINE_SECONDS

    def progress(done: int, total: int) -> None:
        nonlocal next_line
        if clock() >= next_line:
            next_line = clock() + LINE_SECONDS
            write_message(f"cfscore: {done:,} of {total:,} customers")

    return progress


def _seed(text: str) -> int:
    return 0 if text == "0" else count(text)
