"""Code table: attributes of codes, ranges, overrides."""

from __future__ import annotations

import polars as pl
import pytest

from cfscore.exceptions import UsageError
from cfscore.features import CodeTable, Lookup

TABLE = CodeTable(
    "status",
    "1",
    {
        "N": {"bucket": 0, "name": "paid"},
        "1": {"bucket": 1, "late": True},
        "#": {"unknown": True},
        "07-09": {"name": "range"},
    },
    overrides={"R3": {"1": {"bucket": 0}}},
)
CODES = pl.DataFrame(
    {
        "code": ["N", "1", "1", "#", "08", "10", None],
        "type": ["D1", "D1", "R3", "R3", None, "D1", "D1"],
    }
)


def looked_up(attribute: str, second: bool = True) -> list[object]:
    by = pl.col("type") if second else None
    return (
        CODES.select(TABLE.lookup(pl.col("code"), attribute, by)).to_series().to_list()
    )


def test_attributes_of_codes() -> None:
    assert looked_up("bucket") == [0, 1, 0, None, None, None, None]
    assert looked_up("bucket", second=False) == [0, 1, 1, None, None, None, None]
    assert looked_up("late") == [None, True, None, None, None, None, None]
    assert looked_up("name") == ["paid", None, None, None, "range", None, None]
    assert TABLE.attributes == ("bucket", "name", "late", "unknown")


def test_wrong_tables_are_refused() -> None:
    with pytest.raises(UsageError, match="'t' has no codes"):
        CodeTable("t", "1", {})
    for wrong in ("9-7", "7-10", "a-b"):
        with pytest.raises(UsageError, match=f"'t': '{wrong}' is no range of codes"):
            CodeTable("t", "1", {wrong: {"a": 1}})
    with pytest.raises(UsageError, match=r"no attribute 'buckt'\. Did you mean 'bucke"):
        Lookup("b", "code", TABLE, "buckt")


def test_a_dash_alone_or_in_front_is_a_code() -> None:
    table = CodeTable("t", "1", {"-": {"a": 1}, "-1": {"a": 2}})
    codes = pl.Series("c", ["-", "-1"])
    found = codes.to_frame().select(table.lookup(pl.col("c"), "a", None))
    assert found.to_series().to_list() == [1, 2]
