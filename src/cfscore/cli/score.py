"""``cfscore score``: files in, scored files out, every row accounted for."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections import Counter
from typing import Any

from cfscore.cli._command_parser import CommandParser, count
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._progress import scoring_progress
from cfscore.cli._reading_flags import add_reading_flags
from cfscore.cli._reject_limit import reject_limit
from cfscore.cli._score_options import file_options
from cfscore.cli._streams import leads_nowhere, write_json, write_message
from cfscore.exceptions import OutputError, UsageError
from cfscore.scoring import Scorer, load_plan
from cfscore.scoring.files import FileReport, RunEstimate, estimate_file, score_file

__all__ = ["build_parser", "run"]


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore score``."""
    parser = CommandParser(
        "score",
        "Score files with a plan. An output appears complete or not at all, with a\n"
        "manifest that accounts for every row.",
        epilog="Exit codes: 0 done, 3 input refused or too many rejects, 4 plan "
        "refused,\n5 output failed, 6 done with rejects and --fail-on-rejects, "
        "7 interrupted:\nrun it again with --resume.",
    )
    _add_main_flags(parser)
    _add_reject_flags(parser)
    _add_run_flags(parser)
    add_reading_flags(parser)
    return parser


def _add_main_flags(parser: CommandParser) -> None:
    add = parser.add_argument
    add("-m", "--model", required=True, metavar="PLAN", help="a .cfs plan")
    add(
        "-i",
        "--input",
        required=True,
        metavar="PATH",
        help="Parquet, CSV or Arrow: a file, a folder or a quoted pattern; "
        "- is an Arrow stream on standard input",
    )
    add(
        "-o",
        "--output",
        required=True,
        metavar="PATH",
        help="a file, or a folder for parts of about a million rows; - is an Arrow "
        "stream on standard output, without manifest and list of rejects",
    )
    add("--keep", action="append", default=[], metavar="COLUMNS", help=_KEEP_HELP)
    add("--reasons", type=_reason_count, default=4, metavar="K", help="default 4")
    add(
        "--format",
        choices=("parquet", "csv", "arrow"),
        help="of the output; default: by its ending, in a folder that of the input",
    )
    add("--excel-safe", action="store_true", help="CSV: disarm texts like =1+1")
    add(
        "--output-encoding",
        choices=("utf-8", "utf-8-sig", "gb18030"),
        default="utf-8",
        help="of CSV; default utf-8",
    )


_KEEP_HELP = "input columns to carry over, separated by commas; may be repeated"


def _add_reject_flags(parser: CommandParser) -> None:
    add = parser.add_argument
    add(
        "--on-bad",
        choices=("strict", "quarantine"),
        default="strict",
        help="refuse the input at the first row that cannot be scored (default), or "
        "write such rows with null scores and their status, and list them",
    )
    add(
        "--max-rejects",
        type=reject_limit,
        metavar="N|P%",
        help="with quarantine: refuse an output with more rejected rows",
    )
    add(
        "--strict-columns",
        action="store_true",
        help="refuse an input with columns that are neither scored nor kept",
    )
    add("--fail-on-rejects", action="store_true", help="exit 6 if rows were rejected")
    add(
        "--rejects-include-values",
        action="store_true",
        help="list the refused cells themselves: customers' values",
    )


def _add_run_flags(parser: CommandParser) -> None:
    add = parser.add_argument
    add("--threads", type=count, metavar="N", help="default: every core")
    add("--batch-rows", type=count, metavar="N", help="rows in memory; changes no byte")
    add(
        "--resume",
        action="store_true",
        help="go on where an interrupted run into the same output was; the same bytes",
    )
    add("--dry-run", action="store_true", help="check and estimate, write nothing")
    add("--expect-rows", type=_row_count, metavar="N", help="refuse any other number")
    add(
        "--expect-input-sha256",
        metavar="HASH",
        help="refuse an input file with any other hash",
    )
    parser.add_hash_flag()
    parser.add_json_flag()


def run(arguments: Namespace) -> int:
    """Score all inputs and account for every row."""
    if arguments.on_bad != "quarantine":
        _refuse_reject_flags(arguments)
    plan = load_plan(arguments.model, expect_sha256=arguments.expect_sha256)
    scorer = Scorer(plan, threads=arguments.threads)
    if arguments.dry_run:
        return _estimate(scorer, arguments)
    if arguments.output == "-":
        _check_standard_output(arguments)
    with scoring_progress("scoring") as progress:
        options = file_options(arguments, progress)
        report = score_file(scorer, arguments.input, arguments.output, options)
    for note in report.notes:
        write_message(f"cfscore: warning: {note}")
    write_message(_sentence(report, is_resumed=arguments.resume))
    if arguments.json:
        write_json(_summary(report, plan.sha256))
    if report.rejected and arguments.fail_on_rejects:
        return ExitCode.DONE_WITH_REJECTS
    return ExitCode.DONE


