"""Sample split: customers stay together, time is respected, draws are stable."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from cfscore.exceptions import RecordFaultError, SchemaError, UsageError
from cfscore.outcomes import LabelDefinition, label, split_samples
from tests.unit.outcomes.books import history_of

OOT = date(2025, 7, 1)


def table(n_rows: int = 3000, n_customers: int = 1000) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [f"c{i % n_customers}" for i in range(n_rows)],
            "booked_on": [
                date(2025, 1, 1) + timedelta(days=i % 300) for i in range(n_rows)
            ],
            "y": [None if i % 11 == 0 else int(i % 7 == 0) for i in range(n_rows)],
        }
    )


def test_every_labelled_row_is_in_one_sample():
    split = split_samples(table(), out_of_time_from=OOT, holdout=0.3)
    frame = split.frame
    assert (frame["sample"].is_null() == frame["y"].is_null()).all()
    is_late = frame["booked_on"] >= OOT
    known = frame.filter(pl.col("y").is_not_null())
    assert ((known["sample"] == "out_of_time") == (known["booked_on"] >= OOT)).all()
    assert split.frame.filter(is_late)["sample"].drop_nulls().unique().to_list() == [
        "out_of_time"
    ]
    assert split.table["n_loans"].sum() == known.height


def test_a_customer_is_developed_on_or_held_out_and_not_both():
    frame = split_samples(table(), out_of_time_from=OOT, holdout=0.3).frame
    samples = (
        frame.filter(pl.col("sample").is_in(["development", "holdout"]))
        .group_by("customer_id")
        .agg(pl.col("sample").n_unique())
    )
    assert samples["sample"].max() == 1


def test_the_share_held_out_is_that_of_customers_but_for_chance():
    frame = split_samples(table(), out_of_time_from=date(2026, 1, 1), holdout=0.3).frame
    known = frame.drop_nulls("sample").unique("customer_id")
    n, share = known.height, (known["sample"] == "holdout").mean()
    assert abs(share - 0.3) < 4 * (0.3 * 0.7 / n) ** 0.5


def test_the_draw_depends_on_seed_and_customer_alone():
    # The first 12 hexadecimal digits of blake2b("7:c<i>", 8 bytes) over 16^12 are below
    # 0.4 for these; pinned, so that a split can be repeated in years to come.
    pinned = ["c0", "c1", "c4", "c5", "c8", "c9", "c10", "c11"]
    customers = [f"c{i}" for i in range(12)]
    rows = {
        "customer_id": customers,
        "booked_on": [date(2025, 1, 1)] * 12,
        "y": [0] * 12,
    }
    split = split_samples(rows, out_of_time_from=OOT, holdout=0.4, seed=7)
    held_out = split.frame.filter(pl.col("sample") == "holdout")["customer_id"]
    alone = [
        name
        for name in customers
        if split_samples(
            {"customer_id": [name], "booked_on": [date(2025, 1, 1)], "y": [0]},
            out_of_time_from=OOT,
            holdout=0.4,
            seed=7,
        ).frame["sample"][0]
        == "holdout"
    ]
    assert held_out.to_list() == alone == pinned
    other = split_samples(rows, out_of_time_from=OOT, holdout=0.4, seed=8).frame
    assert not other["sample"].equals(split.frame["sample"])


def test_none_or_all_can_be_held_out():
    none = split_samples(table(), out_of_time_from=OOT, holdout=0.0).table
    all_of_them = split_samples(table(), out_of_time_from=OOT, holdout=1.0).table
    assert none["n_loans"][1] == 0
    assert all_of_them.row(0) == ("development", 0, 0, 0, None, None, None)


def test_the_table_tells_what_each_sample_holds():
    rows = {
        "customer_id": ["a", "a", "b", "b", "c"],
        "booked_on": [date(2025, month, 3) for month in (1, 2, 3, 8, 9)],
        "y": [1, 0, 0, 1, None],
    }
    split = split_samples(rows, out_of_time_from=OOT, holdout=0.0)
    assert split.table.rows() == [
        ("development", 3, 2, 1, 1 / 3, date(2025, 1, 3), date(2025, 3, 3)),
        ("holdout", 0, 0, 0, None, None, None),
        ("out_of_time", 1, 1, 1, 1.0, date(2025, 8, 3), date(2025, 8, 3)),
    ]
    assert split.n_shared_customers == 1
    assert split.remarks == (
        "development has 1 bad(s); a stable result asks for 500 or more.",
        "out_of_time has 1 bad(s); a stable result asks for 100 or more.",
    )


def test_labels_are_split_as_they_are():
    courses = {"A": [0, 0], "B": [0, 40], "C": [0]}
    booked_on = {"A": date(2025, 1, 5), "B": date(2025, 1, 6), "C": date(2025, 2, 1)}
    history = history_of(courses, booked_on, date(2025, 3, 31), customer_id=[1, 2, 3])
    labels = label(history, definition=LabelDefinition(30, window_months=2))
    split = split_samples(labels, out_of_time_from=date(2025, 1, 6), holdout=0.0)
    assert split.frame["sample"].to_list() == ["development", "out_of_time", None]
    assert set(labels.frame.columns) < set(split.frame.columns)


def test_faults_of_labelled_rows_are_counted():
    rows = {
        "who": [None, "a", "b", None],
        "day": [date(2025, 1, 1), None, date(2025, 1, 1), None],
        "y": [1, 0, 2, None],
    }
    with pytest.raises(RecordFaultError) as caught:
        split_samples(rows, out_of_time_from=OOT, customer="who", time="day")
    assert caught.value.counts == {
        ("labels", "who", "NULL_KEY"): 1,
        ("labels", "day", "NULL_VALUE"): 1,
        ("labels", "y", "NOT_BINARY"): 1,
    }


def test_columns_and_options_are_checked():
    with pytest.raises(SchemaError, match=r"'labels.customer': is missing; did you"):
        split_samples(table(), out_of_time_from=OOT, customer="customer")
    with pytest.raises(UsageError, match=r"holdout must be a number 0\.\.1, got 30"):
        split_samples(table(), out_of_time_from=OOT, holdout=30)
    with pytest.raises(UsageError, match=r"out_of_time_from must be a datetime.date"):
        split_samples(table(), out_of_time_from="2025-07-01")
    with pytest.raises(UsageError, match=r"seed must be a whole number at least 0"):
        split_samples(table(), out_of_time_from=OOT, seed=-1)
