"""Forbidden fields: found by name, in two languages, and let through with a basis."""

from __future__ import annotations

import logging

import pytest

from cfscore.exceptions import UsageError
from cfscore.features import (
    FORBIDDEN_FIELDS,
    Combination,
    FeatureSpec,
    Source,
    forbidden_field,
)

TX = Source("tx", key="who", event_time="at", available_at="known")


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("religion", "religion"),
        ("customer_religion_code", "religion"),
        ("ReligionCode", "religion"),
        ("dna_hash", "genes"),
        ("BLOOD_TYPE", "blood type"),
        ("bloodType", "blood type"),
        ("medical history", "medical history"),
        ("diseases", "disease"),
        ("宗教信仰", "religion"),
        ("客户血型", "blood type"),
        ("sms_text", "messages"),
        ("通讯录条数", "contacts"),
        ("amount", None),
        ("general_ledger", None),  # holds "gene"
        ("device_fingerprint", None),
        ("contact_city", None),
    ],
)
def test_fields_by_name(column: str, field: str | None) -> None:
    assert forbidden_field(column) == field
    assert field is None or field in FORBIDDEN_FIELDS


@pytest.mark.parametrize(
    "arguments",
    [
        {"column": "religion"},
        {"where": {"blood_type": "A"}},
        {"part": {"disease": True}, "aggregation": "share"},
        {"by": "dna", "aggregation": "top_share"},
    ],
)
def test_specs_of_forbidden_fields_are_refused(arguments: dict) -> None:
    with pytest.raises(
        UsageError, match=r"holds a forbidden field: .* state legal_basis"
    ) as caught:
        FeatureSpec(**({"source": TX, "aggregation": "count"} | arguments))
    assert caught.value.code == "FORBIDDEN_FIELD"


def test_a_column_whose_name_does_not_tell_is_mapped() -> None:
    source = Source(
        "tx", key="who", event_time="at", available_at="k", fields={"c17": "genes"}
    )
    with pytest.raises(UsageError, match="Column 'c17' holds a forbidden field: genes"):
        FeatureSpec(source=source, aggregation="count", column="c17")


def test_a_legal_basis_is_logged_and_kept(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="cfscore.features"):
        spec = FeatureSpec(
            source=TX, aggregation="count", column="disease", legal_basis="art. 9(2)"
        )
    assert spec.legal_basis == "art. 9(2)"
    assert "column 'disease' (disease) is used on the basis: art. 9(2)" in caplog.text
    with pytest.raises(UsageError, match="forbidden"):
        FeatureSpec(source=TX, aggregation="count", column="disease", legal_basis=" ")


def test_combinations_with_forbidden_columns_are_refused() -> None:
    with pytest.raises(UsageError, match="'religion' holds a forbidden field"):
        Combination(name="x", operation="sum", left="a", right="application.religion")
