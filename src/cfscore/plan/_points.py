"""Points stage: the points table of a scorecard as frozen data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cfscore.exceptions import UsageError
from cfscore.plan._bins import Bins, CategoricalBins, NumericBins, Role
from cfscore.score_scale import ScoreScale
from cfscore.tables import InputField, InputSchema, Kind

__all__ = [
    "Attribute",
    "Characteristic",
    "NonFinite",
    "PointsStage",
    "Policy",
    "attribute_points",
]

Policy = Literal["own", "neutral", "worst", "missing", "error"]
NonFinite = Literal["value", "error"]


@dataclass(frozen=True)
class Attribute:
    """One row of the points table.

    Parameters
    ----------
    label : str
        Readable bin label.
    role : {"interval", "group", "special", "missing", "unseen"}
        What the attribute stands for.
    policy : {"own", "neutral", "worst", "missing", "error"}
        Where its points come from: its own training cases, WOE 0, the fewest points
        of the characteristic, the MISSING attribute, or nowhere (rows are refused).
    count : int
        Training cases.
    bad_rate : float or None
        Weighted share of bad among its training cases; None without cases.
    woe : float
        Weight of evidence used, ``ln[(good_i/G)/(bad_i/B)]``; positive is safer.
    log_odds : float
        Part added to the log-odds of bad: coefficient times ``woe``.
    points : float
        Score points, an equal share of the intercept included.
    """

    label: str
    role: Role
    policy: Policy
    count: int
    bad_rate: float | None
    woe: float
    log_odds: float
    points: float

    def __post_init__(self) -> None:
        """Check that the numbers are finite."""
        if not all(map(math.isfinite, (self.woe, self.log_odds, self.points))):
            msg = f"Attribute {self.label!r}: woe, log_odds and points must be finite."
            raise UsageError(msg)


@dataclass(frozen=True)
class Characteristic:
    """One variable of the scorecard: a total function from value to points.

    Parameters
    ----------
    name : str
        Input column.
    kind : {"numeric", "boolean", "categorical"}
        Kind of the input column.
    bins : NumericBins or CategoricalBins
        Partition of its values.
    attributes : tuple of Attribute
        One per attribute of ``bins``, in the same order.
    coefficient : float
        Of the logistic regression of bad on WOE; not positive when sign-constrained.
    non_finite : {"value", "error"}, default "value"
        Whether ``+inf`` and ``-inf`` are scored as values or refused.
    """

    name: str
    kind: Kind
    bins: Bins
    attributes: tuple[Attribute, ...]
    coefficient: float
    non_finite: NonFinite = "value"

    def __post_init__(self) -> None:
        """Check that bins, kind and attributes belong together."""
        if isinstance(self.bins, CategoricalBins) != (self.kind != "numeric"):
            msg = f"Characteristic {self.name!r}: bins do not fit kind {self.kind!r}."
            raise UsageError(msg)
        if tuple(a.role for a in self.attributes) != self.bins.roles:
            msg = f"Characteristic {self.name!r}: attributes do not match its bins."
            raise UsageError(msg)
        if self.non_finite not in ("value", "error"):
            msg = (
                f"Characteristic {self.name!r}: non_finite must be 'value' or 'error'."
            )
            raise UsageError(msg)


@dataclass(frozen=True)
class PointsStage:
    """A scorecard: intercept and characteristics in column order.

    Parameters
    ----------
    intercept : float
        Log-odds of bad where every characteristic is neutral.
    characteristics : tuple of Characteristic
        At least one, names unique, in column order.
    """

    intercept: float
    characteristics: tuple[Characteristic, ...]

    def __post_init__(self) -> None:
        """Check that there is something to score."""
        if not self.characteristics:
            msg = "A scorecard needs at least one characteristic."
            raise UsageError(msg)
        if not math.isfinite(self.intercept):
            msg = "The intercept must be finite."
            raise UsageError(msg)

    @cached_property
    def schema(self) -> InputSchema:
        """Input columns in column order."""
        return InputSchema(
            tuple(InputField(c.name, c.kind) for c in self.characteristics)
        )

    @property
    def special_codes(self) -> dict[str, tuple[float, ...]]:
        """Declared special codes of every numeric column."""
        return {
            c.name: c.bins.specials
            for c in self.characteristics
            if isinstance(c.bins, NumericBins)
        }


def attribute_points(
    log_odds: float, intercept: float, scale: ScoreScale, n_characteristics: int
) -> float:
    """Return the points of an attribute, an equal share of the intercept included.

    Parameters
    ----------
    log_odds : float
        The attribute's part of the log-odds of bad: coefficient times WOE.
    intercept : float
        Intercept of the scorecard, in log-odds of bad.
    scale : ScoreScale
        With ``rounding="points"`` the points are rounded to integers, halves to even.
    n_characteristics : int
        Number of characteristics that share the intercept and the offset.

    Returns
    -------
    float
        ``-(log_odds + intercept / n) * factor + offset / n``; the points of a row's
        attributes add up to its score (Siddiqi, *Credit Risk Scorecards*, 2006, ch. 6).

    Examples
    --------
    >>> points = attribute_points(-0.8 * 1.609438, -2.302585, ScoreScale(), 2)
    >>> round(points, 4)
    313.9316
    """
    n = n_characteristics
    points = -(log_odds + intercept / n) * scale.factor + scale.offset / n
    return float(round(points)) if scale.rounding == "points" else points
