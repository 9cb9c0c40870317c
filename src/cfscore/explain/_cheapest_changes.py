"""Cheapest changes: what an applicant could change to reach a score, at least cost.

A scorecard's score is a sum over characteristics, so the choice of one attribute for
each is a knapsack with one item per characteristic (Sinha and Zoltners, *Operations
Research* 27, 1979, DOI 10.1287/opre.27.3.503). It is solved exactly, by keeping after
each column the partial sums that no other beats in score, cost and number of changes
(Nemhauser and Ullmann, *Management Science* 15, 1969, DOI 10.1287/mnsc.15.9.494).
Points are added in column order, as the scorer adds them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import RowFaultError, UsageError
from cfscore.plan import Characteristic, ScoringPlan, assign_attributes
from cfscore.tables import read_table

__all__ = ["AttributeChange", "CheapestChanges", "cheapest_changes"]

#: A cost per step, or the cost of each attribute that can be reached.
Costs = Mapping[str, float | Mapping[str, float]]

_REACHABLE = ("interval", "group")
#: More than rounding can add to a sum of points.
_SLACK = 1e-6


@dataclass(frozen=True)
class AttributeChange:
    """One change of a set.

    Parameters
    ----------
    characteristic : str
        Its name.
    before, after : str
        Label of the present attribute, and of the one to reach.
    points : float
        Points gained.
    cost : float
        As the caller stated it.
    """

    characteristic: str
    before: str
    after: str
    points: float
    cost: float


@dataclass(frozen=True)
class CheapestChanges:
    """The cheapest set of changes that reaches a score, all else unchanged.

    Parameters
    ----------
    changes : tuple of AttributeChange
        In column order; empty where the score is reached already.
    cost : float
        Sum of their costs.
    score_before, score_after : float
        Score points; larger is safer.
    cutoff : float
        The score asked for.
    """

    changes: tuple[AttributeChange, ...]
    cost: float
    score_before: float
    score_after: float
    cutoff: float


def cheapest_changes(
    plan: ScoringPlan,
    row: Any,
    cutoff: float,
    *,
    actionable: Iterable[str] | None = None,
    costs: Costs | None = None,
    forbidden: Mapping[str, Literal["lower", "higher"]] | None = None,
    max_changes: int | None = None,
) -> CheapestChanges | None:
    """Return the cheapest attribute changes that lift one row to a score.

    Parameters
    ----------
    plan : ScoringPlan
        A scorecard plan.
    row : mapping of str to value, or table of one row
        With the plan's columns.
    cutoff : float
        Score to reach.
    actionable : iterable of str, optional
        Characteristics that may change; when omitted, those whose reason in the
        catalogue is actionable, provided that it calls any reason not actionable.
    costs : mapping of str to float or mapping of str to float, optional
        Positive cost of a characteristic per interval moved or per change of group, or
        of each attribute that can be reached, by its label; others cannot then be
        reached. 1 when omitted.
    forbidden : mapping of str to {"lower", "higher"}, optional
        Direction in which the value of a numeric characteristic cannot move.
    max_changes : int, optional
        Most characteristics that change.

    Returns
    -------
    CheapestChanges or None
        Of equal costs the fewest changes, then the highest score, then the earliest
        columns. None where nothing that is allowed reaches the score. Special, missing
        and unseen attributes are neither left nor reached unless ``costs`` names the
        target.

    Raises
    ------
    UsageError
        When an argument names an unknown characteristic or attribute, a cost is not
        positive, the plan is a forest, or neither the argument nor the catalogue says
        what a person can change (code ``"ACTIONABLE"``).
    RowFaultError
        When the row cannot be scored.

    Notes
    -----
    It describes the score, not a decision: nothing here says that an application with
    these values would be approved, nor that the values can be reached.
    """
    points = plan.points
    if not isinstance(cutoff, Real) or not math.isfinite(cutoff):
        msg = f"cutoff must be a finite score, got {cutoff!r}."
        raise UsageError(msg)
    if max_changes is not None and max_changes < 0:
        msg = f"max_changes must be at least 0, got {max_changes}."
        raise UsageError(msg)
    allowed = _allowed(plan, actionable)
    for name, argument in (("costs", costs), ("forbidden", forbidden)):
        _check_names(plan, name, argument or {})
    current = _attributes(plan, row)
    options = [
        _options(c, at, (costs or {}).get(c.name, 1.0), (forbidden or {}).get(c.name))
        if c.name in allowed
        else _Options.staying(c, at)
        for c, at in zip(points.characteristics, current, strict=True)
    ]
    chosen = _cheapest(options, cutoff, max_changes)
    return None if chosen is None else _described(plan, options, chosen, cutoff)


@dataclass(frozen=True, eq=False)
class _Options:
    """What a characteristic can become; option 0 is to stay.

    Parameters
    ----------
    attributes : array of shape (n_options,), int64
        Attribute indices.
    points, costs : array of shape (n_options,), float64
        Of each.
    """

    attributes: NDArray[np.int64]
    points: NDArray[np.float64]
    costs: NDArray[np.float64]

    @classmethod
    def staying(cls, characteristic: Characteristic, at: int) -> _Options:
        """Return the one option of a characteristic that does not change."""
        return cls.of(characteristic, [(at, 0.0)])

    @classmethod
    def of(
        cls, characteristic: Characteristic, pairs: list[tuple[int, float]]
    ) -> _Options:
        """Return options given as (attribute, cost)."""
        attributes = [attribute for attribute, _ in pairs]
        points = [characteristic.attributes[i].points for i in attributes]
        costs = [cost for _, cost in pairs]
        return cls(np.array(attributes), np.array(points), np.array(costs))


def _options(
    characteristic: Characteristic,
    at: int,
    cost: float | Mapping[str, float],
    forbidden: str | None,
) -> _Options:
    """Return staying, and every allowed attribute with more points."""
    rows = characteristic.attributes
    cost_of = _cost_of_each(characteristic, at, cost)
    if forbidden is not None and characteristic.kind != "numeric":
        msg = f"forbidden: {characteristic.name!r} is not numeric and has no direction."
        raise UsageError(msg)
    if forbidden not in (None, "lower", "higher"):
        msg = f"forbidden: {characteristic.name!r} must be 'lower' or 'higher', "
        raise UsageError(msg + f"got {forbidden!r}.")
    kept = [(at, 0.0)]
    for target, value in sorted(cost_of.items()):
        is_better = rows[target].points > rows[at].points
        is_ordered = rows[target].role == rows[at].role == "interval"
        moves = "lower" if target < at else "higher"
        blocked = rows[target].policy == "error" or (is_ordered and moves == forbidden)
        if is_better and not blocked:
            kept.append((target, value))
    return _Options.of(characteristic, kept)


def _cost_of_each(
    characteristic: Characteristic, at: int, cost: float | Mapping[str, float]
) -> dict[int, float]:
    """Return the cost of every attribute that can be reached."""
    rows, name = characteristic.attributes, characteristic.name
    if isinstance(cost, Mapping):
        index = {row.label: i for i, row in enumerate(rows)}
        unknown = sorted(set(cost) - set(index))
        if unknown:
            msg = f"costs: {name!r} has no attribute {unknown}."
            raise UsageError(msg, hint=f"It has {list(index)}.")
        return {index[k]: _positive(name, v) for k, v in cost.items()}
    step = _positive(name, cost)
    if rows[at].role not in _REACHABLE:
        return {}
    is_ordered = characteristic.kind == "numeric"
    return {
        i: step * (abs(i - at) if is_ordered else 1)
        for i, row in enumerate(rows)
        if row.role in _REACHABLE and i != at
    }


def _positive(name: str, cost: Any) -> float:
    is_number = isinstance(cost, int | float) and not isinstance(cost, bool)
    if not (is_number and math.isfinite(cost) and cost > 0):
        msg = f"costs: {name!r} must have positive finite costs, got {cost!r}."
        raise UsageError(msg)
    return float(cost)


@dataclass(frozen=True, eq=False)
class _States:
    """Partial sums after some columns.

    Parameters
    ----------
    score, cost : array of shape (n_states,), float64
        Points so far, and what their changes cost.
    n_changes : array of shape (n_states,), int64
        Changes so far.
    options : array of shape (n_states, n_columns), int64
        Option chosen in each column so far.
    """

    score: NDArray[np.float64]
    cost: NDArray[np.float64]
    n_changes: NDArray[np.int64]
    options: NDArray[np.int64]

    def extended(self, column: _Options) -> _States:
        """Return every state with every option of one more column."""
        n, m = len(self.score), len(column.points)
        option = np.tile(np.arange(m), n)
        state = np.repeat(np.arange(n), m)
        return _States(
            self.score[state] + column.points[option],
            self.cost[state] + column.costs[option],
            self.n_changes[state] + (option > 0),
            np.column_stack([self.options[state], option]),
        )

    def taken(self, chosen: NDArray[Any]) -> _States:
        """Return some of the states."""
        return _States(
            self.score[chosen],
            self.cost[chosen],
            self.n_changes[chosen],
            self.options[chosen],
        )

    def unbeaten(self) -> _States:
        """Return the states that no other equals or beats in all three respects.

        Rounded addition keeps order, so what is beaten stays beaten.
        """
        ordered = self.taken(np.lexsort((-self.score, self.n_changes, self.cost)))
        kept = np.ones(len(ordered.score), bool)
        for most in np.unique(ordered.n_changes):
            within = ordered.n_changes <= most
            best = np.maximum.accumulate(np.where(within, ordered.score, -np.inf))
            earlier = np.append(-np.inf, best[:-1])
            kept &= (ordered.n_changes != most) | (ordered.score > earlier)
        return ordered.taken(kept)


def _cheapest(
    options: list[_Options], cutoff: float, max_changes: int | None
) -> NDArray[np.int64] | None:
    """Return the option of each column in the best complete state."""
    none = np.zeros((1, 0), np.int64)
    states = _States(np.zeros(1), np.zeros(1), np.zeros(1, np.int64), none)
    best_left = np.cumsum([0.0, *(float(o.points.max()) for o in options[::-1])])[::-1]
    for column, ahead in zip(options, best_left[1:], strict=True):
        states = states.extended(column)
        promising = states.score + ahead >= cutoff - _SLACK
        if max_changes is not None:
            promising &= states.n_changes <= max_changes
        states = states.taken(promising).unbeaten()
    states = states.taken(states.score >= cutoff)
    if not len(states.score):
        return None
    # sorted by cost, then changes, then score
    best: NDArray[np.int64] = states.options[0]
    return best


def _described(
    plan: ScoringPlan,
    options: list[_Options],
    chosen: NDArray[np.int64],
    cutoff: float,
) -> CheapestChanges:
    changes, before, after = [], 0.0, 0.0
    for c, found, i in zip(
        plan.points.characteristics, options, chosen.tolist(), strict=True
    ):
        now, then = (c.attributes[found.attributes[j]] for j in (0, i))
        before, after = before + now.points, after + then.points
        if i > 0:
            gained, cost = then.points - now.points, float(found.costs[i])
            changes.append(AttributeChange(c.name, now.label, then.label, gained, cost))
    total = sum(change.cost for change in changes)
    return CheapestChanges(tuple(changes), float(total), before, after, cutoff)


def _allowed(plan: ScoringPlan, actionable: Iterable[str] | None) -> set[str]:
    """Return the characteristics that may change."""
    if actionable is not None:
        names = set(actionable)
        _check_names(plan, "actionable", dict.fromkeys(names))
        return names
    catalogue = plan.catalogue
    codes = {reason.code for reason in catalogue.reasons if reason.actionable}
    if len(codes) == len(catalogue.reasons):
        msg = "The plan's catalogue calls every reason actionable, as where nobody has "
        msg += "decided: age would be among what a person is to change."
        hint = "Pass actionable=[...], or set actionable = false in the catalogue."
        raise UsageError(msg, code="ACTIONABLE", hint=hint)
    return {name for name in plan.schema.names if catalogue.features[name] in codes}


def _check_names(plan: ScoringPlan, argument: str, named: Mapping[str, Any]) -> None:
    unknown = sorted(set(named) - set(plan.schema.names))
    if unknown:
        msg = f"{argument} names characteristics that the plan does not have: {unknown}"
        raise UsageError(msg + ".")


def _attributes(plan: ScoringPlan, row: Any) -> list[int]:
    """Return the attribute of each characteristic for one row."""
    is_cells = isinstance(row, Mapping) and not any(
        hasattr(cell, "__len__") and not isinstance(cell, str) for cell in row.values()
    )
    batch = read_table([row] if is_cells else row, plan.schema)
    if batch.n_rows != 1:
        msg = f"row must hold one row, got {batch.n_rows}."
        raise UsageError(msg)
    if batch.faults is not None:
        raise RowFaultError(1, 1, batch.faults.counts)
    found = []
    for characteristic in plan.points.characteristics:
        column = batch.columns[characteristic.name]
        at = int(assign_attributes(characteristic.bins, column)[0])
        if characteristic.attributes[at].policy == "error":
            role = characteristic.attributes[at].role.upper()
            raise RowFaultError(1, 1, {(characteristic.name, role): 1})
        found.append(at)
    return found
