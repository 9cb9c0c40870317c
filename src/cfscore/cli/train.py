"""``cfscore train``: one config in, a folder with plan, tables and metrics out."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._streams import write_data, write_json, write_message
from cfscore.cli._terminal import show_heading, show_line, show_table
from cfscore.exceptions import UsageError
from cfscore.workflow import (
    Discrimination,
    MeasuredPlan,
    RawRecords,
    TrainConfig,
    TrainingRun,
    example_config_text,
    load_config,
    raw_config_text,
    train,
)

__all__ = ["build_parser", "discrimination_rows", "run", "show_waterfall"]

DISCRIMINATION_COLUMNS = (
    "sample",
    "rows>",
    "bad rate>",
    "Gini [95% interval]>",
    "KS [95% interval]>",
    "AUC>",
)


_EXAMPLES: dict[str, Callable[[], str]] = {
    "flat": example_config_text,
    "raw": raw_config_text,
}


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore train``."""
    parser = CommandParser(
        "train",
        "Run a whole development from one TOML config: raw tables or a flat one turn\n"
        "into labels, features, a scorecard and a boosted model, calibrated, compiled\n"
        "and measured. The run's folder appears complete or not at all.",
    )
    parser.add_argument("-c", "--config", metavar="FILE", help="the config, TOML")
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", help="in place of [output] folder"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace an earlier run in that folder"
    )
    parser.add_argument(
        "--example",
        nargs="?",
        choices=tuple(_EXAMPLES),
        const="flat",
        help="print a commented config and stop: for a flat table (default), or raw "
        "tables",
    )
    parser.add_json_flag()
    return parser


def run(arguments: Namespace) -> int:
    """Run the development and show what came out."""
    if arguments.example:
        write_data(_EXAMPLES[arguments.example]())
        return ExitCode.DONE
    if arguments.config is None:
        msg = "A config is needed: -c FILE."
        raise UsageError(msg, hint="To begin: cfscore train --example > run.toml")
    config = _config(arguments)
    done, folder = train(
        config,
        Path(arguments.config).parent,
        overwrite=arguments.overwrite,
        announce=lambda step: write_message(f"cfscore train: {step} ..."),
        show_progress=sys.stderr.isatty(),
    )
    if arguments.json:
        hashes = {name: model.plan.sha256 for name, model in done.models.items()}
        identity = {"folder": str(folder), "plan_sha256": hashes}
        write_json({**identity, "metrics": done.metrics()})
    else:
        show_run(done)
    write_message(f"cfscore: plans, tables and metrics -> {folder}")
    return ExitCode.DONE


def _config(arguments: Namespace) -> TrainConfig:
    config = load_config(arguments.config)
    if arguments.output is None:
        return config
    # Given on the command line, it is relative to where the command is run.
    folder = str(Path(arguments.output).resolve())
    return replace(config, output=replace(config.output, folder=folder))


def show_run(done: TrainingRun) -> None:
    """Write a run's samples, discrimination and characteristics for a person."""
    if done.records is not None:
        show_waterfall(done.records)
    for name, model in done.models.items():
        _show_model(name, model)
    show_heading("Characteristics of the scorecard")
    frame = done.characteristics
    columns = zip(frame.characteristic, frame.iv, frame.reason, strict=True)
    rows = [(str(name), f"{iv:.3f}", str(reason)) for name, iv, reason in columns]
    show_table(("characteristic", "IV>", "verdict"), rows)


def show_waterfall(records: RawRecords) -> None:
    """Write what each step from all decisions to goods and bads takes away."""
    show_heading("From all decisions to goods and bads")
    rows = [
        (str(step).replace("_", " "), f"{n:,}", f"{left:,}")
        for step, n, left in records.waterfall.iter_rows()
    ]
    show_table(("step", "decisions>", "left>"), rows)


def _show_model(name: str, model: MeasuredPlan) -> None:
    show_heading(f"{model.plan.name} ({name}): discrimination")
    show_table(DISCRIMINATION_COLUMNS, discrimination_rows(model.discrimination))
    for sample, n in model.refused.items():
        if n:
            show_line(f"{sample}: {n:,} row(s) refused by a policy, left out")


def discrimination_rows(
    found: dict[str, Discrimination | None],
) -> list[tuple[str, ...]]:
    """Return the rows of a discrimination table, for ``DISCRIMINATION_COLUMNS``."""
    return [
        (name, "", "", "one class only", "", "")
        if sample is None
        else (
            name.replace("_", " "),
            f"{sample.rows:,}",
            f"{sample.bad_rate:.2%}",
            str(sample.gini),
            str(sample.ks),
            f"{sample.auc.value:.4f}",
        )
        for name, sample in found.items()
    ]
