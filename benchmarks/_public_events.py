"""Public event tables: raw records of three data sets, and features of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from cfscore.features import (
    Attach,
    FeatureCatalogue,
    FeatureSpec,
    Source,
    Window,
    shipped_catalogue,
)

__all__ = ["EventTask", "load_berka", "load_home_credit", "load_invoices"]


@dataclass(frozen=True)
class EventTask:
    """Decisions, raw tables and what to build of them.

    Parameters
    ----------
    name : str
        Of the data set.
    applications : DataFrame
        One row per decision.
    tables : mapping of str to DataFrame
        Raw tables.
    catalogue : FeatureCatalogue
        What to build.
    as_of : str
        Column with the time of the decision.
    """

    name: str
    applications: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    catalogue: FeatureCatalogue
    as_of: str

    @property
    def n_rows(self) -> int:
        """Rows of all raw tables."""
        return sum(table.height for table in self.tables.values())


# ------------------------------------------------------------------------- berka

_BERKA_WINDOWS = [Window(days=30), Window(days=90), Window(days=365)]


def load_berka(folder: Path) -> EventTask:
    """Return the loans with a complete history of transactions, dated by day."""
    loans = pl.read_parquet(folder / "berka" / "loan.parquet")
    loans = loans.filter(pl.col("trans_history").str.starts_with("complete"))
    source = Source(
        "trans",
        key="account_id",
        event_time="date",
        available_at="date",
        resolution="date",
        time_zone="Europe/Prague",
    )

    def spec(aggregation: str, **arguments: Any) -> FeatureSpec:
        given = {"source": source, "windows": _BERKA_WINDOWS} | arguments
        return FeatureSpec(aggregation=aggregation, **given)

    specs = [
        *(
            spec(aggregation, column="amount", where={"type": kind})
            for kind in ("credit", "withdrawal")
            for aggregation in ("sum", "mean", "max", "min", "std", "count")
        ),
        *(
            spec(aggregation, column="balance")
            for aggregation in ("mean", "min", "max", "last")
        ),
        spec(
            "count",
            where={"k_symbol": {"starts_with": "sanction"}},
            name="sanctions",
        ),
        spec("share", part={"operation": "credit in cash"}, name="cash_in_share"),
        spec("distinct", column="bank", name="banks"),
        spec("recency", windows=[]),
    ]
    return EventTask(
        "berka",
        loans,
        {"trans": pl.read_parquet(folder / "berka" / "trans_partial.parquet")},
        FeatureCatalogue(specs, name="berka"),
        "date",
    )


# -------------------------------------------------------------------- home credit

#: The data tell days and months before each application; any one day will do for all.
_APPLIED = date(2018, 1, 15)
_MONTHS = [Window(months=3), Window(months=12), Window(months=36)]


def load_home_credit(folder: Path) -> EventTask:
    """Return 5,000 applications with five related tables, dated relative to them."""
    home = folder / "homecredit" / "rel5k"
    applications = pl.read_parquet(home / "application_train.parquet")
    names = {
        "bureau": "DAYS_CREDIT",
        "bureau_balance": "MONTHS_BALANCE",
        "previous_application": "DAYS_DECISION",
        "POS_CASH_balance": "MONTHS_BALANCE",
        "credit_card_balance": "MONTHS_BALANCE",
    }
    tables = {
        name: _dated(pl.read_parquet(home / f"{name}.parquet"), column)
        for name, column in names.items()
    }
    specs = [
        *_bureau_specs(),
        *_bureau_month_specs(),
        *_previous_specs(),
        *_point_of_sale_specs(),
        *_card_specs(),
    ]
    return EventTask(
        "homecredit",
        applications.with_columns(pl.lit(_APPLIED).alias("applied_on")),
        tables,
        FeatureCatalogue(specs, name="homecredit"),
        "applied_on",
    )


def _dated(table: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return a table with the date of each row; months are dated by their first day."""
    if column == "MONTHS_BALANCE":
        start = pl.lit(_APPLIED.replace(day=1))
        months = pl.format("{}mo", column)
        return table.with_columns(start.dt.offset_by(months).alias("at"))
    days = pl.duration(days=pl.col(column))
    return table.with_columns((pl.lit(_APPLIED) + days).cast(pl.Date).alias("at"))


def _source(name: str, resolution: Any, **arguments: Any) -> Source:
    return Source(
        name,
        event_time="at",
        available_at="at",
        resolution=resolution,
        **({"key": "SK_ID_CURR"} | arguments),
    )


def _bureau_specs() -> list[FeatureSpec]:
    source = _source("bureau", "date")
    active, closed = {"CREDIT_ACTIVE": "Active"}, {"CREDIT_ACTIVE": "Closed"}

    def spec(aggregation: str, **arguments: Any) -> FeatureSpec:
        return FeatureSpec(source=source, aggregation=aggregation, **arguments)

    return [
        spec("count", windows=[Window(days=d) for d in (180, 365, 1095)]),
        spec("count", where=active, name="bureau_active_n"),
        spec("count", where=closed, name="bureau_closed_n"),
        spec("share", part=active, name="bureau_active_share"),
        spec("age"),
        spec("recency"),
        spec("recency", where=active, name="bureau_active_recency"),
        spec("mean_gap"),
        spec("distinct", column="CREDIT_TYPE"),
        spec("sum", column="AMT_CREDIT_SUM_DEBT", where=active, name="bureau_debt"),
        spec("mean", column="AMT_CREDIT_SUM"),
        spec("max", column="AMT_CREDIT_MAX_OVERDUE"),
        spec("sum", column="AMT_CREDIT_SUM_OVERDUE"),
        spec("max", column="CREDIT_DAY_OVERDUE"),
        spec("sum", column="CNT_CREDIT_PROLONG"),
        spec(
            "ratio",
            column="AMT_CREDIT_SUM_DEBT",
            denominator="AMT_CREDIT_SUM",
            where=active,
            name="bureau_debt_to_credit",
        ),
    ]


