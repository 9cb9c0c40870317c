"""Facts of letters: complete, and without personal data."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from cfscore.exceptions import UsageError
from cfscore.reports import Institution, LetterFacts

LENDER = Institution("Bank", "Main Street\n1", "800-1", "a@b.org", "b.org")
FACTS = LetterFacts(LENDER, datetime.date(2026, 3, 9), "A-17")


def test_institutions_in_one_line():
    english = "Bank, Main Street 1, telephone 800-1, a@b.org, b.org"
    assert LENDER.described("en") == english
    chinese = "Bank，Main Street 1，电话 800-1，电子邮箱 a@b.org，b.org"
    assert LENDER.described("zh") == chinese
    assert Institution("Bank", "Street").described("en") == "Bank, Street"


@pytest.mark.parametrize("part", ["name", "address"])
def test_institutions_have_name_and_address(part):
    with pytest.raises(UsageError, match=f"needs a non-blank {part}"):
        replace(LENDER, **{part: " "})


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        # worked value W21: the check digit of this number is X
        ("11010519491231002X", "an ID number"),
        ("No. 11010519491231002x", "an ID number"),
        ("4111111111111111", "a bank card number"),
        ("13800138000", "a mobile number"),
        ("zhang@example.org", "an e-mail address"),
        ("+8613812345678", "a mobile number"),
        ("+86 138 1234 5678", "a mobile number"),
        ("138-1234-5678", "a mobile number"),
        ("138.1234.5678", "a mobile number"),
        ("4111 1111 1111 1111", "a bank card number"),
        ("4111-1111-1111-1111", "a bank card number"),
        ("130503670401001", "an ID number"),
    ],
)
def test_references_that_look_personal_are_refused(reference, kind):
    with pytest.raises(UsageError, match=f"looks like {kind}") as error:
        replace(FACTS, reference=reference)
    assert error.value.code == "PERSONAL_DATA"
    assert reference not in str(error.value)


@pytest.mark.parametrize(
    "reference",
    [
        "A-17",
        "110105194912310021",
        "4111111111111112",
        "20260309000123",
        "2026-0001-3812-3456",
        "100120240115001",
        "APP110120240115001",
        "20240115-138-0000-0001",
        "LN-150 0001 0002",
        "1389-1234567",
        "130503671301001",
        "A-2026-000123",
    ],
)
def test_other_references_are_kept(reference):
    assert replace(FACTS, reference=reference).reference == reference


def test_incomplete_facts_are_refused():
    with pytest.raises(UsageError, match="needs a phone number or an e-mail address"):
        replace(FACTS, lender=Institution("Bank", "Street", website="b.org"))
    with pytest.raises(UsageError, match="needs the reference of the application"):
        replace(FACTS, reference=" ")
    for wrong in ((850.0, 300.0), (300.0, float("nan"))):
        with pytest.raises(UsageError, match=r"score_range must be \(lowest, highest"):
            replace(FACTS, score_range=wrong)
