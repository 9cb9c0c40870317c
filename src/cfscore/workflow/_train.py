"""Train: a config becomes a fitted card, a plan, and the measure of both."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.compiler import compile_plan
from cfscore.exceptions import FitError
from cfscore.plan import CutoffReference, ScoringPlan
from cfscore.scorecard import Scorecard
from cfscore.scoring import Scorer
from cfscore.workflow._config import TrainConfig
from cfscore.workflow._development_table import (
    DevelopmentTable,
    instant_of,
    read_development_table,
)
from cfscore.workflow._discrimination import Discrimination, discriminate
from cfscore.workflow._run_folder import check_run_folder, write_run_folder
from cfscore.workflow._sample_split import SampleSplit, split_rows

__all__ = ["TrainingRun", "develop", "train"]


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What a development run made.

    Parameters
    ----------
    config : TrainConfig
        What was asked for.
    files : tuple of Path
        Input files.
    split : SampleSplit
        Which row was in which sample.
    plan : ScoringPlan
        The compiled card.
    characteristics : DataFrame
        One row per candidate: kind, iv, ..., chosen, reason of a rejection.
    discrimination : dict of str to Discrimination or None
        By sample; None where a sample has goods only or bads only.
    refused : dict of str to int
        Rows of each sample that the plan refuses to score.
    """

    config: TrainConfig
    files: tuple[Path, ...]
    split: SampleSplit
    plan: ScoringPlan
    characteristics: pd.DataFrame
    discrimination: dict[str, Discrimination | None]
    refused: dict[str, int]

    def metrics(self) -> dict[str, Any]:
        """Return size, AUC, Gini and KS of every sample, as JSON can hold them."""
        return {
            name: {
                **(found.to_dict() if found else {"rows": rows.size, "auc": None}),
                "refused": self.refused[name],
            }
            for name, rows in self.split.samples.items()
            for found in (self.discrimination[name],)
        }


def develop(config: TrainConfig, base: str | os.PathLike[str] = ".") -> TrainingRun:
    """Fit, compile and measure; nothing is written.

    Parameters
    ----------
    config : TrainConfig
        The run.
    base : path
        Folder that the config's paths are relative to.

    Returns
    -------
    TrainingRun
        The plan with its samples and their discrimination.

    Raises
    ------
    UsageError, InputError, FitError, CompileError
        When the config, the data or the model is refused.
    """
    folder = Path(base)
    catalogue = config.read_reasons(folder)
    table = read_development_table(config.data, config.split, folder)
    split = split_rows(
        table.n_rows,
        is_late=_is_late(config, table),
        holdout=config.split.holdout,
        seed=config.split.seed,
    )
    sample = _take(table, split.development)
    card = config.build_card().fit(*sample)
    # The card knows its aggregates; only a cut-off reference needs the rows again.
    needs_rows = isinstance(getattr(catalogue, "reference", None), CutoffReference)
    plan = compile_plan(
        card,
        reasons=catalogue,
        development=sample[:2] if needs_rows else None,
        name=config.output.name,
    )
    scores = {
        name: Scorer(plan).score(_take(table, rows)[0], on_bad="quarantine")
        for name, rows in split.samples.items()
    }
    return TrainingRun(
        config=config,
        files=table.files,
        split=split,
        plan=plan,
        characteristics=_characteristics(card),
        discrimination={
            name: discriminate(
                table.y[rows], scores[name].log_odds, _weights(table, rows)
            )
            for name, rows in split.samples.items()
        },
        refused={
            name: int(np.count_nonzero(batch.status)) for name, batch in scores.items()
        },
    )


def train(
    config: TrainConfig,
    base: str | os.PathLike[str] = ".",
    *,
    overwrite: bool = False,
) -> tuple[TrainingRun, Path]:
    """Run a whole development and write its folder.

    Parameters
    ----------
    config : TrainConfig
        The run.
    base : path
        Folder that the config's paths are relative to.
    overwrite : bool, default False
        Whether an earlier run in the same folder may be replaced.

    Returns
    -------
    TrainingRun
        The run.
    Path
        Its folder, with the plan ``scorecard.cfs``, ``points.csv``,
        ``characteristics.csv``, ``metrics.json`` and ``manifest.json``.

    Raises
    ------
    UsageError, InputError, FitError, CompileError, OutputError
        When the config, the data, the model or the folder is refused.
    """
    folder = Path(base) / config.output.folder
    check_run_folder(folder, overwrite=overwrite)
    run = develop(config, base)
    write_run_folder(run, folder, overwrite=overwrite)
    return run, folder


def _is_late(config: TrainConfig, table: DevelopmentTable) -> NDArray[np.bool_] | None:
    start = config.split.out_of_time_from
    if start is None or table.instants is None:
        return None
    is_late: NDArray[np.bool_] = table.instants >= instant_of(start)
    return is_late


_Sample = tuple[pa.Table, NDArray[np.int8], NDArray[np.float64] | None]


def _take(table: DevelopmentTable, rows: NDArray[np.int64]) -> _Sample:
    if table.features.num_columns == 0:
        msg = "No column is left to develop a model from."
        raise FitError(msg, hint="See id, exclude, weight and time in the config.")
    return table.features.take(pa.array(rows)), table.y[rows], _weights(table, rows)


def _weights(
    table: DevelopmentTable, rows: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    return None if table.weight is None else table.weight[rows]


def _characteristics(card: Scorecard) -> pd.DataFrame:
    """Return one row per candidate: how it was binned, and why it was left out."""
    binned = card.binner_.summary().drop(columns=["status", "reason"])
    chosen = card.selection_.drop(columns=["iv"])
    return binned.merge(chosen, on="characteristic", how="left", validate="1:1")
