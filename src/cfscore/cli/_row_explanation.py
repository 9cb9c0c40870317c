"""Row explanation: how one row of a file gets its points, score and reasons."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import InputError, UsageError
from cfscore.explain import PointsExplainer, forest_reason_harm, reason_harm
from cfscore.plan import Attribute, ForestFeature, ScoringPlan, assign_attributes
from cfscore.reading import ReadOptions, find_sources, open_source
from cfscore.scoring import ScoreBatch, Scorer
from cfscore.tables import Column, ColumnBatch, NumericColumn, read_table

__all__ = [
    "CitedReason",
    "FeaturePart",
    "RowExplanation",
    "RowPart",
    "explain_row",
    "read_row",
]

_BATCH_ROWS = 65_536


@dataclass(frozen=True)
class RowPart:
    """What one characteristic adds to a row.

    Parameters
    ----------
    characteristic : str
        Its name.
    attribute, role, policy : str
        The attribute that the row's value falls into.
    points : float
        Its points, as in the points table.
    log_odds : float
        Its part of the log-odds of bad.
    reference : float
        The part at the reference.
    contribution : float
        ``log_odds - reference``; positive is riskier.
    shortfall_points : float
        The contribution in points: positive was lost against the reference.
    """

    characteristic: str
    attribute: str
    role: str
    policy: str
    points: float
    log_odds: float
    reference: float
    contribution: float
    shortfall_points: float


@dataclass(frozen=True)
class FeaturePart:
    """What one feature of a forest adds to a row.

    Parameters
    ----------
    feature : str
        Its name.
    state : {"value", "special", "missing", "unseen"}
        What its cell holds; the value itself is not repeated.
    contribution : float
        Shapley value in log-odds of bad; positive is riskier.
    shortfall_points : float
        The contribution in points: positive was lost against the reference.
    """

    feature: str
    state: str
    contribution: float
    shortfall_points: float


@dataclass(frozen=True)
class CitedReason:
    """One reason of a row.

    Parameters
    ----------
    code, text, consumer_text : str
        As in the catalogue, in the language asked for.
    contribution : float
        Log-odds of bad that it stands for; positive is riskier.
    """

    code: str
    text: str
    consumer_text: str
    contribution: float


@dataclass(frozen=True)
class RowExplanation:
    """A row's score, and where it comes from.

    Parameters
    ----------
    log_odds, pd, score : float
        Log-odds of bad, probability of default, score points.
    margin : float
        The explained log-odds of bad.
    base_value : float
        Margin at the reference; plus all contributions it is ``margin``.
    parts : tuple of RowPart, or of FeaturePart for a forest
        In column order.
    reasons : tuple of CitedReason
        Most harmful first.
    """

    log_odds: float
    pd: float
    score: float
    margin: float
    base_value: float
    parts: tuple[RowPart, ...] | tuple[FeaturePart, ...]
    reasons: tuple[CitedReason, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON can hold it."""
        return asdict(self)


def read_row(
    source: str | os.PathLike[str],
    row: int,
    plan: ScoringPlan,
    options: ReadOptions | None = None,
) -> pa.RecordBatch:
    """Return one row of a file.

    Parameters
    ----------
    source : path
        Parquet, CSV or Arrow file.
    row : int
        Number of the row, counted from 1; the header is not counted.
    plan : ScoringPlan
        Whose columns are read.
    options : ReadOptions, optional
        What is declared about the file.

    Raises
    ------
    UsageError
        When the path stands for several files, or ``row`` is below 1.
    InputError
        When there is no such file or row, or it cannot be read.
    """
    if row < 1:
        msg = f"Rows are counted from 1, got {row}."
        raise UsageError(msg)
    paths = find_sources(source)
    if len(paths) > 1:
        msg = f"{os.fspath(source)!r} stands for {len(paths)} files."
        raise UsageError(msg, hint="Name one of them.")
    file = open_source(paths[0], options)
    there = {*file.columns, *(default.column for default in file.defaulted)}
    names = [name for name in plan.schema.names if name in there]
    n_before = 0
    for batch in file.batches(names, _BATCH_ROWS):
        if n_before + batch.num_rows >= row:
            return batch.slice(row - 1 - n_before, 1)
        n_before += batch.num_rows
    msg = f"The file {paths[0].name!r} has {n_before} row(s), and no row {row}."
    raise InputError(msg, code="NO_SUCH_ROW", hint="Rows are counted from 1.")


