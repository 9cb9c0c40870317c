"""Records: every fault by table, column and code with counts, all of them at once."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from cfscore.exceptions import InputError, RecordFaultError
from cfscore.outcomes import label, loan_history, vintage

BOOKED = date(2025, 1, 10)
DUE = [date(2025, 2, 10), date(2025, 3, 10)]
SNAPSHOT = date(2025, 6, 30)


def book(n_loans: int = 3) -> dict[str, list[dict]]:
    """Return tables of faultless loans L0, L1, ... that pay in time."""
    names = [f"L{number}" for number in range(n_loans)]
    return {
        "loans": [
            {
                "loan_id": name,
                "disbursed_at": BOOKED,
                "principal": 200.0,
                "status": "active",
                "closed_at": None,
                "writeoff_at": None,
                "exclusion": None,
            }
            for name in names
        ],
        "instalments": [
            {
                "loan_id": name,
                "seq": seq,
                "due_date": due,
                "due_principal": 100.0,
                "due_interest": 4.0,
                "due_fee": 1.0,
            }
            for name in names
            for seq, due in enumerate(DUE, start=1)
        ],
        "repayments": [
            {
                "repayment_id": f"{name}-{seq}",
                "loan_id": name,
                "paid_at": due,
                "available_at": due,
                "amount": 105.0,
                "principal": 100.0,
                "penalty": 0.0,
                "payer": "borrower",
            }
            for name in names
            for seq, due in enumerate(DUE, start=1)
        ],
    }


def history_of(tables: dict[str, list[dict]], **options):
    return loan_history(*tables.values(), snapshot=SNAPSHOT, **options)


def changed(table: str, row: int, **cells) -> dict[str, list[dict]]:
    tables = book()
    tables[table][row] |= cells
    return tables


def counts_of(tables: dict[str, list[dict]]) -> dict:
    with pytest.raises(RecordFaultError) as caught:
        history_of(tables)
    return caught.value.counts


def test_the_book_of_these_tests_is_faultless():
    history = history_of(book())
    assert history.quarantined.is_empty()
    assert history.months["ever_max_dpd"].max() == 0


@pytest.mark.parametrize(
    ("table", "cells", "column", "code"),
    [
        ("loans", {"disbursed_at": None}, "disbursed_at", "NULL_VALUE"),
        ("loans", {"principal": None}, "principal", "NULL_VALUE"),
        ("loans", {"principal": math.nan}, "principal", "NULL_VALUE"),
        ("loans", {"principal": -200.0}, "principal", "NEGATIVE"),
        ("loans", {"principal": math.inf}, "principal", "NOT_FINITE"),
        ("loans", {"principal": 200.02}, "due_principal", "PRINCIPAL_SUM"),
        ("loans", {"status": "Active"}, "status", "UNKNOWN_STATUS"),
        ("loans", {"exclusion": "bored"}, "exclusion", "UNKNOWN_STATUS"),
        ("loans", {"status": "closed"}, "closed_at", "STATUS_DATE"),
        ("loans", {"status": "written_off"}, "writeoff_at", "STATUS_DATE"),
        ("loans", {"closed_at": SNAPSHOT}, "closed_at", "STATUS_DATE"),
        ("loans", {"writeoff_at": SNAPSHOT}, "writeoff_at", "STATUS_DATE"),
        (
            "loans",
            {"status": "closed", "closed_at": date(2025, 1, 9)},
            "closed_at",
            "DATE_ORDER",
        ),
        (
            "loans",
            {"status": "written_off", "writeoff_at": date(2025, 1, 9)},
            "writeoff_at",
            "DATE_ORDER",
        ),
        ("instalments", {"seq": None}, "seq", "NULL_KEY"),
        ("instalments", {"due_date": None}, "due_date", "NULL_VALUE"),
        ("instalments", {"due_interest": None}, "due_interest", "NULL_VALUE"),
        ("instalments", {"due_fee": -1.0}, "due_fee", "NEGATIVE"),
        ("instalments", {"due_fee": math.inf}, "due_fee", "NOT_FINITE"),
        ("instalments", {"due_date": date(2025, 1, 9)}, "due_date", "BEFORE_DISBURSAL"),
        ("instalments", {"due_date": date(2025, 4, 9)}, "due_date", "DATE_ORDER"),
        ("repayments", {"loan_id": None}, "loan_id", "NULL_KEY"),
        ("repayments", {"loan_id": " "}, "loan_id", "NULL_KEY"),
        ("repayments", {"loan_id": "other"}, "loan_id", "UNKNOWN_LOAN"),
        ("repayments", {"repayment_id": None}, "repayment_id", "NULL_KEY"),
        ("repayments", {"repayment_id": "L1-1"}, "repayment_id", "DUPLICATE_KEY"),
        ("repayments", {"paid_at": None}, "paid_at", "NULL_VALUE"),
        ("repayments", {"paid_at": date(2025, 1, 9)}, "paid_at", "BEFORE_DISBURSAL"),
        ("repayments", {"available_at": BOOKED}, "available_at", "DATE_ORDER"),
        ("repayments", {"amount": 107.0}, "amount", "REPAID_TOO_MUCH"),
        ("repayments", {"penalty": -1.0}, "penalty", "NEGATIVE"),
        ("repayments", {"penalty": 106.0}, "penalty", "ABOVE_AMOUNT"),
        ("repayments", {"principal": 105.5}, "principal", "ABOVE_AMOUNT"),
        ("repayments", {"payer": "uncle"}, "payer", "UNKNOWN_STATUS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_has_its_place_and_code(table, cells, column, code):
    owner = "instalments" if code == "PRINCIPAL_SUM" else table
    counts = counts_of(changed(table, 0, **cells))
    assert counts[owner, column, code] == (2 if code == "DUPLICATE_KEY" else 1)
    # What follows from the fault may be a fault of its own, never of another loan.
    history = history_of(changed(table, 0, **cells), on_bad="quarantine")
    aside = {"L0"} if cells.get("loan_id", "L0") == "L0" else set()
    aside |= {"L1"} if code == "DUPLICATE_KEY" else set()
    assert set(history.set_aside) == aside
    assert set(history.loans["loan_id"]) == {"L0", "L1", "L2"} - aside


def test_a_negative_repayment_is_refused():
    counts = counts_of(changed("repayments", 0, amount=-105.0, principal=None))
    assert counts["repayments", "amount", "NEGATIVE"] == 1


def test_loan_keys_are_unique_and_there():
    tables = book()
    tables["loans"] += [{**tables["loans"][0]}, {**tables["loans"][1], "loan_id": None}]
    assert counts_of(tables) == {
        ("loans", "loan_id", "DUPLICATE_KEY"): 2,
        ("loans", "loan_id", "NULL_KEY"): 1,
    }


def test_instalment_keys_are_unique():
    counts = counts_of(changed("instalments", 1, seq=1))
    assert counts == {("instalments", "seq", "DUPLICATE_KEY"): 2}


def test_a_loan_without_instalments_is_a_fault_and_not_a_good_loan():
    tables = book()
    for table in ("instalments", "repayments"):
        tables[table] = [row for row in tables[table] if row["loan_id"] != "L2"]
    assert counts_of(tables) == {("loans", "loan_id", "NO_INSTALMENTS"): 1}
    labels = label(history_of(tables, on_bad="quarantine"))
    assert labels.counts["excluded"] == 1


def test_all_faults_are_listed_at_once_with_counts():
    tables = book()
    for row in tables["repayments"][:3]:
        row["payer"] = "secret"
    tables["instalments"][5]["due_fee"] = -1.0
    tables["repayments"][5]["amount"] = 100.0
    tables["loans"][2]["status"] = "secret"
    with pytest.raises(RecordFaultError) as caught:
        history_of(tables)
    error = caught.value
    assert error.counts == {
        ("repayments", "payer", "UNKNOWN_STATUS"): 3,
        ("instalments", "due_fee", "NEGATIVE"): 1,
        ("loans", "status", "UNKNOWN_STATUS"): 1,
    }
    assert str(error) == (
        "3 kind(s) of fault in the records: column 'instalments.due_fee': 1 x "
        "NEGATIVE; column 'loans.status': 1 x UNKNOWN_STATUS; column "
        "'repayments.payer': 3 x UNKNOWN_STATUS. Correct the records, or set their "
        "loans aside, counted, with on_bad='quarantine'."
    )
    assert (error.code, isinstance(error, InputError)) == ("RECORD_FAULTS", True)


def test_quarantined_loans_are_listed_labelled_and_in_no_rate():
    tables = changed("repayments", 0, amount=-5.0, principal=0.0)
    tables["repayments"].append({**tables["repayments"][2], "repayment_id": None})
    history = history_of(tables, on_bad="quarantine")
    assert history.quarantined.sort("loan_id", "code").rows() == [
        ("L0", "repayments", "amount", "NEGATIVE"),
        ("L1", "repayments", "repayment_id", "NULL_KEY"),
        ("L1", "repayments", "amount", "REPAID_TOO_MUCH"),
    ]
    assert history.set_aside.to_list() == ["L0", "L1"]
    frame = label(history).frame
    assert frame.select("loan_id", "label", "reason", "y").rows() == [
        ("L0", "excluded", "faulty_records", None),
        ("L1", "excluded", "faulty_records", None),
        ("L2", "immature", None, None),
    ]
    assert vintage(history).frame["n_loans"].unique().to_list() == [1]


def test_many_faults_are_cut_in_the_text_and_not_in_the_counts():
    counts = {("loans", f"c{number:02}", "NEGATIVE"): 1 for number in range(25)}
    error = RecordFaultError(counts)
    assert len(error.counts) == 25
    assert str(error).endswith("'loans.c19': 1 x NEGATIVE; and 5 more.")


def test_sums_of_money_are_compared_with_room_for_rounding():
    tables = book()
    for row in tables["instalments"]:
        row["due_principal"] = 100.005
    assert history_of(tables).loans["principal"].to_list() == [200.0] * 3
    without = [
        {name: cell for name, cell in row.items() if name != "principal"}
        for row in tables["loans"]
    ]
    added_up = history_of({**tables, "loans": without}).loans["principal"]
    assert added_up.to_list() == [pytest.approx(200.01)] * 3


def test_optional_columns_may_be_left_out():
    tables = book()
    wanted = {
        "loans": ["loan_id", "disbursed_at"],
        "instalments": ["loan_id", "seq", "due_date", "due_principal"],
        "repayments": ["loan_id", "paid_at"],
    }
    bare = {name: pl.DataFrame(tables[name]).select(wanted[name]) for name in wanted}
    bare["repayments"] = bare["repayments"].with_columns(amount=pl.lit(100.0))
    history = history_of(bare)
    assert history.months["ever_max_dpd"].max() == 0
