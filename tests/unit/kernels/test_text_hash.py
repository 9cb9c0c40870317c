from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cfscore._kernels.text_hash import mix_texts
from tests.oracles import text_hash as plain

TEXTS = st.lists(st.none() | st.binary(max_size=12), max_size=20)


def mixed(texts: list[bytes | None], hashes: np.ndarray) -> None:
    sizes = [len(text or b"") for text in texts]
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    data = np.frombuffer(b"".join(text or b"" for text in texts), np.uint8)
    valid = np.array([text is not None for text in texts], np.uint8)
    mix_texts(offsets, data, valid, hashes)


@given(TEXTS)
def test_hashes_are_those_of_the_plain_form(texts):
    hashes = np.zeros(len(texts), np.uint64)
    mixed(texts, hashes)
    mixed(texts[::-1], hashes)
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
    ]
    hashes = np.zeros(len(rows), np.uint64)
    for column in range(2):
        mixed([row[column] for row in rows], hashes)
    assert len(set(hashes.tolist())) == len(rows)
