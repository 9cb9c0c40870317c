"""Leakage tests: no shipped feature knows the future, and a planted leak is found."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from cfscore.exceptions import InputError
from cfscore.features import (
    SHIPPED_CATALOGUES,
    FeatureSpec,
    Source,
    Window,
    future_noise_test,
    shipped_catalogue,
    time_travel_test,
)
from tests.unit.features.raw_tables import APPLIED_AT, raw_tables

APPLICATIONS, TABLES = raw_tables(customers=40)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED_CATALOGUES)
@pytest.mark.parametrize("change", ["delete", "randomise"])
def test_shipped_features_do_not_know_the_future(name: str, change: str) -> None:
    catalogue = shipped_catalogue(name)
    tables = {table: TABLES[table] for table in catalogue.tables}
    report = time_travel_test(
        APPLICATIONS, tables, catalogue, as_of=APPLIED_AT, change=change
    )
    assert report.changed == {}
    assert report.n_applications == APPLICATIONS.height
    assert set(report.altered) >= {
        source.owner.table_name for source in catalogue.sources
    }
    assert min(report.altered.values()) > 0
    report.check()


@pytest.mark.parametrize("name", SHIPPED_CATALOGUES)
def test_shipped_features_do_not_hear_noise_of_the_future(name: str) -> None:
    catalogue = shipped_catalogue(name)
    tables = {table: TABLES[table] for table in catalogue.tables}
    report = future_noise_test(APPLICATIONS, tables, catalogue, as_of=APPLIED_AT)
    assert report.holds
    if name != "repayment":  # payments are attached there as well
        assert sum(report.altered.values()) >= 3 * APPLICATIONS.height


def window_by_event_alone(
    applications: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Sum what happened in 30 days, whether or not it was known."""
    rows = applications.with_row_index("row").join(
        tables["transactions"], on="customer_id", how="left"
    )
    age = pl.col(APPLIED_AT) - pl.col("event_time")
    in_window = age.is_between(pl.duration(), pl.duration(days=30))
    sums = rows.group_by("row", maintain_order=True).agg(
        pl.col("amount").filter(in_window).sum().alias("spent_30d"),
        pl.col("customer_id").first().alias("who"),
    )
    return sums.sort("row").select("spent_30d", "who")


def test_a_window_that_looks_at_event_time_alone_is_found() -> None:
    arguments = (APPLICATIONS, TABLES, shipped_catalogue("transactions"))
    deleted = time_travel_test(
        *arguments, as_of=APPLIED_AT, build=window_by_event_alone
    )
    noisy = future_noise_test(*arguments, as_of=APPLIED_AT, build=window_by_event_alone)
    assert set(deleted.changed) == set(noisy.changed) == {"spent_30d"}
    assert noisy.changed["spent_30d"] > APPLICATIONS.height / 2
    with pytest.raises(
        InputError, match=r"1 feature\(s\) know the future: spent_30d; \d+ of 80 appl"
    ) as caught:
        deleted.check()
    assert caught.value.code == "LEAKAGE"


def test_a_false_availability_is_no_matter_of_these_tests_but_a_state_is() -> None:
    """A paid date that is written into an old row is found by moving such ends."""
    source = Source(
        "receivables",
        key="customer_id",
        event_time="invoice_date",
        available_at="available_at",
        resolution="date",
    )
    naive = FeatureSpec(
        source=source,
        column="paid_date",
        aggregation="count",
        windows=[Window(days=90)],
    )
    aware = shipped_catalogue("receivables")

    def build(
        applications: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
    ) -> pl.DataFrame:
        from cfscore.features import build_features

        return build_features(applications, tables, [naive], as_of=APPLIED_AT)

    report = time_travel_test(
        APPLICATIONS, TABLES, aware, as_of=APPLIED_AT, build=build
    )
    assert set(report.changed) == {"receivables_paid_date_count_90d"}


def test_a_builder_must_return_one_row_per_application() -> None:
    with pytest.raises(InputError, match=r"build returned 79 rows for 80 applications"):
        time_travel_test(
            APPLICATIONS,
            TABLES,
            shipped_catalogue("wallet"),
            as_of=APPLIED_AT,
            build=lambda applications, _: applications.select("customer_id").head(79),
        )
