"""Calendar of the book: when people apply, and when the world changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MACRO_SHOCK_AT",
    "OBSERVED_FROM",
    "OBSERVED_UNTIL",
    "POPULATION_SHIFT_AT",
    "ApplicationTimes",
    "draw_times",
]

#: Applications lie in [OBSERVED_FROM, OBSERVED_UNTIL): 24 months.
OBSERVED_FROM = datetime(2024, 7, 1, tzinfo=UTC)
OBSERVED_UNTIL = datetime(2026, 7, 1, tzinfo=UTC)

#: From here on more young, rural and thin-file people apply, through one channel.
POPULATION_SHIFT_AT = datetime(2026, 1, 1, tzinfo=UTC)

#: From here on the same applicant defaults more often.
MACRO_SHOCK_AT = datetime(2026, 4, 1, tzinfo=UTC)

_SECONDS_PER_DAY = 86_400
_N_DAYS = (OBSERVED_UNTIL - OBSERVED_FROM).days

#: Local time of the applicants is UTC+8, without summer time.
_UTC_OFFSET_HOURS = 8

#: Monthly volume grows by this share over the whole period.
_VOLUME_GROWTH = 0.5

#: Relative volume by local hour 0..23: low at night, peaks before noon and at 20.
_HOURLY_VOLUME = np.array(
    [
        *(12, 8, 5, 4, 3, 4, 8, 16, 30, 45, 52, 50),
        *(48, 44, 46, 48, 46, 42, 44, 52, 58, 54, 40, 24),
    ],
    dtype=np.float64,
)


@dataclass(frozen=True, eq=False)
class ApplicationTimes:
    """When each applicant applied.

    Parameters
    ----------
    applied_at : array of shape (n,), int64, microseconds since 1970-01-01 UTC
        Instant, on whole seconds.
    local_hour : array of shape (n,), int32, 0..23
        Hour of the day in UTC+8.
    is_shifted : array of shape (n,), bool
        At or after the population shift.
    is_shocked : array of shape (n,), bool
        At or after the macro shock.
    """

    applied_at: NDArray[np.int64]
    local_hour: NDArray[np.int32]
    is_shifted: NDArray[np.bool_]
    is_shocked: NDArray[np.bool_]


def draw_times(rng: np.random.Generator, n: int) -> ApplicationTimes:
    """Return the times of n applications, independent of each other.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n : int
        Applications.

    Returns
    -------
    ApplicationTimes
        In no order: any slice of the book covers the whole period.
    """
    volume = 1.0 + _VOLUME_GROWTH * np.arange(_N_DAYS) / _N_DAYS
    day = _draw_index(rng, volume, n)
    local_hour = _draw_index(rng, _HOURLY_VOLUME, n)
    utc_hour = (local_hour - _UTC_OFFSET_HOURS) % 24
    second = day * _SECONDS_PER_DAY + utc_hour * 3600 + rng.integers(0, 3600, n)
    return ApplicationTimes(
        applied_at=(int(OBSERVED_FROM.timestamp()) + second) * 1_000_000,
        local_hour=local_hour.astype(np.int32),
        is_shifted=second >= (POPULATION_SHIFT_AT - OBSERVED_FROM).total_seconds(),
        is_shocked=second >= (MACRO_SHOCK_AT - OBSERVED_FROM).total_seconds(),
    )


def _draw_index(
    rng: np.random.Generator, weight: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    cumulative = np.cumsum(weight)
    at = rng.random(n) * cumulative[-1]
    index: NDArray[np.int64] = np.searchsorted(cumulative, at, side="right")
    return index
