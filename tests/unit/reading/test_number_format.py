"""Number formats: declared ways of writing become plain numbers, others stay."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from cfscore.exceptions import UsageError
from cfscore.reading import NumberFormat, ReadOptions
from cfscore.reading._number_format import plain_numbers
from cfscore.tables import parse_numbers
from tests.unit.reading.reading import read, written

CHINESE = {"powers": {"%": -2, "万": 4, "亿": 8}, "currency": ("¥", "元")}


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        ({"thousands": ","}, "1,234.5", 1234.5),
        ({"thousands": ","}, "-1,234,567", -1234567.0),
        ({"thousands": ","}, "1234.5", 1234.5),
        ({"thousands": ","}, "12", 12.0),
        ({"thousands": " "}, "1 234", 1234.0),
        ({"thousands": ".", "decimal": ","}, "1.234,5", 1234.5),
        ({"decimal": ","}, "1,5", 1.5),
        ({"decimal": ","}, "-,5", -0.5),
        ({"decimal": ","}, "15", 15.0),
        ({"powers": {"%": -2}}, "12%", 0.12),
        ({"powers": {"%": -2}}, "12.5 %", 0.125),
        ({"powers": {"%": -2}}, "12", 12.0),
        (CHINESE, "1.2万", 12000.0),
        (CHINESE, "¥1.5亿", 1.5e8),
        (CHINESE, "-¥5", -5.0),
        (CHINESE, "5元", 5.0),
        ({"currency": ("¥",), "thousands": ","}, " ¥1,000 ", 1000.0),
        ({"accounting": True}, "(500)", -500.0),
        ({"full_width": True}, "－１２．５", -12.5),
        ({"full_width": True, "powers": {"%": -2}}, "１２％", 0.12),
    ],
)
def test_declared_numbers_are_read(declared, text, value):
    plain = plain_numbers(pa.array([text]), NumberFormat("x", **declared))
    values, faults = parse_numbers(plain)
    assert (values.tolist(), faults) == ([value], None)


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ({"thousands": ","}, "1,23"),
        ({"thousands": ","}, "1,2345"),
        ({"thousands": ","}, "1234,567"),
        ({"thousands": ","}, ",123"),
        ({"thousands": ","}, "1,234,"),
        ({"thousands": ","}, "12%"),
        ({"decimal": ","}, "1.5"),
        ({"decimal": ","}, "1,5,5"),
        ({"decimal": ",", "thousands": "."}, "1.5"),
        ({"powers": {"%": -2}}, "%"),
        ({"powers": {"%": -2}}, "5%%"),
        ({"powers": {"%": -2}}, "1e5%"),
        ({"currency": ("¥",)}, "¥"),
        ({"currency": ("¥",)}, "$5"),
        ({"accounting": True}, "(-500)"),
        ({"accounting": True}, "(500"),
        ({"full_width": True}, "②"),
        ({}, "１"),
        ({}, "1,234"),
    ],
)
def test_other_numbers_stay_faults(declared, text):
    plain = plain_numbers(pa.array([text]), NumberFormat("x", **declared))
    values, faults = parse_numbers(plain)
    assert math.isnan(values[0])
    assert faults is not None


def test_null_stays_null_and_other_columns_as_they_are(tmp_path):
    path = written(tmp_path, 'x,y\n"1,234","1,234"\n,\n')
    options = ReadOptions(numbers=(NumberFormat("x", ","), NumberFormat("none", ",")))
    assert read(path, options=options).rows == {1: ("1234", "1,234"), 2: (None, None)}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"decimal": ";"}, "decimal must be"),
        ({"thousands": ".", "decimal": "."}, "thousands must be"),
        ({"thousands": ",,"}, "thousands must be"),
        ({"thousands": "1"}, "thousands must be"),
        ({"currency": ("E",)}, "parts of a number"),
        ({"powers": {"": 1}}, "parts of a number"),
    ],
)
def test_signs_are_checked(declared, message):
    with pytest.raises(UsageError, match=message):
        NumberFormat("x", **declared)
