"""Ever and current x days past due at y months on book."""

from __future__ import annotations

from datetime import date

import pytest

from cfscore.exceptions import UsageError
from cfscore.outcomes import delinquency_at
from tests.unit.outcomes.books import history_of

BOOKED = date(2025, 1, 31)
JULY = date(2025, 7, 31)

# Days past due at the end of month on book 1 to 6.
COURSES = {
    "cured": [0, 29, 30, 0, 0, 0],
    "never": [0, 0, 29, 0, 0, 0],
    "rolls": [0, 0, 0, 0, 30, 60],
}


def flags(history, **options):
    return dict(delinquency_at(history, **options).iter_rows())


def test_ever_counts_up_to_the_age_and_current_at_it():
    history = history_of(COURSES, BOOKED, JULY)
    assert flags(history, dpd=30, mob=4) == {
        "cured": True,
        "never": False,
        "rolls": False,
    }
    assert flags(history, dpd=30, mob=6, measure="ever") == {
        "cured": True,
        "never": False,
        "rolls": True,
    }
    assert flags(history, dpd=30, mob=6, measure="current") == {
        "cured": False,
        "never": False,
        "rolls": True,
    }
    assert flags(history, dpd=31, mob=6, measure="ever")["cured"] is False


def test_an_age_that_is_not_reached_is_missing():
    booked_on = {"old": BOOKED, "young": date(2025, 3, 1)}
    history = history_of({"old": [0] * 6, "young": [0] * 4}, booked_on, JULY)
    assert flags(history, mob=4) == {"old": False, "young": False}
    assert flags(history, mob=5) == {"old": False, "young": None}


def test_a_loan_without_complete_month_is_missing_and_an_excluded_one_left_out():
    booked_on = {"old": BOOKED, "new": date(2025, 7, 31), "staff": BOOKED}
    courses = {"old": [0] * 6, "new": [], "staff": [0] * 6}
    history = history_of(courses, booked_on, JULY, exclusion=[None, None, "staff"])
    assert flags(history, mob=0) == {"old": False, "new": False}
    assert flags(history, mob=1) == {"old": False, "new": None}


def test_a_loan_written_off_is_delinquent_from_then_on():
    history = history_of(
        {"lost": [0, 10]}, BOOKED, JULY, writeoff_at=[date(2025, 4, 2)]
    )
    assert flags(history, mob=2) == {"lost": False}
    for measure in ("ever", "current"):
        assert flags(history, dpd=90, mob=3, measure=measure) == {"lost": True}


def test_options_are_checked():
    history = history_of(COURSES, BOOKED, JULY)
    with pytest.raises(UsageError, match=r"dpd must be a whole number at least 1"):
        delinquency_at(history, dpd=0)
    with pytest.raises(UsageError, match=r"mob must be a whole number .* got True"):
        delinquency_at(history, mob=True)
    with pytest.raises(UsageError, match=r"measure must be one of 'ever', 'current'"):
        delinquency_at(history, measure="worst")
