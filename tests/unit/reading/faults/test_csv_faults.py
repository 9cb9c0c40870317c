"""CSV files as they come: each fault costs its row or refuses the file, by name."""

from __future__ import annotations

import gzip
import lzma
import re

import pyarrow as pa
import pytest

from cfscore.exceptions import InputError, SchemaError
from cfscore.reading import (
    Bounds,
    CsvOptions,
    ReadOptions,
    column_faults,
    open_source,
    plan_units,
)
from tests.unit.reading.reading import read, written

HEADER = "use,city\n"
GOOD = {1: ("0.5", "north")}


def csv(**declared) -> ReadOptions:
    return ReadOptions(csv=CsvOptions(**declared))


def bounded(**bounds) -> ReadOptions:
    return ReadOptions(bounds=Bounds(**bounds))


def refusal(path, options=None) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path, options=options)
    assert "north" not in str(caught.value)
    assert path.name in str(caught.value) or isinstance(caught.value, SchemaError)
    return caught.value


# ------------------------------------------------------------------- whole files


def test_a_header_alone_is_a_file_without_rows(tmp_path):
    path = written(tmp_path, HEADER)
    source = open_source(path)
    assert plan_units([source]) == []
    assert source.empty(["city"]).schema == pa.schema([("city", pa.string())])
    assert list(source.batches(["city"], 10)) == []


@pytest.mark.parametrize("data", ["", "\n\n"])
def test_an_empty_file_is_refused(tmp_path, data):
    assert refusal(written(tmp_path, data)).code == "EMPTY"


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("in.csv", b"PK\x03\x04rest", "xlsx"),
        ("in.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        ("in.csv", lzma.compress(b"use,city\n"), "xz"),
        ("in.csv", pa.compress(b"use,city\n", "zstd", asbytes=True), "zstd"),
        ("in.csv", gzip.compress(b"use,city\n", mtime=0), "gzip.*csv.gz"),
        ("in.csv.gz", b"use,city\n", "not gzip"),
        ("in.csv.zst", gzip.compress(b"use,city\n", mtime=0), "gzip"),
        ("in.csv", b"PAR1\x15\x00", "Parquet"),
        ("in.parquet", b"use,city\n", "not parquet"),
        ("in.arrow", b"PAR1\x15\x00", "Parquet"),
    ],
)
def test_another_format_is_told_by_its_first_bytes(tmp_path, name, data, found):
    error = refusal(written(tmp_path, data, name))
    assert error.code == "UNKNOWN_FORMAT"
    assert re.search(found, str(error))


def test_column_names_may_start_like_a_format(tmp_path):
    assert read(written(tmp_path, "PK,PAR1\n1,2\n")).rows == {1: ("1", "2")}


@pytest.mark.parametrize(
    "name", ["in put.csv", "进件 2026.csv", "a" * 251 + ".csv", "line\nend.csv"]
)
def test_any_file_name_is_read(tmp_path, name):
    path = written(tmp_path, HEADER + "0.5,north\n", name)
    assert read(path).rows == GOOD


def test_a_missing_line_end_is_read_and_noted(tmp_path):
    found = read(written(tmp_path, HEADER + "0.5,north"))
    assert found.rows == GOOD
    assert "cut short" in found.notes[0]
    assert read(written(tmp_path, HEADER + "0.5,north\n")).notes == ()


# --------------------------------------------------------------------- encodings


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path):
    path = written(tmp_path, ("\ufeff" + HEADER + "0.5,north\n").encode())
    assert read(path, ["use", "city"]).rows == GOOD


def test_a_byte_order_mark_inside_the_data_is_data(tmp_path, monkeypatch):
    # wherever a block may begin
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", 16)
    path = written(tmp_path, HEADER + "\ufeff1,a\n" * 20)
    assert set(read(path).rows.values()) == {("\ufeff1", "a")}


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf16_is_decoded_where_declared_or_detected(tmp_path, order):
    text = "\ufeff" + HEADER + '0.5,中部\r\n1,"a\nb"\n'
    path = written(tmp_path, text.encode(f"utf-16-{order}"))
    expected = {1: ("0.5", "中部"), 2: ("1", "a\nb")}
    assert read(path, options=csv(encoding="utf-16")).rows == expected
    found = read(path, options=csv(encoding="auto"))
    assert found.rows == expected
    assert f"utf-16-{order}" in found.notes[0]


