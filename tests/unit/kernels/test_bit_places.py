"""Places of bits: the instruction beside its plain form."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import uint64

from cfscore._kernels.bit_places import lowest_place, lowest_place_plain
from cfscore._kernels.jit import kernel, read_only


@kernel((read_only(uint64),))
def place_of_first(bits):
    return lowest_place(bits[0])


@given(st.integers(1, 2**64 - 1), st.integers(0, 63))
def test_lowest_bit_has_its_place_and_higher_ones_do_not_count(bits, shift):
    found = (bits << shift) % 2**64 or 1 << shift
    word = np.array([found], np.uint64)
    assert place_of_first(word) == lowest_place_plain(word[0])
    assert found >> lowest_place_plain(found) & 1
    assert found % (1 << lowest_place_plain(found)) == 0
