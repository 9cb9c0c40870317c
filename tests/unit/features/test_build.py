"""Building: containers, files, chunks, special values, times and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import InputError, SchemaError, UsageError
from cfscore.features import (
    SPECIAL_CODES,
    Attach,
    Combination,
    Elapsed,
    FeatureSpec,
    Flag,
    LocalHour,
    LocalMonth,
    Quotient,
    Source,
    Window,
    build_feature_row,
    build_features,
)

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


# ------------------------------------------------------------------ borders


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


# --------------------------------------------------------------- containers


def test_the_output_is_in_the_container_of_the_applications() -> None:
    pandas = built(
        SUM_30D, applications=decisions("x", "y").to_pandas().set_axis([7, 3])
    )
    assert isinstance(pandas, pd.DataFrame)
    assert pandas.index.tolist() == [7, 3]
    assert pandas["tx_amount_sum_30d"].tolist() == [21.5, -9992.0]
    arrow = built(SUM_30D, applications=decisions().to_arrow())
    assert isinstance(arrow, pa.Table)
    assert arrow.column(0).to_pylist() == [21.5]
    rows = built(SUM_30D, applications=[{"who": "x", "as_of": AS_OF}])
    assert isinstance(rows, pl.DataFrame)
    assert isinstance(built(SUM_30D, applications=decisions().lazy()), pl.DataFrame)


def test_tables_may_be_of_any_kind(tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    folder.mkdir()
    TABLE.head(1).write_parquet(folder / "1.parquet")
    TABLE.tail(-1).write_parquet(folder / "2.parquet")
    TABLE.write_parquet(tmp_path / "all.parquet")
    kinds: list[Any] = [
        TABLE,
        TABLE.lazy(),
        TABLE.to_pandas(),
        TABLE.to_arrow(),
        TABLE.to_dicts(),
        TABLE.with_columns(pl.col("who").cast(pl.Categorical)),
        folder,
        str(tmp_path / "all.parquet"),
    ]
    for kind in kinds:
        assert built(SUM_30D, kind).item() == 21.5, type(kind)


def test_pandas_holes_are_missing() -> None:
    table = pd.DataFrame(
        {
            "who": ["x", "x", None],
            "amount": [np.nan, 2.0, 3.0],
            "at": pd.to_datetime([AS_OF - DAY] * 3),
            "known": pd.to_datetime([AS_OF - DAY, AS_OF - DAY, pd.NaT]),
        }
    )
    spec = FeatureSpec(source=TX, column="amount", aggregation="count")
    assert built(spec, table).item() == 1


def test_whole_keys_that_pandas_made_floats_are_found() -> None:
    table = TABLE.to_pandas().assign(who=[7.0, np.nan, 7.5])
    applications = pl.DataFrame({"who": [7, 8], "as_of": AS_OF})
    assert built(SUM_30D, table, applications).to_series().to_list() == [1.5, -9992.0]


def test_keep_and_order_of_columns() -> None:
    applications = decisions("y", "x").with_columns(note=pl.Series(["b", "a"]))
    found = built(SUM_30D, applications=applications, keep=["note", "who"])
    assert found.columns == ["note", "who", "tx_amount_sum_30d"]
    assert found.rows() == [("b", "y", -9992.0), ("a", "x", 21.5)]


def test_no_applications_give_no_rows() -> None:
    empty = decisions().head(0)
    found = built(SUM_30D, applications=empty)
    assert found.shape == (0, 1)
    assert found.dtypes == [pl.Float64]


# ----------------------------------------------------------- special values


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


# ------------------------------------------------------ attached and derived


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


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"specs": []}, UsageError, "There are no specs"),
        ({"specs": [SUM_30D, SUM_30D]}, UsageError, "is called 'tx_amount_sum_30d'"),
        ({"specs": ["sum"]}, UsageError, "must hold FeatureSpec objects, got str"),
        ({"special": "nan"}, UsageError, "special must be 'codes' or 'status'"),
        ({"chunk_rows": 0}, UsageError, "chunk_rows must be a positive integer, got 0"),
        ({"table": {}}, UsageError, r"Table 'tx' is needed .* Pass tables\['tx'\]"),
        ({"table": {"txs": TABLE}}, UsageError, "Did you mean 'txs'"),
        ({"table": {"tx": "gone.parquet"}}, UsageError, "no Parquet file at 'gone"),
        ({"table": {"tx": 7}}, InputError, "Table 'tx' is a int that is no table"),
        ({"table": {"tx": [1, 2]}}, InputError, "a list of something other than dicts"),
        (
            {"table": TABLE.rename({"amount": "amuont"})},
            SchemaError,
            r"column 'amount': is not in table 'tx' .*Did you mean 'amuont'",
        ),
        (
            {"table": TABLE.with_columns(amount=pl.lit("1"))},
            SchemaError,
            "column 'amount': has type String; numbers are needed",
        ),
        (
            {"table": TABLE.with_columns(pl.col("at").dt.date())},
            SchemaError,
            r"column 'at': has type Date where an instant .*resolution='date'",
        ),
        (
            {"table": TABLE.with_columns(pl.col("at").dt.replace_time_zone(None))},
            SchemaError,
            r"column 'at': has no time zone where the decision has one \[MIXED_ZONES\]",
        ),
        (
            {"table": TABLE.with_columns(who=pl.lit(7))},
            SchemaError,
            r"is String on one side and Int64 in table 'tx' \[KEY_TYPES\]",
        ),
        (
            {"applications": decisions().rename({"as_of": "at"})},
            SchemaError,
            "column 'as_of': is not in table 'applications'",
        ),
        (
            {
                "applications": decisions(as_of=None).with_columns(
                    pl.col("as_of").cast(pl.Date)
                )
            },
            InputError,
            "Column 'as_of' is missing in 1 of 1 rows",
        ),
        (
            {"applications": decisions(as_of="2025-06-15")},
            SchemaError,
            "column 'as_of': has type String where a date or a timestamp is needed",
        ),
        (
            {
                "applications": decisions().with_columns(tx_amount_sum_30d=1),
                "keep": ["tx_amount_sum_30d"],
            },
            UsageError,
            r"Kept columns have the names of features: \['tx_amount_sum_30d'\]",
        ),
    ],
)
def test_what_is_refused(change: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        built(**({"specs": [SUM_30D]} | change))


def test_sources_and_operands_are_checked_together() -> None:
    other = Source("tx", key="who", event_time="at", available_at="at")
    count = FeatureSpec(source=other, aggregation="count")
    with pytest.raises(UsageError, match="Two different sources are called 'tx'"):
        built([SUM_30D, count])
    ahead = Combination(
        name="r", operation="ratio", left="tx_amount_sum_3d", right="tx_amount_sum_30d"
    )
    with pytest.raises(
        UsageError,
        match=r"'r' reads 'tx_amount_sum_3d', no feature before it\. Did you",
    ):
        built([SUM_30D, ahead])
    text = Combination(
        name="r", operation="sum", left="tx_amount_sum_30d", right="application.who"
    )
    with pytest.raises(SchemaError, match="column 'who': has type String; numbers are"):
        built([SUM_30D, text])


def test_cells_never_stand_in_a_message() -> None:
    secret = "6222-0000-1111"
    table = TABLE.with_columns(amount=pl.lit(secret))
    with pytest.raises(SchemaError) as caught:
        built(SUM_30D, table)
    assert secret not in str(caught.value)


# ------------------------------------------------------------------ progress


def test_progress_is_told_in_applications() -> None:
    told: list[tuple[int, int]] = []
    other = Source("other", key="who", event_time="at", available_at="known")
    specs = [SUM_30D, FeatureSpec(source=other, aggregation="count")]
    build_features(
        decisions(*"xyzuv"),
        {"tx": TABLE, "other": TABLE},
        specs,
        as_of="as_of",
        chunk_rows=2,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (4, 5), (5, 5)]


def test_a_bar_is_drawn_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    built(SUM_30D, progress=True)
    assert capsys.readouterr().out == ""


# -------------------------------------------------------------------- one row


def test_one_row_needs_no_records_and_no_types() -> None:
    application = {"who": "x", "as_of": AS_OF}
    found = build_feature_row(application, {"tx": []}, [SUM_30D], as_of="as_of")
    assert found == {"tx_amount_sum_30d": -9992.0}
    record = {"who": "x", "at": AS_OF - DAY, "known": AS_OF - DAY, "amount": None}
    whole = record | {"amount": 7}
    found = build_feature_row(
        application, {"tx": [record, whole]}, [SUM_30D], as_of="as_of", special="status"
    )
    assert found == {"tx_amount_sum_30d": 7.0, "tx_amount_sum_30d_status": None}
    with pytest.raises(UsageError, match="special must be"):
        build_feature_row(application, {}, [SUM_30D], as_of="as_of", special="x")
