"""``cfscore train``: one config in, a folder with plan, tables and metrics out."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._streams import write_data, write_json, write_message
from cfscore.cli._terminal import show_heading, show_line, show_table
from cfscore.exceptions import UsageError
from cfscore.workflow import (
    Discrimination,
    TrainConfig,
    TrainingRun,
    example_config_text,
    load_config,
    train,
)

__all__ = ["build_parser", "discrimination_rows", "run"]

DISCRIMINATION_COLUMNS = (
    "sample",
    "rows>",
    "bad rate>",
    "Gini [95% interval]>",
    "KS [95% interval]>",
    "AUC>",
)


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore train``."""
    parser = CommandParser(
        "train",
        "Run a whole development from one TOML config: split, bin, select, fit,\n"
        "compile, measure. The run's folder appears complete or not at all.",
    )
    parser.add_argument("-c", "--config", metavar="FILE", help="the config, TOML")
    parser.add_argument(
        "-o", "--output", metavar="FOLDER", help="in place of [output] folder"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace an earlier run in that folder"
    )
    parser.add_argument(
        "--example", action="store_true", help="print a commented config and stop"
    )
    parser.add_json_flag()
    return parser


def run(arguments: Namespace) -> int:
    """Run the development and show what came out."""
    if arguments.example:
        write_data(example_config_text())
        return ExitCode.DONE
    if arguments.config is None:
        msg = "A config is needed: -c FILE."
        raise UsageError(msg, hint="To begin: cfscore train --example > run.toml")
    config = _config(arguments)
    done, folder = train(
        config, Path(arguments.config).parent, overwrite=arguments.overwrite
    )
    if arguments.json:
        identity = {"folder": str(folder), "plan_sha256": done.plan.sha256}
        write_json({**identity, "metrics": done.metrics()})
    else:
        show_run(done)
    write_message(f"cfscore: plan, tables and metrics -> {folder}")
    return ExitCode.DONE


def _config(arguments: Namespace) -> TrainConfig:
    config = load_config(arguments.config)
    if arguments.output is None:
        return config
    # Given on the command line, it is relative to where the command is run.
    folder = str(Path(arguments.output).resolve())
    return replace(config, output=replace(config.output, folder=folder))


def show_run(done: TrainingRun) -> None:
    """Write a run's discrimination and characteristics for a person."""
    show_heading(f"{done.plan.name}: discrimination")
    show_table(DISCRIMINATION_COLUMNS, discrimination_rows(done.discrimination))
    for sample, n in done.refused.items():
        if n:
            show_line(f"{sample}: {n:,} row(s) refused by a policy, left out")
    show_heading("Characteristics")
    frame = done.characteristics
    columns = zip(frame.characteristic, frame.iv, frame.reason, strict=True)
    rows = [(str(name), f"{iv:.3f}", str(reason)) for name, iv, reason in columns]
    show_table(("characteristic", "IV>", "verdict"), rows)


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
