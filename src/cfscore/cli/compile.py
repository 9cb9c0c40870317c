"""``cfscore compile``: a LightGBM text becomes a plan, or a plan is re-issued."""

from __future__ import annotations

import hashlib
import json
import tomllib
from argparse import Namespace
from pathlib import Path
from typing import Any

from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._streams import write_json, write_message
from cfscore.compiler import compile_plan
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import ScoringPlan
from cfscore.reading import find_sources, would_find
from cfscore.scoring import load_plan
from cfscore.workflow import read_table_files, target_values

__all__ = ["build_parser", "run"]

_BOOSTER_STARTS = (b"tree\n", b"tree\r\n", b'{"name":"tree"')
_PICKLE_ENDINGS = {".joblib", ".p", ".pickle", ".pkl"}


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore compile``."""
    parser = CommandParser(
        "compile",
        "Compile a LightGBM text file into a plan, or re-issue a plan with another\n"
        "reason catalogue, development sample or name. Scores stay as they are.",
    )
    parser.add_argument(
        "model", metavar="MODEL", help="a LightGBM text file or a .cfs plan"
    )
    parser.add_argument("output", metavar="OUT.cfs", help="the plan to write")
    parser.add_argument(
        "--event",
        choices=("bad", "good"),
        default="bad",
        help="what 1 meant when a LightGBM model was trained; default bad",
    )
    parser.add_argument(
        "--feature-names",
        metavar="FILE",
        help="names of a LightGBM model's features in your tables, one a line",
    )
    parser.add_argument(
        "--categories",
        metavar="FILE",
        help="categories by feature in the order of their codes, JSON or TOML",
    )
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
    _check_output(arguments)
    source = _read_model(Path(arguments.model), arguments.expect_sha256)
    plan = compile_plan(
        source,
        reasons=arguments.reasons,
        development=_development(arguments),
        event=arguments.event,
        feature_names=_feature_names(arguments.feature_names),
        categories=_categories(arguments.categories),
        name=arguments.name,
    )
    plan.save(arguments.output)
    write_message(f"cfscore: {plan.name!r} -> {arguments.output}\nsha256 {plan.sha256}")
    if arguments.json:
        identity = {"output": arguments.output, "sha256": plan.sha256}
        write_json({**identity, "name": plan.name, "source_sha256": _sha256(source)})
    return ExitCode.DONE


def _check_output(arguments: Namespace) -> None:
    """Refuse an output that would take the place of what the plan is made of."""
    output = _resolved(arguments.output)
    inputs = {
        "MODEL": arguments.model,
        "--feature-names": arguments.feature_names,
        "--categories": arguments.categories,
        "--reasons": arguments.reasons,
    }
    for flag, path in inputs.items():
        if path is not None and _resolved(path) == output:
            raise _is_input(output, flag)
    sample = arguments.development
    if sample is None:
        return
    files = find_sources(sample) if output.exists() else []
    if would_find(sample, output) or output in map(_resolved, files):
        raise _is_input(output, "--development")


def _is_input(output: Path, flag: str) -> UsageError:
    msg = f"The output {output.name!r} is what {flag} reads."
    return UsageError(msg, hint="Name another output.")


def _resolved(path: str | Path) -> Path:
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError):  # links that form a loop: whoever opens it says so
        return Path(path).absolute()


def _read_model(path: Path, expect_sha256: str | None) -> ScoringPlan | Path:
    """Return a plan, or the path of a LightGBM text; a pickle is never opened."""
    start = _first_bytes(path)
    if path.suffix.lower() in _PICKLE_ENDINGS or start[:1] == b"\x80":
        msg = f"{path.name!r} is a pickle, which can run any code when it is opened."
        hint = "Open it in Python only if you trust it, and use cfscore.compile_plan."
        raise CompileError(msg, code="PICKLE", hint=hint)
    if path.suffix.lower() == ".txt" or start.startswith(_BOOSTER_STARTS):
        if expect_sha256 is not None and _sha256(path) != expect_sha256.lower():
            msg = f"The model file {path.name!r} has another SHA-256."
            raise CompileError(msg, code="HASH_MISMATCH")
        return path
    return load_plan(path, expect_sha256=expect_sha256)


def _sha256(source: ScoringPlan | Path) -> str:
    if isinstance(source, ScoringPlan):
        return source.sha256
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _feature_names(path: str | None) -> list[str] | None:
    """Return the names in a file, one a line; blank lines do not count."""
    if path is None:
        return None
    lines = _read_text("--feature-names", path).splitlines()
    return [line.strip() for line in lines if line.strip()]


def _categories(path: str | None) -> dict[str, list[Any]] | None:
    """Return the categories in a JSON or TOML file, by feature."""
    if path is None:
        return None
    text = _read_text("--categories", path)
    is_json = Path(path).suffix.lower() == ".json"
    try:
        found = json.loads(text) if is_json else tomllib.loads(text)
    except ValueError as error:
        kind = "JSON" if is_json else "TOML"
        msg = f"--categories {path!r} is not valid {kind}."
        raise UsageError(msg) from error
    if not isinstance(found, dict) or not all(
        isinstance(values, list) for values in found.values()
    ):
        msg = f"--categories {path!r} must hold a list of categories per feature."
        raise UsageError(msg, hint='For example: {"city": ["north", "south"]}')
    return found


def _read_text(flag: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{flag} {path!r} cannot be read as UTF-8 text."
        raise UsageError(msg) from error


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
