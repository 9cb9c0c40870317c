"""Bins are total functions: every value has exactly one attribute."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.plan import CategoricalBins, NumericBins, assign_attributes
from cfscore.tables import CategoryColumn, NumericColumn

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# adding 0.0 makes -0.0 and 0.0 one value, so that "unique" means numerically unique
DISTINCT = st.lists(FINITE.map(lambda x: x + 0.0), unique=True, max_size=6)


@given(DISTINCT, DISTINCT, st.lists(st.floats(), max_size=20))
def test_kernel_and_plain_lookup_agree_for_every_value(edges, specials, values):
    bins = NumericBins(tuple(sorted(edges)), tuple(specials))
    known = [*edges, *specials]
    near = [math.nextafter(v, s) for v in known for s in (-math.inf, math.inf)]
    cells = [*values, *known, *near, math.nan, math.inf, -math.inf, 0.0, -0.0]
    found = assign_attributes(bins, NumericColumn(np.array(cells)))
    assert found.tolist() == [bins.attribute_of(cell) for cell in cells]
    assert found.max() < bins.n_attributes == len(bins.labels) == len(bins.roles)


def test_intervals_are_left_closed_right_open_and_reach_infinity():
    bins = NumericBins((25.0, 35.0))
    below, above = math.nextafter(25.0, -math.inf), math.nextafter(35.0, -math.inf)
    assert [bins.attribute_of(v) for v in (-math.inf, below, 25.0)] == [0, 0, 1]
    assert [bins.attribute_of(v) for v in (above, 35.0, math.inf)] == [1, 2, 2]


def test_special_codes_are_taken_out_of_their_interval():
    # -9991 lies in the first interval, 25 is an edge as well
    bins = NumericBins((25.0,), (-9991.0, 25.0))
    cells = [-9991.0, -9991.5, -9990.5, 25.0, 25.5]
    assert [bins.attribute_of(v) for v in cells] == [2, 0, 0, 3, 1]


def test_minus_zero_is_zero_as_edge_and_as_special():
    assert NumericBins((0.0,)).attribute_of(-0.0) == 1
    assert NumericBins((), (0.0,)).attribute_of(-0.0) == 1
    assert NumericBins((-0.0,)).attribute_of(0.0) == 1


@pytest.mark.parametrize(
    ("edges", "specials", "message"),
    [
        ((1.0, 1.0), (), "ascending"),
        ((2.0, 1.0), (), "ascending"),
        ((math.nan,), (), "finite"),
        ((math.inf,), (), "finite"),
        ((), (math.inf,), "finite"),
        ((), (1.0, 1.0), "repeat"),
    ],
)
def test_impossible_numeric_bins_are_refused(edges, specials, message):
    with pytest.raises(UsageError, match=message):
        NumericBins(edges, specials)


def test_category_codes_take_the_attribute_of_their_key():
    bins = CategoricalBins((("A", "B, C"), ("中文",)), ("XNA",))
    column = CategoryColumn(
        np.array([0, 1, 2, 3, 4, -1], np.int32), ("中文", "A", "new", "XNA", " ")
    )
    # 中文, A, unseen, special, blank text is missing, missing
    assert assign_attributes(bins, column).tolist() == [1, 0, 4, 2, 3, 3]
    assert bins.labels == ("A | B, C", "中文", "SPECIAL XNA", "MISSING", "UNSEEN")


@pytest.mark.parametrize(
    ("groups", "specials", "message"),
    [
        ((("A",), ("A",)), (), "more than one group"),
        ((("A",),), ("A",), "more than one group"),
        (((),), (), "at least one key"),
        (((" ",),), (), "non-blank"),
    ],
)
def test_impossible_categorical_bins_are_refused(groups, specials, message):
    with pytest.raises(UsageError, match=message):
        CategoricalBins(groups, specials)
