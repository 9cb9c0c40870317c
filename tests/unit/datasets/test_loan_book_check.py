"""Check: every dirty row is found by its code, and no clean row is."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from cfscore.datasets import (
    INVARIANTS,
    LOAN_BOOK_TABLES,
    SNAPSHOT_AT,
    check_loan_book,
)
from cfscore.exceptions import InputError, SchemaError

ROW = 5  # the row that each test below spoils


def keys(table: pa.Table) -> list[tuple[object, ...]]:
    columns = [table.column(n).to_pylist() for n in ("table", "row", "code", "column")]
    return sorted(zip(*columns, strict=True), key=str)


def write(folder, tables):
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


def with_cell(table: pa.Table, name: str, row: int, value: object) -> pa.Table:
    """Return the table with one cell replaced."""
    at = table.schema.get_field_index(name)
    cells = table.column(name).to_pylist()
    cells[row] = value
    field = table.schema.field(at)
    return table.set_column(at, field, pa.array(cells, type=field.type))


def head(tables, name, n=40):
    return tables[name].slice(0, n).combine_chunks()


# ---------------------------------------------------------------- whole book


def test_finds_the_planted_rows_and_nothing_else(loan_book, loan_book_check):
    planted = pq.read_table(loan_book / "dirty_rows.parquet")
    assert keys(loan_book_check.breaches) == keys(planted)
    assert not loan_book_check.is_clean


def test_every_invariant_is_broken_somewhere(loan_book_check):
    counts = loan_book_check.counts
    assert {code for of_table in counts.values() for code in of_table} == {*INVARIANTS}


def test_one_to_two_percent_of_the_rows_are_dirty(loan_book):
    planted = pq.read_table(loan_book / "dirty_rows.parquet")
    n_planted = pc.value_counts(planted.column("table")).to_pylist()
    n_dirty = {entry["values"]: entry["counts"] for entry in n_planted}
    total = 0
    for name, table in LOAN_BOOK_TABLES.items():
        n = pq.read_metadata(loan_book / table.file_name).num_rows
        total += n
        if n > 4000 and name != "truth":
            assert 0.01 < n_dirty[name] / n < 0.02, name
    assert 0.01 < planted.num_rows / total < 0.02
    assert "truth" not in n_dirty


def test_a_row_is_dirty_in_one_way(loan_book):
    planted = pq.read_table(loan_book / "dirty_rows.parquet")
    pairs = set(
        zip(*(planted.column(n).to_pylist() for n in ("table", "row")), strict=True)
    )
    assert len(pairs) == planted.num_rows


def test_rows_to_leave_out(loan_book, loan_book_check, tmp_path):
    dirty = loan_book_check.rows_of("repayments")
    repayments = pq.read_table(loan_book / "repayments.parquet")
    kept = np.delete(np.arange(repayments.num_rows), dirty)
    write(tmp_path, {"repayments": repayments.take(pa.array(kept))})
    assert check_loan_book(tmp_path, SNAPSHOT_AT).is_clean


def test_tables_as_drawn_are_clean(clean_tables, tmp_path):
    found = check_loan_book(write(tmp_path, clean_tables), SNAPSHOT_AT)
    assert found.counts == {}
    assert found.is_clean
    assert found.rows == {name: t.num_rows for name, t in clean_tables.items()}


# ------------------------------------------------------- one breach by hand

#: Table, column and value that breaks one invariant of row 5.
SPOILT_CELLS = [
    ("customers", "residence", None, "REQUIRED_MISSING"),
    ("merchants_monthly", "gmv", float("nan"), "REQUIRED_MISSING"),
    ("customers", "marital", "99", "UNKNOWN_CODE"),
    ("transactions", "amount", -0.01, "NEGATIVE_VALUE"),
    ("applications", "declared_income", -1.0, "NEGATIVE_VALUE"),
    (
        "customers",
        "available_at",
        datetime(2001, 1, 1, tzinfo=UTC),
        "AVAILABLE_BEFORE_EVENT",
    ),
    ("bureau_accounts", "status_24m", "N" * 23 + "3", "STATUS_BLOCKS_DIFFER"),
]


@pytest.mark.parametrize(("name", "column", "value", "code"), SPOILT_CELLS)
def test_one_spoilt_cell(clean_tables, tmp_path, name, column, value, code):
    spoilt = with_cell(head(clean_tables, name), column, ROW, value)
    found = check_loan_book(write(tmp_path, {name: spoilt}))
    assert keys(found.breaches) == [(name, ROW, code, column)]


@pytest.mark.parametrize(
    ("age", "is_found"), [(17, True), (18, False), (75, False), (76, True)]
)
def test_age_at_application(clean_tables, tmp_path, age, is_found):
    applications = head(clean_tables, "applications")
    customer = applications["customer_id"][0].as_py()
    year = applications["applied_at"][0].as_py().year  # far from the turn of the year
    customers = head(clean_tables, "customers")
    row = customers["customer_id"].to_pylist().index(customer)
    customers = with_cell(customers, "birth_year", row, year - age)
    one = {"customers": customers, "applications": applications.slice(0, 1)}
    found = check_loan_book(write(tmp_path, one))
    expected = [("customers", row, "AGE_OUT_OF_RANGE", "birth_year")]
    assert keys(found.breaches) == (expected if is_found else [])


@pytest.mark.parametrize(
    ("limit", "used", "code"),
    [
        (1000.0, 1500.0, None),
        (1000.0, 1500.01, "OVER_LIMIT"),
        (0.0, 0.0, None),
        (-1.0, 500.0, "NEGATIVE_LIMIT"),
    ],
)
def test_use_of_a_limit(clean_tables, tmp_path, limit, used, code):
    accounts = head(clean_tables, "bureau_accounts")
    accounts = with_cell(accounts, "limit", ROW, limit)
    accounts = with_cell(accounts, "used", ROW, used)
    found = check_loan_book(write(tmp_path, {"bureau_accounts": accounts}))
    assert found.breaches["code"].to_pylist() == ([] if code is None else [code])


def test_duplicates_are_the_later_rows(clean_tables, tmp_path):
    rows = pa.array([0, 1, 1, 2, 0])
    invoices = head(clean_tables, "receivables").take(rows)
    found = check_loan_book(write(tmp_path, {"receivables": invoices}))
    assert found.rows_of("receivables") == [2, 4]
    assert found.counts == {"receivables": {"KEY_DUPLICATE": 2}}


def test_a_key_of_several_columns(clean_tables, tmp_path):
    # The same date of another product is another row.
    days = head(clean_tables, "balances", 3)
    other = with_cell(days.slice(0, 1), "product", 0, "wealth")
    found = check_loan_book(
        write(tmp_path, {"balances": pa.concat_tables([days, other])})
    )
    assert found.is_clean


def test_facts_after_the_extraction(clean_tables, tmp_path):
    loans = head(clean_tables, "loans")
    folder = write(tmp_path, {"loans": loans})
    times = loans["event_time"].to_pylist()
    latest = max(times)
    found = check_loan_book(folder, latest)
    assert found.counts == {"loans": {"AFTER_SNAPSHOT": times.count(latest)}}
    assert check_loan_book(folder).is_clean  # not known, not checked


def test_orphans(clean_tables, tmp_path):
    loans = clean_tables["loans"].slice(1)
    lost = clean_tables["loans"]["loan_id"][0].as_py()
    instalments = clean_tables["instalments"]
    rows = np.flatnonzero(np.array(instalments["loan_id"].to_pylist()) == lost)
    found = check_loan_book(
        write(tmp_path, {"loans": loans, "instalments": instalments})
    )
    assert found.counts == {"instalments": {"ORPHAN": len(rows)}}
    assert found.rows_of("instalments") == rows.tolist()


def test_a_report_knows_no_later_date(clean_tables, tmp_path):
    reports, inquiries = clean_tables["bureau_reports"], clean_tables["inquiries"]
    made = dict(
        zip(
            reports["report_id"].to_pylist(),
            reports["report_time"].to_pylist(),
            strict=True,
        )
    )
    local = made[inquiries["report_id"][ROW].as_py()].timestamp() + 8 * 3600
    day = np.datetime64(int(local), "s").astype("datetime64[D]")
    for more, code in ((0, []), (1, ["DATE_AFTER_REPORT"])):
        spoilt = with_cell(
            head(clean_tables, "inquiries"), "inquiry_date", ROW, (day + more).item()
        )
        tables = {"bureau_reports": reports, "inquiries": spoilt}
        found = check_loan_book(write(tmp_path, tables))
        assert found.breaches["code"].to_pylist() == code


def months_of(codes, skipped=()):
    """Return monthly statuses of one account from January 2024 on."""
    info = LOAN_BOOK_TABLES["bureau_monthly_status"]
    starts = np.datetime64("2024-01") + np.arange(len(codes))
    at = [i for i in range(len(codes)) if i not in skipped]
    n = len(at)
    values = {
        "report_id": ["R"] * n,
        "customer_id": ["C"] * n,
        "acct_no": ["N"] * n,
        "event_time": [datetime(2026, 1, 1, tzinfo=UTC)] * n,
        "available_at": [datetime(2026, 1, 1, tzinfo=UTC)] * n,
        "month": [starts[i].astype("datetime64[D]").item() for i in at],
        "code": [codes[i] for i in at],
        "overdue_amount": [0.0] * n,
    }
    return pa.table(
        [pa.array(values[f.name], f.type) for f in info.schema], schema=info.schema
    )


@pytest.mark.parametrize(
    ("codes", "skipped", "expected"),
    [
        ("NN12NC", (), []),
        ("NNCNN", (), [(3, "STATUS_AFTER_END"), (4, "STATUS_AFTER_END")]),
        ("NGC", (), [(2, "STATUS_AFTER_END")]),
        ("NNNNN", (2,), [(2, "MONTH_GAP")]),
        ("N###N", (), []),
        ("N####", (), [(i, "UNKNOWN_RUN") for i in (1, 2, 3, 4)]),
        ("N?N", (), [(1, "UNKNOWN_CODE")]),
        ("NBDZ*AM/7", (), []),
    ],
)
def test_sequences_of_months(tmp_path, codes, skipped, expected):
    table = months_of(codes, skipped)
    # Rows may stand in any order.
    for order in (np.arange(table.num_rows), np.arange(table.num_rows)[::-1]):
        folder = write(tmp_path, {"bureau_monthly_status": table.take(pa.array(order))})
        found = check_loan_book(folder).breaches
        rows = [int(order[row]) for row in found["row"].to_pylist()]
        pairs = sorted(zip(rows, found["code"].to_pylist(), strict=True))
        assert pairs == expected


def test_principal_and_payments_by_the_cent(clean_tables, tmp_path):
    names = ("loans", "instalments", "repayments")
    tables = {name: clean_tables[name].combine_chunks() for name in names}
    loan = 0
    principal = tables["loans"]["principal"][loan].as_py()
    tables["loans"] = with_cell(tables["loans"], "principal", loan, principal + 0.01)
    assert check_loan_book(write(tmp_path, tables)).is_clean
    tables["loans"] = with_cell(tables["loans"], "principal", loan, principal + 0.02)
    row = tables["repayments"]["seq"].to_pylist().index(2)
    amount = tables["repayments"]["amount"][row].as_py()
    payments = with_cell(tables["repayments"], "amount", row, round(amount + 0.02, 2))
    found = check_loan_book(write(tmp_path, {**tables, "repayments": payments}))
    assert keys(found.breaches) == [
        ("loans", loan, "PRINCIPAL_MISMATCH", "principal"),
        ("repayments", row, "REPAYMENT_EXCEEDS_DUE", "amount"),
    ]


# -------------------------------------------------------------- refused input


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no table of a loan book"):
        check_loan_book(tmp_path)


def test_missing_and_mistyped_columns_are_all_named(clean_tables, tmp_path):
    loans = head(clean_tables, "loans").drop_columns("principal")
    at = loans.schema.get_field_index("term")
    loans = loans.set_column(at, "term", loans["term"].cast(pa.float64()))
    write(tmp_path, {"loans": loans})
    with pytest.raises(
        SchemaError, match=r"2 schema fault.*'principal'.*'term'"
    ) as caught:
        check_loan_book(tmp_path)
    assert [code for _, code, _ in caught.value.faults] == ["MISSING", "TYPE"]


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "loans.parquet").write_text("not a table")
    with pytest.raises(InputError, match=r"'loans.parquet' cannot be read"):
        check_loan_book(tmp_path)


def test_texts_may_be_dictionaries(clean_tables, tmp_path):
    customers = head(clean_tables, "customers")
    at = customers.schema.get_field_index("marital")
    encoded = customers.set_column(
        at, "marital", customers["marital"].dictionary_encode()
    )
    assert check_loan_book(write(tmp_path, {"customers": encoded})).is_clean