def _bureau_month_specs() -> list[FeatureSpec]:
    attach = Attach("bureau", on="SK_ID_BUREAU", columns="SK_ID_CURR")
    source = _source("bureau_balance", "month", attach=(attach,))
    late = {"STATUS": ["1", "2", "3", "4", "5"]}

    def spec(aggregation: str, **arguments: Any) -> FeatureSpec:
        given = {"source": source, "windows": _MONTHS} | arguments
        return FeatureSpec(aggregation=aggregation, **given)

    return [
        spec("count", where=late, name="bureau_late_months"),
        spec("share", part=late, name="bureau_late_share"),
        spec("longest_run", part=late, by="SK_ID_BUREAU", name="bureau_late_run"),
        spec("share", part={"STATUS": "C"}, name="bureau_closed_months_share"),
        spec("recency", where=late, elapsed_in="months", windows=[]),
    ]


def _previous_specs() -> list[FeatureSpec]:
    source = _source("previous_application", "date")
    refused = {"NAME_CONTRACT_STATUS": "Refused"}

    def spec(aggregation: str, **arguments: Any) -> FeatureSpec:
        return FeatureSpec(source=source, aggregation=aggregation, **arguments)

    windows = [Window(days=180), Window(days=730)]
    return [
        spec("count", windows=windows),
        spec("count", where=refused, windows=windows, name="previous_refused_n"),
        spec("share", part=refused, name="previous_refused_share"),
        spec("recency", where=refused, name="previous_refused_recency"),
        spec("recency"),
        spec("mean", column="AMT_ANNUITY"),
        spec("mean", column="CNT_PAYMENT"),
        spec("max", column="AMT_CREDIT"),
        spec("mean", column="AMT_DOWN_PAYMENT"),
        spec(
            "ratio",
            column="AMT_APPLICATION",
            denominator="AMT_CREDIT",
            name="previous_asked_to_given",
        ),
        spec("last", column="NAME_YIELD_GROUP", text=True),
    ]


def _point_of_sale_specs() -> list[FeatureSpec]:
    source = _source("POS_CASH_balance", "month")

    def spec(aggregation: str, **arguments: Any) -> FeatureSpec:
        given = {"source": source, "windows": _MONTHS} | arguments
        return FeatureSpec(aggregation=aggregation, **given)

    late = {"SK_DPD": {"above": 0}}
    return [
        spec("max", column="SK_DPD", name="pos_dpd_max"),
        spec("share", part=late, name="pos_late_share"),
        spec("longest_run", part=late, by="SK_ID_PREV", name="pos_late_run"),
        spec("mean", column="CNT_INSTALMENT_FUTURE", name="pos_to_come"),
        spec("count", name="pos_months"),
    ]


def _card_specs() -> list[FeatureSpec]:
    source = _source("credit_card_balance", "month")

    def spec(aggregation: str, **arguments: Any) -> FeatureSpec:
        given = {"source": source, "windows": _MONTHS} | arguments
        return FeatureSpec(aggregation=aggregation, **given)

    return [
        spec(
            "ratio",
            column="AMT_BALANCE",
            denominator="AMT_CREDIT_LIMIT_ACTUAL",
            name="card_util",
        ),
        spec("sum", column="AMT_DRAWINGS_ATM_CURRENT", name="card_cash"),
        spec("mean", column="CNT_DRAWINGS_CURRENT", name="card_drawings"),
        spec("max", column="SK_DPD", name="card_dpd_max"),
        spec(
            "trend",
            column="AMT_BALANCE",
            windows=[Window(months=3)],
            against=Window(months=12),
            name="card_balance_trend",
        ),
    ]


# ----------------------------------------------------------------------- invoices


def load_invoices(folder: Path) -> EventTask:
    """Return firms decided upon at two dates, with their purchases and sales."""
    tables = {
        name: pl.read_parquet(folder / "cumcm2020c" / f"score_{name}_invoices.parquet")
        for name in ("input", "output")
    }
    firms = tables["output"].select("企业代号").unique().sort("企业代号")
    days = pl.DataFrame({"as_of": [date(2019, 7, 1), date(2020, 1, 1)]})
    columns = {
        "firm": "企业代号",
        "date": "开票日期",
        "known": "开票日期",
        "amount": "金额",
        "status": "发票状态",
        "valid": "有效发票",
    }
    partners = {"input": "销方单位代号", "output": "购方单位代号"}
    specs = [
        spec
        for name, partner in partners.items()
        for spec in shipped_catalogue(
            "invoices",
            {**columns, "table": name, "prefix": name, "partner": partner},
        ).specs
    ]
    return EventTask(
        "cumcm2020c",
        firms.join(days, how="cross"),
        tables,
        FeatureCatalogue(specs, name="invoices"),
        "as_of",
    )
