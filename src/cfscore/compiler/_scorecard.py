"""Front-end for cfscore's own fitted Scorecard."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cfscore.compiler._draft import Draft, refuse_unfitted
from cfscore.plan import assign_attributes
from cfscore.scorecard import INTERCEPT, Scorecard
from cfscore.tables import read_table

__all__ = ["draft_from_scorecard"]


def draft_from_scorecard(card: Scorecard) -> Draft:
    """Read a fitted Scorecard.

    Its source prediction is computed from the bin tables and coefficients of the fit,
    not from the points stage that the plan shares with it.

    Raises
    ------
    CompileError
        When the card is not fitted.
    """
    refuse_unfitted(card)
    return Draft(
        source="cfscore.Scorecard",
        model=card.points_,
        scale=card.scale_,
        name="scorecard",
        development=card.development_,
        training_fingerprint=card.training_fingerprint_,
        log_odds=lambda columns: _log_odds(card, columns),
    )


def _log_odds(
    card: Scorecard, columns: Mapping[str, tuple[float | str | None, ...]]
) -> NDArray[np.float64]:
    """Return intercept + sum of coefficient times WOE, from the fitted bin tables."""
    batch = read_table(
        {name: np.array(cells, object) for name, cells in columns.items()},
        card.points_.schema,
    )
    fitted = card.coefficients_
    coefficients = dict(zip(fitted.characteristic, fitted.coefficient, strict=True))
    total = np.full(batch.n_rows, coefficients[INTERCEPT])
    for characteristic in card.points_.characteristics:
        bins = card.binner_.tables_[characteristic.name].bins
        woe = np.array([attribute.woe for attribute in characteristic.attributes])
        found = assign_attributes(bins, batch.columns[characteristic.name])
        total += coefficients[characteristic.name] * woe[found]
    return total
