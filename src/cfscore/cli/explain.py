"""``cfscore explain``: how one row of a file gets its score and reasons."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from cfscore.cli._command_parser import CommandParser, count
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._reading_flags import add_reading_flags, column_defaults, read_options
from cfscore.cli._row_explanation import (
    FeaturePart,
    RowExplanation,
    RowPart,
    explain_row,
    read_row,
)
from cfscore.cli._streams import write_json
from cfscore.cli._terminal import show_heading, show_line, show_pairs, show_table
from cfscore.exceptions import RowFaultError
from cfscore.plan import ScoringPlan
from cfscore.reading import ReadOptions, resolve_defaults
from cfscore.scoring import load_plan

__all__ = ["build_parser", "run"]

#: There is no quarantine here: one row is explained, or none.
_BAD_ROW_HINT = (
    "A row without a score has no explanation: correct the cells. "
    "'cfscore score --on-bad quarantine' lists such rows of a file."
)


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore explain``."""
    parser = CommandParser(
        "explain",
        "Show how one row of a file gets its score and reasons. Attributes and points\n"
        "of that row go to stdout, and nowhere else.",
    )
    parser.add_argument("-m", "--model", required=True, help="a .cfs plan")
    parser.add_argument(
        "-i", "--input", required=True, help="a Parquet, CSV or Arrow file"
    )
    parser.add_argument(
        "--row",
        type=count,
        required=True,
        metavar="N",
        help="data row, counted from 1; the header is not counted",
    )
    parser.add_argument(
        "--reasons", type=count, default=4, metavar="K", help="default 4"
    )
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_hash_flag()
    parser.add_argument(
        "--json", action="store_true", help="one line of JSON on stdout"
    )
    add_reading_flags(parser)
    return parser


def run(arguments: Namespace) -> int:
    """Read the row, score it and show every part."""
    plan = load_plan(arguments.model, expect_sha256=arguments.expect_sha256)
    reading = read_options(arguments)
    defaults = resolve_defaults(
        column_defaults(arguments),
        plan.schema,
        reading.numbers,
        reading.csv.null_tokens,
    )
    reading = replace(reading, defaults=defaults)
    found = _explain(arguments, plan, reading)
    if arguments.json:
        identity = {"row": arguments.row, "plan_sha256": plan.sha256}
        write_json({**identity, **found.to_dict()})
    else:
        show_heading(f"Row {arguments.row:,} (counted from 1), plan {plan.name}")
        show_explanation(found)
    return ExitCode.DONE


def _explain(
    arguments: Namespace, plan: ScoringPlan, reading: ReadOptions
) -> RowExplanation:
    try:
        row = read_row(arguments.input, arguments.row, plan, reading)
        return explain_row(
            plan, row, reasons=arguments.reasons, language=arguments.language
        )
    except RowFaultError as error:
        error.hint = _BAD_ROW_HINT
        raise


def show_explanation(found: RowExplanation) -> None:
    """Write a row's score, parts and reasons for a person."""
    show_pairs(
        [
            ("score", f"{found.score:.6g}   larger is safer"),
            ("pd", f"{found.pd:.4%}"),
            ("log-odds", f"{found.log_odds:.6f}   of bad"),
            ("base value", f"{found.base_value:.6f}   at the reference"),
        ]
    )
    if found.margin != found.log_odds:
        show_pairs([("margin", f"{found.margin:.6f}   log-odds before calibration")])
    _show_parts(found)
    _show_reasons(found)


_TITLE = "Contribution and reference in log-odds of bad; positive is riskier"


def _show_parts(found: RowExplanation) -> None:
    """Write characteristics in column order, or features by their weight."""
    points = [part for part in found.parts if isinstance(part, RowPart)]
    features = [part for part in found.parts if isinstance(part, FeaturePart)]
    if points:
        header = ("characteristic", "attribute", "points>")
        lost = ("lost against reference>", "contribution>", "reference>")
        show_table(
            (*header, *lost),
            [
                (
                    part.characteristic,
                    part.attribute,
                    f"{part.points:.6g}",
                    f"{part.shortfall_points:+.1f}",
                    f"{part.contribution:+.4f}",
                    f"{part.reference:+.4f}",
                )
                for part in points
            ],
            _TITLE,
        )
    if features:
        show_table(
            ("feature", "cell", "points lost>", "contribution>"),
            [
                (
                    part.feature,
                    part.state,
                    f"{part.shortfall_points:+.1f}",
                    f"{part.contribution:+.4f}",
                )
                for part in sorted(features, key=lambda part: -abs(part.contribution))
            ],
            _TITLE,
        )


def _show_reasons(found: RowExplanation) -> None:
    if not found.reasons:
        show_line("\nNo reason: nothing is below its reference.")
        return
    show_table(
        ("", "code", "reason", "contribution>"),
        [
            (str(i), reason.code, reason.text, f"{reason.contribution:+.4f}")
            for i, reason in enumerate(found.reasons, 1)
        ],
        "Reasons, most harmful first",
    )
    for i, reason in enumerate(found.reasons, 1):
        show_line(f"{i}. {reason.consumer_text}")
