"""Shipped catalogues: one application, a chunk and the batch agree to the last bit."""

from __future__ import annotations

import polars as pl
import pytest

from cfscore.features import (
    SHIPPED_CATALOGUES,
    SPECIAL_CODES,
    build_feature_row,
    build_features,
    shipped_catalogue,
)
from tests.unit.features.raw_tables import APPLIED_AT, raw_tables

APPLICATIONS, TABLES = raw_tables(customers=40, seed=3)


@pytest.mark.parametrize("name", SHIPPED_CATALOGUES)
def test_chunks_orders_and_single_applications_give_the_same_bits(name: str) -> None:
    catalogue = shipped_catalogue(name)
    tables = {table: TABLES[table] for table in catalogue.tables}
    whole = build_features(APPLICATIONS, tables, catalogue, as_of=APPLIED_AT)
    assert whole.columns == list(catalogue.names)
    shuffled = {
        table: frame.sample(fraction=1.0, shuffle=True, seed=5)
        for table, frame in tables.items()
    }
    chunked = build_features(
        APPLICATIONS, shuffled, catalogue, as_of=APPLIED_AT, chunk_rows=33
    )
    assert chunked.equals(whole)
    records = {table: frame.to_dicts() for table, frame in shuffled.items()}
    for i in (0, 17, 79):
        application = APPLICATIONS.row(i, named=True)
        row = build_feature_row(application, records, catalogue, as_of=APPLIED_AT)
        assert row == whole.row(i, named=True)


@pytest.mark.parametrize("name", SHIPPED_CATALOGUES)
def test_features_are_measured_where_there_is_something(name: str) -> None:
    catalogue = shipped_catalogue(name)
    tables = {table: TABLES[table] for table in catalogue.tables}
    whole = build_features(APPLICATIONS, tables, catalogue, as_of=APPLIED_AT)
    codes = catalogue.special_codes()
    known = [float(code) for code in SPECIAL_CODES.values()]
    for column in whole:
        special = set(column.filter(column.is_in(known)).to_list())
        assert special <= set(map(float, codes[column.name]))
        assert column.null_count() == 0
    measured = whole.select(~pl.all().is_in(known)).sum().row(0, named=True)
    never = {feature for feature, n in measured.items() if n == 0}
    # Nobody has so many late instalments, or that salary, in a small random sample.
    assert {n for n in never if "salary" not in n and "declared" not in n} == set()


def test_wallets_without_consent_are_not_read() -> None:
    catalogue = shipped_catalogue("wallet")
    tables = {"balances": TABLES["balances"]}
    refused = APPLICATIONS.with_columns(consent_mask=0b1011)
    found = build_features(refused, tables, catalogue, as_of=APPLIED_AT)
    assert set(found.unpivot()["value"]) == {SPECIAL_CODES["NO_CONSENT"]}
