"""Explaining a table: its exact contributions, against the plan or a background."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.execution import ForestEngine, PointsEngine
from cfscore.explain._contributions import Contributions
from cfscore.explain._explained_rows import RowExplainer, refuse_faults
from cfscore.explain._interventional import (
    add_leaves,
    add_shapes,
    operations,
    refuse_above,
)
from cfscore.explain._shape_tables import shape_operations, shape_tables
from cfscore.explain._tree_leaf import tree_leaves
from cfscore.plan import ScoringPlan
from cfscore.tables import ColumnBatch, read_table

__all__ = ["explain_table"]

#: About half a minute of one core (2026, 500 trees of 31 leaves).
_MAX_OPERATIONS = 5e10


def explain_table(
    plan: ScoringPlan,
    table: Any,
    *,
    background: Any = None,
    max_operations: float = _MAX_OPERATIONS,
) -> Contributions:
    """Return the exact contribution of every feature of every row.

    Parameters
    ----------
    plan : ScoringPlan
        A scorecard or a forest.
    table : pandas, polars or Arrow table, mapping of arrays, list of dicts, array
        Rows to explain, as ``Scorer.score`` takes them.
    background : table, optional
        Rows to explain against, for example accepted applicants just above the
        cut-off: interventional contributions, each row of the background counted
        alike. It is read and not kept. Without one the plan's own reference is used:
        the catalogue's for a scorecard, the training cases by cover (path-dependent
        TreeSHAP) for a forest.
    max_operations : float, default 5e10
        Largest estimate of operations that is begun for a forest: to read its shape
        tables where at most two features interact, else to go leaf by leaf. A
        scorecard takes little.

    Returns
    -------
    Contributions
        In log-odds of bad, positive is riskier; base value plus a row's contributions
        is its margin, which is checked.

    Raises
    ------
    SchemaError
        When columns are missing or of a kind that cannot be read; all are listed.
    RowFaultError
        When a row cannot be scored.
    ExplanationError
        When exact contributions against the background would cost more than
        ``max_operations``; the estimate is in the text.
    UsageError
        When the background has no rows.

    Notes
    -----
    The two kinds answer different questions. Against a background a feature that the
    model does not use never contributes; path-dependent values follow the cases that
    the trees were grown on (Lundberg et al., *Nature Machine Intelligence* 2, 2020).
    """
    batch = read_table(table, plan.schema)
    if background is None:
        found = RowExplainer(plan).explain(batch)
        return Contributions(
            plan.schema,
            found.contributions,
            plan.base_value,
            found.scores.margin,
            special_codes=plan.special_codes,
        )
    beside = read_table(background, plan.schema)
    if beside.n_rows == 0:
        msg = "background must have at least one row."
        raise UsageError(msg)
    return _against(plan, batch, beside, max_operations)


def _against(
    plan: ScoringPlan, batch: ColumnBatch, beside: ColumnBatch, max_operations: float
) -> Contributions:
    """Return contributions against a background."""
    values = np.zeros((batch.n_rows, len(plan.schema)))
    if not plan.is_forest:
        engine = PointsEngine(plan.points)
        margin, reference = (_margin(engine, rows) for rows in (batch, beside))
        add_shapes(shape_tables(plan), batch, beside, values)
    else:
        margin, reference = _forest(plan, batch, beside, max_operations, values)
    base_value = float(reference.mean())
    return Contributions(
        plan.schema, values, base_value, margin, beside.n_rows, plan.special_codes
    )


def _forest(
    plan: ScoringPlan,
    batch: ColumnBatch,
    beside: ColumnBatch,
    max_operations: float,
    out: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Write a forest's contributions; return the margins of rows and background."""
    engine = ForestEngine(plan.forest, plan.scale, plan.calibration)
    leaves = list(tree_leaves(plan.forest.trees, engine.layout))
    # The model decides, not the rows: a row's bits do not depend on its company.
    if shape_operations(engine.stage, engine.layout, leaves) <= max_operations:
        margins = _margin(engine, batch), _margin(engine, beside)
        add_shapes(shape_tables(plan), batch, beside, out)
        return margins
    needed = operations(leaves, batch.n_rows, beside.n_rows)
    refuse_above(max_operations, needed, batch.n_rows, beside.n_rows)
    ranks, margin = _ranks_and_margin(engine, batch)
    beside_ranks, reference = _ranks_and_margin(engine, beside)
    add_leaves(leaves, ranks, beside_ranks, out)
    out *= engine.slope / engine.stage.divisor
    return margin, reference


def _margin(
    engine: ForestEngine | PointsEngine, batch: ColumnBatch
) -> NDArray[np.float64]:
    scores = engine.run(batch)
    refuse_faults(batch, scores)
    return scores.margin


def _ranks_and_margin(
    engine: ForestEngine, batch: ColumnBatch
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return the ranks of rows, shape (n_columns, n_rows), and their margins."""
    layout = engine.layout
    ranks = np.empty((layout.n_columns, batch.n_rows), layout.dtype)

    def keep(block: NDArray[Any], first: int, n: int) -> None:
        ranks[:, first : first + n] = block[: layout.n_columns, :n]

    scores = engine.run(batch, consumer=keep)
    refuse_faults(batch, scores)
    return ranks, scores.margin
