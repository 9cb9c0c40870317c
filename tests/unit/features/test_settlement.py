"""Settlement: by hand, and against payments added up one by one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.features import Elapsed, FeatureSpec, Settlement, Source
from tests.unit.features.small_tables import built, decisions

SETTLEMENT = Settlement(
    "payments", ("loan", "seq"), ("principal", "fee"), ("amount",), "paid", "known"
)
DAY = timedelta(days=1)
START = date(2025, 6, 1)


def settled(payments: list[tuple[float | None, int, int | None]]) -> tuple[Any, Any]:
    """Return days from START to settlement, and to when it was known.

    The instalment is 100 and has a fee of 0.10; a payment is amount, day paid, day
    known.
    """
    instalments = pl.DataFrame(
        {
            "loan": ["a", "a"],
            "seq": [1, 2],
            "principal": [100.0, 5.0],
            "fee": [0.1, None],
        }
    )
    rows = [
        (
            "a",
            1,
            amount,
            START + paid * DAY,
            None if known is None else START + known * DAY,
        )
        for amount, paid, known in payments
    ]
    schema = {"loan": pl.String, "seq": pl.Int64, "amount": pl.Float64}
    table = pl.DataFrame(
        rows, schema=schema | {"paid": pl.Date, "known": pl.Date}, orient="row"
    )
    found = SETTLEMENT.attached_to(instalments.lazy(), table.lazy()).collect()
    assert found.height == 2
    at, known = found.filter(seq=1).select("settled_at", "settled_known_at").row(0)
    return (None, None) if at is None else ((at - START).days, (known - START).days)


def test_by_hand() -> None:
    assert settled([]) == (None, None)
    assert settled([(100.1, 3, 5)]) == (3, 5)
    assert settled([(60.0, 3, 5)]) == (None, None)
    assert settled([(60.0, 3, 5), (40.1, 7, 8)]) == (7, 8)
    # The later payment became known first; both are needed.
    assert settled([(60.0, 3, 9), (40.1, 7, 8)]) == (7, 9)
    # What comes after it changes nothing, and half a cent is no debt.
    assert settled([(100.096, 3, 5), (50.0, 1, 9)]) == (3, 5)
    assert settled([(100.09, 3, 5)]) == (None, None)
    # A payment that nobody knows when it was known does not count.
    assert settled([(100.1, 3, None)]) == (None, None)
    assert settled([(None, 1, 2), (100.1, 3, 5)]) == (3, 5)


payments = st.tuples(
    st.sampled_from([10.0, 33.4, 50.05, 100.1]), st.integers(0, 9), st.integers(0, 9)
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(payments, max_size=6))
def test_one_by_one(rows: list[tuple[float, int, int]]) -> None:
    total, latest, expected = 0.0, -1, (None, None)
    for amount, paid, known in sorted(rows, key=lambda row: (row[2], row[1])):
        total, latest = total + amount, max(latest, paid)
        if total >= 100.1 - 0.005:
            expected = (latest, known)
            break
    assert settled(rows) == expected


def test_days_past_due_as_they_were_known() -> None:
    """Due on the 10th, paid on the 20th, posted on the 23rd."""
    source = Source(
        "tx",
        key="who",
        event_time="due",
        available_at="agreed",
        resolution="date",
        attach=(
            Settlement("payments", ("id",), ("debt",), ("amount",), "paid", "posted"),
        ),
        derive=(Elapsed("dpd", "due", "settled_at", "settled_known_at", least=0),),
    )
    specs = [
        FeatureSpec(source=source, column="dpd", aggregation="max"),
        FeatureSpec(
            source=source, aggregation="count", where={"dpd_open": True}, name="open"
        ),
    ]
    day = date(2025, 6, 1)
    tables = {
        "tx": pl.DataFrame(
            {"who": "x", "id": [7], "due": day + 9 * DAY, "debt": 50.0, "agreed": day}
        ),
        "payments": pl.DataFrame(
            {
                "id": [7],
                "amount": 50.0,
                "paid": day + 19 * DAY,
                "posted": day + 22 * DAY,
            }
        ),
    }
    days = [11, 15, 20, 21, 23, 24]
    applications = decisions(*"x" * len(days)).with_columns(
        as_of=pl.Series([day + (d - 1) * DAY for d in days])
    )
    found = built(specs, tables, applications)
    assert found.rows() == [(1, 1), (5, 1), (10, 1), (11, 1), (13, 1), (10, 0)]
