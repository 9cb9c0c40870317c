"""Frames: a card's points, coefficients and verdicts as pandas tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from cfscore.binning import BinTable
from cfscore.plan import PointsStage
from cfscore.scorecard._collinearity import correlation_of, variance_inflation
from cfscore.scorecard._selection import Selection, Verdict

__all__ = ["INTERCEPT", "coefficient_frame", "points_frame", "selection_frame"]

#: Name of the intercept's row.
INTERCEPT = "(intercept)"


def points_frame(points: PointsStage, tables: Mapping[str, BinTable]) -> pd.DataFrame:
    """Return the points table, one row per attribute.

    Parameters
    ----------
    points : PointsStage
        The card.
    tables : mapping of str to BinTable
        Its bin tables, for their notes.
    """
    rows = [
        {
            "characteristic": c.name,
            "attribute": a.label,
            "count": a.count,
            "bad_rate": np.nan if a.bad_rate is None else a.bad_rate,
            "woe": a.woe,
            "coefficient": c.coefficient,
            "points": a.points,
            "policy": a.policy,
            "log_odds": a.log_odds,
            "note": note,
        }
        for c in points.characteristics
        for a, note in zip(c.attributes, tables[c.name].notes, strict=True)
    ]
    return pd.DataFrame(rows)


def selection_frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return one row per candidate, in column order.

    Parameters
    ----------
    verdicts : sequence of Verdict
        On every candidate.
    """
    frame = pd.DataFrame([asdict(verdict) for verdict in verdicts])
    return frame.rename(columns={"name": "characteristic"})


def coefficient_frame(selection: Selection) -> pd.DataFrame:
    """Return one row per coefficient, the intercept first.

    Parameters
    ----------
    selection : Selection
        Chosen characteristics and their fit.
    """
    sample, fit = selection.sample, selection.fit
    vif = variance_inflation(correlation_of(sample.gram))
    return pd.DataFrame(
        {
            "characteristic": [INTERCEPT, *sample.names],
            "coefficient": [fit.intercept, *fit.coefficients],
            "standard_error": fit.standard_errors,
            "z": fit.z,
            "p_value": fit.p_values,
            "vif": [np.nan, *vif],
            "bound_active": [False, *fit.at_bound],
        }
    )
