"""Special codes as they are declared: floats, texts, and whole numbers beyond both."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.special_code import exact_numbers, read_code, read_codes


@pytest.mark.parametrize(
    "code", [-7, -7.0, np.int64(-7), np.float32(-7), 2**53, 10**17]
)
def test_numbers_are_floats_where_a_float_equals_them(code):
    found = read_code("codes", code)
    assert type(found) is float
    assert found == code


@pytest.mark.parametrize("code", [2**53 + 1, -(2**53) - 1, 99999999999999999])
@pytest.mark.parametrize("kind", [int, np.int64])
def test_whole_numbers_between_floats_stay_whole(code, kind):
    found = read_code("codes", kind(code))
    assert type(found) is int
    assert found == code


def test_neighbours_beyond_floats_are_different_codes():
    assert read_codes("codes", [2**53, 2**53 + 1]) == (2.0**53, 2**53 + 1)


@pytest.mark.parametrize("code", [10**400, math.inf, math.nan, True, None, " "])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(UsageError, match="codes must hold finite numbers or non-blank"):
        read_code("codes", code)


def test_numeric_columns_take_the_numbers_that_floats_equal():
    codes = read_codes("codes", [-7, "XNA", 2**53, 0.5])
    assert exact_numbers("codes", codes) == (-7.0, 2.0**53, 0.5)


def test_numeric_columns_refuse_whole_numbers_between_floats():
    codes = read_codes("codes", [-7, 2**53 + 1, 2**53 + 3, "XNA"])
    with pytest.raises(
        UsageError, match=r"codes: .* which 2 whole-number code"
    ) as caught:
        exact_numbers("codes", codes)
    assert "categorical" in caught.value.hint
