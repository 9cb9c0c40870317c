"""Tree SHAP for one row: the look-ups and sums of ``tree_shap``, otherwise arranged.

A block of rows reads tables that other rows have read; a row alone waits for memory
and for mispredicted branches. So it finds its rows of all tables first, asks for their
cache lines a steady distance ahead of use, and has few loops of a number of turns that
varies.
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
#: Single tables that are asked for and added at a time: few, so that memory is busy
#: throughout, and not one, whose number of slots would be mispredicted. With 64 at a
#: time a row of 500 trees took 150 microseconds, with 8 it takes 90.
_AT_A_TIME: Final = 8
#: Single tables, and products, whose rows are asked for before they are added.
_TABLES_AHEAD: Final = 64
_PRODUCTS_AHEAD: Final = 4
# Unsigned: an index that cannot be negative needs no test.
_ONE, _TWO, _THREE, _FOUR = (np.uint64(n) for n in range(1, 5))


@subroutine
def _find_rows_one(
    ranks: Any, middle: Any, reach: Any, test_table: Any, test_jump: Any, row: Any
) -> None:
    """Move the rows of all tables from those of the middle ranks to the row's own."""
    for c in range(reach.shape[0]):
        usual, own = np.uint64(middle[c]), np.uint64(reach[c, ranks[c]])
        for test in range(usual, own):
            table = test_table[test]
            row[table] = np.uint32(np.int64(row[table]) + np.int64(test_jump[test]))
        for test in range(own, usual):
            table = test_table[test]
            row[table] = np.uint32(np.int64(row[table]) - np.int64(test_jump[test]))


@subroutine
def _ask_for_rows(
    first: Any, end: Any, row: Any, slot_starts: Any, tables: Any
) -> None:
    """Ask for the cache lines of rows of single tables."""
    for table in range(np.uint64(first), np.uint64(end)):
        at = np.int64(row[table])
        last = slot_starts[table + _ONE] - slot_starts[table] - 1
        prefetch(tables, at)
        prefetch(tables, at + last)
        if last >= 2 * _NUMBERS_PER_LINE:
            for ahead in range(_NUMBERS_PER_LINE, last, _NUMBERS_PER_LINE):
                prefetch(tables, at + ahead)


@subroutine
def _add_tables_one(
    first_slot: Any,
    end_slot: Any,
    four_table: Any,
    four_ahead: Any,
    row: Any,
    slot_player: Any,
    tables: Any,
    sums: Any,
) -> None:
    """Add rows of single tables, four slots at a time."""
    slot = np.uint64(first_slot)
    for four in range(np.uint64(first_slot // _LANES), np.uint64(end_slot // _LANES)):
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
def _ask_for_products(
    first: Any, end: Any, row: Any, slot_starts: Any, n_vectors: Any, tables: Any
) -> None:
    """Ask for the cache lines of rows of products, whose tables come two by two."""
    n_singles = row.shape[0] - 2 * n_vectors.shape[0]
    for product in range(first, end):
        for table in range(n_singles + 2 * product, n_singles + 2 * product + 2):
            runs = slot_starts[table + 1] - slot_starts[table] + 1
            width = runs * n_vectors[product] * _LANES
            for ahead in range(0, width, _NUMBERS_PER_LINE):
                prefetch(tables, np.int64(row[table]) + ahead)


@subroutine
def _add_product_one(
    product: Any,
    row: Any,
    slot_starts: Any,
    slot_player: Any,
    tables: Any,
    n_vectors: Any,
    found: Any,
    sums: Any,
) -> None:
    """Add the product of a pair of rows."""
    first = row.shape[0] - 2 * n_vectors.shape[0] + 2 * product
    for which in range(2):
        own, other = first + which, first + 1 - which
        _add_features(
            slot_starts[own], slot_starts[own + 1], slot_player, n_vectors[product],
            tables, np.int64(row[own]), np.int64(row[other]), found, sums,
        )  # fmt: skip


@kernel(
    (
        read_only(uint8),
        read_only(uint32),
        read_only(uint32),
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
    middle_rows: Any,
    middle: Any,
    reach: Any,
    test_table: Any,
    test_jump: Any,
    four_table: Any,
    four_ahead: Any,
    slot_starts: Any,
    slot_player: Any,
    tables: Any,
    n_vectors: Any,
    used_features: Any,
    slope: Any,
    out: Any,
) -> None:
    """Write ``slope`` times the contributions of one row of ranks, (n_columns,).

    The tests that a row fails are those of the lowest cuts of each column, up to
    ``reach[c, rank]``. ``middle_rows`` says where a row that fails those up to
    ``middle[c]`` finds its numbers in each table, and only the tests between the two
    are moved over. The slots of single tables are taken four at a time; ``four_table``
    and ``four_ahead`` say where four of them stand.
    """
    row = middle_rows.copy()
    _find_rows_one(ranks, middle, reach, test_table, test_jump, row)
    sums = np.zeros(used_features.shape[0] + _LANES)
    found = np.empty(_LANES)
    n_products = n_vectors.shape[0]
    n_singles = row.shape[0] - 2 * n_products
    _ask_for_rows(0, min(_TABLES_AHEAD, n_singles), row, slot_starts, tables)
    for start in range(0, n_singles, _AT_A_TIME):
        end = min(start + _AT_A_TIME, n_singles)
        _ask_for_rows(
            min(start + _TABLES_AHEAD, n_singles), min(end + _TABLES_AHEAD, n_singles),
            row, slot_starts, tables,
        )  # fmt: skip
        _add_tables_one(
            slot_starts[start], slot_starts[end], four_table, four_ahead, row,
            slot_player, tables, sums,
        )  # fmt: skip
    _ask_for_products(
        0, min(_PRODUCTS_AHEAD, n_products), row, slot_starts, n_vectors, tables
    )
    for product in range(n_products):
        ahead = product + _PRODUCTS_AHEAD
        _ask_for_products(
            ahead, min(ahead + 1, n_products), row, slot_starts, n_vectors, tables
        )
        _add_product_one(
            product, row, slot_starts, slot_player, tables, n_vectors, found, sums
        )
    for f in range(out.shape[0]):
        out[f] = 0.0
    for f in range(used_features.shape[0]):
        out[used_features[f]] = slope * sums[f]
