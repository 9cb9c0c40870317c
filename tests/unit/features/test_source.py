"""Source: what it must say, and what makes no sense."""

from __future__ import annotations

import pytest

from cfscore.exceptions import UsageError
from cfscore.features import Attach, Elapsed, FirstKnown, Flag, Settlement, Source

TIMES = {"event_time": "at", "available_at": "known"}
REPORTS = Source("reports", key="who", absent="NO_HIT", **TIMES)


def test_names_follow_from_the_source() -> None:
    plain = Source("tx", key=("who", "card"), **TIMES)
    assert plain.keys == ("who", "card")
    assert plain.tables == ("tx",)
    assert plain.owner is plain
    child = Source(
        "accounts",
        key="report",
        event_time=None,
        within=REPORTS,
        table="bureau_accounts",
        attach=(Attach("orgs", on="org", columns="kind"),),
    )
    assert child.tables == ("bureau_accounts", "orgs", "reports")
    assert child.owner is REPORTS
    assert child.absent_code is not None
    assert child.absent_code.name == "NO_HIT"


def test_raw_columns_are_those_that_derived_ones_are_made_of() -> None:
    source = Source(
        "tx",
        key="who",
        derive=(
            FirstKnown("amount", ("gross", "net")),
            FirstKnown("any", ("amount", "fee")),
            Elapsed("open_days", start="due", end="paid"),
        ),
        **TIMES,
    )
    assert source.raw_columns(("any", "kind")) == ("gross", "net", "fee", "kind")
    assert source.raw_columns(("open_days_open",)) == ("due", "paid")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"available_at": None}, "'s' needs event_time and available_at"),
        ({"event_time": None}, "'s' needs event_time and available_at"),
        ({"resolution": "day"}, "Unknown resolution 'day' of 's'"),
        ({"time_zone": "Asia/Shangri-La"}, "'Asia/Shangri-La' is no time zone"),
        ({"absent": "NEVER"}, "absent='NEVER' of 's' is not allowed"),
        ({"key": ()}, "'s' has no key"),
        (
            {"derive": (FirstKnown("a", ("b",)), FirstKnown("b", ("c",)))},
            r"Derivation 'a' of 's' reads \['b'\]",
        ),
        (
            {"derive": (FirstKnown("a", ("a",)),)},
            r"Derivation 'a' of 's' reads \['a'\]",
        ),
        (
            {"derive": (Elapsed("e", "due"), FirstKnown("f", ("e",)))},
            r"Derivation 'f' of 's' reads \['e'\]",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Source("s", **({"key": "who"} | TIMES | arguments))


def test_a_source_within_a_report_takes_its_time_or_has_its_own() -> None:
    with pytest.raises(UsageError, match="takes its time from 'reports'"):
        Source("s", key="r", event_time=None, within=REPORTS, resolution="date")
    child = Source("c", key="r", event_time=None, within=REPORTS)
    with pytest.raises(UsageError, match="is itself within one"):
        Source("s", key="r", event_time=None, within=child)


def test_flags_and_attachments() -> None:
    with pytest.raises(UsageError, match=r"The bit of 'mask' must be in 0\.\.62"):
        Flag("mask", bit=63)
    with pytest.raises(UsageError, match="needs columns to join on and to add"):
        Attach("t", on=(), columns=("a",))
    with pytest.raises(UsageError, match="needs columns for paid"):
        Settlement("t", ("id",), ("due",), (), "paid_at", "known")
    with pytest.raises(UsageError, match="has end_available_at but no end"):
        Elapsed("e", "due", end_available_at="known")
