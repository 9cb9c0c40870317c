"""Audit of a points table: columns, bins, policies, and points against log-odds."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cfscore.plan._bins import CategoricalBins, NumericBins, Role
from cfscore.plan._fault import PlanFault
from cfscore.plan._points import Attribute, Characteristic, PointsStage, Policy
from cfscore.plan._protocol import (
    MAX_ATTRIBUTES,
    MAX_CHARACTERISTICS,
    MAX_NUMERIC_SPECIALS,
)
from cfscore.score_scale import ScoreScale
from cfscore.tables import InputSchema

__all__ = ["ALLOWED_POLICIES", "points_faults", "schema_faults"]

#: Policies that each role may have.
ALLOWED_POLICIES: dict[Role, frozenset[Policy]] = {
    "interval": frozenset({"own", "neutral"}),
    "group": frozenset({"own", "neutral"}),
    "special": frozenset({"own", "neutral", "error"}),
    "missing": frozenset({"own", "neutral", "worst", "error"}),
    "unseen": frozenset({"own", "neutral", "missing", "worst", "error"}),
}

_BOOLEAN_KEYS = frozenset({"False", "True"})
_TOLERANCE = 1e-9


def schema_faults(schema: InputSchema) -> Iterator[PlanFault]:
    """Yield what is wrong with the columns of a plan."""
    if len(schema) > MAX_CHARACTERISTICS:
        yield PlanFault("SCHEMA", f"The plan has {len(schema)} columns: too many.")


def points_faults(points: PointsStage, scale: ScoreScale) -> Iterator[PlanFault]:
    """Yield what is wrong with bins, policies and points of a points table.

    Parameters
    ----------
    points : PointsStage
        The points table.
    scale : ScoreScale
        What its points must follow from.

    Yields
    ------
    PlanFault
        Codes ``SCALE``, ``BINS``, ``LABELS``, ``POLICY`` and ``POINTS``.
    """
    for c in points.characteristics:
        yield from _bins_faults(c)
        yield from _label_faults(c)
        yield from _policy_faults(c)
        yield from _log_odds_faults(c)
        yield from _scale_faults(c, points, scale)


def _bins_faults(c: Characteristic) -> Iterator[PlanFault]:
    if c.bins.n_attributes > MAX_ATTRIBUTES:
        text = f"{c.name!r} has {c.bins.n_attributes} attributes: too many."
        yield PlanFault("BINS", text)
    if isinstance(c.bins, NumericBins) and len(c.bins.specials) > MAX_NUMERIC_SPECIALS:
        text = f"{c.name!r} has {len(c.bins.specials)} special codes: too many."
        yield PlanFault("BINS", text)
    if (
        isinstance(c.bins, CategoricalBins)
        and c.kind == "boolean"
        and not c.bins.index.keys() <= _BOOLEAN_KEYS
    ):
        text = f"{c.name!r} is boolean and has keys other than True and False."
        yield PlanFault("BINS", text)


def _label_faults(c: Characteristic) -> Iterator[PlanFault]:
    if tuple(a.label for a in c.attributes) != c.bins.labels:
        yield PlanFault(
            "LABELS", f"The labels of {c.name!r} are not those of its bins."
        )
    if any(
        a.count < 0 or not (a.bad_rate is None or 0.0 <= a.bad_rate <= 1.0)
        for a in c.attributes
    ):
        text = f"{c.name!r}: counts and bad rates must be counts and shares."
        yield PlanFault("LABELS", text)


def _policy_faults(c: Characteristic) -> Iterator[PlanFault]:
    for attribute in c.attributes:
        if attribute.policy not in ALLOWED_POLICIES[attribute.role]:
            text = f"{c.name!r}: {attribute.role} cannot have this policy."
            yield PlanFault("POLICY", text)
        elif not _keeps_policy(c, attribute):
            text = (
                f"{c.name!r}: the points of {attribute.role} are not those of policy "
                f"{attribute.policy!r}."
            )
            yield PlanFault("POLICY", text)


def _keeps_policy(c: Characteristic, attribute: Attribute) -> bool:
    """Return whether the numbers of an attribute are what its policy says."""
    if attribute.policy == "neutral":
        return attribute.woe == 0.0 and attribute.log_odds == 0.0
    if attribute.policy == "missing":
        missing = c.attributes[c.bins.missing_index]
        return missing.policy != "error" and _numbers(missing) == _numbers(attribute)
    if attribute.policy == "worst":
        others = [a for a in c.attributes if a.policy in ("own", "neutral")]
        own = [a.points for a in others if a.policy == "own"]
        is_fewest = all(attribute.points <= points for points in own)
        return is_fewest and attribute.points in {a.points for a in others}
    return True


def _numbers(attribute: Attribute) -> tuple[float, float, float]:
    return attribute.woe, attribute.log_odds, attribute.points


def _log_odds_faults(c: Characteristic) -> Iterator[PlanFault]:
    if not math.isfinite(c.coefficient):
        yield PlanFault("POINTS", f"The coefficient of {c.name!r} must be finite.")
    for a in _scored(c):
        slack = _TOLERANCE * (1.0 + abs(a.log_odds))
        if not abs(a.log_odds - c.coefficient * a.woe) <= slack:
            text = f"{c.name!r}: log-odds are not coefficient times WOE."
            yield PlanFault("POINTS", text)


def _scale_faults(
    c: Characteristic, points: PointsStage, scale: ScoreScale
) -> Iterator[PlanFault]:
    """Points follow from log-odds: ``offset/n - factor * (log_odds + intercept/n)``."""
    n = len(points.characteristics)
    intercept, offset, factor = points.intercept / n, scale.offset / n, scale.factor
    rounded = scale.rounding == "points"
    for a in _scored(c):
        size = abs(offset) + factor * (1.0 + abs(a.log_odds) + abs(intercept))
        slack = _TOLERANCE * size + (0.5 if rounded else 0.0)
        exact = offset - factor * (a.log_odds + intercept)
        follows = math.isfinite(slack) and abs(a.points - exact) <= slack
        if not follows or (rounded and not a.points.is_integer()):
            text = f"{c.name!r}: points do not follow from log-odds and scale."
            yield PlanFault("POINTS", text)


def _scored(c: Characteristic) -> list[Attribute]:
    """Return the attributes whose rows get a score."""
    return [a for a in c.attributes if a.policy != "error"]