def test_utf16_and_utf32_undeclared_are_refused_by_name(tmp_path):
    for encoding in ("utf-16-le", "utf-16-be", "utf-32"):
        path = written(tmp_path, ("\ufeff" + HEADER).encode(encoding))
        error = refusal(path)
        assert error.code == "ENCODING"
        assert encoding.upper()[:6] in str(error)


def test_half_a_surrogate_pair_of_utf16_rejects_its_row(tmp_path):
    text = "\ufeff" + HEADER + "0.5,north\n1,\ud800\n"
    path = written(tmp_path, text.encode("utf-16-le", "surrogatepass"))
    found = read(path, options=csv(encoding="utf-16"))
    assert (found.rows, found.rejects) == (GOOD, [(2, "city", "ENCODING")])


@pytest.mark.parametrize("declared", ["gb18030", "gbk", "gb2312", "GB2312", "auto"])
def test_gb18030_is_exact(tmp_path, declared):
    # four-byte characters, and second bytes that look like "|" and "\"
    cities = ["中部", "𠀀㐀", "亅", "乗", "ﾀ€"]
    rows = "".join(f"{i},{city}\n" for i, city in enumerate(cities))
    path = written(tmp_path, (HEADER + rows).encode("gb18030"))
    found = read(path, options=csv(encoding=declared))
    assert [city for _, city in found.rows.values()] == cities
    assert ("gb18030" in "".join(found.notes)) == (declared == "auto")


@pytest.mark.parametrize("block_bytes", range(8, 20))
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_blocks_cut_no_gb18030_character(tmp_path, monkeypatch, block_bytes, delimiter):
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", block_bytes)
    lines = [("use", "city"), ("亅", '"亅|"'), ("𠀀", "乗"), ("1", '亅"亅')] * 3
    text = "".join(f"{delimiter.join(line)}\n" for line in lines)
    path = written(tmp_path, text.encode("gb18030"))
    options = csv(encoding="gb18030", delimiter=delimiter)
    found = read(path, ["use", "city"], options)
    expected = [(a, b.strip('"')) for a, b in lines[1:]]
    assert list(found.rows.values()) == expected


def test_gb18030_undeclared_is_refused_with_a_hint(tmp_path):
    path = written(tmp_path, (HEADER + "0.5,中部\n0.1,东部\n").encode("gb18030"))
    error = refusal(path)
    assert error.code == "ENCODING"
    assert re.search("not UTF-8.*gb18030", str(error))


def test_utf8_declared_gb18030_is_refused_with_a_hint(tmp_path):
    path = written(tmp_path, HEADER + "0.5,中部\n0.1,东部\n")
    error = refusal(path, csv(encoding="gb18030"))
    assert error.code == "ENCODING"
    assert re.search("not GB18030.*utf-8", str(error))


def test_a_mark_against_the_declaration_is_refused(tmp_path):
    path = written(tmp_path, "\ufeff" + HEADER)
    assert refusal(path, csv(encoding="gb18030")).code == "ENCODING"


def test_a_header_in_another_encoding_is_refused(tmp_path):
    path = written(tmp_path, "使用,city\n1,2\n".encode("gb18030"))
    assert refusal(path).code == "ENCODING"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_mixed_encodings_reject_their_rows(tmp_path, encoding):
    good = "0.5,north\n2,中\n".encode(encoding)
    path = written(tmp_path, HEADER.encode() + good + b"1,\xff\xfe\n3,\xd6\n")
    found = read(path, options=csv(encoding=encoding))
    assert found.rows == {**GOOD, 2: ("2", "中")}
    assert found.rejects == [(3, "city", "ENCODING"), (4, "city", "ENCODING")]


def test_a_mixture_is_not_detected_as_anything(tmp_path):
    path = written(tmp_path, HEADER.encode() + "1,中\n".encode() + b"2,\xd6\xd0\xff\n")
    assert refusal(path, csv(encoding="auto")).code == "ENCODING"


def test_bad_bytes_in_a_column_that_is_not_read_reject_nothing(tmp_path):
    path = written(tmp_path, b"use,other\n0.5,\xff\n")
    assert read(path, ["use"]).rows == {1: ("0.5",)}


