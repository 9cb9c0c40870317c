"""Tables of a few facts, and one call that builds features of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from cfscore.features import (
    FeatureSpec,
    Source,
    Window,
    build_features,
)

__all__ = [
    "AS_OF",
    "DAY",
    "MICROSECOND",
    "SUM_30D",
    "TABLE",
    "TX",
    "built",
    "decisions",
    "transactions",
]

AS_OF = datetime(2025, 6, 15, 2, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
TX = Source("tx", key="who", event_time="at", available_at="known")
SUM_30D = FeatureSpec(
    source=TX, column="amount", aggregation="sum", windows=[Window(days=30)]
)


def decisions(*names: str, as_of: Any = AS_OF) -> pl.DataFrame:
    return pl.DataFrame({"who": list(names or ("x",)), "as_of": as_of})


def transactions(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return facts of x: amount, when, and when known if later."""
    found = [(amount, at, known[0] if known else at) for amount, at, *known in rows]
    schema = {"amount": pl.Float64, "at": pl.Datetime("us", "UTC")}
    table = pl.DataFrame(
        found, schema=schema | {"known": pl.Datetime("us", "UTC")}, orient="row"
    )
    return table.with_columns(pl.lit("x").alias("who"))


TABLE = transactions((1.5, AS_OF - DAY), (20.0, AS_OF - 2 * DAY), (300.0, AS_OF))


def built(specs: Any, table: Any = TABLE, applications: Any = None, **more: Any) -> Any:
    applications = decisions() if applications is None else applications
    specs = [specs] if isinstance(specs, FeatureSpec) else specs
    tables = table if isinstance(table, dict) else {"tx": table}
    return build_features(applications, tables, specs, as_of="as_of", **more)
