"""Tree SHAP for one row: the look-ups and sums of ``tree_shap``, otherwise arranged.

A block of rows reads tables that other rows have read; a row alone waits for memory
and for mispredicted branches. So it finds its rows of all tables first, asks for their
cache lines a steady distance ahead of use, and has few loops of a number of turns that
varies.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import float64, int32, int64, uint8, uint32

from cfscore._kernels.jit import kernel, read_only, subroutine, writable
from cfscore._kernels.simd import (
    add_dot_products_1,
    add_dot_products_2,
    add_dot_products_4,
    prefetch,
)

_LANES: Final = 4
_NUMBERS_PER_LINE: Final = 8
_VECTORS_PER_LINE: Final = _NUMBERS_PER_LINE // _LANES
#: Single tables that are asked for and added at a time: few, so that memory is busy
#: throughout, and not one, whose number of slots would be mispredicted. With 64 at a
#: time a row of 500 trees took 150 microseconds, with 8 it takes 90.
_AT_A_TIME: Final = 8
#: Single tables, and fours of dot products, that are asked for before they are added.
_TABLES_AHEAD: Final = 64
_FOURS_AHEAD: Final = 8
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
def _add_products_one(
    row: Any,
    own: Any,
    other: Any,
    ahead: Any,
    player: Any,
    n_vectors: Any,
    tables: Any,
    sums: Any,
) -> None:
    """Add dot products of one row, four at a time.

    Four of them take the lanes that four rows take in a block. Cache lines are asked
    for a few fours ahead. One loop over all of them: one for each product, whose
    numbers of turns vary, takes twice as long.
    """
    found = np.empty(_LANES)
    n_fours = n_vectors.shape[0]
    for four in range(-_FOURS_AHEAD, n_fours):
        if four + _FOURS_AHEAD < n_fours:
            asked = np.uint64(four + _FOURS_AHEAD)
            first = asked * _FOUR
            for soon in range(first, first + _FOUR):
                at = np.int64(row[own[soon]]) + np.int64(ahead[soon])
                prefetch(tables, at)
                if n_vectors[asked] > _VECTORS_PER_LINE:
                    prefetch(tables, at + _NUMBERS_PER_LINE)
            prefetch(tables, np.int64(row[other[first]]))
            prefetch(tables, np.int64(row[other[first + _THREE]]))
        if four < 0:
            continue
        i = np.uint64(four) * _FOUR
        j, k, m = i + _ONE, i + _TWO, i + _THREE
        a = np.int64(row[own[i]]) + np.int64(ahead[i])
        b = np.int64(row[own[j]]) + np.int64(ahead[j])
        c = np.int64(row[own[k]]) + np.int64(ahead[k])
        d = np.int64(row[own[m]]) + np.int64(ahead[m])
        w, x = np.int64(row[other[i]]), np.int64(row[other[j]])
        y, z = np.int64(row[other[k]]), np.int64(row[other[m]])
        for lane in range(_LANES):
            found[lane] = 0.0
        n = n_vectors[np.uint64(four)]
        if n == 1:
            add_dot_products_1(tables, a, b, c, d, w, x, y, z, found, 0)
        elif n == 2:
            add_dot_products_2(tables, a, b, c, d, w, x, y, z, found, 0)
        else:
            add_dot_products_4(tables, a, b, c, d, w, x, y, z, found, 0)
        sums[player[i]] += found[0]
        sums[player[j]] += found[1]
        sums[player[k]] += found[2]
        sums[player[m]] += found[3]


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
        read_only(int64),
        read_only(uint32),
        read_only(uint32),
        read_only(uint32),
        read_only(uint32),
        read_only(uint32),
        read_only(uint8),
        read_only(float64),
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
    product_own: Any,
    product_other: Any,
    product_ahead: Any,
    product_player: Any,
    n_vectors: Any,
    tables: Any,
    used_features: Any,
    slope: Any,
    out: Any,
) -> None:
    """Write ``slope`` times the contributions of one row of ranks, (n_columns,).

    The tests that a row fails are those of the lowest cuts of each column, up to
    ``reach[c, rank]``. ``middle_rows`` says where a row that fails those up to
    ``middle[c]`` finds its numbers in each table, and only the tests between the two
    are moved over. The slots of single tables are taken four at a time; ``four_table``
    and ``four_ahead`` say where four of them stand. So are the dot products of products
    (see ``LeafTables.products_by_four``).
    """
    row = middle_rows.copy()
    _find_rows_one(ranks, middle, reach, test_table, test_jump, row)
    sums = np.zeros(used_features.shape[0] + _LANES)
    n_singles = slot_starts.shape[0] - 1
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
    _add_products_one(
        row, product_own, product_other, product_ahead, product_player, n_vectors,
        tables, sums,
    )  # fmt: skip
    for f in range(out.shape[0]):
        out[f] = 0.0
    for f in range(used_features.shape[0]):
        out[used_features[f]] = slope * sums[f]
