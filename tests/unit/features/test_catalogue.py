"""Catalogue: hash, data dictionary and special codes."""

from __future__ import annotations

import dataclasses

import pytest

from cfscore.features import (
    SHIPPED_CATALOGUES,
    Combination,
    FeatureCatalogue,
    FeatureSpec,
    Flag,
    Source,
    Window,
    shipped_catalogue,
)

TX = Source(
    "tx",
    key="who",
    event_time="at",
    available_at="known",
    absent="NO_HIT",
    consent=Flag("agreed"),
    outage=Flag("down"),
)
MEAN = FeatureSpec(
    source=TX,
    column="amount",
    aggregation="mean",
    windows=[Window(days=30)],
    where={"kind": "fee"},
    unit="CNY",
    direction=1,
    description="Mean fee.",
)
COUNT = FeatureSpec(source=TX, aggregation="count", name="n")
SHARE = Combination(name="share", operation="ratio", left="n", right="application.a")


def test_the_hash_is_of_what_decides_the_values() -> None:
    sha256 = FeatureCatalogue((MEAN, COUNT)).sha256
    same = [
        FeatureCatalogue((MEAN, COUNT), name="other", version="2"),
        FeatureCatalogue((dataclasses.replace(MEAN, description="Fees."), COUNT)),
        FeatureCatalogue((dataclasses.replace(MEAN, direction="ascending"), COUNT)),
        FeatureCatalogue((dataclasses.replace(MEAN, where={"kind": "fee"}), COUNT)),
    ]
    other_source = dataclasses.replace(TX, time_zone="UTC")
    different = [
        FeatureCatalogue((COUNT, MEAN)),
        FeatureCatalogue((MEAN,)),
        FeatureCatalogue((dataclasses.replace(MEAN, where={"kind": "x"}), COUNT)),
        FeatureCatalogue((dataclasses.replace(MEAN, windows=[Window(days=31)]), COUNT)),
        FeatureCatalogue(
            tuple(dataclasses.replace(s, source=other_source) for s in (MEAN, COUNT))
        ),
    ]
    assert {catalogue.sha256 for catalogue in same} == {sha256}
    assert sha256 not in {catalogue.sha256 for catalogue in different}
    assert len({catalogue.sha256 for catalogue in different}) == len(different)


def test_the_hash_does_not_change_between_versions() -> None:
    """A model's provenance names it: a change of this text is a change of meaning."""
    known = "bb5a65cf"
    assert FeatureCatalogue((MEAN, COUNT, SHARE)).sha256[:8] == known


def test_code_tables_are_part_of_the_hash() -> None:
    bureau = shipped_catalogue("bureau")
    other = shipped_catalogue("bureau", {"own_org": "ANOTHER"})
    assert bureau.sha256 == shipped_catalogue("bureau").sha256 != other.sha256
    (months,) = [s for s in bureau.sources if s.name == "months"]
    (bucket,) = months.derive
    rows = {**bucket.table.rows, "D": {"bucket": 1, "adverse": True}}
    table = dataclasses.replace(bucket.table, rows=rows)
    changed = dataclasses.replace(
        months, derive=(dataclasses.replace(bucket, table=table),)
    )
    specs = tuple(
        dataclasses.replace(s, source=changed) if s.source == months else s
        for s in bureau.feature_specs
    )
    assert (
        FeatureCatalogue(specs).sha256 != FeatureCatalogue(bureau.feature_specs).sha256
    )


def test_data_dictionary() -> None:
    table = FeatureCatalogue((MEAN, COUNT, SHARE)).dictionary()
    first, _, last = table.to_dict("records")
    assert first == {
        "name": "tx_amount_mean_fee_30d",
        "type": "number",
        "unit": "CNY",
        "direction": "ascending",
        "source": "tx",
        "aggregation": "mean",
        "column": "amount",
        "window": "30d",
        "condition": "fee",
        "special_codes": (
            "NO_HIT",
            "NOT_APPLICABLE",
            "SOURCE_DOWN",
            "NO_CONSENT",
            "INVALID",
        ),
        "description": "Mean fee.",
        "legal_basis": None,
    }
    assert table["unit"].tolist() == ["CNY", "count", ""]
    assert last["source"] == "n, application.a"


def test_special_codes_are_as_the_binner_takes_them() -> None:
    recency = FeatureSpec(source=TX, aggregation="recency", name="since")
    text = FeatureSpec(source=TX, aggregation="last", column="kind", text=True)
    codes = FeatureCatalogue((COUNT, recency, text, SHARE)).special_codes()
    assert codes == {
        "n": [-9991, -9994, -9995, -9996],
        "since": [-9991, -9993, -9994, -9995, -9996],
        "share": [-9991, -9992, -9994, -9995, -9996],
    }


def test_values_of_one_spec_have_directions_of_their_own() -> None:
    spec = FeatureSpec(source=TX, column="amount", aggregation="salary", name="s")
    directions = {info.name: info.direction for info in FeatureCatalogue((spec,)).infos}
    assert directions["s_amt"] == "descending"
    assert directions["s_cv"] == "ascending"
    assert directions["s_day_spread"] is None


@pytest.mark.parametrize("name", SHIPPED_CATALOGUES)
def test_shipped_catalogues_are_described(name: str) -> None:
    catalogue = shipped_catalogue(name)
    assert catalogue.name == name
    assert all(info.description for info in catalogue.infos)
    assert "{" not in "".join(
        f"{info.name}{info.description}{info.condition}" for info in catalogue.infos
    )
