"""Text hash against its plain form, and what it must tell apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore._kernels.text_hash import mix_texts
from tests.oracles import text_hash as plain

TEXTS = st.lists(st.none() | st.binary(max_size=20), max_size=20)


def mixed(
    texts: list[bytes | None], hashes: np.ndarray, width: type = np.int32
) -> None:
    sizes = [len(text or b"") for text in texts]
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(width)
    data = np.frombuffer(b"".join(text or b"" for text in texts), np.uint8)
    valid = np.array([text is not None for text in texts], np.uint8)
    mix_texts(offsets, data, np.empty(0, np.uint8) if valid.all() else valid, hashes)


@pytest.mark.parametrize("width", [np.int32, np.int64])
@settings(max_examples=60)
@given(texts=TEXTS)
def test_hashes_are_those_of_the_plain_form(width, texts):
    hashes = np.zeros(len(texts), np.uint64)
    mixed(texts, hashes, width)
    mixed(texts[::-1], hashes, width)
    both = zip(texts, texts[::-1], strict=True)
    assert hashes.tolist() == [plain.row_hash(pair) for pair in both]


def test_rows_differ_where_their_cells_do():
    rows = [
        [b"ab", b"c"],
        [b"a", b"bc"],
        [b"abc", b""],
        [b"", b"abc"],
        [b"abc", None],
        [None, b"abc"],
        [None, None],
        [b"", b""],
        [b"", None],
        [None, b""],
        [b"\0", b""],
        [b"\0" * 2, b""],
        [b"\0" * 8, b""],
        [b"\0" * 9, b""],
        [b"c", b"ab"],
    ]
    hashes = np.zeros(len(rows), np.uint64)
    for column in range(2):
        mixed([row[column] for row in rows], hashes)
    assert len(set(hashes.tolist())) == len(rows)


def test_every_bit_is_as_often_set_as_not():
    """Rows are sorted out by the highest bits."""
    texts = [str(i).encode() for i in range(20_000)]
    hashes = np.zeros(len(texts), np.uint64)
    mixed(texts, hashes)
    assert len(np.unique(hashes)) == len(texts)
    shifts = np.arange(64, dtype=np.uint64)[:, None]
    share = (hashes >> shifts & np.uint64(1)).mean(axis=1)
    assert np.abs(share - 0.5).max() < 5 * 0.5 / np.sqrt(len(texts))
