"""Values as they come in text: read exactly, or a fault of their row; never guessed."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.reading import ReadOptions, open_source, plan_units, read_unit
from cfscore.tables import FAULT_CODES, InputField, InputSchema, read_table
from tests.unit.reading.reading import read, written

FAULTS = {code: name for name, code in FAULT_CODES.items()} | {0: None}


def batches(path, columns, options=None):
    source = open_source(path, options)
    for unit in plan_units([source]):
        for block in read_unit(source, unit, columns, 1_000):
            yield block.batch


def scored_cells(folder, cells, kind):
    """Return (value or key, fault) of CSV cells, read as a column of a kind."""
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    path = written(folder, "x,other\n" + "".join(f"{cell},1\n" for cell in quoted))
    [batch] = batches(path, ["x"])
    found = read_table(batch, InputSchema((InputField("x", kind),)))
    faults = [0] * len(cells) if found.faults is None else found.faults.status.tolist()
    column = found.columns["x"]
    if kind == "numeric":
        values = column.values.tolist()
    else:
        values = [None if c < 0 else column.keys[c] for c in column.codes.tolist()]
    return list(zip(values, map(FAULTS.get, faults), strict=True))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12.0),
        (" 12 ", 12.0),
        ("-0.0", -0.0),
        ("007", 7.0),
        ("1e-400", 0.0),
        ("0.1", 0.1),
        ("0.30000000000000004", 0.30000000000000004),
        ("123456789012345.678", 123456789012345.678),
        ("9007199254740992", 2.0**53),
        ("inf", math.inf),
        ("-inf", -math.inf),
        ("-999", -999.0),
        ("99991231", 99991231.0),
        ("1.10101E+17", 1.10101e17),
    ],
)
def test_numbers_are_exact(tmp_path, cell, value):
    [(found, fault)] = scored_cells(tmp_path, [cell], "numeric")
    assert np.float64(found).tobytes() == np.float64(value).tobytes()
    assert fault is None


@pytest.mark.parametrize("cell", ["", " ", "  ", "\t", "\u3000"])
@pytest.mark.parametrize("kind", ["numeric", "boolean", "categorical"])
def test_empty_and_blank_are_missing(tmp_path, cell, kind):
    [(found, fault)] = scored_cells(tmp_path, [cell], kind)
    assert fault is None
    assert found is None or math.isnan(found)


NOT_NUMBERS = {
    "thousands": ["1,234.5", "1 234", "1'234"],
    "decimal comma": ["1,5"],
    "percent": ["12%"],
    "currency": ["¥1,000", "$5", "5元"],
    "accounting": ["(500)", "500-"],
    "ten thousands": ["1.2万"],
    "full width": ["１２３", "－5", "１.５"],
    "other digits": ["٣", "३"],
    "other bases": ["0x1F", "0b1", "1_000"],
    "other exponents": ["1d5", "1e0005", "1e", "e5"],
    "not finite": ["1e400", "-1e400", "nan", "NaN", "nan(1)", "infinity", "Inf"],
    "words": ["TRUE", "NA", "null", "None", "无", "-", "#N/A", "x"],
    "spaces": ["1\u00a0", "1\t", "\ufeff1", "1 2"],
    "dates": ["2024-02-30", "2024/2/3", "12:30"],
    "formulas": ["=1+1", "+", "=cmd|' /C calc'!A0"],
}


@pytest.mark.parametrize("what", NOT_NUMBERS)
def test_what_is_no_plain_number_is_a_fault_of_its_row(tmp_path, what):
    cells = ["0.5", *NOT_NUMBERS[what], "7"]
    found = scored_cells(tmp_path, cells, "numeric")
    assert found[0] == (0.5, None)
    assert found[-1] == (7.0, None)
    for value, fault in found[1:-1]:
        assert math.isnan(value)
        assert fault == "NOT_A_NUMBER"


@pytest.mark.parametrize(
    "cell", ["9007199254740993", "-9007199254740993", "110101199003070011", "9" * 40]
)
def test_whole_numbers_that_no_float_holds_are_a_fault(tmp_path, cell):
    [(value, fault)] = scored_cells(tmp_path, [cell], "numeric")
    assert (math.isnan(value), fault) == (True, "INT_LOSSY")


def test_booleans_are_the_declared_words_only(tmp_path):
    cells = [
        "1",
        "0",
        "True",
        "true",
        "False",
        "false",
        "",
        "Y",
        "N",
        "TRUE",
        "是",
        "2",
    ]
    found = scored_cells(tmp_path, cells, "boolean")
    good = ["True", "False", "True", "True", "False", "False", None]
    assert found[:7] == [(key, None) for key in good]
    assert {fault for _, fault in found[7:]} == {"NOT_A_BOOLEAN"}


def test_categories_are_the_text_as_it_is(tmp_path):
    cells = ["NA", "None", "null", "nan", "无", "0012", "1.0", "North", "north ", "ｎ"]
    cells += ["e\u0301", "é", "\ue81e", "\u9fb4", "🙂", "\u202eabc", "=cmd|x", "a\x07b"]
    found = scored_cells(tmp_path, cells, "categorical")
    assert found == [(cell, None) for cell in cells]


def test_identifiers_keep_every_digit_and_leading_zeros(tmp_path):
    cells = [
        "110101199003070011",
        "11010119900307001x",
        "0012",
        "123456789012345678901234",
    ]
    path = written(tmp_path, "id\n" + "\n".join(cells) + "\n")
    options = ReadOptions(identifiers=("id",))
    assert [cell for (cell,) in read(path, options=options).rows.values()] == cells


@pytest.mark.parametrize(
    ("cell", "is_lossy"),
    [
        ("1.10101E+17", True),
        ("1.10101199003074E+17", True),
        ("4.20e+18", True),
        ("1E+11", True),
        (" 1.1E+15 ", True),
        ("1.10101199003070011E+17", False),  # all digits are there
        ("1.25E+02", False),
        ("1.5E-07", False),
        ("ABC1E+17", False),
        ("12E+17", False),
        ("", False),
    ],
)
def test_identifiers_that_excel_shortened_reject_their_row(tmp_path, cell, is_lossy):
    path = written(tmp_path, f"id,use\n{cell},1\n0012,2\n")
    found = read(path, options=ReadOptions(identifiers=("id", "none")))
    assert found.rejects == ([(1, "id", "ID_LOSSY")] if is_lossy else [])
    assert found.rows[2] == ("0012", "2")
    assert read(path).rejects == []  # of columns that are no identifiers


@pytest.mark.parametrize(
    ("cells", "kind", "lossy"),
    [
        ([110101199003070011, None, 7], pa.int64(), []),
        ([1.1010119900307e17, None, 7.5], pa.float64(), [1]),
        ([2.0**53, 2.0**53 - 1, math.nan, math.inf], pa.float64(), [1]),
        (["1.1E+17", None, "7"], pa.string(), [1]),
        (["1.1E+17", None, "7"], pa.large_string(), [1]),
        ([Decimal("110101199003070011")], pa.decimal128(18), []),
    ],
)
def test_identifiers_that_went_through_a_float_reject_their_row(
    tmp_path, cells, kind, lossy
):
    table = pa.table({"id": pa.array(cells, kind)})
    pq.write_table(table, tmp_path / "in.parquet")
    found = read(tmp_path / "in.parquet", options=ReadOptions(identifiers=("id",)))
    assert found.rejects == [(row, "id", "ID_LOSSY") for row in lossy]


@pytest.mark.parametrize(
    ("cell", "is_lossy"),
    [
        ("1.10101E+17", True),
        ("1E+11", True),
        ("1.23456789012E+11", False),  # all digits are there
        ("9.9E+10", False),  # an amount: Excel shows 11 digits as they are
        ("1234.5678", False),
        ("1.5E-07", False),
    ],
)
def test_kept_columns_reject_what_excel_shortens(tmp_path, cell, is_lossy):
    path = written(tmp_path, f"id,use\n{cell},1\n0012,2\n")
    found = read(path, options=ReadOptions(kept=("id", "none")))
    assert found.rejects == ([(1, "id", "ID_LOSSY")] if is_lossy else [])


def test_a_coded_identifier_is_looked_at_too(tmp_path):
    table = pa.table({"id": pa.array(["1.1E+17", "7"] * 50).dictionary_encode()})
    pq.write_table(table, tmp_path / "in.parquet")
    found = read(tmp_path / "in.parquet", options=ReadOptions(identifiers=("id",)))
    assert len(found.rejects) == 50


def test_the_same_values_have_the_same_bits_from_every_format(tmp_path):
    rng = np.random.default_rng(5)
    values = np.concatenate(
        [rng.normal(size=200), [0.0, -0.0, math.inf, 1e-310, 0.1 + 0.2]]
    )
    cells = [None if rng.random() < 0.1 else value for value in values.tolist()]
    table = pa.table({"x": pa.array(cells, pa.float64())})
    pq.write_table(table, tmp_path / "in.parquet")
    with pa.ipc.new_file(tmp_path / "in.arrow", table.schema) as writer:
        writer.write_table(table)
    lines = ("" if cell is None else repr(cell) for cell in cells)
    written(tmp_path, "x,y\n" + "".join(f"{line},\n" for line in lines), "in.csv")
    schema = InputSchema((InputField("x", "numeric"),))
    found = {
        np.concatenate(
            [
                read_table(batch, schema).columns["x"].values
                for batch in batches(tmp_path / f"in.{ending}", ["x"])
            ]
        ).tobytes()
        for ending in ("parquet", "arrow", "csv")
    }
    assert len(found) == 1
