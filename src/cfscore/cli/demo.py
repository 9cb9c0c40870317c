"""``cfscore demo``: raw tables become a scored file, printed for a person."""

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
from cfscore.cli.train import show_waterfall
from cfscore.workflow import DEMO_KEY, DEMO_REASONS, DemoResult, run_demo

__all__ = ["build_parser", "run"]

_N_POINTS_SHOWN = 3


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore demo``."""
    parser = CommandParser(
        "demo",
        "The whole way, on a synthetic loan book with a known truth: raw tables,\n"
        "labels, features, a scorecard and a boosted model, compile, save, load,\n"
        "score a file with reasons, compare with the truth.",
    )
    add = parser.add_argument
    add("-o", "--output", default="cfscore-demo", metavar="DIR", help="./cfscore-demo")
    add("--customers", type=count, default=20_000, metavar="N", help="default 20000")
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
    _show_sample(result)
    _show_discrimination(result)
    _show_points(result)
    _show_examples(result)
    _show_checks(result, time.perf_counter() - begin)
    _show_files(result)
    return ExitCode.DONE


def _show_sample(result: DemoResult) -> None:
    records = result.run.records
    assert records is not None, "the demo begins with raw tables"
    show_waterfall(records)
    show_line(f"Bad is {records.labels.definition}.")


def _show_discrimination(result: DemoResult) -> None:
    show_heading("How well the models rank, beside the truth behind the book")
    show_table(
        (
            "sample",
            "model",
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
                sample.replace("_", " "),
                name,
                f"{found.model.rows:,}",
                f"{found.model.bad_rate:.2%}",
                f"{found.mean_pd:.2%}",
                f"{found.mean_true_pd:.2%}",
                str(found.model.gini),
                f"{found.truth.gini.value:.4f}",
                str(found.model.ks),
            )
            for sample in result.models["scorecard"].samples
            for name, model in result.models.items()
            for found in (model.samples[sample],)
        ],
    )
    show_line(
        "The true PD is what the outcomes were drawn from: no model ranks better on\n"
        "average. Out of time other people apply, and later the same people default\n"
        "more often: compare the mean PD with the true one. What would have become of\n"
        "those who were rejected only the truth knows."
    )


def _show_points(result: DemoResult) -> None:
    plan = result.models["scorecard"].plan
    summary = summarize_plan(plan)
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
    for name, model in result.models.items():
        show_heading(f"Five rows, as the {name} model scores them")
        rows = model.examples.to_pylist()
        reasons = [c for c in model.examples.column_names if c.startswith("reason_")]
        show_table(
            (DEMO_KEY, "score>", "PD>", "true PD>", "reasons, most harmful first"),
            [
                (
                    row[DEMO_KEY],
                    f"{row['score']:.6g}",
                    f"{row['pd']:.2%}",
                    f"{row['true_pd']:.2%}",
                    ", ".join(row[name] for name in reasons if row[name]) or "none",
                )
                for row in rows
            ],
        )
        code = rows[0]["reason_1"]
        for reason in model.plan.catalogue.reasons:
            if reason.code == code:
                texts = reason.consumer_text_en, reason.consumer_text_zh
                show_line(f"{code}: {' / '.join(texts)}")


def _show_checks(result: DemoResult, seconds: float) -> None:
    pairs = []
    for name, model in result.models.items():
        report = model.report
        same = model.n_single_rows - model.n_single_differences
        pairs += [
            (
                name,
                f"{report.scored:,} of {report.rows:,} rows in {report.seconds:.2f} s, "
                f"{report.rows_per_second:,.0f} rows/s with {DEMO_REASONS} reasons, "
                "reading and writing included",
            ),
            (
                "one at a time",
                f"{same:,} of {model.n_single_rows:,} rows scored again singly: the "
                "same log-odds, score and reasons to the last bit",
            ),
            ("plan", f"sha256 {model.plan.sha256}"),
        ]
    steps = ", ".join(f"{name} {took:.1f}" for name, took in result.seconds.items())
    show_heading("What was done")
    show_pairs(
        [
            ("raw tables", f"{result.raw_rows:,} rows"),
            *pairs,
            ("seconds", f"{steps}; {seconds:.1f} in all, compiling kernels included"),
        ]
    )


def _show_files(result: DemoResult) -> None:
    folder = result.folder
    show_heading("Where the files lie")
    show_pairs(
        [
            *(
                (str(folder.plan(name)), f"the {name} model: all that scoring needs")
                for name in result.models
            ),
            (str(folder.run), "features, labels, points, metrics, manifest"),
            *(
                (str(folder.scored(name)), f"scored by the {name} model, with reasons")
                for name in result.models
            ),
            (str(folder.config), "config of the run"),
            (str(folder.reasons), "reasons, English and Chinese"),
            (str(folder.book), "the raw tables and their truth"),
        ]
    )
    show_heading("Next")
    plan = folder.plan("boosted")
    model = f"-m {plan} -i {folder.incoming}"
    show_line(f"cfscore inspect {folder.plan('scorecard')}")
    show_line(f"cfscore explain {model} --row 17 --language zh")
    show_line(f"cfscore score {model} -o scored.csv --keep {DEMO_KEY}")
    show_line(f"cfscore train -c {folder.config} --overwrite")
