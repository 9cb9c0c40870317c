"""Shape tables: an additive or pairwise boosted model read like a scorecard.

The indicator of a leaf is a product over the features above it, so a forest whose
leaves have one feature each is a sum of step functions, and one with at most two a sum
of step functions and grids (Lou, Caruana and Gehrke, "Accurate intelligible models
with pairwise interactions", KDD 2013, DOI 10.1145/2487575.2487579). Each leaf counts
relative to its share of the training cases, so that the intercept is the plan's base
value and the tables of an additive model are its TreeSHAP contributions.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import ExplanationError, UsageError
from cfscore.execution import RankLayout, rank_layout
from cfscore.explain._arrow_frame import ArrowFrame
from cfscore.explain._shape_axis import (
    BELOW_ZERO,
    BinAxis,
    CategoryAxis,
    CodeAxis,
    IntervalAxis,
    ShapeAxis,
)
from cfscore.explain._shape_centring import centre_shapes
from cfscore.explain._tree_leaf import LeafTest, TreeLeaf, tree_leaves
from cfscore.plan import MISSING_ZERO, ZERO_BOUND, ForestStage, ScoringPlan
from cfscore.score_scale import ScoreScale
from cfscore.tables import ColumnBatch, InputSchema, read_table

__all__ = ["ShapeTable", "ShapeTables", "shape_operations", "shape_tables"]

_MOST_FEATURES = 2


@dataclass(frozen=True, eq=False, repr=False)
class ShapeTable(ArrowFrame):
    """What one feature, or a pair of features, adds to the log-odds of bad.

    Parameters
    ----------
    axes : tuple of ShapeAxis
        One axis per feature: one or two.
    log_odds : array of shape (n_cells,) or (n_cells, n_cells_2), float64
        Part added to the log-odds of bad; positive is riskier.
    points : array of the same shape, float64
        The same in score points, an equal share of the intercept included.
    """

    axes: tuple[ShapeAxis, ...]
    log_odds: NDArray[np.float64]
    points: NDArray[np.float64]

    def __repr__(self) -> str:
        """Return features and size."""
        size = " x ".join(map(str, self.log_odds.shape))
        return f"ShapeTable({', '.join(self.features)}: {size} cells)"

    @classmethod
    def of_log_odds(
        cls,
        axes: tuple[ShapeAxis, ...],
        log_odds: NDArray[np.float64],
        scale: ScoreScale,
        share_points: float,
    ) -> ShapeTable:
        """Return a table with its points.

        Parameters
        ----------
        axes : tuple of ShapeAxis
            One axis per feature.
        log_odds : array, float64
            Part added to the log-odds of bad.
        scale : ScoreScale
            From log-odds to points.
        share_points : float
            Its share of the points at the intercept.
        """
        return cls(axes, log_odds, share_points - scale.factor * log_odds)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of its features."""
        return tuple(axis.feature for axis in self.axes)

    def cells_of(self, batch: ColumnBatch) -> tuple[NDArray[np.int64], ...]:
        """Return the cell of every row on each axis.

        Parameters
        ----------
        batch : ColumnBatch
            With the features' columns.

        Returns
        -------
        tuple of array of shape (n_rows,), int64
            One array per axis; together they index ``log_odds``.
        """
        return tuple(axis.cells_of(batch.columns[axis.feature]) for axis in self.axes)

    def to_arrow(self) -> pa.Table:
        """Return one row per cell.

        Returns
        -------
        pyarrow.Table
            ``feature``, ``bin``, ``lower`` and ``upper`` (bounds of intervals, null
            elsewhere), for a pair also ``feature_2`` .. ``upper_2``, then ``log_odds``
            and ``points``.
        """
        cells = np.indices(self.log_odds.shape).reshape(len(self.axes), -1)
        columns: dict[str, Any] = {}
        for axis, found, tail in zip(self.axes, cells, ("", "_2"), strict=False):
            columns["feature" + tail] = [axis.feature] * len(found)
            columns["bin" + tail] = [axis.labels[cell] for cell in found]
            columns["lower" + tail] = _nullable(axis.lower[found])
            columns["upper" + tail] = _nullable(axis.upper[found])
        columns["log_odds"] = self.log_odds.ravel()
        columns["points"] = self.points.ravel()
        return pa.table(columns)


