"""``cfscore synthesize``: the synthetic loan book alone."""

from __future__ import annotations

from argparse import Namespace

from cfscore.cli._command_parser import CommandParser, count
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._streams import write_json, write_message
from cfscore.datasets import synthesize

__all__ = ["build_parser", "run"]


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore synthesize``."""
    parser = CommandParser(
        "synthesize",
        "Write a synthetic loan book: applications.parquet, truth.parquet (the true\n"
        "PD of each) and manifest.json. No person stands behind a row.",
    )
    parser.add_argument("folder", metavar="OUT", help="folder to write to")
    parser.add_argument(
        "--customers", type=count, default=20_000, metavar="N", help="default 20000"
    )
    parser.add_argument("--seed", type=_seed, default=7, metavar="N", help="default 7")
    parser.add_json_flag()
    return parser


def run(arguments: Namespace) -> int:
    """Write the book and say what is in it."""
    manifest = synthesize(
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
    return ExitCode.DONE


def _seed(text: str) -> int:
    return 0 if text == "0" else count(text)
