"""Contributions: how much every feature of every row adds to the log-odds of bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import ExplanationError, UsageError
from cfscore.tables import InputSchema

__all__ = ["TOLERANCE", "Contributions"]

#: Largest gap between a margin and its parts, in log-odds, or times the margin.
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Contributions:
    """Exact contributions of a table's rows: ``base_value + row sum == margin``.

    Parameters
    ----------
    schema : InputSchema
        The features, in column order.
    values : array of shape (n_rows, n_features), float64
        Log-odds of bad; positive is riskier.
    base_value : float
        Log-odds of bad at the reference.
    margin : array of shape (n_rows,), float64
        The explained log-odds of bad of each row.
    n_background : int or None
        Rows of the background that the contributions are measured against; None for
        the plan's own reference.
    special_codes : mapping of str to tuple of float, default none
        Values of numeric features that are no measurements.

    Raises
    ------
    ExplanationError
        When a row's parts and its margin are more than ``TOLERANCE`` apart, times the
        margin where that is larger than 1 (code ``"ADDITIVITY"``).
    UsageError
        When the shapes do not belong together.
    """

    schema: InputSchema
    values: NDArray[np.float64]
    base_value: float
    margin: NDArray[np.float64]
    n_background: int | None = None
    special_codes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check shapes and additivity."""
        expected = (len(self.margin), len(self.schema))
        if self.values.shape != expected:
            msg = f"Contributions: values must have shape {expected}, "
            raise UsageError(msg + f"got {self.values.shape}.")
        gap = np.abs(self.base_value + self.values.sum(axis=1) - self.margin)
        apart = ~(gap <= TOLERANCE * np.maximum(1.0, np.abs(self.margin)))
        if apart.any():
            msg = (
                f"The contributions of {int(apart.sum())} of {len(self)} row(s) do not "
                f"add up to the margin: the largest gap is {np.max(gap):.3g}, allowed "
                f"is {TOLERANCE:.0e}."
            )
            raise ExplanationError(msg, code="ADDITIVITY")

    def __repr__(self) -> str:
        """Return the size and what the contributions are measured against."""
        against = (
            "the plan's reference"
            if self.n_background is None
            else f"{self.n_background} background rows"
        )
        n, k = self.values.shape
        return f"Contributions({n} rows, {k} features, against {against})"

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.margin)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in column order."""
        return self.schema.names

    def column_of(self, feature: str) -> int:
        """Return the column of a feature.

        Parameters
        ----------
        feature : str
            Its name.

        Returns
        -------
        int
            Index into the second axis of ``values``.

        Raises
        ------
        UsageError
            When there is no such feature.
        """
        if feature not in self.names:
            msg = f"There is no feature {feature!r} among {list(self.names)[:20]}."
            raise UsageError(msg)
        return self.names.index(feature)
