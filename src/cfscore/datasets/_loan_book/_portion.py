"""Portion: whole blocks of customers as Arrow tables, dirty rows among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.datasets._arrow import fixed_text_array, level_array, number_array
from cfscore.datasets._loan_book._block import (
    BLOCK_CUSTOMERS,
    BlockPart,
    block_streams,
    draw_block,
)
from cfscore.datasets._loan_book._draft import Draft, to_arrow
from cfscore.datasets._loan_book._fault import (
    FAULT_CODES,
    fault_column,
    plant_faults,
)
from cfscore.datasets._loan_book._invariant import INVARIANTS
from cfscore.datasets._loan_book._name import row_tokens
from cfscore.datasets._loan_book._schema import LOAN_BOOK_TABLES
from cfscore.datasets._loan_book._schema_dirty import DIRTY_ROWS

__all__ = ["Portion", "draw_portions"]

_TABLES = tuple(LOAN_BOOK_TABLES)
_COLUMNS = sorted({c for t in LOAN_BOOK_TABLES.values() for c in t.column_names})


@dataclass(frozen=True, eq=False)
class Portion:
    """Rows of a run of blocks.

    Parameters
    ----------
    tables : dict of str to pyarrow.Table
        By name, as they stand in the files.
    customers : int
        Of the book so far.
    dirty_rows : pyarrow.Table
        Those among them that are dirty, counted from the start of each file.
    """

    tables: dict[str, pa.Table]
    customers: int
    dirty_rows: pa.Table


def draw_portions(customers: int, seed: int, blocks: int) -> Iterator[Portion]:
    """Yield the book of that many customers, some blocks at a time.

    Parameters
    ----------
    customers : int
        Of the whole book.
    seed : int
        Which book.
    blocks : int
        Blocks in a portion; the last has the rest.

    Yields
    ------
    Portion
        Rows in the order of the files.
    """
    n_blocks = -(-customers // BLOCK_CUSTOMERS)
    offsets = dict.fromkeys(_TABLES, 0)
    for first in range(0, n_blocks, blocks):
        tables: dict[str, list[pa.Table]] = {name: [] for name in _TABLES}
        dirty: list[pa.Table] = []
        for index in range(first, min(first + blocks, n_blocks)):
            for draft in _dirty_block(seed, index):
                wanted = draft.take(draft.owner < customers)
                name = draft.table.name
                dirty.append(_dirty_rows(wanted, offsets[name], seed))
                offsets[name] += wanted.n_rows
                tables[name].append(to_arrow(wanted, seed))
        yield Portion(
            tables={name: _joined(parts) for name, parts in tables.items()},
            customers=min(customers, (first + blocks) * BLOCK_CUSTOMERS),
            dirty_rows=_joined(dirty),
        )


def _joined(parts: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(parts).combine_chunks()


def _dirty_block(seed: int, index: int) -> Iterator[Draft]:
    rng = block_streams(seed, index)(BlockPart.FAULTS)
    for draft in draw_block(seed, index).values():
        yield plant_faults(rng, draft)


def _dirty_rows(draft: Draft, offset: int, seed: int) -> pa.Table:
    rows = np.flatnonzero(draft.fault)
    name = draft.table.name
    breaches = [FAULT_CODES[code - 1] for code in draft.fault[rows]]
    columns = [fault_column(name, breach) for breach in breaches]
    arrays = [
        level_array(np.full(rows.size, _TABLES.index(name)), _TABLES),
        number_array(rows + offset, pa.int64()),
        level_array(_positions(breaches, list(INVARIANTS)), list(INVARIANTS)),
        level_array(_positions(columns, _COLUMNS), _COLUMNS),
        fixed_text_array(row_tokens("customer_id", draft.owner[rows], seed)),
    ]
    return pa.Table.from_arrays(arrays, schema=DIRTY_ROWS.schema)


def _positions(texts: list[str], levels: list[str]) -> NDArray[np.int64]:
    """Return where each text stands among the levels; -1 for none of them."""
    place = {text: at for at, text in enumerate(levels)}
    return np.array([place.get(text, -1) for text in texts], dtype=np.int64)
