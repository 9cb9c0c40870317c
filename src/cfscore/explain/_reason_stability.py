"""Reason stability: how often reasons stay the same when inputs move a little."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.explain._arrow_frame import ArrowFrame
from cfscore.explain._explained_rows import RowExplainer
from cfscore.plan import ScoringPlan
from cfscore.special_code import exact_numbers, read_code
from cfscore.tables import ColumnBatch, NumericColumn, read_table

__all__ = ["ReasonStability", "reason_stability"]

_QUARTILES = (0.25, 0.75)


@dataclass(frozen=True, eq=False, repr=False)
class ReasonStability(ArrowFrame):
    """How far the reasons of rows are the same after small changes of their inputs.

    Parameters
    ----------
    k, repeats : int
        Reasons per row, and how often the rows were changed.
    spread : mapping of str to float
        Standard deviation of the noise of each numeric feature, in its own unit.
    first_kept : float
        Share of rows and repeats with the same first reason, of rows that have one.
    order_kept, set_kept : float
        Share of rows and repeats with the same reasons in the same order, and in any.
    row_overlap : array of shape (n_rows,), float64
        Mean over repeats of the reasons in common, over the larger number of reasons;
        1 where there are none before and after.
    score_change : float
        Root mean square change of the score, in points.
    codes : tuple of str
        Reasons cited for at least one row as it is, in the catalogue's order.
    cited : array of shape (n_codes,), int64
        Rows that each is cited for.
    kept : array of shape (n_codes,), float64
        Share of these rows, and repeats, for which it is cited again.
    """

    k: int
    repeats: int
    spread: Mapping[str, float]
    first_kept: float
    order_kept: float
    set_kept: float
    row_overlap: NDArray[np.float64]
    score_change: float
    codes: tuple[str, ...]
    cited: NDArray[np.int64]
    kept: NDArray[np.float64]

    def __repr__(self) -> str:
        """Return the shares."""
        return (
            f"ReasonStability({len(self.row_overlap)} rows x {self.repeats}: first "
            f"{self.first_kept:.1%}, set {self.set_kept:.1%}, order "
            f"{self.order_kept:.1%} kept)"
        )

    def to_arrow(self) -> pa.Table:
        """Return one row per reason.

        Returns
        -------
        pyarrow.Table
            ``reason``, ``cited``, ``kept``.
        """
        columns = {"reason": list(self.codes), "cited": self.cited, "kept": self.kept}
        return pa.table(columns)


def reason_stability(
    plan: ScoringPlan,
    table: Any,
    *,
    noise: float | Mapping[str, float] = 0.05,
    k: int = 4,
    repeats: int = 20,
    special_codes: Mapping[str, Sequence[float]] | None = None,
    seed: int = 0,
) -> ReasonStability:
    """Return how often the reasons of rows survive small noise in their numbers.

    Parameters
    ----------
    plan : ScoringPlan
        A scorecard or a forest.
    table : pandas, polars or Arrow table, mapping of arrays, list of dicts, array
        Rows as they are, for example declined applications; at least one.
    noise : float or mapping of str to float, default 0.05
        Standard deviation of normal noise: a share of each numeric feature's range
        between quartiles (of its standard deviation where that is 0), or one number per
        feature in its own unit; features that are not named stay as they are.
    k : int, default 4
        Reasons per row.
    repeats : int, default 20
        How often the rows are changed.
    special_codes : mapping of str to sequence of float, optional
        Values that are no measurements and stay, beside those the plan knows.
    seed : int, default 0
        Of the noise.

    Returns
    -------
    ReasonStability
        Missing, special and infinite values and categories stay as they are; whole
        numbers stay whole, so that a small noise moves few of them by 1. Nothing leaves
        the range that the column has in the development sample or in the table; where
        the plan knows no such range, a column without negative values gets none.

    Raises
    ------
    UsageError
        When there is no row, a number is out of range, a feature unknown, a special
        code no finite float64, or nothing would move (code ``"NO_NOISE"``): reasons
        that nothing disturbs would look stable. A share of the ranges of a single row
        is 0; state its noise by feature.
    SchemaError
        When columns are missing or of a kind that cannot be read.
    RowFaultError
        When a row cannot be scored.
    """
    batch = read_table(table, plan.schema)
    _check(batch, k, repeats)
    movers = _movers(plan, batch, noise, special_codes or {})
    explainer = RowExplainer(plan)
    base = explainer.explain(batch, k)
    rng = np.random.default_rng(seed)
    tally = _Tally(base.reasons, len(plan.catalogue.reasons))
    squares = 0.0
    for _ in range(repeats):
        moved: dict[str, NumericColumn] = {
            name: NumericColumn(mover.moved(rng)) for name, mover in movers.items()
        }
        changed = replace(batch, columns={**batch.columns, **moved})
        found = explainer.explain(changed, k)
        tally.add(found.reasons)
        squares += float(np.mean((found.scores.score - base.scores.score) ** 2))
    spread = {name: mover.spread for name, mover in movers.items()}
    codes = [reason.code for reason in plan.catalogue.reasons]
    return tally.result(k, repeats, spread, np.sqrt(squares / repeats), codes)


@dataclass(frozen=True, eq=False)
class _Mover:
    """A numeric column and the noise that it gets.

    Parameters
    ----------
    values : array of shape (n_rows,), float64
        As they are.
    is_measured : array of shape (n_rows,), bool
        Which of them move.
    spread : float
        Standard deviation of the noise.
    low, high : float
        What the values stay within.
    """

    values: NDArray[np.float64]
    is_measured: NDArray[np.bool_]
    spread: float
    low: float
    high: float

    def moved(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return the values with fresh noise."""
        own = self.values[self.is_measured]
        result = self.values.copy()
        noise = self.spread * rng.standard_normal(len(own))
        if (own == np.rint(own)).all():  # up or down by chance, right on average
            noise = np.floor(noise + rng.random(len(own)))
        result[self.is_measured] = np.clip(own + noise, self.low, self.high)
        return result


