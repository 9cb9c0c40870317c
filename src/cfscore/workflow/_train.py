"""Train: a config becomes fitted models, their plans, and the measure of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfscore.exceptions import FitError
from cfscore.features import FeatureCatalogue
from cfscore.plan import ScoringPlan
from cfscore.scorecard import Scorecard
from cfscore.workflow._config import TrainConfig
from cfscore.workflow._development_table import (
    DevelopmentTable,
    instant_of,
    raw_development_table,
    read_development_table,
)
from cfscore.workflow._fit_models import FeatureFacts, fit_boosted_model, fit_scorecard
from cfscore.workflow._measured_plan import MeasuredPlan, measure_plan
from cfscore.workflow._raw_tables import RawRecords, read_raw_tables
from cfscore.workflow._run_folder import check_run_folder, write_run_folder
from cfscore.workflow._sample_split import SampleSplit, split_rows

__all__ = ["Announce", "TrainingRun", "develop", "train"]

#: Told what is being done, before each step.
Announce = Callable[[str], None]


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
    scorecard : MeasuredPlan
        The compiled card.
    boosted : MeasuredPlan or None
        The compiled boosted model, where one was asked for.
    characteristics : DataFrame
        One row per candidate of the card: kind, iv, ..., chosen, reason of a rejection.
    records : RawRecords or None
        Features and outcomes of every decision, where the run began with raw tables.
    """

    config: TrainConfig
    files: tuple[Path, ...]
    split: SampleSplit
    scorecard: MeasuredPlan
    boosted: MeasuredPlan | None
    characteristics: pd.DataFrame
    records: RawRecords | None = None

    @property
    def models(self) -> dict[str, MeasuredPlan]:
        """The models by name: ``scorecard`` and, where there is one, ``boosted``."""
        models = {"scorecard": self.scorecard}
        return models if self.boosted is None else {**models, "boosted": self.boosted}

    def metrics(self) -> dict[str, Any]:
        """Return size, AUC, Gini and KS by model and sample, as JSON can hold them."""
        return {name: model.metrics() for name, model in self.models.items()}


def develop(
    config: TrainConfig,
    base: str | os.PathLike[str] = ".",
    *,
    announce: Announce = lambda _: None,
    show_progress: bool = False,
) -> TrainingRun:
    """Fit, compile and measure; nothing is written.

    Parameters
    ----------
    config : TrainConfig
        The run.
    base : path
        Folder that the config's paths are relative to.
    announce : callable, optional
        Told what is being done, before each step.
    show_progress : bool, default False
        Whether a bar on standard error shows how far the features of raw tables are.

    Returns
    -------
    TrainingRun
        The plans with their samples and their discrimination.

    Raises
    ------
    UsageError, InputError, FitError, CompileError
        When the config, the data or a model is refused.
    """
    folder = Path(base)
    reasons = config.read_reasons(folder)
    table, records = _read(config, folder, announce, show_progress=show_progress)
    facts = FeatureFacts()
    if records is not None:
        facts = FeatureFacts(records.special_codes, records.directions)
    split = split_rows(
        table.n_rows,
        is_late=_is_late(config, table),
        holdout=config.split.holdout,
        seed=config.split.seed,
        customers=table.customers,
    )
    announce("fitting the scorecard")
    card, plan = fit_scorecard(config, table, split.development, reasons, facts)
    measured = measure_plan(_with_features(plan, records), table, split)
    boosted = None
    if config.boosted is not None:
        announce("training and calibrating the boosted model")
        plan = fit_boosted_model(
            config, config.boosted, table, split.development, reasons, facts
        )
        boosted = measure_plan(_with_features(plan, records), table, split)
    return TrainingRun(
        config=config,
        files=table.files,
        split=split,
        scorecard=measured,
        boosted=boosted,
        characteristics=_characteristics(card),
        records=records,
    )


def train(
    config: TrainConfig,
    base: str | os.PathLike[str] = ".",
    *,
    overwrite: bool = False,
    announce: Announce = lambda _: None,
    show_progress: bool = False,
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
    announce, show_progress
        As for ``develop``.

    Returns
    -------
    TrainingRun
        The run.
    Path
        Its folder, with the plan ``scorecard.cfs``, ``points.csv``,
        ``characteristics.csv``, ``metrics.json`` and ``manifest.json``; with a boosted
        model also ``boosted.cfs``; from raw tables also ``features.parquet`` and
        ``labels.parquet`` of all decisions, ``waterfall.csv`` and
        ``feature_dictionary.csv``.

    Raises
    ------
    UsageError, InputError, FitError, CompileError, OutputError
        When the config, the data, the model or the folder is refused.
    """
    folder = Path(base) / config.output.folder
    check_run_folder(folder, overwrite=overwrite)
    run = develop(config, base, announce=announce, show_progress=show_progress)
    write_run_folder(run, folder, overwrite=overwrite)
    return run, folder


def _is_late(config: TrainConfig, table: DevelopmentTable) -> NDArray[np.bool_] | None:
    start = config.split.out_of_time_from
    if start is None or table.instants is None:
        return None
    is_late: NDArray[np.bool_] = table.instants >= instant_of(start)
    if not is_late.any():
        msg = f"No row is out of time: none is from {start} or later."
        hint = "Check out_of_time_from and the time column, or leave both out."
        raise FitError(msg, code="EMPTY_SAMPLE", hint=hint)
    return is_late


def _read(
    config: TrainConfig, folder: Path, announce: Announce, *, show_progress: bool
) -> tuple[DevelopmentTable, RawRecords | None]:
    """Return the rows with outcomes, and what raw tables came to."""
    if config.data is not None:
        announce("reading the development table")
        return read_development_table(config.data, config.split, folder), None
    assert config.raw is not None
    assert config.labels is not None
    assert config.features is not None
    announce("reading raw tables: labels, and features as of each decision")
    records = read_raw_tables(
        config.raw, config.labels, config.features, folder, show_progress=show_progress
    )
    return raw_development_table(records, config.raw), records


def _with_features(plan: ScoringPlan, records: RawRecords | None) -> ScoringPlan:
    """Return a plan that says of which definitions its features are."""
    if records is None or records.catalogue is None:
        return plan
    notes = (*plan.provenance.notes, _definition_note(records.catalogue))
    return replace(plan, provenance=replace(plan.provenance, notes=notes))


def _definition_note(catalogue: FeatureCatalogue) -> str:
    return (
        f"Features as defined by {catalogue.name}, version {catalogue.version}, "
        f"sha256 {catalogue.sha256}."
    )


def _characteristics(card: Scorecard) -> pd.DataFrame:
    """Return one row per candidate: how it was binned, and why it was left out."""
    binned = card.binner_.summary().drop(columns=["status", "reason"])
    chosen = card.selection_.drop(columns=["iv"])
    return binned.merge(chosen, on="characteristic", how="left", validate="1:1")
