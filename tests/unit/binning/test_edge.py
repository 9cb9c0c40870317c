"""Readable edges lie where they must and read as short as they can."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cfscore.binning._edge import readable_edge

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, FINITE)
def test_an_edge_parts_any_two_numbers(a, b):
    low, high = min(a, b), max(a, b)
    assume(low < high)
    assert low < readable_edge(low, high) <= high


@given(st.integers(-(10**6), 10**6), st.integers(1, 1000))
def test_edges_between_whole_numbers_are_whole(low, step):
    assert readable_edge(float(low), float(low + step)).is_integer()


@pytest.mark.parametrize(
    ("low", "high", "edge"),
    [
        (25.0, 26.0, 26.0),
        (0.0, 1.0, 1.0),
        (-1.0, 0.0, 0.0),
        (1234.4, 1240.9, 1240.0),
        (0.02417, 0.02431, 0.0242),
        (1e9, 1e9 + 4, 1e9 + 2),
        (5e-324, 1e-323, 1e-323),
        (-1e308, 1e308, 0.0),
        (-1.7e308, -1.2e308, -1.4e308),
    ],
)
def test_edge_has_few_digits(low, high, edge):
    assert readable_edge(low, high) == edge
    assert str(edge) != "-0.0"
