"""The score scale: log-odds, points and probability of default, one arithmetic.

``Score = offset - factor * log_odds`` with ``log_odds`` of *bad*, so a larger score
is safer; the base odds (good:bad) sit at the base score and every ``pdo`` points
double them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cfscore.exceptions import UsageError

__all__ = ["Rounding", "ScoreScale"]

Rounding = Literal["none", "points"]


@dataclass(frozen=True)
class ScoreScale:
    """Linear map between the log-odds of bad and score points.

    Parameters
    ----------
    pdo : float, default 20
        Points that double the good:bad odds; positive.
    base_score : float, default 600
        Score at the base odds.
    base_odds : float, default 50
        Good:bad odds at the base score; positive (50 means a PD of 1/51).
    rounding : {"none", "points"}, default "none"
        With ``"points"`` every attribute of a scorecard has integer points.

    Raises
    ------
    UsageError
        When a parameter is not a finite number in its range, or the scale overflows.

    Notes
    -----
    ``factor = pdo / ln 2`` and ``offset = base_score - factor * ln(base_odds)``
    (Siddiqi, *Credit Risk Scorecards*, 2006, ch. 6).

    Examples
    --------
    >>> scale = ScoreScale()
    >>> round(scale.factor, 6), round(scale.offset, 6)
    (28.853901, 487.122876)
    >>> round(scale.score_from_pd(0.02), 4)
    599.4171
    >>> round(scale.pd_from_score(620), 6)
    0.009901
    """

    pdo: float = 20.0
    base_score: float = 600.0
    base_odds: float = 50.0
    rounding: Rounding = "none"

    def __post_init__(self) -> None:
        """Check every parameter."""
        for name in ("pdo", "base_score", "base_odds"):
            number = _finite_number(name, getattr(self, name))
            object.__setattr__(self, name, number)
        for name in ("pdo", "base_odds"):
            if getattr(self, name) <= 0:
                msg = f"ScoreScale {name} must be positive, got {getattr(self, name)}."
                raise UsageError(msg)
        if self.rounding not in ("none", "points"):
            allowed = "'none' or 'points'"
            msg = f"ScoreScale rounding must be {allowed}, got {self.rounding!r}."
            raise UsageError(msg)
        if not (math.isfinite(self.factor) and math.isfinite(self.offset)):
            msg = "ScoreScale overflows: its factor or offset is not finite."
            raise UsageError(msg, hint="Choose a smaller pdo or base_score.")

    @property
    def factor(self) -> float:
        """Points per unit of log-odds: ``pdo / ln 2``."""
        return self.pdo / math.log(2.0)

    @property
    def offset(self) -> float:
        """Score at even odds (log-odds 0)."""
        return self.base_score - self.factor * math.log(self.base_odds)

    def score_from_log_odds(self, log_odds: float) -> float:
        """Return the unrounded score of the log-odds of bad.

        Parameters
        ----------
        log_odds : float
            Log-odds of bad; larger is riskier.

        Returns
        -------
        float
            Score points; larger is safer.
        """
        return self.offset - self.factor * log_odds

    def log_odds_from_score(self, score: float) -> float:
        """Return the log-odds of bad at a score.

        Parameters
        ----------
        score : float
            Score points.

        Returns
        -------
        float
            Log-odds of bad.
        """
        return (self.offset - score) / self.factor

    def score_from_pd(self, pd: float) -> float:
        """Return the unrounded score of a probability of default.

        Parameters
        ----------
        pd : float
            Probability of default, strictly between 0 and 1.

        Returns
        -------
        float
            Score points; larger is safer.

        Raises
        ------
        UsageError
            When ``pd`` is not strictly between 0 and 1.
        """
        if not 0.0 < pd < 1.0:
            msg = "score_from_pd needs a probability strictly between 0 and 1."
            raise UsageError(msg)
        return self.score_from_log_odds(math.log(pd / (1.0 - pd)))

    def pd_from_score(self, score: float) -> float:
        """Return the probability of default at a score.

        Parameters
        ----------
        score : float
            Score points.

        Returns
        -------
        float
            Probability of default, in [0, 1]: by the rule of a scorer, 1 where its
            distance from 1 is lost in rounding (log-odds above about 36.7), and 0
            where ``exp(-log_odds)`` overflows (log-odds below about -709.8).

        Examples
        --------
        >>> ScoreScale().pd_from_score(1e6), ScoreScale().pd_from_score(-1e6)
        (0.0, 1.0)
        """
        log_odds = self.log_odds_from_score(score)
        try:
            return 1.0 / (1.0 + math.exp(-log_odds))
        except OverflowError:
            return 0.0


def _finite_number(name: str, value: float) -> float:
    """Return a parameter as a plain number: numpy's become Python's."""
    if isinstance(value, np.integer):
        value = int(value)
    elif isinstance(value, np.floating):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"ScoreScale {name} must be a number, got {type(value).__name__}."
        raise UsageError(msg)
    try:
        is_finite = math.isfinite(value)
    except OverflowError as error:
        msg = f"ScoreScale {name} must be finite, got an integer beyond all floats."
        raise UsageError(msg) from error
    if not is_finite:
        msg = f"ScoreScale {name} must be finite, got {value}."
        raise UsageError(msg)
    return value