def _movers(
    plan: ScoringPlan,
    batch: ColumnBatch,
    noise: float | Mapping[str, float],
    special_codes: Mapping[str, Sequence[float]],
) -> dict[str, _Mover]:
    """Return the columns that move."""
    numeric = [f.name for f in plan.schema.fields if f.kind == "numeric"]
    named = noise if isinstance(noise, Mapping) else dict.fromkeys(numeric, noise)
    unknown = sorted({*named, *special_codes} - set(numeric))
    if unknown:
        msg = f"The plan has no numeric feature {unknown}."
        raise UsageError(msg)
    if not all(np.isfinite(v) and v >= 0.0 for v in named.values()):
        msg = "noise must hold finite numbers that are not negative."
        raise UsageError(msg)
    known = plan.special_codes
    movers = {}
    for name, size in named.items():
        column = batch.columns[name]
        assert isinstance(column, NumericColumn)
        argument = f"special_codes[{name!r}]"
        stated = [read_code(argument, code) for code in special_codes.get(name, ())]
        codes = [*exact_numbers(argument, stated), *known[name]]
        values = column.values
        measured = np.isfinite(values) & ~np.isin(values, codes)
        is_share = not isinstance(noise, Mapping)
        own = values[measured]
        unit = _spread(own) if is_share else 1.0
        movers[name] = _Mover(values, measured, size * unit, *_range(plan, name, own))
    if any(size > 0.0 for size in named.values()):
        _check_moves(movers)
    return movers


def _range(
    plan: ScoringPlan, name: str, values: NDArray[np.float64]
) -> tuple[float, float]:
    """Return what a column's values stay within, these included."""
    ranges = plan.development.ranges if plan.development is not None else {}
    if name not in ranges:
        return (0.0 if (values >= 0.0).all() else -math.inf), math.inf
    low, high = ranges[name]
    return float(values.min(initial=low)), float(values.max(initial=high))


def _check_moves(movers: Mapping[str, _Mover]) -> None:
    """Refuse a share of nothing, and noise on what is not measured."""
    if any(m.spread > 0.0 and m.is_measured.any() for m in movers.values()):
        return
    msg = "Nothing would move: noise as a share is one of each column's range between "
    msg += "quartiles, which is 0 here, and codes and missing values stay."
    hint = "Pass more rows, or noise={feature: standard deviation in its own unit}."
    raise UsageError(msg, code="NO_NOISE", hint=hint)


def _spread(values: NDArray[np.float64]) -> float:
    """Return the range between quartiles, or the standard deviation where it is 0."""
    if not len(values):
        return 0.0
    low, high = np.quantile(values, _QUARTILES)
    return float(high - low) or float(values.std())


class _Tally:
    """Counts how far repeated reasons agree with those of the rows as they are."""

    def __init__(self, reasons: NDArray[np.int16], n_reasons: int) -> None:
        self.base = reasons
        self.n_reasons = n_reasons
        self.base_sets = self._sets(reasons)
        self.first = self.order = self.same_set = 0
        self.overlap = np.zeros(len(reasons))
        self.again = np.zeros(n_reasons, np.int64)

    def _sets(self, reasons: NDArray[np.int16]) -> NDArray[np.bool_]:
        """Return which reasons each row has; shape (n_rows, n_reasons)."""
        found = np.zeros((len(reasons), self.n_reasons + 1), bool)
        np.put_along_axis(
            found, reasons.astype(np.int64) % (self.n_reasons + 1), True, 1
        )
        return found[:, :-1]

    def add(self, reasons: NDArray[np.int16]) -> None:
        """Count one repeat."""
        sets = self._sets(reasons)
        same = reasons == self.base
        self.first += int((same[:, 0] & (self.base[:, 0] >= 0)).sum())
        self.order += int(same.all(axis=1).sum())
        self.same_set += int((sets == self.base_sets).all(axis=1).sum())
        common = (sets & self.base_sets).sum(axis=1)
        larger = np.maximum(sets.sum(axis=1), self.base_sets.sum(axis=1))
        self.overlap += np.where(larger > 0, common / np.maximum(larger, 1), 1.0)
        self.again += (sets & self.base_sets).sum(axis=0)

    def result(
        self,
        k: int,
        repeats: int,
        spread: Mapping[str, float],
        score_change: float,
        codes: Sequence[str],
    ) -> ReasonStability:
        """Return the shares."""
        cited = self.base_sets.sum(axis=0)
        found = np.flatnonzero(cited)
        n_first = int((self.base[:, 0] >= 0).sum())
        n = len(self.base) * repeats
        return ReasonStability(
            k=k,
            repeats=repeats,
            spread=spread,
            first_kept=self.first / (n_first * repeats) if n_first else 1.0,
            order_kept=self.order / n,
            set_kept=self.same_set / n,
            row_overlap=self.overlap / repeats,
            score_change=float(score_change),
            codes=tuple(codes[i] for i in found.tolist()),
            cited=cited[found].astype(np.int64),
            kept=self.again[found] / (cited[found] * repeats),
        )


def _check(batch: ColumnBatch, k: int, repeats: int) -> None:
    if batch.n_rows == 0:
        msg = "reason_stability needs at least one row."
        raise UsageError(msg)
    for name, value in (("k", k), ("repeats", repeats)):
        if value < 1:
            msg = f"{name} must be at least 1, got {value}."
            raise UsageError(msg)
