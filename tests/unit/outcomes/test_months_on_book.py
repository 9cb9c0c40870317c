"""Months on book: worked value, month ends, and the calendar behind the months."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import numpy as np
import pytest

from cfscore.exceptions import InputError
from cfscore.outcomes import months_on_book
from cfscore.outcomes._months_on_book import (
    last_month_end,
    month_end_calendar,
    month_index_of,
)


def test_worked_value():
    at = [date(2025, 1, 31), date(2025, 2, 28), date(2026, 1, 31)]
    assert months_on_book(date(2025, 1, 31), at).tolist() == [0, 1, 12]


def test_one_value_gives_one_and_arrays_broadcast():
    assert months_on_book("2024-12-31", "2025-01-01") == 1
    assert months_on_book(["2024-12-31", "2025-02-01"], "2025-01-31").tolist() == [
        1,
        -1,
    ]


def test_the_time_of_day_plays_no_part():
    booked = np.array(["2025-01-31T23:59:59.999"], dtype="datetime64[ms]")
    assert months_on_book(booked, "2025-02-01").tolist() == [1]


def test_missing_dates_are_counted_and_refused():
    with pytest.raises(InputError, match=r"at has 1 missing value\(s\) in 2"):
        months_on_book("2025-01-01", ["2025-01-01", "NaT"])


def test_other_things_are_refused_without_quoting_them():
    with pytest.raises(
        InputError, match=r"^booked_on must hold dates\. Pass"
    ) as caught:
        months_on_book("secret", "2025-01-01")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("year", [2023, 2024, 1900, 2000])
def test_month_ends_are_those_of_the_calendar(year):
    first = month_index_of(date(year, 1, 15))
    ends = month_end_calendar(first, first + 11)
    assert ends["month_index"].to_list() == list(range(first, first + 12))
    assert ends["month_end"].to_list() == [
        date(year, month, calendar.monthrange(year, month)[1]) for month in range(1, 13)
    ]


def test_last_month_end_on_every_day_of_a_leap_year():
    day, last = date(2024, 1, 1), date(2023, 12, 31)
    while day.year == 2024:
        if (day + timedelta(days=1)).day == 1:
            last = day
        assert last_month_end(day) == last
        day += timedelta(days=1)
