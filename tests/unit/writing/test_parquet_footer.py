"""Parquet footers joined: the bytes of one writer, whatever the pieces."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.writing._parquet_footer import MAGIC, join_footers

N_GROUPS = 40  # more than what a short list of Thrift holds
GROUP_ROWS = 7


class Output(io.RawIOBase):
    """What a writer writes, with the end of it apart."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.footer, self.is_ended = bytearray(), bytearray(), False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        (self.footer if self.is_ended else self.body).extend(data)
        return len(data)


def make_table() -> pa.Table:
    rng = np.random.default_rng(8)
    n_rows = N_GROUPS * GROUP_ROWS
    gaps = rng.random(n_rows) < 0.1
    return pa.table(
        {
            "id": pa.array([f"编号 {i}" for i in range(n_rows)], mask=gaps),
            "day": pa.array(np.arange(n_rows), pa.int32()).cast(pa.date32()),
            "score": pa.array(rng.normal(size=n_rows), mask=gaps),
            "flag": pa.array(rng.random(n_rows) < 0.5),
            "amount": pa.array([None] * n_rows, pa.decimal128(20, 2)),
            "pair": [{"a": i, "b": [str(i)] * (i % 3)} for i in range(n_rows)],
        },
        # of the schema, and so of every footer
        metadata={"note": "x" * 200},
    )


TABLE = make_table()


def write(start: int, stop: int, **options: object) -> tuple[bytes, bytes]:
    """Write some row groups; return pages and footer."""
    output = Output()
    with pq.ParquetWriter(output, TABLE.schema, **options) as writer:
        for i in range(start, stop):
            rows = TABLE.slice(i * GROUP_ROWS, GROUP_ROWS).combine_chunks()
            writer.write_table(rows)
        output.is_ended = True
    return bytes(output.body), bytes(output.footer)


@pytest.mark.parametrize(
    "options",
    [
        {"write_page_checksum": True, "store_schema": False},
        {"use_dictionary": ["id"], "compression": "none", "version": "1.0"},
        {"write_page_index": False, "write_statistics": False},
    ],
)
@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, N_GROUPS), max_size=5))
def test_joined_pieces_are_the_file_of_one_writer(
    options: dict[str, object], cuts: list[int]
) -> None:
    whole = b"".join(write(0, N_GROUPS, **options))
    body, pieces = b"", []
    for start, stop in pairwise([0, *sorted(cuts), N_GROUPS]):
        pages, footer = write(start, stop, **options)
        pieces.append((max(0, len(body) - len(MAGIC)), footer))
        body += pages if not body else pages[len(MAGIC) :]
    found = body + join_footers(pieces)
    assert found == whole
    assert pq.read_table(io.BytesIO(found)).equals(TABLE)


def test_one_piece_is_left_as_it_is() -> None:
    _, footer = write(0, 2)
    assert join_footers([(0, footer)]) is footer


def test_places_beyond_four_gigabytes() -> None:
    _, footer = write(0, 1)
    joined = join_footers([(1 << 40, footer)])
    pages = pq.read_metadata(io.BytesIO(MAGIC + footer)).row_group(0)
    moved = pq.read_metadata(io.BytesIO(MAGIC + joined)).row_group(0)
    for i in range(pages.num_columns):
        before, after = pages.column(i), moved.column(i)
        assert after.data_page_offset == before.data_page_offset + (1 << 40)
        assert after.statistics == before.statistics
