"""Fitting: the models of a run, compiled to plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cfscore.compiler import compile_plan
from cfscore.plan import CutoffReference, ReasonCatalogue, ScoringPlan
from cfscore.scorecard import Scorecard
from cfscore.tables import infer_schema
from cfscore.workflow._boosted_config import BoostedConfig
from cfscore.workflow._config import Codes, TrainConfig
from cfscore.workflow._development_table import DevelopmentTable
from cfscore.workflow._sample_split import Indices, part_rows

__all__ = ["FeatureFacts", "fit_boosted_model", "fit_scorecard"]


@dataclass(frozen=True)
class FeatureFacts:
    """What is declared about the features.

    Parameters
    ----------
    special_codes : mapping of str to tuple
        Values of a feature that are no measurements.
    directions : mapping of str to str
        Expected direction of the bad rate over the other values.
    """

    special_codes: Mapping[str, Codes] = field(default_factory=dict)
    directions: Mapping[str, str] = field(default_factory=dict)


def fit_scorecard(
    config: TrainConfig,
    table: DevelopmentTable,
    rows: Indices,
    catalogue: ReasonCatalogue | None,
    facts: FeatureFacts,
) -> tuple[Scorecard, ScoringPlan]:
    """Return the card that is fitted to some rows, and its plan.

    Parameters
    ----------
    config : TrainConfig
        How it is binned, selected and fitted.
    table : DevelopmentTable
        Rows with outcomes.
    rows : array, int64
        Those to fit to.
    catalogue : ReasonCatalogue or None
        Consumer reasons.
    facts : FeatureFacts
        What is declared about the features.
    """
    sample = table.take(rows)
    card = config.build_card(facts.special_codes).fit(*sample)
    # The card knows its aggregates; only a cut-off reference needs the rows again.
    needs_rows = isinstance(getattr(catalogue, "reference", None), CutoffReference)
    plan = compile_plan(
        card,
        reasons=catalogue,
        development=sample[:2] if needs_rows else None,
        name=config.output.name,
    )
    return card, plan


def fit_boosted_model(
    config: TrainConfig,
    boosted: BoostedConfig,
    table: DevelopmentTable,
    rows: Indices,
    catalogue: ReasonCatalogue | None,
    facts: FeatureFacts,
) -> ScoringPlan:
    """Return the plan of a boosted model, calibrated on rows that it did not see.

    Parameters
    ----------
    config, boosted : TrainConfig, BoostedConfig
        How it is trained and calibrated.
    table, rows, catalogue, facts
        As for ``fit_scorecard``; a share of the rows is kept for the calibration.

    Raises
    ------
    UsageError, SchemaError, FitError, CompileError
        When the settings, the columns, the sample or the catalogue is refused.
    """
    calibration = boosted.calibration
    kept = part_rows(
        rows,
        share=calibration.share,
        seed=config.split.calibration_seed,
        customers=table.customers,
    )
    training = table.take(np.setdiff1d(rows, kept, assume_unique=True))
    schema = infer_schema(training[0], categorical=boosted.categorical)
    codes = config.complete_binner(facts.special_codes).numeric_codes(schema)
    model = boosted.build(facts.directions, codes).fit(
        training[0], training[1], sample_weight=training[2]
    )
    unseen = table.take(kept)
    calibrator = calibration.build().fit(
        model.predict_log_odds(unseen[0]), unseen[1], sample_weight=unseen[2]
    )
    return compile_plan(
        model,
        calibrator=calibrator,
        scale=config.scale,
        reasons=catalogue,
        development=training[:2],
        name=f"{config.output.name}, boosted",
    )
