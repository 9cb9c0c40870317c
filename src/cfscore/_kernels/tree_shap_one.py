"""Tree SHAP for one row: the look-ups and sums of ``tree_shap``, otherwise arranged.

A block of rows reads tables that other rows have read; a row alone waits for memory
and for mispredicted branches. So it finds its rows of all tables first, asks for their
cache lines ahead of use, and has few loops of a number of turns that varies.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import float64, int32, uint8, uint32

from cfscore._kernels.jit import kernel, read_only, subroutine, writable
from cfscore._kernels.simd import (
    add_dot_products_1,
    add_dot_products_2,
    add_dot_products_4,
    prefetch,
)
from cfscore._kernels.tree_shap import TABLES

_LANES: Final = 4
_NUMBERS_PER_LINE: Final = 8
#: Single tables whose rows are asked for before they are added.
_AHEAD: Final = 64
# Unsigned: an index that cannot be negative needs no test.
_ONE, _TWO, _THREE, _FOUR = (np.uint64(n) for n in range(1, 5))


@subroutine
def _ask_for_rows(
    first: Any, last: Any, row: Any, slot_starts: Any, tables: Any
) -> None:
    """Ask for the cache lines of rows of single tables."""
    for table in range(first, last):
        prefetch(tables, row[table])
        if slot_starts[table + 1] - slot_starts[table] > _NUMBERS_PER_LINE:
            prefetch(tables, row[table] + _NUMBERS_PER_LINE)


@subroutine
def _add_tables_one(
    first_slot: Any,
    last_slot: Any,
    four_table: Any,
    four_ahead: Any,
    row: Any,
    slot_player: Any,
    tables: Any,
    sums: Any,
) -> None:
    """Add rows of single tables, four slots at a time."""
    slot = np.uint64(first_slot)
    for four in range(first_slot // _LANES, last_slot // _LANES):
        at = np.uint64(row[four_table[four]]) + np.uint64(four_ahead[four])
        sums[slot_player[slot]] += tables[at]
        sums[slot_player[slot + _ONE]] += tables[at + _ONE]
        sums[slot_player[slot + _TWO]] += tables[at + _TWO]
        sums[slot_player[slot + _THREE]] += tables[at + _THREE]
        slot += _FOUR


@subroutine
def _add_features(
    first_slot: Any,
    last_slot: Any,
    slot_player: Any,
    n_vectors: Any,
    tables: Any,
    own: Any,
    other: Any,
    found: Any,
    sums: Any,
) -> None:
    """Add what the features of a product's factor contribute to one row.

    Four features at a time take the lanes that four rows take in a block.
    """
    width = n_vectors * _LANES
    for slot in range(first_slot, last_slot, _LANES):
        n = min(_LANES, last_slot - slot)
        a = own + (slot - first_slot + 1) * width
        last = n - 1
        b, c, d = (
            a + min(1, last) * width, a + min(2, last) * width, a + last * width,
        )  # fmt: skip
        for lane in range(_LANES):
            found[lane] = 0.0
        if n_vectors == 1:
            add_dot_products_1(tables, a, b, c, d, other, other, other, other, found, 0)
        elif n_vectors == 2:
            add_dot_products_2(tables, a, b, c, d, other, other, other, other, found, 0)
        else:
            add_dot_products_4(tables, a, b, c, d, other, other, other, other, found, 0)
        for lane in range(n):
            sums[slot_player[slot + lane]] += found[lane]


@subroutine
def _add_products_one(
    n_singles: Any,
    row: Any,
    slot_starts: Any,
    slot_player: Any,
    tables: Any,
    n_vectors: Any,
    sums: Any,
) -> None:
    """Add the products of pairs of rows."""
    for table in range(n_singles, row.shape[0] - 1):
        width = n_vectors[(table - n_singles) // 2] * _LANES
        n_vectors_ahead = slot_starts[table + 1] - slot_starts[table] + 1
        for ahead in range(0, n_vectors_ahead * width, _NUMBERS_PER_LINE):
            prefetch(tables, row[table] + ahead)
    found = np.empty(_LANES)
    for product in range(n_vectors.shape[0]):
        for which in range(2):
            table = n_singles + 2 * product + which
            other = n_singles + 2 * product + 1 - which
            _add_features(
                slot_starts[table], slot_starts[table + 1], slot_player,
                n_vectors[product], tables, row[table], row[other], found, sums,
            )  # fmt: skip


@kernel(
    (
        read_only(uint8),
        read_only(uint32, 2),
        read_only(uint32),
        read_only(int32),
        read_only(uint32),
        read_only(uint32),
        *TABLES,
        read_only(int32),
        float64,
        writable(float64),
    )
)
def write_contributions_one(
    ranks: Any,
    reach: Any,
    fail_table: Any,
    fail_jump: Any,
    four_table: Any,
    four_ahead: Any,
    slot_starts: Any,
    slot_player: Any,
    table_starts: Any,
    tables: Any,
    n_vectors: Any,
    used_features: Any,
    slope: Any,
    out: Any,
) -> None:
    """Write ``slope`` times the contributions of one row of ranks, (n_columns,).

    The tests that a row fails are those of the lowest cuts of each column, from
    ``reach[c, 0]`` up to ``reach[c, rank]``. The slots of single tables are taken four
    at a time; ``four_table`` and ``four_ahead`` say where four of them stand.
    """
    row = table_starts.copy()
    for c in range(reach.shape[0]):
        for test in range(np.uint64(reach[c, 0]), np.uint64(reach[c, ranks[c]])):
            row[fail_table[test]] += np.int64(fail_jump[test])
    n_used = used_features.shape[0]
    sums = np.zeros(n_used + 1)
    n_singles = row.shape[0] - 1 - 2 * n_vectors.shape[0]
    for start in range(0, n_singles + _AHEAD, _AHEAD):
        end = min(start + _AHEAD, n_singles)
        _ask_for_rows(start, end, row, slot_starts, tables)
        _add_tables_one(
            slot_starts[max(start - _AHEAD, 0)], slot_starts[min(start, n_singles)],
            four_table, four_ahead, row, slot_player, tables, sums,
        )  # fmt: skip
    _add_products_one(n_singles, row, slot_starts, slot_player, tables, n_vectors, sums)
    for f in range(out.shape[0]):
        out[f] = 0.0
    for f in range(n_used):
        out[used_features[f]] = slope * sums[f]
