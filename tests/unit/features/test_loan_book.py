"""The committed loan book: its dirty rows included, no feature knows the future."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cfscore import metrics
from cfscore.datasets import LOAN_BOOK_TABLES, SOURCE_BITS
from cfscore.features import (
    SHIPPED_CATALOGUES,
    FeatureCatalogue,
    build_features,
    prove_availability,
    shipped_catalogue,
    time_travel_test,
)

FOLDER = Path(__file__).parents[3] / "data" / "synthetic"
NAMES = sorted(set(SHIPPED_CATALOGUES) - {"invoices"})  # of which the book has none
CLEAR_GINI = 0.2


def applications() -> pl.DataFrame:
    return pl.read_parquet(FOLDER / "applications.parquet")


def tables(catalogue: FeatureCatalogue) -> dict[str, Path]:
    return {name: FOLDER / f"{name}.parquet" for name in catalogue.tables}


@pytest.mark.parametrize("name", NAMES)
def test_catalogues_read_the_tables_of_the_book(name: str) -> None:
    catalogue = shipped_catalogue(name)
    columns = {n: {c.name for c in t.columns} for n, t in LOAN_BOOK_TABLES.items()}
    assert set(catalogue.application_columns) <= columns["applications"]
    for source in catalogue.sources:
        everything = set().union(*(columns[table] for table in source.tables))
        added = {name for attach in source.attach for name in attach.columns}
        specs = [s for s in catalogue.feature_specs if s.source == source]
        wanted = source.raw_columns(tuple(n for spec in specs for n in spec.inputs))
        assert set(wanted) <= everything | added
        for flag in (source.owner.consent, source.owner.outage):
            assert flag is None or 2**flag.bit in SOURCE_BITS.values()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_feature_of_any_application_knows_the_future(name: str) -> None:
    catalogue = shipped_catalogue(name)
    arguments = (applications(), tables(catalogue), catalogue)
    report = time_travel_test(*arguments, as_of="applied_at")
    assert report.holds
    assert report.n_applications == applications().height
    assert min(report.altered.values()) > 0
    assert prove_availability(*arguments, as_of="applied_at").holds


@pytest.mark.slow
def test_expected_directions_agree_with_the_truth() -> None:
    truth = pl.read_parquet(FOLDER / "truth.parquet")
    decided = applications().unique("application_id").join(truth, on="application_id")
    y = decided["would_default"]
    contrary = {}
    for name in NAMES:
        catalogue = shipped_catalogue(name)
        found = build_features(
            decided, tables(catalogue), catalogue, as_of="applied_at", special="status"
        )
        for info in catalogue.infos:
            value = found[info.name]
            there = value.is_not_null()
            if info.direction is None or there.sum() < 500:
                continue
            gini = float(metrics.gini(y.filter(there), value.filter(there)))
            wanted = 1 if info.direction == "ascending" else -1
            if abs(gini) > CLEAR_GINI and gini * wanted < 0:
                contrary[info.name] = gini
    assert contrary == {}
