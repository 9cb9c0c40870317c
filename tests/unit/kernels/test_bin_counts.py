"""Counting kernel against its plain form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.bin_counts import bin_counts
from tests.oracles import bin_counts as plain

N_CODES = 5
ELEMENTS = st.lists(
    st.tuples(
        st.integers(0, N_CODES - 1),
        st.integers(0, 9),
        st.floats(0.0, 1e6),
        st.floats(0.0, 1e6),
    ),
    max_size=40,
)


def totals() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(N_CODES, np.int64), np.zeros(N_CODES), np.zeros(N_CODES)


@given(ELEMENTS, st.sampled_from([np.uint16, np.int64]))
def test_equals_plain_form_bit_for_bit(elements, dtype):
    codes, rows, good, bad = zip(*elements, strict=True) if elements else [()] * 4
    sums = totals()
    bin_counts(
        np.array(codes, dtype),
        np.array(rows, np.int64),
        np.array(good, float),
        np.array(bad, float),
        *sums,
    )
    expected = plain.bin_counts(codes, rows, good, bad, N_CODES)
    assert [part.tolist() for part in sums] == list(expected)


@pytest.mark.parametrize("dtype", [np.uint16, np.int64])
def test_read_only_input_and_adding_to_what_is_there(dtype):
    codes = np.array([1, 1, 3], dtype)
    codes.setflags(write=False)
    sums = totals()
    for _ in range(2):
        bin_counts(codes, np.ones(3, np.int64), np.full(3, 0.5), np.zeros(3), *sums)
    assert sums[0].tolist() == [0, 4, 0, 2, 0]
    assert sums[1].tolist() == [0.0, 2.0, 0.0, 1.0, 0.0]
    assert len(bin_counts.compile().signatures) == 2
