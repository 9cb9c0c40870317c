"""Row score: the result of one row, and the names of its reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError
from cfscore.plan import LANGUAGES, ScoringPlan
from cfscore.scoring._count import whole_number

__all__ = ["RowReason", "RowReasons", "RowScore", "ScoresRows", "probability"]

#: Makes a named tuple of its fields at half the cost of calling its class.
_NEW = tuple.__new__


class RowReason(NamedTuple):
    """One reason of one row: its code, its text and its contribution.

    ``contribution`` is in log-odds of bad; positive is riskier.
    """

    code: str
    text: str
    contribution: float


class RowScore(NamedTuple):
    """The result of one row.

    Parameters
    ----------
    log_odds : float
        Log-odds of bad; larger is riskier.
    pd : float
        Probability of default, in (0, 1).
    score : float
        Score points; larger is safer.
    reasons : tuple of RowReason
        Most harmful first; empty where none was asked for or none is adverse.
    most_reasons : int
        How many reasons were asked for: where there are fewer, there are no others.
    """

    log_odds: float
    pd: float
    score: float
    reasons: tuple[RowReason, ...]
    most_reasons: int


class ScoresRows(Protocol):
    """What scores single rows of a plan, whatever its family."""

    def score(
        self, row: Mapping[str, Any], *, reasons: int = 0, language: str = "en"
    ) -> RowScore:
        """Score one row given as a mapping of column name to value."""


class RowReasons:
    """The reasons of a plan, cited for one row.

    Parameters
    ----------
    plan : ScoringPlan
        Its catalogue is read.
    """

    def __init__(self, plan: ScoringPlan) -> None:
        self._named = {
            language: [(r.code, r.text(language)) for r in plan.catalogue.reasons]
            for language in LANGUAGES
        }

    def room(
        self, k: int, language: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return room for k reason indices and their harm.

        Raises
        ------
        UsageError
            When ``k`` is no integer or negative, or the language unknown.
        """
        if type(k) is not int:
            k = whole_number("reasons", k)
        if k < 0 or language not in self._named:
            msg = f"reasons must be an integer >= 0 and language one of {LANGUAGES}, "
            msg += f"got {k!r} and {language!r}."
            raise UsageError(msg)
        return np.empty(k, np.int64), np.empty(k)

    def cite(
        self, indices: NDArray[np.int64], harms: NDArray[np.float64], language: str
    ) -> tuple[RowReason, ...]:
        """Return the reasons at ranked indices; -1 stands for no further one."""
        named = self._named[language]
        return tuple(
            [
                _NEW(RowReason, (*named[index], harm))
                for index, harm in zip(indices.tolist(), harms.tolist(), strict=True)
                if index >= 0
            ]
        )


def probability(log_odds: float) -> float:
    """Return ``1 / (1 + exp(-log_odds))``, 0 where the exponential overflows."""
    try:
        return 1.0 / (1.0 + math.exp(-log_odds))
    except OverflowError:
        return 0.0
