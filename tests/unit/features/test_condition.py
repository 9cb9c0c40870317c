"""Condition: every comparison on values and missing ones, and wrong operands."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from cfscore.exceptions import SchemaError, UsageError
from cfscore.features._condition import (
    check_condition,
    condition_label,
    condition_mask,
)

TABLE = pl.DataFrame(
    {
        "amount": [None, 999.5, 1000.0, 2000.0, -3.0],
        "n": [None, 1, 2, 3, 4],
        "kind": [None, "in", "out", "10", "outer"],
        "flag": [None, True, False, True, False],
        "empty": pl.Series([None] * 5, dtype=pl.Null),
    }
)


def met(condition: dict[str, Any]) -> list[int]:
    """Return the rows that meet a condition."""
    check_condition(condition, "where")
    mask = TABLE.select(condition_mask(condition, TABLE.schema).alias("m"))
    assert mask["m"].null_count() == 0
    return [i for i, holds in enumerate(mask["m"]) if holds]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ({"kind": "out"}, [2]),
        ({"kind": ["out", "in"]}, [1, 2]),
        ({"kind": 10}, [3]),
        ({"kind": {"not": "out"}}, [0, 1, 3, 4]),
        ({"kind": {"not": ["out", "in"]}}, [0, 3, 4]),
        ({"kind": {"starts_with": "out"}}, [2, 4]),
        ({"kind": {"missing": True}}, [0]),
        ({"kind": {"missing": False}}, [1, 2, 3, 4]),
        ({"amount": 1000}, [2]),
        ({"amount": {"at_least": 1000}}, [2, 3]),
        ({"amount": {"above": 1000}}, [3]),
        ({"amount": {"at_most": 999.5}}, [1, 4]),
        ({"amount": {"below": 999.5}}, [4]),
        ({"amount": {"multiple_of": 1000}}, [2, 3]),
        ({"amount": {"at_least": 0, "below": 2000}}, [1, 2]),
        ({"n": [1, 2.0]}, [1, 2]),
        ({"flag": True}, [1, 3]),
        ({"flag": {"not": True}}, [0, 2, 4]),
        ({"flag": True, "n": 3}, [3]),
        ({"empty": "x"}, []),
        ({"empty": {"not": "x"}}, [0, 1, 2, 3, 4]),
        ({"empty": {"at_least": 1}}, []),
        ({"empty": {"missing": True}}, [0, 1, 2, 3, 4]),
    ],
)
def test_rows_that_meet_a_condition(condition: dict[str, Any], rows: list[int]) -> None:
    assert met(condition) == rows


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"a": {"atleast": 1}}, r"where\['a'\] .* 'atleast'\. Did you mean 'at_least'"),
        ({"a": {"missing": 1}}, r"where\['a'\]: 'missing' cannot take int"),
        ({"a": {"starts_with": 1}}, "'starts_with' cannot take int"),
        ({"a": {"multiple_of": 0}}, "'multiple_of' cannot take int"),
        ({"a": {"above": [1, 2]}}, "'above' cannot take list"),
        ({"a": []}, "'is' cannot take list"),
        ({"a": None}, "'is' cannot take NoneType"),
    ],
)
def test_conditions_that_cannot_be_understood(condition: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_condition(condition, "where")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"kind": True}, "column 'kind': holds text, which is compared with text"),
        ({"kind": {"multiple_of": 5}}, "column 'kind': holds text"),
        ({"amount": "1000"}, "column 'amount': holds numbers, which are compared"),
        ({"amount": {"starts_with": "1"}}, "column 'amount': holds numbers"),
        ({"flag": "True"}, "column 'flag': holds True and False"),
        ({"flag": {"above": 0}}, "column 'flag': holds True and False"),
    ],
)
def test_operands_of_another_type(condition: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        met(condition)


def test_dates_cannot_be_compared() -> None:
    schema = pl.Schema({"day": pl.Date()})
    with pytest.raises(SchemaError, match="column 'day': has type Date, which no cond"):
        condition_mask({"day": 1}, schema)


@pytest.mark.parametrize(
    ("condition", "label"),
    [
        ({"direction": "out"}, "out"),
        ({"direction": ["a", "b"]}, "a_b"),
        ({"flag": True}, "flag_True"),
        ({"amount": {"at_least": 5}}, "amount_at_least_5"),
        ({"kind": {"not": "x"}}, "kind_not_x"),
    ],
)
def test_labels(condition: dict[str, Any], label: str) -> None:
    assert condition_label(condition) == label
