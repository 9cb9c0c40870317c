"""``cfscore demo``: a loan book becomes a scored file, printed for a person."""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from cfscore.cli._command_parser import CommandParser, count
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._plan_summary import summarize_plan
from cfscore.cli._streams import write_message
from cfscore.cli._terminal import show_heading, show_line, show_pairs, show_table
from cfscore.cli.inspect import POINTS_COLUMNS, points_rows
from cfscore.workflow import DemoResult, run_demo

__all__ = ["build_parser", "run"]

_N_POINTS_SHOWN = 3


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore demo``."""
    parser = CommandParser(
        "demo",
        "The whole way, on a synthetic loan book with a known truth: train, compile,\n"
        "save, load, score a file with reasons, compare with the truth.",
    )
    add = parser.add_argument
    add("-o", "--output", default="cfscore-demo", metavar="DIR", help="./cfscore-demo")
    add("--customers", type=count, default=60_000, metavar="N", help="default 60000")
    add("--rows", type=count, default=100_000, metavar="N", help="to score, 100000")
    return parser


def run(arguments: Namespace) -> int:
    """Run the demo and print what came out."""
    begin = time.perf_counter()
    result = run_demo(
        Path(arguments.output),
        customers=arguments.customers,
        rows=arguments.rows,
        announce=lambda step: write_message(f"cfscore demo: {step} ..."),
    )
    _show_discrimination(result)
    _show_points(result)
    _show_examples(result)
    _show_checks(result, time.perf_counter() - begin)
    _show_files(result)
    return ExitCode.DONE


def _show_discrimination(result: DemoResult) -> None:
    show_heading("How well the card ranks, beside the truth behind the book")
    show_table(
        (
            "sample",
            "rows>",
            "bad>",
            "mean PD>",
            "true PD>",
            "Gini [95% interval]>",
            "Gini of true PD>",
            "KS [95% interval]>",
        ),
        [
            (
                name.replace("_", " "),
                f"{sample.card.rows:,}",
                f"{sample.card.bad_rate:.2%}",
                f"{sample.mean_pd:.2%}",
                f"{sample.mean_true_pd:.2%}",
                str(sample.card.gini),
                f"{sample.truth.gini.value:.4f}",
                str(sample.card.ks),
            )
            for name, sample in result.samples.items()
        ],
    )
    show_line(
        "The true PD is what the labels were drawn from: no model ranks better on\n"
        "average. Out of time other people apply, and from April 2026 the same people\n"
        "default more often: compare the mean PD with the true one."
    )


def _show_points(result: DemoResult) -> None:
    summary = summarize_plan(result.run.plan)
    frame = result.run.characteristics
    chosen = frame[frame.chosen.astype(bool)].nlargest(_N_POINTS_SHOWN, "iv")
    names = set(chosen.characteristic)
    shown: dict[str, Any] = {
        "characteristics": [c for c in summary["characteristics"] if c["name"] in names]
    }
    n_all = len(summary["characteristics"])
    show_heading(f"Points of {_N_POINTS_SHOWN} of the card's {n_all} characteristics")
    show_table(POINTS_COLUMNS, points_rows(shown))


def _show_examples(result: DemoResult) -> None:
    show_heading("Five of the scored rows")
    rows = result.examples.to_pylist()
    reasons = [name for name in result.examples.column_names if name[:7] == "reason_"]
    show_table(
        ("application_id", "score>", "PD>", "true PD>", "reasons, most harmful first"),
        [
            (
                row["application_id"],
                f"{row['score']:.6g}",
                f"{row['pd']:.2%}",
                f"{row['true_pd']:.2%}",
                ", ".join(row[name] for name in reasons if row[name]) or "none",
            )
            for row in rows
        ],
    )
    code = rows[0]["reason_1"]
    found = [r for r in result.run.plan.catalogue.reasons if r.code == code]
    for reason in found:
        show_line(f"{code}: {reason.consumer_text_en} / {reason.consumer_text_zh}")


def _show_checks(result: DemoResult, seconds: float) -> None:
    report = result.report
    same = result.n_single_rows - result.n_single_differences
    steps = ", ".join(f"{name} {took:.1f}" for name, took in result.seconds.items())
    show_heading("What was done")
    show_pairs(
        [
            (
                "scored",
                f"{report.scored:,} of {report.rows:,} rows in {report.seconds:.2f} s, "
                f"{report.rows_per_second:,.0f} rows/s, reading and writing included",
            ),
            (
                "one at a time",
                f"{same:,} of {result.n_single_rows:,} rows scored again singly: the "
                "same log-odds, score and reasons to the last bit",
            ),
            ("plan", f"sha256 {result.run.plan.sha256}"),
            ("seconds", f"{steps}; {seconds:.1f} in all, compiling kernels included"),
        ]
    )


def _show_files(result: DemoResult) -> None:
    folder = result.folder
    show_heading("Where the files lie")
    show_pairs(
        [
            (str(folder.plan), "the plan: one file, all that scoring needs"),
            (str(folder.plan.parent), "points.csv, characteristics.csv, metrics.json"),
            (str(folder.scored), "the scored file"),
            (str(folder.config), "config of the run"),
            (str(folder.reasons), "reasons, English and Chinese"),
            (str(folder.book), "the loan book and its truth"),
        ]
    )
    show_heading("Next")
    model = f"-m {folder.plan} -i {folder.incoming / 'flat_applications.parquet'}"
    show_line(f"cfscore inspect {folder.plan}")
    show_line(f"cfscore explain {model} --row 17 --language zh")
    show_line(f"cfscore score {model} -o scored.csv --keep application_id")
    show_line(f"cfscore train -c {folder.config} --overwrite")