# ------------------------------------------------------------- lines and quotes


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(tmp_path, end):
    path = written(tmp_path, f"use,city{end}0.5,north{end}1,x{end}")
    assert read(path).rows == {**GOOD, 2: ("1", "x")}


def test_mixed_line_ends_and_blank_lines_are_read(tmp_path):
    path = written(tmp_path, "\n\nuse,city\r0.5,north\r\n\r\n\n1,x\n\r2,y")
    assert read(path).rows == {**GOOD, 2: ("1", "x"), 3: ("2", "y")}


def test_nul_bytes_reject_their_row(tmp_path):
    path = written(tmp_path, HEADER + "0.5,north\n1,no\0rth\n\0,x\n")
    found = read(path)
    assert found.rows == GOOD
    assert found.rejects == [(2, "city", "NUL_BYTE"), (3, "use", "NUL_BYTE")]


@pytest.mark.parametrize("row", ["1", "1,2,3", "1,2,", ",,,", " "])
@pytest.mark.parametrize("place", [0, 1])
def test_a_row_with_more_or_fewer_cells_is_rejected_and_shifts_nothing(
    tmp_path, row, place
):
    rows = ["0.5,north", "0.5,north"]
    rows.insert(place, row)
    found = read(written(tmp_path, HEADER + "\n".join(rows) + "\n"))
    assert found.rejects == [(place + 1, None, "RAGGED")]
    assert set(found.rows.values()) == {("0.5", "north")}


@pytest.mark.parametrize("block_bytes", range(10, 30))
def test_a_quoted_line_end_across_blocks_is_one_cell(
    tmp_path, monkeypatch, block_bytes
):
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", block_bytes)
    path = written(tmp_path, HEADER + '1,"two\r\nlines, ""one"" cell"\n2,x\n' * 3)
    found = list(read(path).rows.values())
    assert found == [("1", 'two\r\nlines, "one" cell'), ("2", "x")] * 3


def test_an_unclosed_quote_is_refused_with_its_line(tmp_path):
    path = written(tmp_path, HEADER + '1,"a\nb"\n0.5,"north\n' + "1,x\n" * 50)
    error = refusal(path)
    assert error.code == "UNCLOSED_QUOTE"
    assert "line 4 " in str(error)


