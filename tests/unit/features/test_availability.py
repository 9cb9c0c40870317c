"""Availability: the evidence, and a table that is not what it claims."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from cfscore.exceptions import InputError
from cfscore.features import (
    SHIPPED_CATALOGUES,
    AvailabilityProof,
    FeatureSpec,
    Source,
    SourceEvidence,
    Window,
    build_features,
    prove_availability,
    shipped_catalogue,
)
from tests.unit.features.raw_tables import APPLIED_AT, raw_tables

AS_OF = datetime(2025, 6, 15, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TX = Source("tx", key="who", event_time="at", available_at="known")
SPEC = FeatureSpec(source=TX, aggregation="count", windows=[Window(days=30)])


def table(*times: tuple[datetime, datetime]) -> dict[str, pl.DataFrame]:
    at, known = zip(*times, strict=True)
    return {"tx": pl.DataFrame({"who": ["x"] * len(at), "at": at, "known": known})}


APPLICATION = pl.DataFrame({"who": ["x", "y"], "as_of": [AS_OF, AS_OF]})


def test_evidence_counts_what_was_used_and_what_was_withheld() -> None:
    day = timedelta(days=1)
    tables = table(
        (AS_OF - day, AS_OF - 7 * MINUTE),
        (AS_OF - 2 * day, AS_OF - 2 * day),
        (AS_OF - day, AS_OF),  # known at the very instant
        (AS_OF + day, AS_OF + day),
        (AS_OF - 40 * day, AS_OF - 40 * day),  # before the window: neither
    )
    proof = prove_availability(APPLICATION, tables, [SPEC], as_of="as_of")
    assert proof.sources == (SourceEvidence("tx", 1, 2, 2, 7 * MINUTE),)
    assert proof.holds
    proof.check()
    assert list(proof.to_frame()["n_facts"]) == [2]


def test_no_facts_are_no_leak() -> None:
    tables = table((AS_OF, AS_OF))
    proof = prove_availability(APPLICATION, tables, [SPEC], as_of="as_of")
    assert proof.sources == (SourceEvidence("tx", 0, 0, 1, None),)
    assert proof.holds


def test_evidence_of_a_fact_known_at_the_instant_does_not_hold() -> None:
    proof = AvailabilityProof((SourceEvidence("tx", 1, 1, 0, timedelta()),))
    assert not proof.holds
    with pytest.raises(InputError, match="used before they were known: tx"):
        proof.check()


def test_a_table_that_the_facts_do_not_give_is_not_proved() -> None:
    tables = table((AS_OF - MINUTE, AS_OF - MINUTE))
    honest = build_features(APPLICATION, tables, [SPEC], as_of="as_of")
    arguments = (APPLICATION, tables, [SPEC])
    assert prove_availability(*arguments, as_of="as_of", features=honest).holds

    other = honest + 1.0
    proof = prove_availability(*arguments, as_of="as_of", features=other)
    assert proof.differing == ("tx_count_30d",)
    with pytest.raises(InputError, match=r"1 feature\(s\) are not what the tables"):
        proof.check()
    with pytest.raises(InputError, match="features has 1 rows for 2 applications"):
        prove_availability(*arguments, as_of="as_of", features=honest.head(1))


@pytest.mark.parametrize("name", SHIPPED_CATALOGUES)
def test_shipped_catalogues_are_proved(name: str) -> None:
    applications, tables = raw_tables(customers=20)
    catalogue = shipped_catalogue(name)
    proof = prove_availability(applications, tables, catalogue, as_of=APPLIED_AT)
    assert proof.holds
    assert all(one.n_facts > 0 and one.n_withheld > 0 for one in proof.sources)
