"""Times: borders of windows, months, zones, dates and instants."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cfscore.features import (
    SPECIAL_CODES,
    FeatureSpec,
    Source,
    Window,
)
from tests.unit.features.small_tables import (
    AS_OF,
    DAY,
    MICROSECOND,
    SUM_30D,
    TABLE,
    TX,
    built,
    decisions,
    transactions,
)


@pytest.mark.parametrize(
    ("at", "is_inside"),
    [
        (AS_OF, False),
        (AS_OF + MICROSECOND, False),
        (AS_OF - MICROSECOND, True),
        (AS_OF - 30 * DAY, True),
        (AS_OF - 30 * DAY - MICROSECOND, False),
    ],
)
def test_windows_are_half_open(at: datetime, is_inside: bool) -> None:
    table = transactions((7.0, at, AS_OF - MICROSECOND))
    found = built(SUM_30D, table).item()
    before = at < AS_OF
    assert found == (7.0 if is_inside else 0.0 if before else -9992.0)


@pytest.mark.parametrize(
    ("known", "is_usable"),
    [(AS_OF - MICROSECOND, True), (AS_OF, False), (AS_OF + DAY, False), (None, False)],
)
def test_a_fact_counts_when_it_was_known_before(
    known: datetime | None, is_usable: bool
) -> None:
    table = transactions((7.0, AS_OF - DAY, known))
    assert built(SUM_30D, table).item() == (7.0 if is_usable else -9992.0)


def test_the_as_of_example() -> None:
    """A repayment of the 14th that is posted on the 16th is no fact on the 15th."""
    at = datetime(2025, 6, 14, 4, tzinfo=UTC)
    table = transactions((100.0, at, datetime(2025, 6, 16, tzinfo=UTC)))
    assert built(SUM_30D, table).item() == SPECIAL_CODES["NOT_APPLICABLE"]
    later = decisions(as_of=datetime(2025, 6, 17, tzinfo=UTC))
    assert built(SUM_30D, table, later).item() == 100.0


def test_several_applications_of_a_customer_have_their_own_windows() -> None:
    applications = decisions("x", "x", "y").with_columns(
        as_of=pl.Series([AS_OF, AS_OF - DAY, AS_OF])
    )
    assert built(SUM_30D, applications=applications).to_series().to_list() == [
        21.5,
        20.0,
        -9992.0,
    ]


@pytest.mark.parametrize(
    ("as_of", "first_day"),
    [
        (date(2025, 3, 31), date(2025, 2, 28)),
        (date(2024, 3, 31), date(2024, 2, 29)),
        (date(2025, 6, 15), date(2025, 5, 15)),
    ],
)
def test_calendar_months_end_with_the_month(as_of: date, first_day: date) -> None:
    source = Source(
        "tx", key="who", event_time="at", available_at="known", resolution="date"
    )
    spec = FeatureSpec(source=source, aggregation="count", windows=[Window(months=1)])
    for at, n in ((first_day, 1), (first_day - DAY, 0), (as_of - DAY, 1), (as_of, 0)):
        table = pl.DataFrame(
            {"who": ["x", "x"], "at": [at, date(2000, 1, 1)], "known": date(2000, 1, 1)}
        )
        assert built(spec, table, decisions(as_of=as_of)).item() == n


def test_months_are_those_of_the_zone() -> None:
    """31 March, 20:00 UTC is 1 April in Shanghai, a month after 1 March."""
    as_of = datetime(2025, 3, 31, 20, tzinfo=UTC)
    start = datetime(2025, 2, 28, 20, tzinfo=UTC)  # 1 March, 4:00 in Shanghai
    table = transactions((1.0, start), (2.0, start - MICROSECOND))
    month = [Window(months=1)]
    shanghai = FeatureSpec(source=TX, aggregation="count", windows=month)
    assert built(shanghai, table, decisions(as_of=as_of)).item() == 1
    utc = Source(
        "tx", key="who", event_time="at", available_at="known", time_zone="UTC"
    )
    in_utc = FeatureSpec(source=utc, aggregation="count", windows=month)
    assert built(in_utc, table, decisions(as_of=as_of)).item() == 1  # from 28 February


def test_days_are_24_hours_across_a_change_to_summer_time() -> None:
    new_york = ZoneInfo("America/New_York")
    source = Source(
        "tx", key="who", event_time="at", available_at="known", time_zone=str(new_york)
    )
    spec = FeatureSpec(
        source=source, aggregation="count", windows=[Window(days=1), Window(months=1)]
    )
    as_of = datetime(2025, 3, 9, 12, tzinfo=new_york)  # clocks went forward at 2:00
    start = as_of.astimezone(UTC) - DAY
    table = transactions((1.0, start), (1.0, start - MICROSECOND))
    found = built(spec, table, decisions(as_of=as_of.astimezone(UTC)))
    assert found.row(0) == (1, 2)


def test_dates_are_those_of_the_zone() -> None:
    """At 17:00 UTC it is the next day in Shanghai, and the fact of the 15th counts."""
    source = Source(
        "tx", key="who", event_time="at", available_at="known", resolution="date"
    )
    spec = FeatureSpec(source=source, aggregation="count", windows=[Window(days=1)])
    table = pl.DataFrame({"who": ["x"], "at": [date(2025, 6, 15)]})
    table = table.with_columns(known=pl.lit(datetime(2025, 6, 15, 16, tzinfo=UTC)))
    evening = datetime(2025, 6, 15, 17, tzinfo=UTC)
    morning = datetime(2025, 6, 15, 2, tzinfo=UTC)
    assert built(spec, table, decisions(as_of=evening)).item() == 1
    early = table.with_columns(known=pl.lit(datetime(2025, 6, 15, tzinfo=UTC)))
    assert built(spec, early, decisions(as_of=morning)).item() == -9992.0


def test_a_decision_known_by_its_date_is_made_as_the_day_starts() -> None:
    midnight = datetime(2025, 6, 14, 16, tzinfo=UTC)  # in Shanghai
    table = transactions((1.0, midnight - MICROSECOND), (2.0, midnight))
    assert built(SUM_30D, table, decisions(as_of=date(2025, 6, 15))).item() == 1.0


def test_timestamps_without_zones_are_compared_as_they_are() -> None:
    naive = TABLE.with_columns(pl.col("at", "known").dt.replace_time_zone(None))
    as_of = AS_OF.replace(tzinfo=None)
    assert built(SUM_30D, naive, decisions(as_of=as_of)).item() == 21.5


def test_months_may_be_texts() -> None:
    source = Source(
        "tx", key="who", event_time="month", available_at="known", resolution="month"
    )
    spec = FeatureSpec(source=source, aggregation="count", windows=[Window(months=2)])
    months = ["2025-06", "2025-05", "2025-04", "2025-03", "no month"]
    table = pl.DataFrame({"who": "x", "month": months, "known": date(2025, 1, 1)})
    assert built(spec, table).item() == 2
