"""Feature spec: names of its columns, and arguments that make no sense."""

from __future__ import annotations

import pytest

from cfscore.exceptions import UsageError
from cfscore.features import Combination, FeatureSpec, Source, Window

TX = Source("tx", key="who", event_time="at", available_at="known")
MONTHLY = Source(
    "m", key="who", event_time="at", available_at="known", resolution="month"
)
WINDOWS = [Window(days=30), Window(months=6)]


def names(**arguments: object) -> list[str]:
    spec = FeatureSpec(**({"source": TX, "aggregation": "sum"} | arguments))
    return [column.name for column in spec.columns]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"column": "amount", "windows": WINDOWS},
            ["tx_amount_sum_30d", "tx_amount_sum_6m"],
        ),
        ({"column": "amount"}, ["tx_amount_sum"]),
        (
            {"column": "amount", "where": {"kind": "fee"}, "windows": WINDOWS[:1]},
            ["tx_amount_sum_fee_30d"],
        ),
        ({"column": "a", "windows": WINDOWS, "name": "m"}, ["m_30d", "m_6m"]),
        (
            {"column": "a", "windows": WINDOWS, "name": "m_{window}_sum"},
            ["m_30d_sum", "m_6m_sum"],
        ),
        ({"column": "a", "name": "m_{window}_sum"}, ["m_sum"]),
        (
            {
                "column": "a",
                "aggregation": "trend",
                "windows": [Window(months=3)],
                "against": Window(months=12),
            },
            ["tx_a_trend_3v12m"],
        ),
        (
            {"aggregation": "share", "part": {"k": "x"}, "windows": WINDOWS[:1]},
            ["tx_share_x_30d"],
        ),
        (
            {"aggregation": "salary", "column": "a", "name": "s"},
            ["s_detected", "s_amt", "s_cv", "s_months", "s_day_spread"],
        ),
    ],
)
def test_names(arguments: dict, expected: list[str]) -> None:
    assert names(**arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"aggregation": "avg"}, "Unknown aggregation 'avg'"),
        ({"aggregation": "medain"}, "Did you mean 'median'"),
        ({}, "'sum' needs one column, got 0"),
        ({"column": ["a", "b"]}, "'sum' needs one column, got 2"),
        ({"aggregation": "count", "column": ["a", "b"]}, "at most one column, got 2"),
        ({"aggregation": "distinct"}, "'distinct' needs one column or more, got 0"),
        (
            {"aggregation": "longest_run", "column": "a", "part": {"a": 1}},
            "'longest_run' needs no column, got 1",
        ),
        ({"aggregation": "share"}, "'share' needs part"),
        ({"aggregation": "top_share"}, "'top_share' needs by"),
        ({"aggregation": "count", "part": {"a": 1}}, "'count' takes no part"),
        ({"column": "a", "denominator": "b"}, "'sum' takes no denominator"),
        ({"column": "a", "elapsed_in": "months"}, "'sum' takes no elapsed_in"),
        ({"column": "a", "text": True}, "'sum' gives no text"),
        (
            {"aggregation": "salary", "column": "a", "direction": 1},
            "'salary' knows the direction of its values",
        ),
        (
            {"aggregation": "ratio", "column": "a"},
            "needs denominator, against, or both",
        ),
        (
            {"aggregation": "ratio", "column": "a", "against": WINDOWS[1], "by": "b"},
            "takes by together with denominator only",
        ),
        ({"aggregation": "per_month"}, "'per_month' needs a window"),
        (
            {"aggregation": "per_month", "windows": WINDOWS},
            "Windows of 'per_month' must be in months",
        ),
        (
            {"aggregation": "trend", "against": WINDOWS[1], "windows": WINDOWS[:1]},
            "Both windows of a trend must be in the same unit",
        ),
        ({"column": "a", "direction": "up"}, "direction must be 'ascending' or"),
        ({"column": "a", "where": {"a": {"abvoe": 1}}}, r"where\['a'\]"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        names(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"windows": WINDOWS},
        {"aggregation": "recency"},
        {
            "aggregation": "ratio",
            "windows": [Window(months=1)],
            "against": Window(days=9),
        },
    ],
)
def test_days_of_a_monthly_source_are_refused(arguments: dict) -> None:
    with pytest.raises(UsageError, match="'m' tells months; days cannot be told apart"):
        FeatureSpec(**({"source": MONTHLY, "aggregation": "count"} | arguments))


@pytest.mark.parametrize(
    ("spelling", "name"),
    [(1, "ascending"), (-1, "descending"), ("ascending", "ascending"), (None, None)],
)
def test_both_spellings_of_a_direction(spelling: object, name: str | None) -> None:
    spec = FeatureSpec(source=TX, aggregation="count", direction=spelling)
    assert spec.direction == name


def test_wrong_combinations_are_refused() -> None:
    sides = {"left": "a", "right": "b"}
    with pytest.raises(UsageError, match=r"Unknown operation 'raito'\. Did you mean"):
        Combination(name="x", operation="raito", **sides)
    with pytest.raises(UsageError, match="The factor of 'x' must not be 0"):
        Combination(name="x", operation="sum", factor=0.0, **sides)
