"""Arrow arrays from buffers equal those that pyarrow builds itself."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from cfscore.datasets._arrow import (
    boolean_array,
    fixed_text_array,
    level_array,
    number_array,
)


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 100])
def test_numbers_flags_and_gaps(n):
    rng = np.random.default_rng(n)
    values, gaps = rng.standard_normal(n), rng.random(n) < 0.3
    numbers = number_array(values, pa.float64(), gaps)
    assert numbers.equals(pa.array(values, mask=gaps))
    assert numbers.null_count == gaps.sum()
    flags = values > 0
    assert boolean_array(flags).equals(pa.array(flags))
    assert boolean_array(flags, gaps).equals(pa.array(flags, mask=gaps))
    numbers.validate(full=True)


def test_levels():
    levels = ["国企, 事业单位", "", "other"]
    texts = level_array(np.array([2, 0, -1, 1, 0]), levels)
    assert texts.to_pylist() == ["other", levels[0], None, "", levels[0]]
    texts.validate(full=True)


def test_fixed_texts():
    letters = np.frombuffer(b"abcdef", dtype=np.uint8).reshape(2, 3)
    assert fixed_text_array(letters).equals(pa.array(["abc", "def"]))
