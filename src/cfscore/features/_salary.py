"""Salary detection: regular credits of like amount at like days of the month."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cfscore.features._selection import Selection

__all__ = ["SALARY_OUTPUTS", "salary"]

#: What is found, and how the bad rate is expected to move with it: whether there is a
#: salary, its amount, coefficient of variation and months, and the days of the month
#: between the earliest and the latest payday.
SALARY_OUTPUTS: dict[str, Literal["ascending", "descending"] | None] = {
    "detected": "descending",
    "amt": "descending",
    "cv": "ascending",
    "months": "descending",
    "day_spread": None,
}

_AMOUNT_TOLERANCE = 0.15
_DAY_TOLERANCE = 3
_LAST_MONTHS = 4
_LEAST_MONTHS = 3
_LAST_CREDITS = 6
_LONGEST_MONTH = 31
_MONDAY, _FRIDAY = 0, 4
_EPOCH = date(1970, 1, 1).toordinal()

_Credit = tuple[int, float, date]


def salary(s: Selection) -> NDArray[np.float64]:
    """Return SALARY_OUTPUTS of each application, found among the credits selected.

    Credits with the same values of ``by`` (card, payer) are clustered in order of
    time: one belongs to the first cluster whose median amount is within 15 % and
    whose median day of the month is within three days, a Friday standing for the
    weekend after it and a Monday for the one before. A cluster is a salary when it
    has credits in three of the last four closed months; of several, the one with the
    most months counts, then the larger. Amount and coefficient of variation
    (population) are those of its last six credits; all but ``detected`` and
    ``months`` are NaN where there is none.
    """
    found = np.full((s.table.n, len(SALARY_OUTPUTS)), np.nan)
    found[:, 0] = found[:, 3] = 0.0
    this_month = s.table.decision_point("months")
    is_closed = s.table.elapsed_point("months") < this_month
    index = s.known[is_closed[s.known]]
    rows = s.table.rows[index]
    ends = np.flatnonzero(np.diff(rows, append=-1)) + 1
    streams = s.table.codes(s.spec.by_names)[index].tolist()
    amounts = s.values_of(index).tolist()
    days = [date.fromordinal(_EPOCH + d) for d in s.table.elapsed_point("days")[index]]
    credits = list(zip(streams, amounts, days, strict=True))
    start = 0
    for end in ends.tolist():
        best = _find(credits[start:end], int(this_month[index[start]]))
        if best is not None:
            found[rows[start]] = best.summary()
        start = end
    return found


def _find(credits: Sequence[_Credit], this_month: int) -> _Cluster | None:
    """Return the salary among the credits of one application, if there is one."""
    streams: dict[int, list[_Cluster]] = {}
    for stream, amount, day in credits:
        _add(streams.setdefault(stream, []), amount, day)
    clusters = (cluster for stream in streams.values() for cluster in stream)
    salaries = [cluster for cluster in clusters if cluster.is_salary(this_month)]
    return max(salaries, key=_Cluster.rank, default=None)


@dataclass
class _Cluster:
    """Credits of like amount at like days."""

    amounts: list[float] = field(default_factory=list)
    days: list[date] = field(default_factory=list)

    def takes(self, amount: float, day: date) -> bool:
        """Return whether a credit is like those of the cluster."""
        median = statistics.median(self.amounts)
        if abs(amount - median) > _AMOUNT_TOLERANCE * median:
            return False
        payday = statistics.median_low([d.day for d in self.days])
        return min(_distance(d, payday) for d in _nominal_days(day)) <= _DAY_TOLERANCE

    @property
    def months(self) -> set[int]:
        """Numbers of the months with a credit."""
        return {_month_number(day) for day in self.days}

    def is_salary(self, this_month: int) -> bool:
        """Return whether enough of the last months had a credit."""
        last = range(this_month - _LAST_MONTHS, this_month)
        return len(self.months.intersection(last)) >= _LEAST_MONTHS

    def rank(self) -> tuple[int, float, list[float]]:
        """Return what the best cluster has most of; never a tie between two."""
        return len(self.months), statistics.median(self.amounts), self.amounts

    def summary(self) -> tuple[float, ...]:
        """Return SALARY_OUTPUTS."""
        last = self.amounts[-_LAST_CREDITS:]
        numbers = [day.day for day in self.days[-_LAST_CREDITS:]]
        return (
            1.0,
            statistics.median(last),
            statistics.pstdev(last) / statistics.fmean(last),
            float(len(self.months)),
            float(max(numbers) - min(numbers)),
        )


def _add(stream: list[_Cluster], amount: float, day: date) -> None:
    cluster = next((c for c in stream if c.takes(amount, day)), None)
    if cluster is None:
        cluster = _Cluster()
        stream.append(cluster)
    cluster.amounts.append(amount)
    cluster.days.append(day)


def _nominal_days(day: date) -> tuple[int, ...]:
    """Return the days of the month for which a credit may stand."""
    if day.weekday() == _FRIDAY:
        return day.day, day.day + 1, day.day + 2
    if day.weekday() == _MONDAY:
        return day.day, day.day - 1, day.day - 2
    return (day.day,)


def _distance(day: int, payday: int) -> int:
    """Return the days between two days of the month, across its end if shorter."""
    apart = abs(day - payday)
    return min(apart, abs(_LONGEST_MONTH - apart))


def _month_number(day: date) -> int:
    return 12 * day.year + day.month
