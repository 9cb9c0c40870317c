"""Estimate: a statistic of a sample together with its sampling error."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Estimate"]


@dataclass(frozen=True, repr=False)
class Estimate:
    """A statistic with its confidence interval.

    ``float(estimate)`` is the value alone.

    Parameters
    ----------
    value : float
        The statistic in the sample.
    lower, upper : float
        Ends of the two-sided interval; ``lower <= value <= upper``.
    standard_error : float
        In the units of ``value``; NaN where a class has fewer than two cases, in
        which case the interval is the statistic's whole range.
    confidence : float
        Coverage of the interval, in (0, 1).

    Examples
    --------
    >>> estimate = Estimate(0.7917, 0.3208, 0.9683, 0.1755, 0.95)
    >>> estimate
    Estimate(0.7917 [0.3208, 0.9683] at 95%)
    >>> print(estimate)
    0.7917 [0.3208, 0.9683]
    >>> float(estimate)
    0.7917
    """

    value: float
    lower: float
    upper: float
    standard_error: float
    confidence: float

    def __float__(self) -> float:
        """Return the value."""
        return self.value

    def __str__(self) -> str:
        """Return the value and its interval, four digits each."""
        return f"{self.value:.4f} [{self.lower:.4f}, {self.upper:.4f}]"

    def __repr__(self) -> str:
        """Return the value, its interval and the confidence."""
        return f"{type(self).__name__}({self} at {100 * self.confidence:g}%)"
