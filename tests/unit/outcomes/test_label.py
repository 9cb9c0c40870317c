"""Label: every class by hand, immature loans, the waterfall, and a plain twin."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.outcomes import (
    CREDIT_LINE,
    LABELS,
    REGULATORY_DEFAULT,
    SHORT_LOAN,
    LabelDefinition,
    label,
    loan_history,
    vintage,
)
from tests.oracles.outcomes import label as plain_label
from tests.oracles.outcomes import months
from tests.unit.outcomes.books import SNAPSHOT, history_of, loan_tables, plain_loans

BOOKED = date(2025, 1, 15)
JULY = date(2025, 7, 31)
IN_6 = LabelDefinition(bad_dpd=30, window_months=6, good_dpd=5)


def labels_of(courses, definition=IN_6, booked_on=BOOKED, **columns):
    history = history_of(courses, booked_on, JULY, **columns)
    labels = label(history, definition=definition)
    return dict(labels.frame.select("loan_id", "label").iter_rows())


def test_every_class_by_hand():
    courses = {
        "always paid": [0] * 6,
        "at good limit": [0, 5, 0, 0, 0, 0],
        "between": [0, 6, 0, 29, 0, 0],
        "at bad limit": [0, 0, 30, 0, 0, 0],
        "settled early": [0, 0],
        "written off": [0, 10],
        "staff": [0, 0, 90, 120, 150, 180],
        "young": [0] * 5,
        "young and bad": [0, 40, 70, 100, 130],
    }
    young = {name: date(2025, 2, 1) for name in ("young", "young and bad")}
    ends = dict.fromkeys(courses) | {"settled early": date(2025, 4, 20)}
    lost = dict.fromkeys(courses) | {"written off": date(2025, 4, 20)}
    reasons = dict.fromkeys(courses) | {"staff": "staff"}
    history = history_of(
        courses,
        dict.fromkeys(courses, BOOKED) | young,
        JULY,
        closed_at=list(ends.values()),
        writeoff_at=list(lost.values()),
        exclusion=list(reasons.values()),
    )
    labels = label(history, definition=IN_6)
    assert {
        name: (what, y)
        for name, what, y in labels.frame.select("loan_id", "label", "y").iter_rows()
    } == {
        "always paid": ("good", 0),
        "at good limit": ("good", 0),
        "between": ("indeterminate", None),
        "at bad limit": ("bad", 1),
        "settled early": ("good", 0),
        "written off": ("bad", 1),
        "staff": ("excluded", None),
        "young": ("immature", None),
        "young and bad": ("immature", None),
    }
    assert labels.counts == {
        "good": 3,
        "bad": 2,
        "indeterminate": 1,
        "immature": 2,
        "excluded": 1,
    }
    assert labels.bad_rate == 0.4
    assert labels.n_immature_bad == 1
    assert labels.waterfall.rows() == [
        ("all loans", 9, 1.0, 9),
        ("not booked at the snapshot", 0, 0.0, 9),
        ("excluded: staff", 1, 1 / 9, 8),
        ("immature", 2, 2 / 9, 6),
        ("indeterminate", 1, 1 / 9, 5),
        ("good", 3, 3 / 9, 2),
        ("bad", 2, 2 / 9, 0),
    ]
    assert labels.sample["label"].to_list() == ["good", "bad", "good", "good", "bad"]


def test_immature_loans_never_count_as_good():
    # 10 of 100 loans of January are bad within three months. 200 loans of the next two
    # months are too young to tell; counted as good they would make 10 of 300, 3.33 %.
    courses, booked_on = {}, {}
    for month in (1, 2, 3):
        for number in range(100):
            name = f"{month}-{number}"
            course = [0, 35, 65] if month == 1 and number < 10 else [0, 0, 0]
            courses[name] = course[: 4 - month]
            booked_on[name] = date(2025, month, 10)
    history = history_of(courses, booked_on, date(2025, 4, 30))
    labels = label(history, definition=LabelDefinition(30, window_months=3))
    assert labels.bad_rate == 0.1
    assert labels.counts == {
        "good": 90,
        "bad": 10,
        "indeterminate": 0,
        "immature": 200,
        "excluded": 0,
    }
    assert vintage(history, dpd=30).table()["3"].to_list() == [0.1, None, None]


def test_the_window_ends_with_the_month_end_of_its_age():
    history = history_of({"A": [0] * 6}, BOOKED, JULY)
    frame = label(history, definition=IN_6).frame
    assert frame["window_end"].to_list() == [date(2025, 7, 31)]
    assert frame["label"].to_list() == ["good"]
    early = history_of({"A": [0] * 5}, BOOKED, date(2025, 7, 30))
    assert label(early, definition=IN_6).frame["label"].to_list() == ["immature"]


def test_what_happens_after_the_window_does_not_count():
    courses = {"A": [0, 0, 0, 0, 0, 40]}
    assert labels_of(courses, LabelDefinition(30, window_months=5)) == {"A": "good"}
    assert labels_of(courses, IN_6) == {"A": "bad"}


def test_current_judges_the_end_of_the_window():
    courses = {"cured": [0, 40, 70, 0, 0, 0], "late": [0, 0, 0, 0, 0, 31]}
    definition = LabelDefinition(30, window_months=6, measure="current")
    assert labels_of(courses, definition) == {"cured": "good", "late": "bad"}


def test_the_supervisors_default_is_kept_beside_the_label():
    courses = {"30": [0, 30, 0, 0, 0, 0], "90": [0, 30, 60, 90, 0, 0], "0": [0] * 6}
    history = history_of(courses, BOOKED, JULY)
    frame = label(history, definition=IN_6).frame
    assert dict(frame.select("loan_id", "is_default_90").iter_rows()) == {
        "0": False,
        "30": False,
        "90": True,
    }
    young = label(history, definition=LabelDefinition(30, window_months=7)).frame
    assert young["is_default_90"].null_count() == 3


def test_first_payment_defaults_are_told_and_may_be_excluded():
    due = [date(2025, 2, 15), date(2025, 3, 15)]
    history = loan_history(
        {"loan_id": ["fpd", "late"], "disbursed_at": [BOOKED] * 2},
        {
            "loan_id": ["fpd", "fpd", "late", "late"],
            "seq": [1, 2, 1, 2],
            "due_date": due * 2,
            "due_principal": [100.0] * 4,
        },
        {"loan_id": ["late"], "paid_at": [due[0]], "amount": [100.0]},
        snapshot=JULY,
    )
    kept = label(history, definition=IN_6)
    assert kept.frame["is_first_payment_default"].to_list() == [True, False]
    assert kept.counts["bad"] == 2
    apart = label(
        history,
        definition=LabelDefinition(30, 6, first_payment_default="exclude"),
    )
    assert apart.frame.select("label", "reason").rows() == [
        ("excluded", "first_payment_default"),
        ("bad", None),
    ]
    assert apart.waterfall["step"].to_list()[2] == "excluded: first_payment_default"


def test_a_history_of_month_ends_knows_no_first_payment():
    history = history_of({"A": [0] * 6}, BOOKED, JULY)
    frame = label(history, definition=IN_6).frame
    assert frame["is_first_payment_default"].to_list() == [None]
    without = LabelDefinition(30, first_payment_default="exclude")
    with pytest.raises(UsageError, match=r"has no instalments"):
        label(history, definition=without)


def test_only_what_was_known_at_granting_is_kept_of_the_loans():
    history = history_of(
        {"A": [0] * 6},
        BOOKED,
        JULY,
        customer_id=["c"],
        status=["active"],
        principal=[5.0],
    )
    assert label(history, definition=IN_6).frame.columns == [
        "loan_id",
        "booked_on",
        "principal",
        "customer_id",
        "label",
        "reason",
        "y",
        "window_end",
        "max_dpd",
        "is_default_90",
        "is_first_payment_default",
    ]


def test_no_loans_give_no_labels():
    history = history_of({"A": []}, BOOKED, date(2025, 1, 1))
    labels = label(history)
    assert labels.counts == dict.fromkeys(LABELS, 0)
    assert math.isnan(labels.bad_rate)
    assert labels.waterfall["n_loans"].to_list() == [1, 1, 0, 0, 0, 0]


@settings(max_examples=12)
@given(
    loans=st.lists(plain_loans(), min_size=2, max_size=6),
    bad_dpd=st.integers(1, 95),
    good_dpd=st.integers(0, 30),
    window=st.integers(1, 8),
    measure=st.sampled_from(["ever", "current"]),
)
def test_equals_the_plain_twin(loans, bad_dpd, good_dpd, window, measure):
    good_dpd = min(good_dpd, bad_dpd - 1)
    history = loan_history(*loan_tables(loans), snapshot=SNAPSHOT)
    labels = label(
        history, definition=LabelDefinition(bad_dpd, window, good_dpd, measure)
    )
    for loan in loans:
        loan.repayments = [part for part in loan.repayments if part[0] <= SNAPSHOT]
        if loan.closed_on and loan.closed_on > SNAPSHOT:
            loan.closed_on = None
        if loan.written_off_on and loan.written_off_on > SNAPSHOT:
            loan.written_off_on = None
    expected = [
        plain_label(
            months(loan, SNAPSHOT),
            bad_dpd=bad_dpd,
            good_dpd=good_dpd,
            window=window,
            measure=measure,
        )
        for loan in loans
        if loan.booked_on <= SNAPSHOT
    ]
    assert labels.frame["label"].to_list() == expected
    assert sum(labels.counts.values()) + history.n_not_booked == len(loans)
    assert labels.waterfall["n_loans"][1:].sum() == len(loans)
    assert labels.waterfall["n_left"][-1] == 0


def test_usual_definitions():
    assert str(SHORT_LOAN).startswith("ever 30+ within 6 months on book")
    assert str(CREDIT_LINE).startswith("ever 60+ within 12 months on book")
    assert str(REGULATORY_DEFAULT).startswith("ever 90+ within 12 months on book")
    apart = LabelDefinition(30, measure="current", first_payment_default="exclude")
    assert str(apart) == (
        "current 30+ at 12 months on book; good up to 5 days past due; first-payment "
        "defaults excluded"
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bad_dpd": 0}, r"bad_dpd must be a whole number at least 1, got 0"),
        ({"window_months": 0}, r"window_months must be a whole number"),
        ({"good_dpd": -1}, r"good_dpd must be a whole number"),
        ({"bad_dpd": 5}, r"good_dpd must be below bad_dpd 5, got 5"),
        ({"measure": "worst"}, r"measure must be one of 'ever', 'current'"),
        ({"first_payment_default": "drop"}, r"must be one of 'keep', 'exclude'"),
    ],
)
def test_definitions_are_checked(values, message):
    with pytest.raises(UsageError, match=message):
        LabelDefinition(**values)
