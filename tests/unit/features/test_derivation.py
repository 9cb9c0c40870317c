"""Attached and derived columns: what other tables and the decision add to a fact."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from cfscore.exceptions import InputError
from cfscore.features import (
    Attach,
    Elapsed,
    FeatureSpec,
    LocalHour,
    LocalMonth,
    Quotient,
    Source,
)
from tests.unit.features.small_tables import (
    AS_OF,
    DAY,
    TABLE,
    built,
    decisions,
)


def test_attached_columns_and_their_availability() -> None:
    cards = pl.DataFrame(
        {
            "card": ["k", "k", "l"],
            "kind": ["C", "C", "D"],
            "since": [AS_OF - 9 * DAY] * 3,
        }
    )
    table = TABLE.with_columns(card=pl.Series(["k", "l", "k"]))
    attach = Attach("cards", on="card", columns="kind")
    source = Source(
        "tx", key="who", event_time="at", available_at="known", attach=(attach,)
    )
    spec = FeatureSpec(
        source=source, column="amount", aggregation="sum", where={"kind": "C"}
    )
    assert built(spec, {"tx": table, "cards": cards}).item() == 1.5
    late = Attach("cards", on="card", columns="kind", available_at="since")
    gated = Source(
        "tx", key="who", event_time="at", available_at="known", attach=(late,)
    )
    spec = FeatureSpec(source=gated, column="amount", aggregation="sum")
    new = cards.with_columns(
        pl.when(card="k").then(AS_OF).otherwise("since").alias("since")
    )
    assert built(spec, {"tx": table, "cards": cards}).item() == 21.5
    assert built(spec, {"tx": table, "cards": new}).item() == 20.0


def test_attached_tables_must_not_contradict_themselves() -> None:
    cards = pl.DataFrame({"card": ["k", "k"], "kind": ["C", "D"]})
    attach = Attach("cards", on="card", columns="kind")
    source = Source(
        "tx", key="who", event_time="at", available_at="known", attach=(attach,)
    )
    spec = FeatureSpec(source=source, aggregation="count", where={"kind": "C"})
    table = TABLE.with_columns(card=pl.lit("k"))
    with pytest.raises(
        InputError, match=r"Table 'cards' has 1 value\(s\) of card with rows that"
    ) as caught:
        built(spec, {"tx": table, "cards": cards})
    assert caught.value.code == "DUPLICATE_KEY"


def test_a_key_may_come_from_an_attached_table() -> None:
    owners = pl.DataFrame({"card": ["k", "l"], "who": ["x", "y"]})
    source = Source(
        "tx",
        key="who",
        event_time="at",
        available_at="known",
        attach=(Attach("owners", on="card", columns="who"),),
    )
    spec = FeatureSpec(source=source, column="amount", aggregation="sum")
    table = TABLE.drop("who").with_columns(card=pl.Series(["k", "l", "k"]))
    tables = {"tx": table, "owners": owners}
    assert built(spec, tables, decisions("x", "y")).to_series().to_list() == [1.5, 20.0]


def test_elapsed_times_know_the_decision() -> None:
    day = date(2025, 6, 15)
    table = pl.DataFrame(
        {
            "who": "x",
            "due": [day - 40 * DAY, day - 30 * DAY, day - 20 * DAY, day - 10 * DAY],
            "paid": [day - 35 * DAY, day - DAY, day, None],
            "told": [day - 34 * DAY, day, day + DAY, None],
            "known": day - 90 * DAY,
        }
    )
    source = Source(
        "tx",
        key="who",
        event_time="due",
        available_at="known",
        resolution="date",
        derive=(
            Elapsed("late", start="due", end="paid"),
            Elapsed("told_late", start="due", end="paid", end_available_at="told"),
            Elapsed("months", start="due", unit="months"),
            Elapsed("early", start="paid", end="due", least=0),
        ),
    )
    names = ["late", "late_open", "told_late", "told_late_open", "months", "early"]
    specs = [
        FeatureSpec(source=source, column=name, aggregation="sum") for name in names
    ]
    found = built(specs, table, decisions(as_of=day)).row(0)
    # late: 5 and 29 paid; the third is paid on the day itself, the fourth never
    assert found == (5 + 29 + 20 + 10, 2, 5 + 30 + 20 + 10, 3, 1 + 1 + 1 + 0, 0)


def test_other_derivations() -> None:
    source = Source(
        "tx",
        key="who",
        event_time="at",
        available_at="known",
        derive=(
            Quotient("share", "amount", ("amount", "rest")),
            LocalHour("hour", "at"),
            LocalMonth("month", "at"),
        ),
    )
    table = TABLE.head(2).with_columns(rest=pl.Series([0.5, -20.0]))
    specs = [
        FeatureSpec(source=source, column="share", aggregation="sum"),
        FeatureSpec(source=source, column="share", aggregation="count"),
        FeatureSpec(source=source, aggregation="count", where={"hour": 10}),
        FeatureSpec(source=source, column="month", aggregation="distinct"),
    ]
    assert built(specs, table).row(0) == (0.75, 1, 2, 1)
