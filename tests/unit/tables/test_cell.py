"""The law of single cells, value by value."""

from __future__ import annotations

import enum
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cfscore.tables import FAULT_CODES
from cfscore.tables._cell import (
    UNREADABLE,
    plain_cell,
    read_boolean,
    read_category,
    read_number,
)


class Grade(enum.IntEnum):
    A = 3


class Town(str, enum.Enum):  # noqa: UP042 - str() of it is its name
    OSLO = "Oslo"


MISSING = [
    *(None, float("nan"), np.float32("nan"), np.float64("nan"), Decimal("NaN")),
    *(Decimal("sNaN"), "", " ", "\t\n", "\u3000", np.str_(" "), pd.NA, pd.NaT),
    *(np.datetime64("NaT"), np.timedelta64("NaT"), np.ma.masked),
    *(pa.scalar(None), pa.scalar(None, pa.int64()), pa.scalar(float("nan"))),
]


@pytest.mark.parametrize("cell", MISSING, ids=repr)
def test_missing_has_one_meaning(cell):
    assert plain_cell(cell) is None
    value, fault = read_number(cell)
    assert math.isnan(value)
    assert fault == 0
    assert read_boolean(cell) == (None, 0)
    assert read_category(cell) == (None, 0)


UNSUPPORTED = [
    *(b"1", bytearray(b"1"), [], (1,), {}, object(), 1j, Fraction(1, 1)),
    *(pd.Timestamp("2020"), np.datetime64("2020"), np.timedelta64(1, "D")),
    *(np.longdouble(1), np.array(1.0), pa.scalar([1]), pd.Timedelta(1, "D")),
]


@pytest.mark.parametrize("cell", UNSUPPORTED, ids=lambda c: type(c).__name__)
def test_other_objects_are_unsupported_in_every_kind(cell):
    code = FAULT_CODES["UNSUPPORTED_VALUE"]
    assert plain_cell(cell) is UNREADABLE
    assert read_number(cell)[1] == code
    assert read_boolean(cell) == (None, code)
    assert read_category(cell) == (None, code)


@pytest.mark.parametrize(
    ("cell", "number", "key"),
    [
        (1, 1.0, "1"),
        (-0.0, -0.0, "0"),
        (1.0, 1.0, "1"),
        (0.1, 0.1, "0.1"),
        (np.float32(0.1), 0.10000000149011612, "0.10000000149011612"),
        (1e22, 1e22, "10000000000000000000000"),
        (1e-7, 1e-7, "1e-07"),
        (True, 1.0, "True"),
        (np.False_, 0.0, "False"),
        (Grade.A, 3.0, "3"),
        (np.uint8(7), 7.0, "7"),
        (Decimal("1.00"), 1.0, "1"),
        (Decimal("1E+2"), 100.0, "100"),
        (Decimal("0.10"), 0.1, "0.1"),
        (Decimal("Infinity"), math.inf, "inf"),
        (-math.inf, -math.inf, "-inf"),
        (" 2.50 ", 2.5, " 2.50 "),
        (np.str_("7"), 7.0, "7"),
        (pa.scalar(7), 7.0, "7"),
        (pa.scalar("7").cast(pa.dictionary(pa.int8(), pa.string())), 7.0, "7"),
        (2**53, 9007199254740992.0, "9007199254740992"),
    ],
    ids=repr,
)
def test_numbers_and_their_keys(cell, number, key):
    assert read_number(cell) == (number, 0)
    assert math.copysign(1, read_number(cell)[0]) == math.copysign(1, number)
    assert read_category(cell) == (key, 0)


@pytest.mark.parametrize(
    "cell",
    [
        *(2**53 + 1, -(2**53) - 1, 110101199003074518, 10**400),
        *(Decimal(2**53 + 1), Decimal("9007199254740993.00"), Decimal("1e400")),
        *(np.int64(2**53 + 1), np.uint64(2**64 - 1), pa.scalar(2**53 + 1)),
    ],
    ids=repr,
)
def test_whole_numbers_beyond_2_to_53_are_lossy(cell):
    assert read_number(cell)[1] == FAULT_CODES["INT_LOSSY"]


def test_whole_numbers_keep_all_their_digits_as_keys():
    assert read_category(110101199003074518) == ("110101199003074518", 0)
    assert read_category(Decimal("110101199003074518.0")) == ("110101199003074518", 0)


@pytest.mark.parametrize("cell", [10**400, Decimal("1e999999"), Decimal("1e309")])
def test_keys_have_an_end(cell):
    assert read_category(cell) == (None, FAULT_CODES["UNSUPPORTED_VALUE"])


def test_decimals_with_a_fraction_are_rounded_once():
    cell = Decimal("9007199254740993.5")
    assert read_number(cell) == (float("9007199254740993.5"), 0)


def test_text_is_a_key_as_it_is():
    assert read_category(" a ") == (" a ", 0)
    assert read_category(Town.OSLO) == ("Oslo", 0)
    assert type(read_category(Town.OSLO)[0]) is str


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ([True, 1, 1.0, np.True_, np.int8(1), Decimal(1), "True", "true", "1"], "True"),
        ([False, 0, -0.0, np.False_, Decimal("0.0"), "False", "false", "0"], "False"),
    ],
)
def test_booleans(cells, key):
    for cell in cells:
        assert read_boolean(cell) == (key, 0)


@pytest.mark.parametrize(
    "cell", [2, 0.5, -1, math.inf, "yes", "TRUE", " true", "1.0", "T", Decimal("0.1")]
)
def test_anything_else_is_no_boolean(cell):
    assert read_boolean(cell) == (None, FAULT_CODES["NOT_A_BOOLEAN"])
