"""Bad definition: the rule by hand, what speaks against it, and what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from cfscore.exceptions import UsageError
from cfscore.outcomes import LabelDefinition, choose_bad_definition
from tests.unit.outcomes.books import history_of

BOOKED = date(2025, 1, 5)


def book(late_from: list[int | None], n_months: int = 9, last_dpd: int = 999):
    """Return loans that roll by a bucket a month from a month on, or never.

    A loan that is late from month m is 15, 45, 75 ... days past due from then on.
    """
    courses = {}
    for number, first in enumerate(late_from):
        course = [0] * n_months
        if first is not None:
            for month in range(first, n_months):
                course[month] = min(15 + 30 * (month - first), last_dpd)
        courses[f"L{number}"] = course
    return courses


def test_the_rule_by_hand():
    # 60 loans roll on from the first month. 140 reach M1 in month 2 and cure in 3.
    # M1: 60 of 200 roll to worse; M2: 60 of 60 do. All bads are bad by month 2.
    courses = book([0] * 60 + [None] * 240)
    for number in range(60, 200):
        courses[f"L{number}"][1] = 20
    history = history_of(courses, BOOKED, date(2025, 10, 31))
    choice = choose_bad_definition(history)
    assert choice.rolls.totals[1] == 200
    assert choice.rolls.worse[1] == 0.3
    assert (choice.bucket, choice.window_months) == (2, 2)
    assert choice.definition == LabelDefinition(31, window_months=2, good_dpd=5)
    assert choice.remarks == ()
    assert choice.curves.dpd == 31
    assert choice.maturity.rows()[:3] == [
        (1, 300, 0, 0.0, None),
        (2, 300, 60, 0.2, 1.0),
        (3, 300, 60, 0.2, 0.0),
    ]


def test_the_level_is_of_the_cohorts_that_reached_the_age():
    # The second cohort is a month younger and has twice the bads. At its last age the
    # pooled rate would fall without it, and the increment must not see that.
    first, second = book([0] * 30 + [None] * 70), book([0] * 60 + [None] * 40)
    courses = {f"a{k}": v for k, v in first.items()}
    courses |= {f"b{k}": v[:-1] for k, v in second.items()}
    booked_on = {name: date(2025, 1 + (name[0] == "b"), 5) for name in courses}
    choice = choose_bad_definition(history_of(courses, booked_on, date(2025, 10, 31)))
    rows = choice.maturity.rows()
    assert rows[7] == (8, 200, 90, 0.45, 0.0)
    assert rows[8] == (9, 100, 30, 0.3, 0.0)


def test_vintages_that_still_rise_give_no_window():
    late = [month for month in range(8) for _ in range(30)]
    history = history_of(book(late + [None] * 60), BOOKED, date(2025, 10, 31))
    choice = choose_bad_definition(history)
    assert (choice.bucket, choice.window_months, choice.definition) == (1, None, None)
    assert choice.remarks == (
        "The vintages are not flat over 3 further month(s): no window.",
    )


def test_a_bucket_that_cures_often_is_remarked_upon():
    courses = book([0] * 60 + [None] * 40)
    for number in range(25):  # back to M0 after M1; the others roll on
        courses[f"L{number}"][1:] = [0] * 8
    history = history_of(courses, BOOKED, date(2025, 10, 31))
    choice = choose_bad_definition(history)
    assert choice.bucket == 1
    assert choice.definition.good_dpd == 0  # bad begins with the first day
    assert choice.remarks == (
        "M1 returns to M0 in 0.417 of the months, more than 0.25.",
    )
    assert choose_bad_definition(history, max_cure=0.5).remarks == ()


def test_a_book_without_arrears_speaks_for_nothing():
    choice = choose_bad_definition(
        history_of(book([None] * 40), BOOKED, date(2025, 10, 31))
    )
    assert (choice.definition, choice.curves, choice.maturity) == (None, None, None)
    assert choice.remarks == ("No bucket with 30 loans rolls to worse in over 0.5.",)


def test_few_cases_do_not_count():
    history = history_of(book([0] * 20 + [None] * 40), BOOKED, date(2025, 10, 31))
    assert choose_bad_definition(history).bucket is None
    assert choose_bad_definition(history, min_cases=20).bucket == 1


def test_options_are_checked():
    history = history_of(book([None]), BOOKED, date(2025, 10, 31))
    with pytest.raises(UsageError, match=r"min_worse must be a number 0\.\.1, got 50"):
        choose_bad_definition(history, min_worse=50)
    with pytest.raises(UsageError, match=r"flat_months must be a whole number"):
        choose_bad_definition(history, flat_months=0)
