"""Every aggregation against its plain form, on small tables drawn at the borders."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cfscore.features import (
    FeatureSpec,
    Source,
    Window,
    build_feature_row,
    build_features,
)
from cfscore.features._aggregation import AGGREGATIONS
from tests.oracles.features import AGGREGATORS, feature_row

DECISION = datetime(2025, 6, 15, 2, tzinfo=UTC)  # 10 o'clock in Shanghai
#: Shrinking a table of 80 facts takes minutes and helps little.
PHASES = (Phase.explicit, Phase.generate)
MICROSECOND = timedelta(microseconds=1)
WINDOWS = [Window(days=30), Window(months=3), Window(months=1, lag=2)]
MONTH_WINDOWS = [Window(months=1), Window(months=3), Window(months=2, lag=1)]

#: What each aggregation is tried with, besides the windows.
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "active_months": [{}, {"column": "amount"}],
    "age": [{}, {"elapsed_in": "months"}],
    "count": [{}, {"column": "amount", "where": {"kind": "a"}}],
    "cv": [{"column": "amount"}, {"column": "amount", "by": "kind"}],
    "distinct": [{"column": "kind"}, {"column": ["kind", "amount"]}],
    "first": [{"column": "amount"}, {"column": "kind", "text": True}],
    "last": [{"column": "amount"}, {"column": "kind", "text": True}],
    "longest_run": [{"part": {"kind": "a"}}, {"part": {"kind": "a"}, "by": "card"}],
    "max": [{"column": "amount"}, {"column": "amount", "by": ["kind", "card"]}],
    "mean": [{"column": "amount", "where": {"kind": ["a", "b"]}}],
    "mean_gap": [{}, {"elapsed_in": "months", "column": "amount"}],
    "median": [{"column": "amount"}],
    "min": [{"column": "amount"}, {"column": "amount", "by": "kind"}],
    "per_month": [{"column": "amount"}, {}],
    "ratio": [
        {"column": "amount", "denominator": "limit"},
        {"column": "amount", "denominator": "limit", "by": "card"},
        {"column": "amount", "against": Window(months=6)},
        {"against": Window(months=6), "where": {"kind": "a"}},
    ],
    "recency": [{}, {"elapsed_in": "months", "where": {"kind": "b"}}],
    "run_or_count": [{"part": {"kind": ["a", "b"]}, "by": "card"}],
    "share": [{"part": {"kind": "a"}}, {"part": {"kind": "b"}, "column": "amount"}],
    "std": [{"column": "amount"}, {"column": "amount", "by": "kind"}],
    "sum": [{"column": "amount"}, {"column": "amount", "where": {"kind": "a"}}],
    "top_share": [{"column": "amount", "by": "kind"}, {"by": ["card"]}],
    "trend": [{"column": "amount", "against": Window(months=6)}],
}


def source(resolution: str) -> Source:
    return Source(
        "facts",
        key="customer",
        event_time="at",
        available_at="known",
        resolution=resolution,
    )


def specs(resolution: str) -> list[FeatureSpec]:
    """Return each way to use each aggregation, over history and over windows."""
    windows = MONTH_WINDOWS if resolution == "month" else WINDOWS
    found = []
    for name, variants in ARGUMENTS.items():
        for i, arguments in enumerate(variants):
            chosen: list[list[Window]] = [[], windows]
            if AGGREGATIONS[name].months_only or "against" in arguments:
                chosen = [[w for w in windows if w.unit == "months"]]
            extra = dict(arguments)
            if resolution == "month" and AGGREGATIONS[name].unit == "elapsed":
                extra["elapsed_in"] = "months"
            for j, group in enumerate(chosen):
                found.append(
                    FeatureSpec(
                        source=source(resolution),
                        aggregation=name,
                        windows=group,
                        name=f"{name}_{i}_{j}",
                        **extra,
                    )
                )
    return found


def events(resolution: str) -> st.SearchStrategy[Any]:
    """Instants, dates or months at the borders of the windows, and others."""
    if resolution == "instant":
        borders = [
            DECISION,
            DECISION - timedelta(days=30),
            datetime(2025, 3, 15, 2, tzinfo=UTC),
            datetime(2025, 5, 15, 2, tzinfo=UTC),
            datetime(2025, 4, 15, 2, tzinfo=UTC),
        ]
        near = [
            b + d for b in borders for d in (-MICROSECOND, timedelta(), MICROSECOND)
        ]
        return st.sampled_from(
            [*near, *(DECISION - timedelta(days=d, hours=5) for d in range(0, 200, 9))]
        )
    days = [date(2025, 6, 15) - timedelta(days=d) for d in (-1, 0, 1, 29, 30, 31)]
    days += [date(2025, 3, 15), date(2025, 3, 14), date(2025, 4, 15), date(2025, 5, 15)]
    days += [date(2025, 6, 15) - timedelta(days=d) for d in range(2, 200, 9)]
    return st.sampled_from(days)


def facts(resolution: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Facts of several customers, each with a few or none."""
    known = st.sampled_from(
        [
            DECISION - timedelta(days=300),
            DECISION - timedelta(days=300),
            DECISION - MICROSECOND,
            DECISION,
            DECISION + MICROSECOND,
        ]
    )
    fact = st.fixed_dictionaries(
        {
            "customer": st.sampled_from([*CUSTOMERS, None]),
            "at": st.one_of(events(resolution), events(resolution), st.none()),
            "known": known,
            "amount": st.sampled_from([None, 0.0, 0.1, 0.2, 0.7, 12.5, 1e9]),
            "limit": st.sampled_from([None, 0.0, 0.3, 20.0]),
            "kind": st.sampled_from([None, "a", "a", "a", "b"]),
            "card": st.sampled_from([None, "k", "l"]),
        }
    )
    return st.lists(fact, max_size=80)