def explain_row(
    plan: ScoringPlan, row: Any, *, reasons: int = 4, language: str = "en"
) -> RowExplanation:
    """Return how one row is scored.

    Parameters
    ----------
    plan : ScoringPlan
        The plan that scores.
    row : table of one row
        With the plan's columns.
    reasons : int, default 4
        Number of reasons.
    language : {"en", "zh"}, default "en"
        Language of their texts.

    Raises
    ------
    SchemaError
        When columns are missing.
    RowFaultError
        When the row cannot be scored.
    """
    batch = read_table(row, plan.schema)
    scored = Scorer(plan, threads=1).score_columns(
        batch, reasons=reasons, contributions=plan.is_forest, language=language
    )
    indices = [int(i) for i in scored.reason_indices[0] if i >= 0]
    harm = _harm(plan, batch, scored)
    return RowExplanation(
        log_odds=float(scored.log_odds[0]),
        pd=float(scored.pd[0]),
        score=float(scored.score[0]),
        margin=float(scored.margin[0]),
        base_value=plan.base_value,
        parts=_feature_parts(plan, batch, scored)
        if plan.is_forest
        else _parts(plan, batch),
        reasons=_cited(plan, harm, indices, language),
    )


def _harm(
    plan: ScoringPlan, batch: ColumnBatch, scored: ScoreBatch
) -> NDArray[np.float64]:
    """Return the summed contribution of each reason."""
    if not plan.is_forest:
        attributes = np.array(_attributes(plan, batch), np.uint16)
        return reason_harm(attributes, PointsExplainer(plan))
    assert scored.contributions is not None
    return forest_reason_harm(plan, batch, scored.contributions[0])


def _feature_parts(
    plan: ScoringPlan, batch: ColumnBatch, scored: ScoreBatch
) -> tuple[FeaturePart, ...]:
    assert scored.contributions is not None
    return tuple(
        FeaturePart(
            feature=feature.name,
            state=_state(feature, batch.columns[feature.name]),
            contribution=contribution,
            shortfall_points=contribution * plan.scale.factor,
        )
        for feature, contribution in zip(
            plan.forest.features, scored.contributions[0].tolist(), strict=True
        )
    )


def _state(feature: ForestFeature, column: Column) -> str:
    if isinstance(column, NumericColumn):
        value = float(column.values[0])
        if value in feature.special:
            return "special"
        return "missing" if np.isnan(value) else "value"
    code = int(column.codes[0])
    if code < 0:
        return "missing"
    return "value" if column.keys[code] in feature.categories else "unseen"


def _attributes(plan: ScoringPlan, batch: ColumnBatch) -> list[int]:
    return [
        int(assign_attributes(c.bins, batch.columns[c.name])[0])
        for c in plan.points.characteristics
    ]


def _parts(plan: ScoringPlan, batch: ColumnBatch) -> tuple[RowPart, ...]:
    found = _attributes(plan, batch)
    triples = zip(plan.points.characteristics, found, plan.reference, strict=True)
    return tuple(
        _part(plan, c.name, c.attributes[i], reference) for c, i, reference in triples
    )


def _part(
    plan: ScoringPlan, name: str, attribute: Attribute, reference: float
) -> RowPart:
    contribution = attribute.log_odds - reference
    return RowPart(
        characteristic=name,
        attribute=attribute.label,
        role=attribute.role,
        policy=attribute.policy,
        points=attribute.points,
        log_odds=attribute.log_odds,
        reference=reference,
        contribution=contribution,
        shortfall_points=contribution * plan.scale.factor,
    )


def _cited(
    plan: ScoringPlan, harm: NDArray[np.float64], indices: list[int], language: str
) -> tuple[CitedReason, ...]:
    cited = []
    for index in indices:
        reason = plan.catalogue.reasons[index]
        long = reason.consumer_text(language)
        text = reason.text(language)
        cited.append(CitedReason(reason.code, text, long or text, float(harm[index])))
    return tuple(cited)