@dataclass(frozen=True, eq=False, repr=False)
class ShapeTables(ArrowFrame):
    """All shape tables of a plan: ``intercept`` plus one cell of each is the margin.

    Parameters
    ----------
    schema : InputSchema
        Input columns of the plan.
    scale : ScoreScale
        From log-odds to points.
    intercept : float
        Log-odds of bad where every table reads 0: the plan's base value.
    tables : tuple of ShapeTable
        Single features in column order, then pairs; features that no tree reads have
        no table.
    """

    schema: InputSchema
    scale: ScoreScale
    intercept: float
    tables: tuple[ShapeTable, ...]

    def __repr__(self) -> str:
        """Return the number of tables of each kind."""
        n_pairs = sum(len(table.axes) > 1 for table in self.tables)
        return f"ShapeTables({len(self) - n_pairs} features, {n_pairs} pairs)"

    def __len__(self) -> int:
        """Return the number of tables."""
        return len(self.tables)

    def __iter__(self) -> Iterator[ShapeTable]:
        """Iterate over the tables."""
        return iter(self.tables)

    def table(self, *features: str) -> ShapeTable:
        """Return the table of a feature or of a pair, in either order.

        Parameters
        ----------
        *features : str
            One or two names.

        Returns
        -------
        ShapeTable
            With exactly these features.

        Raises
        ------
        UsageError
            When there is no such table.
        """
        for table in self.tables:
            if set(table.features) == set(features):
                return table
        msg = f"There is no shape table of {list(features)}."
        known = [" x ".join(table.features) for table in self.tables[:20]]
        raise UsageError(msg, hint=f"There are: {known}.")

    def margin(self, table: Any) -> NDArray[np.float64]:
        """Return the log-odds of bad read from the tables alone.

        Parameters
        ----------
        table : pandas, polars or Arrow table, mapping of arrays, list of dicts, array
            As ``Scorer.score`` takes it.

        Returns
        -------
        array of shape (n_rows,), float64
            The plan's margin, up to the order of summation.

        Raises
        ------
        SchemaError
            When columns are missing or of a kind that cannot be read.
        """
        batch = read_table(table, self.schema)
        parts = [shape.log_odds[shape.cells_of(batch)] for shape in self.tables]
        return sum(parts, np.full(batch.n_rows, self.intercept))

    def centred(self, background: Any) -> ShapeTables:
        """Return the same model with what a pair adds on average told by its features.

        Parameters
        ----------
        background : pandas, polars or Arrow table, mapping of arrays, list of dicts
            Rows whose distribution of each feature the average is taken over, for
            example the development sample; not kept.

        Returns
        -------
        ShapeTables
            Every table of a feature averages 0 over the background, every grid 0 along
            each of its axes: functional analysis of variance under independent features
            (Hooker, 2004, DOI 10.1145/1014052.1014122). The margin of a row is the
            same.

        Raises
        ------
        SchemaError
            When columns are missing or of a kind that cannot be read.
        UsageError
            When the background has no rows.
        """
        batch = read_table(background, self.schema)
        if batch.n_rows == 0:
            msg = "A background needs at least one row."
            raise UsageError(msg)
        intercept, shapes = centre_shapes(
            [(table.axes, table.log_odds) for table in self.tables], batch
        )
        share = self.scale.score_from_log_odds(intercept + self.intercept)
        tables = tuple(
            ShapeTable.of_log_odds(axes, found, self.scale, share / len(shapes))
            for axes, found in shapes
        )
        return ShapeTables(self.schema, self.scale, self.intercept + intercept, tables)

    def to_arrow(self) -> pa.Table:
        """Return one row per cell of all tables.

        Returns
        -------
        pyarrow.Table
            Columns as ``ShapeTable.to_arrow`` has them, null in ``feature_2`` ..
            ``upper_2`` for single features.
        """
        frames = [table.to_arrow() for table in self.tables]
        return pa.concat_tables(frames, promote_options="default")


def shape_tables(plan: ScoringPlan) -> ShapeTables:
    """Return what each feature and each pair of features adds, read from a plan.

    Parameters
    ----------
    plan : ScoringPlan
        A scorecard, or a forest with at most two features above each leaf.

    Returns
    -------
    ShapeTables
        The margin of any row is the intercept plus one cell of each table. Points add
        up to the score where no isotonic or beta calibration follows, before a
        forest's total is rounded.

    Raises
    ------
    ExplanationError
        When a forest lets more features interact (code ``"NOT_ADDITIVE"``).
    """
    if not plan.is_forest:
        tables = tuple(_card_tables(plan))
        return ShapeTables(plan.schema, plan.scale, plan.base_value, tables)
    stage = plan.forest
    layout = rank_layout(stage.trees, len(stage.features))
    leaves = list(tree_leaves(stage.trees, layout))
    most = _most_features(leaves)
    if most > _MOST_FEATURES:
        msg = (
            f"Up to {most} features of plan {plan.name!r} interact; shape tables need "
            f"at most {_MOST_FEATURES} above each leaf."
        )
        hint = 'Train with interaction="none" or interaction="pairs".'
        raise ExplanationError(msg, code="NOT_ADDITIVE", hint=hint)
    unit = stage.margin_line(plan.calibration)[1] / stage.divisor
    groups = _by_features(leaves).values()
    shapes = [_Shape.of_leaves(stage, layout, group) for group in groups]
    share = plan.scale.score_from_log_odds(plan.base_value) / max(len(shapes), 1)
    tables = tuple(
        ShapeTable.of_log_odds(shape.axes, unit * shape.raw, plan.scale, share)
        for shape in shapes
    )
    return ShapeTables(plan.schema, plan.scale, plan.base_value, tables)