def test_an_unclosed_quote_is_refused_before_the_whole_file_is_read(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", 1 << 10)
    path = written(tmp_path, HEADER + '0.5,"north\n' + "1,x\n" * 100_000)
    positions = []
    source = open_source(path, bounded(max_record_bytes=4_000))
    monkeypatch.setattr(
        "cfscore.reading._csv_records._fill",
        lambda stream, room: positions.append(n := stream.readinto(room)) or n,
    )
    with pytest.raises(InputError, match="line 2 that never closes"):
        plan_units([source])
    assert sum(positions) < 10_000


def test_a_quote_that_closes_inside_a_cell_is_refused_with_its_line(tmp_path):
    # the quote of line 2 swallows lines up to the next one
    path = written(tmp_path, HEADER + '0.5,"north\n1,x\n2,"y"\n')
    error = refusal(path)
    assert error.code == "BAD_QUOTE"
    assert "line 4 " in str(error)


def test_a_quote_inside_a_cell_is_a_character(tmp_path):
    path = written(tmp_path, HEADER + '0.5,5" pipe\n1, "x"\n')
    assert list(read(path).rows.values()) == [("0.5", '5" pipe'), ("1", ' "x"')]


@pytest.mark.parametrize(
    ("declared", "cell", "text"),
    [
        ({}, '"a ""b"""', 'a "b"'),
        ({"quote": "'"}, "'a,''b'''", "a,'b'"),
        ({"quote": "'"}, '"a"', '"a"'),
        ({"quote": None}, '"a"', '"a"'),
        ({"escape": "\\"}, r'"a \"b\""', 'a "b"'),
        ({"escape": "\\"}, r"a\,b", "a,b"),
        ({"escape": "\\"}, '"a\\\nb"', "a\nb"),
        ({"delimiter": ";"}, '"a;b"', "a;b"),
        ({"delimiter": "\t"}, "a,b", "a,b"),
    ],
)
def test_the_declared_dialect_is_read(tmp_path, declared, cell, text):
    delimiter = declared.get("delimiter", ",")
    path = written(tmp_path, f"use{delimiter}city\n0.5{delimiter}{cell}\n")
    assert read(path, options=csv(**declared)).rows == {1: ("0.5", text)}


def test_tsv_is_cut_at_tabs(tmp_path):
    path = written(tmp_path, "use\tcity\n0.5\tnorth\n", "in.tsv")
    assert read(path).rows == GOOD


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_delimiter_is_detected_on_request(tmp_path, sign):
    path = written(tmp_path, f"use{sign}city\n0.5{sign}north\n")
    found = read(path, options=csv(delimiter="auto"))
    assert found.rows == GOOD
    assert repr(sign) in found.notes[0]


def test_lines_that_two_delimiters_cut_alike_are_refused(tmp_path):
    path = written(tmp_path, "a;b,c\n1;2,3\n")
    error = refusal(path, csv(delimiter="auto"))
    assert error.code == "DELIMITER"
    assert "comma and semicolon" in str(error)


@pytest.mark.parametrize(
    ("sign", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")]
)
def test_another_delimiter_is_refused_with_a_hint(tmp_path, sign, name):
    path = written(tmp_path, f"use{sign}city\n0.5{sign}north\n")
    error = refusal(path)
    assert error.code == "DELIMITER"
    assert f"Declare the delimiter: {name}" in str(error)


def test_another_delimiter_between_quoted_names_is_told_too(tmp_path):
    path = written(tmp_path, '"use";"city"\n0.5;"north"\n')
    assert "Declare the delimiter: semicolon" in str(refusal(path))
    assert read(path, options=csv(delimiter="auto")).rows == GOOD


def test_a_single_column_may_hold_delimiters_in_quotes(tmp_path):
    path = written(tmp_path, '"use; all, or |"\n"1,2"\n')
    assert read(path).rows == {1: ("1,2",)}
    assert open_source(path, csv(delimiter="auto")).columns == ("use; all, or |",)


@pytest.mark.parametrize("data", ["0.5,north,\n1,x,\n", "0.5,north,\n"])
def test_a_delimiter_behind_all_data_lines_is_refused_with_a_hint(tmp_path, data):
    error = refusal(written(tmp_path, HEADER + data))
    assert error.code == "TRAILING_DELIMITER"
    assert "Remove it" in str(error)


# ------------------------------------------------------------------------ header


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("use,use", "column 'use'.*DUPLICATE_COLUMN"),
        ("use,,city", "number 2.*EMPTY_NAME"),
        ("use, ,city", "number 2.*EMPTY_NAME"),
        ("use,city,", "number 3.*ends with a delimiter"),
    ],
)
def test_repeated_and_empty_names_are_refused(tmp_path, header, message):
    error = refusal(written(tmp_path, f"{header}\n1,2\n"))
    assert error.code == "SCHEMA"
    assert re.search(message, str(error))


@pytest.mark.parametrize("name", [" use", "use ", "Use", "ＵＳＥ", "uses"])
def test_a_name_spelt_otherwise_is_missing_and_told(tmp_path, name):
    source = open_source(written(tmp_path, f"{name},city\n"))
    assert column_faults(source, ["use", "city"]) == [
        ("use", "MISSING_COLUMN", f"is not in the file; did you mean {name!r}?")
    ]


def test_names_are_mapped_where_declared(tmp_path):
    path = written(tmp_path, "ＵＳＥ,City \n0.5,north\n")
    options = csv(rename={"ＵＳＥ": "use", "City ": "city", "none": "other"})
    assert read(path, ["city", "use"], options).rows == {1: ("north", "0.5")}
    with pytest.raises(SchemaError, match="DUPLICATE_COLUMN"):
        open_source(path, csv(rename={"ＵＳＥ": "City "}))


def test_a_quoted_header_over_two_lines_is_read(tmp_path):
    path = written(tmp_path, '"use, all","ci\r\nty"\r\n0.5,north\r\n')
    assert open_source(path).columns == ("use, all", "ci\r\nty")
    assert read(path).rows == GOOD


def test_an_unclosed_quote_in_the_header_is_refused(tmp_path):
    assert refusal(written(tmp_path, 'use,"city\n1,2\n')).code == "UNCLOSED_QUOTE"


