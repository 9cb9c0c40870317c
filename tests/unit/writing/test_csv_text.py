"""CSV text: what is written reads back, cell by cell, digit by digit."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.writing import CsvFormat, csv_fields
from cfscore.writing._csv_text import csv_lines

PLAIN = CsvFormat()
FLOATS = st.lists(st.floats(width=64) | st.none(), min_size=1, max_size=30)


def lines(*columns: pa.Array, form: CsvFormat = PLAIN) -> str:
    return bytes(csv_lines(columns, form)).decode()


def cells(*columns: pa.Array) -> list[list[str]]:
    return list(csv.reader(io.StringIO(lines(*columns), newline="")))


def shortest(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else repr(value)


@given(FLOATS, st.integers(0, 5))
def test_floats_are_written_as_repr_writes_them(
    values: list[float | None], offset: int
) -> None:
    column = pa.array(values, pa.float64(), from_pandas=False)[offset:]
    found = [row[0] for row in cells(column, pa.nulls(len(column)))]
    assert found == [shortest(value) for value in values[offset:]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (600.0, "600.0"),
        (1e-4, "0.0001"),
        (9.999e-5, "9.999e-05"),
        (1e10, "10000000000.0"),
        (1e16, "1e+16"),
        (2.0**53, "9007199254740992.0"),
        (5e-324, "5e-324"),
        (0.1 + 0.2, "0.30000000000000004"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, '""'),
    ],
)
def test_floats_by_hand(value: float, text: str) -> None:
    assert lines(pa.array([value])) == text + "\n"


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(TEXTS, TEXTS | st.none()), min_size=1, max_size=20))
def test_texts_read_back(rows: list[tuple[str, str | None]]) -> None:
    first, second = zip(*rows, strict=True)
    found = cells(pa.array(first, pa.string()), pa.array(second, pa.large_string()))
    assert found == [[a, b or ""] for a, b in rows]


def test_only_what_needs_quotes_has_them() -> None:
    column = pa.array(["plain", 'a "b"', "a,b", "a\nb", "a\rb", " a ", "中部", None])
    other = pa.array([1] * 8)
    assert lines(column, other) == (
        'plain,1\n"a ""b""",1\n"a,b",1\n"a\nb",1\n"a\rb",1\n a ,1\n中部,1\n,1\n'
    )


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array([2**63 - 1, None]), ["9223372036854775807", ""]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([Decimal("-1.50")]), ["-1.50"]),
        (pa.array([dt.date(2024, 2, 29)]), ["2024-02-29"]),
        (pa.array([dt.datetime(2024, 2, 29, 1, 2, 3)]), ["2024-02-29 01:02:03.000000"]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array(["a", None, "b"]).dictionary_encode(), ["a", "", "b"]),
        (pa.array(["x"], pa.string_view()), ["x"]),
        (pa.nulls(2), ["", ""]),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_types(column: pa.Array, texts: list[str]) -> None:
    assert [row[0] for row in cells(column, pa.nulls(len(column)))] == texts


def test_a_lone_missing_cell_is_no_empty_line() -> None:
    assert lines(pa.array(["a", None])) == 'a\n""\n'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_disarmed_on_request(sign: str) -> None:
    text = f"{sign}cmd|' /C calc'!A0"
    column = pa.array([text, f"a{text}", None])
    rows = csv.reader(
        io.StringIO(lines(column, column, form=CsvFormat(excel_safe=True)), newline="")
    )
    assert [row[0] for row in rows] == [f"'{text}", f"a{text}", ""]
    assert cells(column, column)[0][0] == text


def test_numbers_are_no_formulas() -> None:
    form = CsvFormat(excel_safe=True)
    assert lines(pa.array([-1.5]), pa.array([-2]), form=form) == "-1.5,-2\n"


def test_encodings() -> None:
    text = memoryview("中部,𠮷\n".encode())
    assert bytes(CsvFormat("utf-8").encode(text)) == bytes(text)
    assert CsvFormat("utf-8-sig").prefix == "\ufeff".encode()
    assert bytes(CsvFormat("gb18030").encode(text)).decode("gb18030") == "中部,𠮷\n"
    with pytest.raises(UsageError, match="not 'big5'"):
        CsvFormat("big5")  # type: ignore[arg-type]


def test_header() -> None:
    assert bytes(csv_fields(["a,b", "=c"], PLAIN)) == b'"a,b",=c\n'
    assert bytes(csv_fields(["=c"], CsvFormat(excel_safe=True))) == b"'=c\n"