def shape_operations(
    stage: ForestStage, layout: RankLayout, leaves: list[TreeLeaf]
) -> float:
    """Return an upper estimate of the additions that shape tables of leaves take.

    Each leaf is added to the cells that it covers of the table of its features.
    Infinite where the leaves have no shape tables.
    """
    if _most_features(leaves) > _MOST_FEATURES:
        return math.inf
    total = 0
    for group in _by_features(leaves).values():
        axes = _axes(stage, layout, group)
        total += len(group) * math.prod(map(len, axes))
    return float(total)


def _by_features(leaves: list[TreeLeaf]) -> dict[tuple[int, ...], list[TreeLeaf]]:
    """Return the leaves over each set of features, the smallest sets first."""
    groups: dict[tuple[int, ...], list[TreeLeaf]] = defaultdict(list)
    for leaf in leaves:
        groups[leaf.features].append(leaf)
    order = sorted(groups, key=lambda features: (len(features), features))
    return {features: groups[features] for features in order}


def _most_features(leaves: list[TreeLeaf]) -> int:
    return max((len(leaf.tests) for leaf in leaves), default=0)


@dataclass(frozen=True, eq=False)
class _Shape:
    """The sum of leaves over the same features, in units of raw score."""

    axes: tuple[IntervalAxis | CategoryAxis | CodeAxis, ...]
    raw: NDArray[np.float64]

    @classmethod
    def of_leaves(
        cls, stage: ForestStage, layout: RankLayout, leaves: list[TreeLeaf]
    ) -> _Shape:
        """Add up leaves with the same features, in their order."""
        features = leaves[0].features
        axes = _axes(stage, layout, leaves)
        ranks = {
            column: layout.columns[column].ranks_of(
                axis.values, layout.features[f].thresholds
            )
            for f, axis in zip(features, axes, strict=True)
            for column in {t.column for leaf in leaves for t in leaf.tests[f]}
        }
        raw = np.zeros(tuple(map(len, axes)))
        for leaf in leaves:
            met = [np.flatnonzero(_met(leaf.tests[f], ranks)) for f in features]
            raw[np.ix_(*met)] += leaf.value
        return cls(axes, raw - sum(leaf.value * leaf.share for leaf in leaves))


def _axes(
    stage: ForestStage, layout: RankLayout, leaves: list[TreeLeaf]
) -> tuple[IntervalAxis | CategoryAxis | CodeAxis, ...]:
    """Return the axes of the table of leaves with the same features."""
    return tuple(
        _axis(stage, layout, f, [test for leaf in leaves for test in leaf.tests[f]])
        for f in leaves[0].features
    )


def _met(
    tests: tuple[LeafTest, ...], ranks: dict[int, NDArray[np.int64]]
) -> NDArray[np.bool_]:
    """Return which cells meet all tests of a feature."""
    met: NDArray[np.bool_] = np.logical_and.reduce(
        [test.met(ranks[test.column]) for test in tests]
    )
    return met


def _axis(
    stage: ForestStage, layout: RankLayout, feature: int, tests: list[LeafTest]
) -> IntervalAxis | CategoryAxis | CodeAxis:
    """Return the cells between the thresholds at which these tests differ."""
    found = stage.features[feature]
    if found.categories:
        return CategoryAxis(found)
    columns = [layout.columns[c] for c in sorted({test.column for test in tests})]
    n_codes = [len(c.outside) for c in columns if c.outside is not None]
    own = [layout.columns[c] for c in layout.features[feature].columns]
    if all(column.outside is not None for column in own):
        return CodeAxis(found.name, max(n_codes), found.special)
    plain = {t.cut for t in tests if layout.columns[t.column].outside is None}
    cuts = layout.features[feature].thresholds[sorted(plain)]
    if any(column.missing_type == MISSING_ZERO for column in columns):
        cuts = np.union1d(cuts, [BELOW_ZERO, ZERO_BOUND])
    if n_codes:
        # LightGBM splits a feature in one way only; other sources may mix them
        last = np.nextafter(np.arange(1.0, max(n_codes) + 1.0), -np.inf)
        cuts = np.union1d(cuts, [-1.0, *last])
    return IntervalAxis(found.name, cuts, found.special)


def _card_tables(plan: ScoringPlan) -> Iterator[ShapeTable]:
    """Yield the tables of a scorecard, with its own points."""
    characteristics = plan.points.characteristics
    for characteristic, reference in zip(characteristics, plan.reference, strict=True):
        rows = characteristic.attributes
        yield ShapeTable(
            axes=(BinAxis(characteristic),),
            log_odds=np.array([row.log_odds - reference for row in rows]),
            points=np.array([row.points for row in rows]),
        )


def _nullable(values: NDArray[np.float64]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
