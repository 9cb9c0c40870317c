"""Combination: a feature made from two features, or a feature and the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.features._forbidden_field import check_permitted
from cfscore.features._measurement import Measurement
from cfscore.features._spec import Direction, direction_name
from cfscore.features._spelling import spelling_hint
from cfscore.features._values import divided
from cfscore.special_code import SpecialCode

__all__ = ["APPLICATION_PREFIX", "Combination"]

#: How a combination names a column of the applications.
APPLICATION_PREFIX = "application."

_Floats = NDArray[np.float64]

_OPERATIONS: dict[str, Callable[[_Floats, _Floats], _Floats]] = {
    "difference": lambda left, right: left - right,
    "product": lambda left, right: left * right,
    "ratio": divided,
    "sum": lambda left, right: left + right,
}


@dataclass(frozen=True, kw_only=True)
class Combination:
    """``left / (factor * right)``, or their difference, sum or product.

    Where one side has no measurement the combination has its special code, that of
    the left side first; a ratio to 0 is NOT_APPLICABLE.

    Parameters
    ----------
    name : str
        Name of the feature.
    operation : {"ratio", "difference", "sum", "product"}
        What is computed.
    left, right : str
        Names of features before this one, or ``application.`` and a numeric column
        of the applications, whose missing values are NOT_APPLICABLE.
    factor : float, default 1.0
        Multiplies the right side; not 0.
    direction : {"ascending", "descending", 1, -1} or None
        How the bad rate is expected to move with the value.
    unit : str
        Unit, for the data dictionary.
    description : str
        What the feature says, for the data dictionary.
    legal_basis : str, optional
        Why a forbidden field may be used.

    Raises
    ------
    UsageError
        When the operation is unknown or the factor is 0.
    """

    name: str
    operation: Literal["ratio", "difference", "sum", "product"]
    left: str
    right: str
    factor: float = 1.0
    direction: Direction | None = None
    unit: str = ""
    description: str = ""
    legal_basis: str | None = None

    def __post_init__(self) -> None:
        """Check operation, factor and operands."""
        object.__setattr__(self, "direction", direction_name(self.direction))
        if self.operation not in _OPERATIONS:
            msg = f"Unknown operation {self.operation!r}."
            raise UsageError(msg, hint=spelling_hint(self.operation, _OPERATIONS))
        if self.factor == 0.0:
            msg = f"The factor of {self.name!r} must not be 0."
            raise UsageError(msg)
        check_permitted(self.application_columns, {}, self.legal_basis)

    @property
    def application_columns(self) -> tuple[str, ...]:
        """Columns of the applications that are read."""
        return tuple(
            side.removeprefix(APPLICATION_PREFIX)
            for side in (self.left, self.right)
            if side.startswith(APPLICATION_PREFIX)
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Features that are read."""
        sides = (self.left, self.right)
        return tuple(s for s in sides if not s.startswith(APPLICATION_PREFIX))

    def measure(self, left: Measurement, right: Measurement) -> Measurement:
        """Return the combination of both sides.

        Parameters
        ----------
        left, right : Measurement
            Both sides, of the same applications.

        Returns
        -------
        Measurement
            With a status where either side has one.
        """
        value = _OPERATIONS[self.operation](left.values, self.factor * right.values)
        status = np.where(left.status != 0, left.status, right.status)
        empty = SpecialCode.NOT_APPLICABLE
        return Measurement.of(value, status, empty, np.isnan(value))
