"""Run the measurements: ``python -m benchmarks.run [names ...]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks._machine import describe_machine
from benchmarks._report import Options

__all__ = ["MEASUREMENTS", "main"]

MEASUREMENTS = {
    "score_table": "a table of 200,000 x 30 scored, beside optbinning",
    "score_row": "one row from a dict, with four reasons",
    "score_forest": "200,000 x 50 by LightGBM models, beside LightGBM and its peers",
    "explain_forest": "contributions and four reasons, beside LightGBM's pred_contrib",
    "start_up": "import, first score of a process, first compilation",
    "score_file": "Parquet to Parquet with four reasons",
    "build_features": "features of raw tables, beside featuretools",
    "score_csv": "CSV to CSV with four reasons, beside reading it with pyarrow",
    "score_boosted_file": "Parquet to Parquet, 500 trees, four exact reasons",
    "score_large_file": "10,000,000 rows of 50 columns, its memory",
    "distance_to_truth": "models of the synthetic book, beside its true PD",
    "discrimination": "Gini on five public data sets, beside optbinning",
    "boosted_discrimination": "the same of boosted models, beside LightGBM",
}

_RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named measurements, or all of them; print and keep their reports."""
    parser = _parser()
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - set(MEASUREMENTS))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; try --list")
    if given.list:
        for name, text in MEASUREMENTS.items():
            print(f"{name:24}{text}")
        return 0
    options = Options(given.quick, given.folds, tuple(given.tasks))
    for name in given.names or MEASUREMENTS:
        print(f"== {name}: {MEASUREMENTS[name]}", file=sys.stderr, flush=True)
        module = import_module(f"benchmarks.{name}")
        report = module.measure(options)
        text = report.to_markdown(describe_machine(module.PACKAGES))
        print(text, flush=True)
        if report.tables and not given.quick and not given.no_write:
            _RESULTS.mkdir(exist_ok=True)
            (_RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run")
    parser.add_argument("names", nargs="*", help="all when omitted")
    parser.add_argument("--list", action="store_true", help="list them and stop")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes; writes no result"
    )
    parser.add_argument("--no-write", action="store_true", help="print only")
    parser.add_argument(
        "--folds", type=int, default=25, help="discriminations: folds per data set"
    )
    parser.add_argument(
        "--tasks", nargs="*", default=(), help="discriminations: data sets"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
