"""Number kernel against its plain form, digit by digit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cfscore._kernels.number_text import parse_decimals
from tests.oracles.number_text import DONE, OTHER, TO_BE_ROUNDED, parse_decimal


def parse(texts: list[str], dtype=np.int32):
    """Return values as bits, kinds, and how many texts are not done."""
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=dtype)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    values = np.full(len(texts), 7.0)
    kinds = np.full(len(texts), 9, np.uint8)
    n_open = parse_decimals(data, offsets, values, kinds)
    return values.view(np.int64).tolist(), kinds.tolist(), int(n_open)


def expected(texts: list[str]):
    plain = [parse_decimal(text) for text in texts]
    values = np.array([value for value, _ in plain])
    kinds = [kind for _, kind in plain]
    return values.view(np.int64).tolist(), kinds, sum(kind != DONE for kind in kinds)


TEXT = st.one_of(
    st.text("0123456789.eE+- ", max_size=9),
    st.text("01.e-x\t\u3000１", max_size=5),
    st.floats(allow_nan=False).map(repr),
    st.integers(-(2**56), 2**56).map(str),
    st.decimals(-10_000, 10_000, places=2).map(str),
    st.tuples(st.integers(0, 2**54), st.integers(-30, 30)).map(
        lambda p: f"{p[0]}e{p[1]}"
    ),
)


@given(st.lists(TEXT, max_size=8), st.sampled_from([np.int32, np.int64]))
@example(["0" * 30 + "1.5", "1" + "0" * 30, "." + "0" * 25 + "1"], np.int32)
def test_kernel_equals_the_plain_form(texts, dtype):
    assert parse(texts, dtype) == expected(texts)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("-0", -0.0, DONE),
        ("9007199254740992", 2.0**53, DONE),
        ("9007199254740993", np.nan, OTHER),
        ("9007199254740993.", np.nan, TO_BE_ROUNDED),
        ("1e5", np.nan, TO_BE_ROUNDED),
        (".0000000000000000000015", 1.5e-21, DONE),
        (".00000000000000000000015", np.nan, TO_BE_ROUNDED),
        ("1.50", 1.5, DONE),
        (" 12 ", 12.0, DONE),
        ("  ", np.nan, DONE),
        ("1e0005", np.nan, OTHER),
        ("inf", np.nan, OTHER),
        (".", np.nan, OTHER),
        ("1.2.3", np.nan, OTHER),
        ("18446744073709551616.0", np.nan, TO_BE_ROUNDED),  # 2^64 wraps to 0
    ],
)
def test_texts_by_hand(text, value, kind):
    bits = np.array([value]).view(np.int64).tolist()
    assert parse([text]) == (bits, [kind], int(kind != DONE))
