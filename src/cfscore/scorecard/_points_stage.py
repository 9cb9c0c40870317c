"""Points: bin tables and coefficients become the plan's points stage.

::

    points_ij = -(b_j WOE_ij + b_0 / n) F + O / n

with ``n`` characteristics, factor ``F`` and offset ``O`` of the score scale: the
intercept and the offset are spread evenly, so a row's points add up to its score.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cfscore.binning import BinTable
from cfscore.plan import Attribute, Characteristic, PointsStage, attribute_points
from cfscore.score_scale import ScoreScale

__all__ = ["points_stage"]


def points_stage(
    tables: Mapping[str, BinTable],
    coefficients: Mapping[str, float],
    intercept: float,
    scale: ScoreScale,
) -> PointsStage:
    """Return the points stage of a logistic regression on weights of evidence.

    Parameters
    ----------
    tables : mapping of str to BinTable
        Bins and WOE of at least the characteristics of ``coefficients``.
    coefficients : mapping of str to float
        Coefficient of each characteristic, in column order, for the log-odds of bad.
    intercept : float
        Log-odds of bad at WOE 0.
    scale : ScoreScale
        Meaning of the points. With ``rounding="points"`` each attribute's points are
        rounded to the nearest integer, halves to the even one; ``log_odds`` never is.

    Returns
    -------
    PointsStage
        Characteristics in the order of ``coefficients``. An attribute of policy
        ``"error"`` shows the points of WOE 0, which no row is ever given.

    Notes
    -----
    ``"worst"`` is the own attribute with the fewest points: the lowest WOE, or the
    highest under a positive coefficient. Rounding moves a score by ``n / 2`` at most.
    """
    n = len(coefficients)

    def worth(log_odds: float) -> float:
        return attribute_points(log_odds, intercept, scale, n)

    return PointsStage(
        intercept=intercept,
        characteristics=tuple(
            _characteristic(tables[name], coefficient, worth)
            for name, coefficient in coefficients.items()
        ),
    )


def _characteristic(
    table: BinTable, coefficient: float, worth: Callable[[float], float]
) -> Characteristic:
    rates, labels = table.bad_rates.tolist(), table.labels
    attributes = []
    for i, woe in enumerate(_weights_of_evidence(table, coefficient)):
        log_odds = coefficient * woe + 0.0  # + 0.0: never -0.0
        attributes.append(
            Attribute(
                label=labels[i],
                role=table.roles[i],
                policy=table.policies[i],
                count=int(table.counts[i]),
                bad_rate=rates[i] if table.counts[i] else None,
                woe=woe,
                log_odds=log_odds,
                points=worth(log_odds),
            )
        )
    return Characteristic(
        name=table.name,
        kind=table.kind,
        bins=table.bins,
        attributes=tuple(attributes),
        coefficient=coefficient,
        non_finite=table.non_finite,
    )


def _weights_of_evidence(table: BinTable, coefficient: float) -> list[float]:
    """Return the WOE of each attribute, "worst" decided by the points.

    The bin table takes the lowest own WOE as the worst, which holds for every
    coefficient but a positive one.
    """
    woe = [float(value) for value in table.woe]
    if coefficient <= 0.0:
        return woe
    own = [w for w, p in zip(woe, table.policies, strict=True) if p == "own"]
    for i, policy in enumerate(table.policies):
        if policy == "worst":
            woe[i] = max(own, default=0.0)
    for i, policy in enumerate(table.policies):
        if policy == "missing":
            woe[i] = woe[table.bins.missing_index]
    return woe
