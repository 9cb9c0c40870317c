"""Record kernels against their plain form, and what it has no word for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.csv_records import (
    count_line_records,
    count_quoted_records,
    find_last_line_end,
    scan_records,
)
from tests.oracles.csv_records import record_ends

NONE = -1


def scan(data: bytes, delimiter=",", quote='"', escape=None, is_gb18030=False):
    """Return end of the last record, number of records, open quote, bad quote."""
    found = np.empty(4, np.int64)
    codes = [NONE if sign is None else ord(sign) for sign in (delimiter, quote, escape)]
    scan_records(np.frombuffer(data, np.uint8), *codes, is_gb18030, found)
    return found.tolist()


def count_quoted(data: bytes):
    """Return whether quotes are well-formed, and what ``scan`` returns of them."""
    found = np.empty(2, np.int64)
    cells = np.frombuffer(data, np.uint8)
    is_well_formed = count_quoted_records(cells, ord(","), ord('"'), found)
    n_records, is_inside = found.tolist()
    end = find_last_line_end(cells, ord('"'), bool(is_inside))
    return is_well_formed, [end, n_records, is_inside]


def count_lines(data: bytes) -> int:
    return count_line_records(np.frombuffer(data, np.uint8), len(data))


CELL = st.one_of(
    st.text("ab ", max_size=3).map(str.encode),
    st.text('a,"\r\n', max_size=4).map(
        lambda text: b'"' + text.replace('"', '""').encode() + b'"'
    ),
)
RECORD = st.lists(CELL, min_size=1, max_size=3).map(b",".join)
LINE = st.tuples(RECORD, st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n"]))
TEXT = st.lists(LINE.map(b"".join), max_size=6).map(b"".join)


@given(TEXT, st.sampled_from([b"", b"a", b'a,"b']))
def test_scan_equals_the_plain_form(records, rest):
    ends = record_ends(records)
    end, n_records, open_quote, bad_quote = scan(records + rest)
    assert n_records == len(ends)
    assert records[end:].strip(b"\r\n") == b""
    assert end >= (ends[-1] if ends else 0)
    assert (open_quote >= 0) == (b'"' in rest)
    assert bad_quote == NONE


@given(TEXT, st.sampled_from([b"", b"a", b'a,"b', b'"a,\nb']))
def test_words_of_quotes_give_the_same_as_the_scan(records, rest):
    data = records + rest
    end, n_records, open_quote, _ = scan(data)
    assert count_quoted(data) == (True, [end, n_records, int(open_quote >= 0)])


def test_blocks_of_words_join_without_a_seam():
    rng = np.random.default_rng(0)
    cells = [b"x" * 3, b'"a,b"', b'"\n"', b'""', b'"q""q"', b"", b"longer than eight"]
    lines = [b",".join(rng.choice(cells, 5)) for _ in range(3_000)]
    data = b"\r\n".join(lines) + b"\n"
    for length in [len(data), *rng.integers(0, len(data), 40).tolist()]:
        end, n_records, open_quote, _ = scan(data[:length])
        found = [end, n_records, int(open_quote >= 0)]
        assert count_quoted(data[:length]) == (True, found)


@pytest.mark.parametrize("data", [b'a"b\n', b'a,b "c"\n', b'"a"b,c\n', b'"a" ,b\n'])
@pytest.mark.parametrize("before", [b"", b"x,y\n" * 1023, b"x" * 4091 + b"\n"])
def test_quotes_inside_a_cell_are_not_well_formed(data, before):
    assert not count_quoted(before + data)[0]


@given(st.lists(st.sampled_from(["ab", "c,d", "\n", "\r", "\r\n"]), max_size=12))
def test_lines_without_quotes_are_counted_alike(pieces):
    data = "".join(["x,y\n", *pieces]).encode()
    assert count_lines(data) == len(record_ends(data)) == scan(data)[1]


@pytest.mark.parametrize(
    ("data", "end", "n_records"),
    [
        (b"a,b\nc", 4, 1),
        (b"\n\na\n\n\nb", 6, 1),
        (b'"a\nb",c\nd', 8, 1),
        (b'a"b\nc', 4, 1),  # a quote inside a cell is a character
        (b'"a""\n"\nb', 7, 1),
        (b'"a"\r', 4, 1),
        (b"", 0, 0),
    ],
)
def test_ends_of_records_by_hand(data, end, n_records):
    assert scan(data) == [end, n_records, NONE, NONE]


def test_an_open_quote_is_found_where_it_opened():
    assert scan(b'a,b\nc,"d\ne,f\n') == [4, 1, 6, NONE]


def test_a_closing_quote_inside_a_cell_is_found():
    assert scan(b'a,b\n"c"d,e\n') == [4, 1, NONE, 7]


def test_an_escaped_quote_or_line_end_does_not_end():
    assert scan(b'"a\\"b"\n', escape="\\") == [7, 1, NONE, NONE]
    assert scan(b"a\\\nb\n", escape="\\") == [5, 1, NONE, NONE]


def test_no_quote_sign_makes_quotes_characters():
    assert scan(b'a,"b\n', quote=None) == [5, 1, NONE, NONE]


def test_trail_bytes_of_gb18030_are_no_delimiters():
    text = "中亅".encode("gb18030")  # 亅 is 817C: its trail byte looks like "|"
    assert text[-1:] == b"|"
    data = text + b'"x\n'  # the quote stands inside the cell
    assert scan(data, delimiter="|", is_gb18030=True) == [len(data), 1, NONE, NONE]
    assert scan(data, delimiter="|") == [0, 0, 4, NONE]


def test_a_lead_byte_never_swallows_a_line_end():
    assert scan(b"\xb7\nb", is_gb18030=True) == [2, 1, NONE, NONE]