def test_columns_are_read_by_name_in_any_order(tmp_path):
    path = written(tmp_path, "more,city,use\nx,north,0.5\n")
    assert read(path, ["use", "city"]).rows == GOOD
    assert read(path, ["city"]).rows == {1: ("north",)}


def test_too_many_columns_are_refused(tmp_path):
    path = written(tmp_path, ",".join(f"c{i}" for i in range(10_001)) + "\n")
    assert refusal(path).code == "TOO_MANY_COLUMNS"
    assert len(open_source(path, bounded(max_columns=20_000)).columns) == 10_001


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_that_does_not_end_is_refused(tmp_path, end):
    path = written(tmp_path, b"x" * (2 << 20) + end.encode())
    assert refusal(path).code == "HEADER_TOO_LARGE"


def test_a_long_header_is_read(tmp_path):
    names = [f"column number {i:06}" for i in range(30_000)]
    path = written(tmp_path, ",".join(names) + "\n" + ",".join(names) + "\n")
    found = read(path, [names[0], names[-1]], bounded(max_columns=30_000))
    assert found.rows == {1: (names[0], names[-1])}


# ------------------------------------------------------------------------ bounds


def test_a_large_cell_rejects_its_row(tmp_path):
    path = written(tmp_path, HEADER + "0.5,north\n1," + "x" * 101 + "\n2,y\n")
    found = read(path, options=bounded(max_cell_bytes=100))
    assert found.rows == {**GOOD, 3: ("2", "y")}
    assert found.rejects == [(2, "city", "CELL_TOO_LARGE")]


def test_a_record_without_end_is_refused_with_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", 1 << 10)
    path = written(tmp_path, HEADER + "0.5,north\n1," + "x" * 100_000)
    error = refusal(path, bounded(max_record_bytes=5_000))
    assert error.code == "RECORD_TOO_LARGE"
    assert "line 3 " in str(error)


def test_too_many_rows_are_refused(tmp_path):
    text = HEADER + "0.5,north\n" * 11
    for path in (
        written(tmp_path, text),
        written(tmp_path, gzip.compress(text.encode()), "in.csv.gz"),
    ):
        assert refusal(path, bounded(max_rows=10)).code == "TOO_MANY_ROWS"
        assert len(read(path, options=bounded(max_rows=11)).rows) == 11


# ------------------------------------------------------------------- compression


def test_gzip_with_two_members_is_all_read(tmp_path):
    data = gzip.compress(HEADER.encode()) + gzip.compress(b"0.5,north\n", mtime=0)
    assert read(written(tmp_path, data, "in.csv.gz")).rows == GOOD


def test_zstd_is_read(tmp_path):
    frames = [
        pa.compress(text.encode(), "zstd", asbytes=True)
        for text in (HEADER, "0.5,north\n")
    ]
    assert read(written(tmp_path, b"".join(frames), "in.csv.zst")).rows == GOOD


@pytest.mark.parametrize("damage", ["cut", "sum", "rest"])
def test_damaged_gzip_is_refused(tmp_path, damage):
    data = gzip.compress((HEADER + "0.5,north\n" * 1_000).encode())
    data = {"cut": data[:-4], "sum": data[:-6] + b"xx" + data[-4:], "rest": data + b"x"}
    assert refusal(written(tmp_path, data[damage], "in.csv.gz")).code == "UNREADABLE"


def test_a_cell_without_end_in_gzip_is_refused_in_bounded_memory(tmp_path):
    data = gzip.compress(HEADER.encode() + b"1," + bytes(40 << 20))
    error = refusal(written(tmp_path, data, "in.csv.gz"))
    assert error.code == "RECORD_TOO_LARGE"


# ----------------------------------------------------------------- null tokens


def test_only_declared_tokens_and_empty_cells_are_null(tmp_path):
    path = written(tmp_path, HEADER + 'NA,null\n,""\n-,None\n')
    assert list(read(path).rows.values()) == [
        ("NA", "null"),
        (None, None),
        ("-", "None"),
    ]
    found = read(path, options=csv(null_tokens=("NA", "-")))
    assert list(found.rows.values()) == [(None, "null"), (None, None), (None, "None")]