CUSTOMERS = [f"c{i}" for i in range(12)]
SCHEMA = {
    "customer": pl.String,
    "known": pl.Datetime("us", "UTC"),
    "amount": pl.Float64,
    "limit": pl.Float64,
    "kind": pl.String,
    "card": pl.String,
}
APPLICATIONS = [
    {"customer": customer, "as_of": as_of}
    for customer in (*CUSTOMERS, "nobody")
    for as_of in (DECISION, datetime(2025, 3, 31, 15, 30, tzinfo=UTC))
]


def test_every_aggregation_has_a_plain_form_and_is_tried() -> None:
    apart = {"salary"}  # test_salary.py
    assert set(AGGREGATIONS) - apart == set(AGGREGATORS) == set(ARGUMENTS)


def is_close(value: float | str, plain: float | str) -> bool:
    return not isinstance(plain, str) and value == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize("resolution", ["instant", "date", "month"])
def test_features_equal_their_plain_form(resolution: str) -> None:
    chosen = specs(resolution)
    event = pl.Datetime("us", "UTC") if resolution == "instant" else pl.Date
    applications = pl.DataFrame(APPLICATIONS)

    @settings(max_examples=8, deadline=None, derandomize=True, phases=PHASES)
    @given(facts(resolution))
    def check(rows: list[dict[str, Any]]) -> None:
        table = pl.DataFrame(rows, schema={**SCHEMA, "at": event})
        built = build_features(
            applications, {"facts": table}, chosen, as_of="as_of"
        ).rows(named=True)
        for application, found in zip(APPLICATIONS, built, strict=True):
            wanted = [
                value
                for spec in chosen
                for value in feature_row(spec, application, "as_of", rows)
            ]
            differing = {
                name: (value, plain)
                for (name, value), plain in zip(found.items(), wanted, strict=True)
                if value != plain and not is_close(value, plain)
            }
            assert differing == {}

    check()


@settings(max_examples=2, deadline=None, derandomize=True, phases=PHASES)
@given(facts("instant"), st.randoms(use_true_random=False))
def test_order_chunks_and_single_rows_give_the_same_bits(
    rows: list[dict[str, Any]], random: Any
) -> None:
    chosen = specs("instant")
    schema = {**SCHEMA, "at": pl.Datetime("us", "UTC")}
    applications = pl.DataFrame(APPLICATIONS)
    table = pl.DataFrame(rows, schema=schema)
    whole = build_features(applications, {"facts": table}, chosen, as_of="as_of")

    shuffled = list(rows)
    random.shuffle(shuffled)
    other = pl.DataFrame(shuffled, schema=schema)
    chunked = build_features(
        applications, {"facts": other}, chosen, as_of="as_of", chunk_rows=7
    )
    assert chunked.equals(whole)
    for i, application in enumerate(APPLICATIONS[:6]):
        row = build_feature_row(application, {"facts": shuffled}, chosen, as_of="as_of")
        assert row == whole.row(i, named=True)
