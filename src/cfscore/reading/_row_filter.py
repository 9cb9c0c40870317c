"""Row filter: rows that turn out faulty leave a block and become its rejects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.reading._unit import InputBlock, RowReject
from cfscore.tables import index_array, pack_mask

__all__ = ["without_rows"]


def without_rows(block: InputBlock, faults: Sequence[RowReject]) -> InputBlock:
    """Return a block without the rows of some faults, which join its rejects.

    Their other cells join those of the rows that could not be read. Faults may also be
    of such rows.
    """
    if not faults:
        return block
    faulty = np.unique(np.array([fault.row for fault in faults], np.int64))
    kept = ~np.isin(block.rows, faulty)
    rejects = sorted((*block.rejects, *faults), key=lambda reject: reject.row)
    read, more = _rows_of(block, kept), _rows_of(block, ~kept)
    unread = more if block.unread is None else _joined(block.unread, more)
    unread = _without_cells(unread, faults)
    return InputBlock(read.batch, read.rows, tuple(rejects), unread)


def _rows_of(block: InputBlock, taken: NDArray[np.bool_]) -> InputBlock:
    return InputBlock(block.batch.filter(pack_mask(taken)), block.rows[taken])


def _joined(one: InputBlock, other: InputBlock) -> InputBlock:
    """Return the rows of both by their numbers."""
    rows = np.concatenate((one.rows, other.rows))
    order = np.argsort(rows, kind="stable")
    both = pa.Table.from_batches([one.batch, other.batch]).combine_chunks()
    batches = both.to_batches()
    whole = batches[0] if batches else one.batch
    return InputBlock(whole.take(index_array(order)), rows[order])


def _without_cells(block: InputBlock, faults: Sequence[RowReject]) -> InputBlock:
    """Return a block whose faulty cells are null."""
    names = {fault.column for fault in faults}.intersection(block.batch.schema.names)
    places = np.arange(len(block.rows))
    columns = list(block.batch.columns)
    for name in names:
        rows = [fault.row for fault in faults if fault.column == name]
        position = block.batch.schema.get_field_index(name)
        held = index_array(places, ~np.isin(block.rows, rows))
        columns[position] = columns[position].take(held)
    schema = block.batch.schema
    return InputBlock(pa.RecordBatch.from_arrays(columns, schema=schema), block.rows)
