"""Number grammar: which texts are numbers, and their bits."""

from __future__ import annotations

import math
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cfscore.tables import FAULT_CODES, parse_numbers
from cfscore.tables._text import parse_number
from tests.unit.tables.contents import bits

NOT_A_NUMBER = FAULT_CODES["NOT_A_NUMBER"]
INT_LOSSY = FAULT_CODES["INT_LOSSY"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("-0", -0.0),
        ("+1", 1.0),
        ("007", 7.0),
        ("5.", 5.0),
        (".5", 0.5),
        ("1e5", 100000.0),
        ("1E+05", 100000.0),
        ("  -1.25  ", -1.25),
        ("inf", math.inf),
        ("+inf", math.inf),
        ("-inf", -math.inf),
        ("1e-400", 0.0),
        ("9007199254740992", 9007199254740992.0),  # 2^53
        ("-9007199254740992", -9007199254740992.0),
        ("9007199254740993.5", 9007199254740994.0),  # was a floating number
        ("1.10101E+17", 110101000000000000.0),
        ("2.2250738585072011e-308", 2.225073858507201e-308),  # a famous hard case
    ],
)
def test_numbers(text, value):
    assert parse_number(text) == (value, 0)
    assert bits([parse_number(text)[0]]) == bits([value])


@pytest.mark.parametrize("text", ["", " ", "\t", "\u3000", "\n "])
def test_blank_text_is_missing(text):
    value, fault = parse_number(text)
    assert math.isnan(value)
    assert fault == 0


@pytest.mark.parametrize(
    "text",
    [
        *(
            "0x1F",
            "1_000",
            "１２３",
            "٣",
            "1,234",
            "1,5",
            "12%",
            "¥5",
            "(500)",
            "1.2万",
        ),
        *("nan", "NaN", "nan(1)", "NA", "null", "None", "Inf", "INF", "infinity"),
        *("1d5", "1f", "TRUE", "1e400", "-1e400", "1e", "e5", ".", "+", "--1", "+-1"),
        *("1 2", "1\n", "\t1", "1\u00a0", "1e0005", "1.5.2", "1e5.0"),
    ],
)
def test_everything_else_is_not_a_number(text):
    value, fault = parse_number(text)
    assert math.isnan(value)
    assert fault == NOT_A_NUMBER


@pytest.mark.parametrize(
    "text", ["9007199254740993", "-9007199254740993", "110101199003074518", "9" * 5000]
)
def test_whole_numbers_beyond_2_to_53_are_lossy(text):
    value, fault = parse_number(text)
    assert math.isnan(value)
    assert fault == INT_LOSSY


# The grammar once more, as one expression, against which the parsers are checked.
GRAMMAR = re.compile(
    r"[ ]*[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?|inf)[ ]*"
)
NUMBER_LIKE = st.one_of(
    st.text("0123456789.eE+- ", max_size=10),
    st.text("0123456789.eE+-infatyINFNAx_,%１ \t\n\u3000", max_size=8),
    st.from_regex(GRAMMAR, fullmatch=True),
    st.floats().map(repr),
    st.floats().map(lambda x: f"{x:.17g}"),
    st.integers(-(2**60), 2**60).map(str),
    st.integers(2**53 - 3, 2**53 + 3).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
)


@given(NUMBER_LIKE)
@example("")
def test_a_number_is_what_the_grammar_says_with_the_bits_of_float(text):
    value, fault = parse_number(text)
    if not text.strip():
        assert (math.isnan(value), fault) == (True, 0)
    elif fault == INT_LOSSY:
        assert abs(int(text)) > 2**53
    elif fault == NOT_A_NUMBER:
        is_number = GRAMMAR.fullmatch(text) is not None
        assert not is_number or (math.isinf(float(text)) and "inf" not in text)
    else:
        assert GRAMMAR.fullmatch(text)
        assert bits([value]) == bits([float(text)])


@given(
    st.sampled_from([pa.string(), pa.large_string(), pa.string_view()]),
    st.lists(st.one_of(st.none(), NUMBER_LIKE), max_size=20),
)
def test_a_column_of_texts_is_read_as_its_cells_are(kind, texts):
    values, faults = parse_numbers(pa.array(["7", *texts], kind)[1:])
    expected = [(math.nan, 0) if t is None else parse_number(t) for t in texts]
    assert bits(values) == bits([value for value, _ in expected])
    found = np.zeros(len(texts), np.uint8) if faults is None else faults
    assert found.tolist() == [fault for _, fault in expected]


def test_no_fault_array_without_faults():
    values, faults = parse_numbers(pa.array(["1", None, " 2 ", "", "inf"]))
    assert bits(values) == bits([1.0, np.nan, 2.0, np.nan, np.inf])
    assert faults is None
