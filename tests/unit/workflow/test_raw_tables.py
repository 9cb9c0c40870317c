"""Raw tables become labels and features: checked against the records themselves."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cfscore.exceptions import FitError, InputError, SchemaError, UsageError
from cfscore.outcomes import LabelDefinition
from cfscore.workflow import FeaturesConfig, LabelsConfig, RawConfig, read_raw_tables

UTC = datetime.UTC
RAW = RawConfig("book")
LABELS = LabelsConfig(
    datetime.date(2025, 12, 31), definition=LabelDefinition(30, 3, 5), time_zone="UTC"
)
SPEND = """
name = "spend"
version = "1"

[sources.payments]
key = "customer_id"
event_time = "event_time"
available_at = "available_at"

[[features]]
source = "payments"
column = "amount"
aggregation = "sum"
windows = ["30d"]
name = "spent"
direction = "descending"
"""
FEATURES = FeaturesConfig(("spend.toml",), ("income",))


def day(month: int, number: int) -> datetime.datetime:
    return datetime.datetime(2025, month, number, tzinfo=UTC)


def write_book(folder: Path) -> None:
    """Write four applications: a good one, a bad one, one without loan, a young one.

    ``a1`` is drawn twice: the first loan was repaid in time, the second was not.
    """
    book = folder / "book"
    book.mkdir()
    (folder / "spend.toml").write_text(SPEND, encoding="utf-8")
    loans = {"l1": ("a1", 1), "l1b": ("a1", 2), "l2": ("a2", 1), "l4": ("a4", 11)}
    on_time = {"l1", "l4"}
    tables = {
        "applications": {
            "application_id": ["a1", "a2", "a3", "a4"],
            "customer_id": ["c1", "c2", "c3", "c1"],
            "applied_at": [day(1, 5), day(1, 6), day(1, 7), day(11, 1)],
            "income": [10.0, 20.0, None, 10.0],
        },
        "loans": {
            "loan_id": list(loans),
            "application_id": [application for application, _ in loans.values()],
            "disbursed_at": [day(month, 10) for _, month in loans.values()],
        },
        "instalments": {
            "loan_id": list(loans),
            "seq": [1] * 4,
            "due_date": [
                datetime.date(2025, m % 12 + 1, 10) for _, m in loans.values()
            ],
            "due_principal": [100.0] * 4,
        },
        "repayments": {
            "loan_id": sorted(on_time),
            "paid_at": [day(2, 10), day(12, 10)],
            "amount": [100.0, 100.0],
        },
        "payments": {
            "customer_id": ["c1", "c1", "c2"],
            "event_time": [day(1, 1), day(1, 4), day(1, 2)],
            "available_at": [day(1, 2), day(1, 6), day(1, 3)],
            "amount": [7.0, 1000.0, 5.0],
        },
    }
    for name, columns in tables.items():
        pl.DataFrame(columns).write_parquet(book / f"{name}.parquet")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_book(tmp_path)
    return tmp_path


def change(base: Path, name: str, **columns: object) -> None:
    path = base / "book" / f"{name}.parquet"
    table = pl.read_parquet(path)
    table.with_columns(**{n: pl.Series(v) for n, v in columns.items()}).write_parquet(
        path
    )


def test_outcome_is_that_of_the_first_loan(base: Path) -> None:
    found = read_raw_tables(RAW, LABELS, FEATURES, base)
    outcomes = dict(found.outcomes.select("application_id", "label").iter_rows())
    assert outcomes == {"a1": "good", "a2": "bad", "a3": "no_loan", "a4": "immature"}
    assert found.outcomes["y"].to_list() == [0, 1, None, None]
    steps = dict(found.waterfall.select("step", "n_decisions").iter_rows())
    assert steps == {
        "all decisions": 4,
        "set aside": 0,
        "no_loan": 1,
        "excluded": 0,
        "immature": 1,
        "indeterminate": 0,
        "good": 1,
        "bad": 1,
    }
    assert found.waterfall["n_left"].to_list() == [4, 4, 3, 3, 2, 2, 1, 0]


def test_features_know_what_was_known(base: Path) -> None:
    """Of c1's payments before a1, the second became known only after it.

    c3 has no payments at all, which is not a sum of nothing.
    """
    found = read_raw_tables(RAW, LABELS, FEATURES, base)
    assert found.feature_names == ("income", "spent_30d")
    assert found.features.columns == [
        "application_id",
        "customer_id",
        "applied_at",
        "income",
        "spent_30d",
    ]
    assert found.features["spent_30d"].to_list() == [7.0, 5.0, -9992.0, 0.0]
    assert found.sample.column("y").to_pylist() == [0, 1]
    assert found.sample.num_rows == 2
    names = {path.name for path in found.files}
    assert names == {
        f"{name}.parquet"
        for name in ("applications", "loans", "instalments", "repayments", "payments")
    }


def test_directions_are_those_of_features_with_special_codes_too(base: Path) -> None:
    found = read_raw_tables(RAW, LABELS, FEATURES, base)
    assert found.directions == {"spent_30d": "descending"}
    assert -9992.0 in found.special_codes["spent_30d"]
    without = replace(FEATURES, exclude=("spent_30d",))
    assert read_raw_tables(RAW, LABELS, without, base).directions == {}


def test_columns_alone_need_no_catalogue(base: Path) -> None:
    found = read_raw_tables(RAW, LABELS, FeaturesConfig((), ("income",)), base)
    assert found.catalogue is None
    assert (found.directions, found.special_codes) == ({}, {})
    assert found.features["income"].to_list() == [10.0, 20.0, None, 10.0]


def test_decisions_with_one_key_are_refused_or_set_aside(base: Path) -> None:
    change(base, "applications", application_id=["a1", "a2", "a2", "a4"])
    with pytest.raises(InputError, match=r"2 row\(s\) of 'applications'") as caught:
        read_raw_tables(RAW, LABELS, FEATURES, base)
    assert caught.value.code == "DUPLICATE_KEY"
    assert "quarantine" in str(caught.value.hint)
    raw = replace(RAW, on_bad="quarantine")
    found = read_raw_tables(raw, LABELS, FEATURES, base)
    assert found.features["application_id"].to_list() == ["a1", "a4"]
    assert found.waterfall["n_decisions"].to_list()[:2] == [4, 2]


def test_faulty_first_loan_is_excluded_and_not_passed_over(base: Path) -> None:
    """Of a1's loans the first has a negative instalment; the second is no stand-in."""
    change(base, "instalments", due_principal=[-100.0, 100.0, 100.0, 100.0])
    raw = replace(RAW, on_bad="quarantine")
    found = read_raw_tables(raw, LABELS, FEATURES, base)
    assert found.outcomes["label"].to_list()[0] == "excluded"
    assert found.outcomes["y"].to_list()[0] is None


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (FeaturesConfig(("bureu",)), "no catalogue 'bureu'"),
        (FeaturesConfig(("spend.toml",), ("spent_30d",)), "is a feature of a catal"),
        (replace(FEATURES, exclude=("spent_3d",)), "'spent_3d', which is no feature"),
    ],
)
def test_wrong_features_are_named(
    base: Path, features: FeaturesConfig, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_raw_tables(RAW, LABELS, features, base)


def test_missing_columns_and_tables_are_named(base: Path) -> None:
    features = FeaturesConfig((), ("income", "incme"))
    with pytest.raises(SchemaError, match="incme"):
        read_raw_tables(RAW, LABELS, features, base)
    with pytest.raises(UsageError, match="no table 'lons'"):
        read_raw_tables(RAW, replace(LABELS, loans="lons"), FEATURES, base)


def test_nothing_mature_is_refused(base: Path) -> None:
    young = replace(LABELS, snapshot=datetime.date(2025, 2, 28))
    with pytest.raises(FitError, match="No decision has become good or bad"):
        read_raw_tables(RAW, young, FEATURES, base)


def test_config_refuses_parameters_of_no_catalogue() -> None:
    with pytest.raises(UsageError, match="'bureau', which is no catalogue here"):
        FeaturesConfig(("wallet",), (), (), {"bureau": {"own_org": "X"}})
    with pytest.raises(UsageError, match="there are no features"):
        FeaturesConfig()
