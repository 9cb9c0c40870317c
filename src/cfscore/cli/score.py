"""``cfscore score``: files in, scored files out, every row accounted for."""

from __future__ import annotations

import os
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cfscore.cli._command_parser import CommandParser, count
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._progress import scoring_progress
from cfscore.cli._reject_limit import reject_limit
from cfscore.cli._streams import write_json, write_message
from cfscore.exceptions import OutputError, UsageError
from cfscore.scoring import FileReport, Scorer, find_sources, load_plan

__all__ = ["build_parser", "plan_outputs", "run"]

_WRITTEN_AS = {".feather": ".arrow"}
_BATCH_ROWS = 131_072
_LATER = {
    "--resume": "A run that was interrupted starts anew; the output appears complete "
    "or not at all.",
}


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore score``."""
    parser = CommandParser(
        "score",
        "Score files with a plan. An output appears complete or not at all.",
        later=_LATER,
        epilog="Exit codes: 0 done, 3 input refused or too many rejects, 4 plan "
        "refused,\n5 output failed, 6 done with rejects and --fail-on-rejects.",
    )
    add = parser.add_argument
    add("-m", "--model", required=True, metavar="PLAN", help="a .cfs plan")
    add(
        "-i",
        "--input",
        required=True,
        metavar="PATH",
        help="Parquet, CSV or Arrow: a file, a folder or a quoted pattern",
    )
    add(
        "-o",
        "--output",
        required=True,
        metavar="PATH",
        help="a file, for all inputs, or a folder, for one output per input",
    )
    add(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMNS",
        help="input columns to carry over, separated by commas; may be repeated",
    )
    add(
        "--reasons",
        type=_reason_count,
        default=4,
        metavar="K",
        help="default 4",
    )
    add(
        "--on-bad",
        choices=("strict", "quarantine"),
        default="strict",
        help="refuse the file at the first row that cannot be scored (default), or "
        "write such rows with null scores and their status",
    )
    add(
        "--max-rejects",
        type=reject_limit,
        metavar="N|P%",
        help="with quarantine: refuse an output with more rejected rows",
    )
    add("--fail-on-rejects", action="store_true", help="exit 6 if rows were rejected")
    add("--threads", type=count, metavar="N", help="default: every core")
    add("--batch-rows", type=count, default=_BATCH_ROWS, metavar="N", help="in memory")
    parser.add_hash_flag()
    parser.add_json_flag()
    return parser


def run(arguments: Namespace) -> int:
    """Score all inputs and account for every row."""
    if arguments.max_rejects is not None and arguments.on_bad != "quarantine":
        msg = "--max-rejects has no meaning where the first bad row refuses the file."
        raise UsageError(msg, hint="Add --on-bad quarantine.")
    plan = load_plan(arguments.model, expect_sha256=arguments.expect_sha256)
    scorer = Scorer(plan, threads=arguments.threads)
    outputs = plan_outputs(find_sources(arguments.input), arguments.output)
    reports = [
        _score(scorer, sources, target, arguments, f"{i} of {len(outputs)}")
        for i, (sources, target) in enumerate(outputs, 1)
    ]
    summary = _summary(reports, plan.sha256)
    write_message(_sentence(summary))
    if arguments.json:
        write_json(summary)
    rejected = summary["rejected"]
    if rejected and arguments.fail_on_rejects:
        return ExitCode.DONE_WITH_REJECTS
    return ExitCode.DONE


def plan_outputs(sources: Sequence[Path], output: str) -> list[tuple[list[Path], Path]]:
    """Return which inputs go into which output file.

    Parameters
    ----------
    sources : sequence of Path
        Input files.
    output : str
        A name with an ending is one file for all inputs; an existing folder, or a name
        without ending or with a slash behind it, is a folder with one file per input.

    Raises
    ------
    UsageError
        When an output would replace an input, or two inputs have the same name.
    OutputError
        When the folder cannot be made.
    """
    target = Path(output)
    is_folder = output.endswith(("/", os.sep)) or target.is_dir() or not target.suffix
    if not is_folder:
        return [(list(sources), target)]
    outputs = [([source], target / _output_name(source)) for source in sources]
    names = Counter(path.name for _, path in outputs)
    repeated = sorted(name for name, n in names.items() if n > 1)
    if repeated:
        msg = f"Several inputs would be written to {repeated[0]!r}."
        raise UsageError(msg, hint="Score them into different folders.")
    inputs = {source.resolve() for source in sources}
    if any(path.resolve() in inputs for _, path in outputs):
        msg = f"The output folder {output!r} holds the inputs themselves."
        raise UsageError(msg, hint="Choose another folder.")
    _make_folder(target)
    return outputs


def _output_name(source: Path) -> str:
    suffix = source.suffix.lower()
    return source.stem + _WRITTEN_AS.get(suffix, suffix)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The output folder {folder.name!r} cannot be made: {error.strerror}."
        raise OutputError(msg) from error


def _score(
    scorer: Scorer,
    sources: list[Path],
    target: Path,
    arguments: Namespace,
    place: str,
) -> FileReport:
    with scoring_progress(f"output {place}") as progress:
        return scorer.score_file(
            sources,
            target,
            reasons=arguments.reasons,
            keep=_kept_columns(arguments.keep),
            on_bad=arguments.on_bad,
            batch_rows=arguments.batch_rows,
            max_rejected=arguments.max_rejects,
            progress=progress,
        )


def _kept_columns(given: list[str]) -> list[str]:
    names = [name.strip() for text in given for name in text.split(",")]
    return [name for name in names if name]


def _reason_count(text: str) -> int:
    return 0 if text == "0" else count(text)


def _summary(reports: list[FileReport], sha256: str) -> dict[str, Any]:
    """Return the account of all outputs together."""
    seconds = sum(report.seconds for report in reports)
    rows = sum(report.rows for report in reports)
    faults: dict[str, Counter[str]] = {}
    roles: dict[str, Counter[str]] = {}
    infinite: Counter[str] = Counter()
    for report in reports:
        for (column, fault), n in report.faults.items():
            faults.setdefault(column, Counter())[fault] += n
        for column, found in report.roles.items():
            roles.setdefault(column, Counter()).update(found)
        infinite.update(report.infinite)
    return {
        "rows": rows,
        "scored": sum(report.scored for report in reports),
        "rejected": sum(report.rejected for report in reports),
        "faults": faults,
        "roles": roles,
        "infinite": infinite,
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows / seconds) if seconds > 0 else 0,
        "outputs": [report.target for report in reports],
        "plan_sha256": sha256,
    }


def _sentence(summary: dict[str, Any]) -> str:
    """Return the account for a person."""
    outputs = summary["outputs"]
    where = outputs[0] if len(outputs) == 1 else f"{len(outputs)} files"
    rate = f"{summary['seconds']:.1f} s ({summary['rows_per_second']:,} rows/s)"
    text = (
        f"cfscore: {summary['scored']:,} rows scored, {summary['rejected']:,} rejected "
        f"in {rate} -> {where}"
    )
    noted = [
        *_pairs(summary["faults"]),
        *((c, "infinite", n) for c, n in summary["infinite"].items()),
        *((c, "UNSEEN", roles.get("UNSEEN")) for c, roles in summary["roles"].items()),
    ]
    lines = [f"  column {c!r}: {n:,} x {what}" for c, what, n in noted if n]
    return "\n".join([text, *lines])


def _pairs(faults: dict[str, Counter[str]]) -> list[tuple[str, str, int]]:
    return [(c, fault, n) for c, found in faults.items() for fault, n in found.items()]