def _refuse_reject_flags(arguments: Namespace) -> None:
    given = {
        "--max-rejects": arguments.max_rejects is not None,
        "--rejects-include-values": arguments.rejects_include_values,
    }
    for flag, is_given in given.items():
        if is_given:
            msg = f"{flag} has no meaning where the first bad row refuses the input."
            raise UsageError(msg, hint="Add --on-bad quarantine.")


def _check_standard_output(arguments: Namespace) -> None:
    """Refuse what would mix with an Arrow stream, or show it to a person."""
    if arguments.json:
        msg = "--json and -o - would both write to standard output."
        raise UsageError(msg, hint="Leave out --json, or name an output file.")
    if leads_nowhere(sys.stdout):
        msg = "There is no standard output."
        raise OutputError(msg, code="EBADF", hint="Name an output file.")
    if sys.stdout.isatty():
        msg = "An Arrow stream is not for a terminal."
        raise UsageError(msg, hint="Name an output file, or pipe it to a program.")


def _estimate(scorer: Scorer, arguments: Namespace) -> int:
    options = file_options(arguments, None)
    found = estimate_file(scorer, arguments.input, arguments.output, options)
    write_message(_expectation(found))
    if arguments.json:
        faults = _by_column(found.faults)
        write_json({"dry_run": True, **vars(found), "faults": faults})
    return ExitCode.DONE


def _reason_count(text: str) -> int:
    return 0 if text == "0" else count(text)


def _row_count(text: str) -> int:
    return 0 if text == "0" else count(text)


def _summary(report: FileReport, sha256: str) -> dict[str, Any]:
    """Return the account for a program."""
    return {
        "rows": report.rows,
        "scored": report.scored,
        "rejected": report.rejected,
        "faults": _by_column(report.faults),
        "roles": report.roles,
        "infinite": report.infinite,
        "outside": report.outside,
        "defaulted": report.defaulted,
        "repeated": report.repeated,
        "score_psi": report.score_psi,
        "seconds": round(report.seconds, 3),
        "rows_per_second": round(report.rows_per_second),
        "outputs": report.outputs,
        "manifest": report.manifest,
        "rejects": report.rejects,
        "resumed_parts": report.resumed_parts,
        "plan_sha256": sha256,
    }


def _sentence(report: FileReport, *, is_resumed: bool) -> str:
    """Return the account for a person."""
    rate = f"{report.seconds:.1f} s ({report.rows_per_second:,.0f} rows/s)"
    text = (
        f"cfscore: {report.scored:,} rows scored, {report.rejected:,} rejected "
        f"in {rate} -> {report.target}"
    )
    noted = [
        *((column, fault, n) for (column, fault), n in report.faults.items()),
        *((column, "infinite", n) for column, n in report.infinite.items()),
        *((c, "UNSEEN", roles.get("UNSEEN")) for c, roles in report.roles.items()),
        *(
            (column, "outside the development range", sum(beyond))
            for column, beyond in report.outside.items()
        ),
        *((column, "the default", n) for column, n in report.defaulted.items()),
    ]
    lines = [f"  column {c!r}: {n:,} x {what}" for c, what, n in noted if n]
    if report.repeated:
        lines.append(
            f"  {report.repeated:,} row(s) repeat the kept columns of an earlier row"
        )
    if is_resumed:
        taken = f"{report.resumed_parts} part(s)" if report.resumed_parts else "nothing"
        lines.append(f"  {taken} taken over from an earlier run")
    if report.score_psi is not None:
        lines.append(f"  PSI of the score against development: {report.score_psi:.4f}")
    return "\n".join([text, *lines])


def _expectation(found: RunEstimate) -> str:
    """Return an estimate for a person."""
    rows = "an unknown number of rows" if found.rows is None else f"{found.rows:,} rows"
    text = (
        f"cfscore: nothing written. {len(found.sources)} input(s) with all columns, "
        f"{rows} -> {found.parts} {found.layout} file(s)"
    )
    if found.seconds is not None and found.output_bytes is not None:
        text += f", about {found.seconds:.1f} s and at most "
        text += f"{found.output_bytes / 1e6:,.1f} MB"
    lines = [
        f"  column {column!r}: {n:,} x {fault} in the first {found.sample_rows:,} rows"
        for (column, fault), n in found.faults.items()
    ]
    lines += [
        f"  column {column!r}: the default in {n:,} input(s)"
        for column, n in found.defaulted.items()
    ]
    return "\n".join([text, *lines])


def _by_column(faults: dict[tuple[str, str], int]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for (column, fault), n in faults.items():
        found.setdefault(column, Counter())[fault] += n
    return found
