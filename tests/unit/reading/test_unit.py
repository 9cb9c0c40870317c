"""Input block: pieces of a block account for the same rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from cfscore.reading import InputBlock, RowReject

REJECTS = (
    RowReject(11, None, "RAGGED"),
    RowReject(13, "a", "ENCODING"),
    RowReject(13, "b", "NUL_BYTE"),
    RowReject(17, "a", "ENCODING"),
)
ROWS = np.array([12, 14, 15, 16], np.int64)
UNREAD = InputBlock(
    pa.RecordBatch.from_arrays([pa.array([None, 17])], names=["a"]), np.array([13, 17])
)
BLOCK = InputBlock(
    pa.RecordBatch.from_arrays([pa.array([12, 14, 15, 16])], names=["a"]),
    ROWS,
    REJECTS,
    UNREAD,
)


def test_a_block_counts_rows_not_reasons():
    assert (BLOCK.n_rejected, BLOCK.n_rows) == (3, 7)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pieces_account_for_every_row_once_in_order(size):
    pieces = list(BLOCK.pieces(size))
    assert all(0 < piece.n_rows <= size for piece in pieces)
    assert [row for piece in pieces for row in piece.rows.tolist()] == ROWS.tolist()
    assert [reject for piece in pieces for reject in piece.rejects] == list(REJECTS)
    cells = [cell for piece in pieces for cell in piece.batch[0].to_pylist()]
    assert cells == ROWS.tolist()
    unread = [piece.unread for piece in pieces]
    assert [row for held in unread for row in held.rows.tolist()] == [13, 17]
    assert [cell for held in unread for cell in held.batch[0].to_pylist()] == [None, 17]
    firsts = [
        min(piece.rows.tolist() + [r.row for r in piece.rejects]) for piece in pieces
    ]
    assert firsts == list(range(11, 18, size))


def test_an_empty_block_has_no_pieces():
    empty = InputBlock(BLOCK.batch.slice(0, 0), ROWS[:0])
    assert list(empty.pieces(5)) == []


def test_every_row_of_a_batch_has_a_number():
    with pytest.raises(AssertionError):
        InputBlock(BLOCK.batch, ROWS[:2])
