"""``cfscore compile``: an existing plan, re-issued with other reasons or name."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._streams import write_json, write_message
from cfscore.compiler import compile_plan
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import ScoringPlan
from cfscore.scoring import load_plan
from cfscore.workflow import read_table_files, target_values

__all__ = ["build_parser", "run"]

_FOREIGN = "It belongs to foreign models, which this version does not compile."
_LATER = dict.fromkeys(("--event", "--feature-names", "--categories"), _FOREIGN)
_BOOSTER_STARTS = (b"tree\n", b"tree\r\n", b'{"name":"tree"')
_PICKLE_ENDINGS = {".joblib", ".p", ".pickle", ".pkl"}


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore compile``."""
    parser = CommandParser(
        "compile",
        "Re-issue a plan with another reason catalogue, development sample or name.\n"
        "Points and scores stay as they are.",
        later=_LATER,
    )
    parser.add_argument("model", metavar="MODEL", help="a .cfs plan")
    parser.add_argument("output", metavar="OUT.cfs", help="the plan to write")
    parser.add_argument("--reasons", metavar="FILE", help="reason catalogue, TOML")
    parser.add_argument(
        "--development",
        metavar="FILE",
        help="development sample; counts, distribution and reference are taken from it",
    )
    parser.add_argument(
        "--target",
        metavar="COLUMN",
        help="of that sample: 1 = bad, 0 = good",
    )
    parser.add_argument("--name", metavar="TEXT", help="name of the plan, for people")
    parser.add_hash_flag()
    parser.add_json_flag()
    return parser


def run(arguments: Namespace) -> int:
    """Read the plan, compile it again and save it."""
    if arguments.target is not None and arguments.development is None:
        msg = "--target is a column of the development sample, which is not given."
        raise UsageError(msg, hint="Add --development FILE.")
    source = _read_model(Path(arguments.model), arguments.expect_sha256)
    plan = compile_plan(
        source,
        reasons=arguments.reasons,
        development=_development(arguments),
        name=arguments.name,
    )
    plan.save(arguments.output)
    write_message(f"cfscore: {plan.name!r} -> {arguments.output}\nsha256 {plan.sha256}")
    if arguments.json:
        identity = {"output": arguments.output, "sha256": plan.sha256}
        write_json({**identity, "name": plan.name, "source_sha256": source.sha256})
    return ExitCode.DONE


def _read_model(path: Path, expect_sha256: str | None) -> ScoringPlan:
    """Load a plan; what is known to be something else is refused by its name."""
    start = _first_bytes(path)
    if path.suffix.lower() in _PICKLE_ENDINGS or start[:1] == b"\x80":
        msg = f"{path.name!r} is a pickle, which can run any code when it is opened."
        hint = "Open it in Python only if you trust it, and use cfscore.compile_plan."
        raise CompileError(msg, code="PICKLE", hint=hint)
    if path.suffix.lower() == ".txt" or start.startswith(_BOOSTER_STARTS):
        msg = f"{path.name!r} is a LightGBM model; boosted models are not supported."
        hint = "This version compiles scorecards: give a .cfs plan."
        raise CompileError(msg, code="BOOSTED_MODEL", hint=hint)
    return load_plan(path, expect_sha256=expect_sha256)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except OSError:
        return b""  # load_plan says what is wrong


def _development(arguments: Namespace) -> Any:
    if arguments.development is None:
        return None
    _, table = read_table_files(Path(arguments.development))
    if arguments.target is None:
        return table
    return table, target_values(table, arguments.target)
