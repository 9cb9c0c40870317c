"""Default: when each applicant, were the application approved, would stop paying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._application import (
    MONTHLY_WEIGHT,
    Applications,
)
from cfscore.datasets._loan_book._clock import (
    DAY,
    HOUR,
    add_months,
    is_shocked_day,
    local_day,
)
from cfscore.datasets._outcome import LOG_ODDS_SHOCK

__all__ = ["NEVER_STOPS", "Defaults", "draw_defaults"]

#: Day on which those stop who do not.
NEVER_STOPS = 1 << 20

#: Share of long loans that stop after the twelve months that the truth is about, and
#: the earliest instalment at which they do.
_LATE_SHARE = 0.03
_LATE_FIRST = 14


@dataclass(frozen=True, eq=False)
class Defaults:
    """Decision and payout of each application, and the day it stops paying.

    Parameters
    ----------
    decided, disbursed : array of shape (n,), int64, seconds
        When it is decided, and paid out if approved.
    stop_day : array of shape (n,), int64, days
        Due day of the first instalment of the first loan that is not paid;
        ``NEVER_STOPS`` for most.
    """

    decided: NDArray[np.int64]
    disbursed: NDArray[np.int64]
    stop_day: NDArray[np.int64]


def draw_defaults(rng: np.random.Generator, applications: Applications) -> Defaults:
    """Return when the applications are decided, paid out and stop paying.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    applications : Applications
        Those that ``would_default`` stop at one of the first nine instalments, so
        that 90 days past due lie within twelve months on book.

    Returns
    -------
    Defaults
        One per application.
    """
    n, term = applications.n, applications.term
    wait = np.exp(4.0 + 1.8 * rng.standard_normal(n)).clip(20, 3 * DAY)
    decided = applications.applied + wait.astype(np.int64)
    wait = HOUR / 6 + rng.standard_exponential(n) * 8 * HOUR
    disbursed = decided + wait.clip(0, 3 * DAY).astype(np.int64)
    due = _due_days(local_day(disbursed), int(term.max()))
    chance = MONTHLY_WEIGHT * np.exp(
        LOG_ODDS_SHOCK * is_shocked_day(due[:, : MONTHLY_WEIGHT.size])
    )
    chance *= np.arange(1, MONTHLY_WEIGHT.size + 1) <= term[:, None]
    seq = _pick(chance, rng.random(n))
    is_late = (term > _LATE_FIRST) & (rng.random(n) < _LATE_SHARE)
    late_seq = _LATE_FIRST - 1 + (rng.random(n) * (term - _LATE_FIRST)).astype(np.int64)
    seq = np.where(applications.would_default, seq, late_seq.clip(0, None))
    stops = applications.would_default | is_late
    stop_day = np.where(stops, due[np.arange(n), seq], NEVER_STOPS)
    return Defaults(decided, disbursed, stop_day)


def _due_days(disbursed_day: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    most = max(most, MONTHLY_WEIGHT.size)
    return np.stack([add_months(disbursed_day, k) for k in range(1, most + 1)], axis=1)


def _pick(weight: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return a column of each row, drawn by its weights."""
    ends = np.cumsum(weight, axis=1)
    return np.asarray((at[:, None] * ends[:, -1:] >= ends).sum(axis=1))
