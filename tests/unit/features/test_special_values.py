"""Special values: kept apart from zero, from each other and from measurements."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cfscore.features import (
    SPECIAL_CODES,
    Combination,
    FeatureSpec,
    Flag,
    Source,
    Window,
)
from tests.unit.features.small_tables import (
    AS_OF,
    DAY,
    SUM_30D,
    TABLE,
    TX,
    built,
    decisions,
    transactions,
)


def test_status_beside_the_values() -> None:
    last = FeatureSpec(source=TX, column="kind", aggregation="last", text=True)
    table = TABLE.with_columns(kind=pl.lit("fee"))
    applications = decisions("x", "y")
    codes = built([SUM_30D, last], table, applications)
    assert codes.rows() == [(21.5, "fee"), (-9992.0, "NOT_APPLICABLE")]
    beside = built([SUM_30D, last], table, applications, special="status")
    name, text = "tx_amount_sum_30d", "tx_kind_last"
    assert beside.columns == [name, f"{name}_status", text, f"{text}_status"]
    assert beside.rows() == [
        (21.5, None, "fee", None),
        (None, "NOT_APPLICABLE", None, "NOT_APPLICABLE"),
    ]


def test_a_measured_code_is_told_from_a_code() -> None:
    table = transactions((-9992.0, AS_OF - DAY))
    found = built(SUM_30D, table).item()
    assert found != -9992.0
    assert found == pytest.approx(-9992.0, rel=1e-15)
    assert built(SUM_30D, table, special="status").row(0) == (-9992.0, None)


@pytest.mark.parametrize("amounts", [[np.inf], [np.inf, -np.inf], [np.inf, 1.0]])
@pytest.mark.parametrize("aggregation", ["sum", "mean", "std", "max", "last"])
def test_infinite_amounts_are_invalid(aggregation: str, amounts: list[float]) -> None:
    table = transactions(*((amount, AS_OF - DAY) for amount in amounts))
    spec = FeatureSpec(source=TX, column="amount", aggregation=aggregation)
    assert built(spec, table).item() == SPECIAL_CODES["INVALID"]
    old = table.with_columns(at=pl.lit(AS_OF - 90 * DAY))
    recent = FeatureSpec(
        source=TX, column="amount", aggregation="sum", windows=[Window(days=30)]
    )
    assert built(recent, old).item() == 0.0


def test_an_empty_history_may_count_as_one() -> None:
    source = Source("tx", key="who", event_time="at", available_at="known", absent=None)
    spec = FeatureSpec(source=source, column="amount", aggregation="sum")
    mean = FeatureSpec(source=source, column="amount", aggregation="mean")
    recency = FeatureSpec(source=source, aggregation="recency")
    found = built([spec, mean, recency], applications=decisions("y")).row(0)
    assert found == (0.0, SPECIAL_CODES["NOT_APPLICABLE"], SPECIAL_CODES["NEVER"])


GATED = Source(
    "tx",
    key="who",
    event_time="at",
    available_at="known",
    consent=Flag("agreed"),
    outage=Flag("down", bit=2),
)


def test_consent_comes_before_outage_before_absence() -> None:
    applications = pl.DataFrame(
        {
            "who": ["x", "x", "x", "x", "y", "y"],
            "agreed": [True, False, None, True, True, False],
            "down": [0, 0, 0, 4, 3, 7],
            "as_of": AS_OF,
        }
    )
    spec = FeatureSpec(source=GATED, column="amount", aggregation="sum")
    found = built(spec, applications=applications, special="status")
    assert found.to_series(1).to_list() == [
        None,
        "NO_CONSENT",
        "NO_CONSENT",
        "SOURCE_DOWN",
        "NOT_APPLICABLE",
        "NO_CONSENT",
    ]


def test_without_consent_nothing_depends_on_the_records() -> None:
    applications = decisions().with_columns(agreed=False, down=0)
    spec = FeatureSpec(source=GATED, column="amount", aggregation="sum")
    other = TABLE.with_columns(pl.col("amount") * 17.0)
    found = [built(spec, t, applications).item() for t in (TABLE, other, TABLE.head(0))]
    assert found == [SPECIAL_CODES["NO_CONSENT"]] * 3


def test_combinations_carry_the_special_codes_of_their_sides() -> None:
    count = FeatureSpec(source=TX, aggregation="count", name="n")
    total = FeatureSpec(source=TX, column="amount", aggregation="sum", name="sum")
    sides = {"left": "sum", "right": "application.income"}
    specs = [
        count,
        total,
        Combination(name="ratio", operation="ratio", **sides),
        Combination(name="difference", operation="difference", factor=2.0, **sides),
        Combination(name="mean", operation="ratio", left="sum", right="n"),
        Combination(name="product", operation="product", left="n", right="n"),
    ]
    applications = decisions("x", "x", "x", "y").with_columns(
        income=pl.Series([10.0, 0.0, None, 10.0])
    )
    found = built(specs, applications=applications).select(
        "ratio", "difference", "mean", "product"
    )
    gone = -9992.0
    assert found.rows() == [
        (2.15, 1.5, 10.75, 4.0),
        (gone, 21.5, 10.75, 4.0),
        (gone, gone, 10.75, 4.0),
        (gone, gone, gone, gone),
    ]
