"""Tree SHAP: contributions of every row, looked up in tables of leaf groups.

A row's ranks lead to one row of each table, which holds what a group of leaves
contributes to each of its features, or, for a product of two tables, vectors whose dot
products are that (see ``leaf_tables``); a row costs one index and a few vector
additions a table. Single tables come first, then products, each in their order: every
feature is summed in that order here and in ``tree_shap_one``, so all rows have the same
bits, alone or in a block of any size.
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
    add_transposed,
)

#: Rows that are looked up together; sums of a tile stay in the first-level cache.
_TILE: Final = 64
_LANES: Final = 4
_NONE = np.uint8(0)


@subroutine
def _find_rows(
    table: Any,
    ranks: Any,
    part_starts: Any,
    part_factor: Any,
    test_starts: Any,
    test_column: Any,
    test_cut: Any,
    test_step: Any,
    steps: Any,
    rows: Any,
) -> None:
    """Write where each row of a tile finds its numbers in a table."""
    for i in range(_TILE):
        rows[i] = 0
    for part in range(part_starts[table], part_starts[table + 1]):
        for i in range(_TILE):
            steps[i] = _NONE
        for test in range(
            np.uint64(test_starts[part]), np.uint64(test_starts[part + 1])
        ):
            column = ranks[test_column[test]]
            cut, step = test_cut[test], test_step[test]
            for i in range(_TILE):
                steps[i] += step if column[i] > cut else _NONE
        factor = part_factor[part]
        for i in range(_TILE):
            rows[i] += factor * np.int32(steps[i])


@subroutine
def _add_table(
    first_slot: Any, last_slot: Any, slot_player: Any, own: Any, rows: Any, sums: Any
) -> None:
    """Add the table rows of a tile to its sums, four features of four rows a time."""
    for slot in range(first_slot, last_slot, _LANES):
        w, x, y, z = (
            _TILE * np.int64(slot_player[slot]),
            _TILE * np.int64(slot_player[slot + 1]),
            _TILE * np.int64(slot_player[slot + 2]),
            _TILE * np.int64(slot_player[slot + 3]),
        )
        at = slot - first_slot
        for i in range(0, _TILE, _LANES):
            a, b, c, d = rows[i], rows[i + 1], rows[i + 2], rows[i + 3]
            add_transposed(
                own, at + a, at + b, at + c, at + d, sums, w + i, x + i, y + i, z + i
            )


@subroutine
def _add_factor(
    first_slot: Any,
    last_slot: Any,
    slot_player: Any,
    n_vectors: Any,
    tables: Any,
    start: Any,
    rows: Any,
    other_start: Any,
    other_rows: Any,
    sums: Any,
) -> None:
    """Add what the features of a product's factor contribute to the rows of a tile."""
    width = n_vectors * _LANES
    for i in range(0, _TILE, _LANES):
        a, b = start + rows[i], start + rows[i + 1]
        c, d = start + rows[i + 2], start + rows[i + 3]
        w, x = other_start + other_rows[i], other_start + other_rows[i + 1]
        y, z = other_start + other_rows[i + 2], other_start + other_rows[i + 3]
        for slot in range(first_slot, last_slot):
            a, b, c, d = a + width, b + width, c + width, d + width
            run = _TILE * np.int64(slot_player[slot]) + i
            if n_vectors == 1:
                add_dot_products_1(tables, a, b, c, d, w, x, y, z, sums, run)
            elif n_vectors == 2:
                add_dot_products_2(tables, a, b, c, d, w, x, y, z, sums, run)
            else:
                add_dot_products_4(tables, a, b, c, d, w, x, y, z, sums, run)


@subroutine
def _cut_into_tiles(ranks: Any, n_rows: Any, tiles: Any) -> None:
    """Copy the ranks of rows tile by tile: a tile's columns lie close together."""
    for tile in range(tiles.shape[0]):
        start = tile * _TILE
        n = min(_TILE, n_rows - start)
        if n == _TILE:  # a known length is copied in two instructions
            for c in range(ranks.shape[0]):
                for i in range(_TILE):
                    tiles[tile, c, i] = ranks[c, start + i]
        else:
            for c in range(ranks.shape[0]):
                for i in range(n):
                    tiles[tile, c, i] = ranks[c, start + i]


@subroutine
def _write_out(sums: Any, used_features: Any, slope: Any, out: Any) -> None:
    """Write the sums of all tiles row by row."""
    n_used = used_features.shape[0]
    if n_used < out.shape[1]:
        out[:] = 0.0
    for tile in range(sums.shape[0]):
        start = tile * _TILE
        for i in range(min(_TILE, out.shape[0] - start)):
            for f in range(n_used):
                out[start + i, used_features[f]] = slope * sums[tile, f * _TILE + i]


@kernel(
    (
        read_only(uint8, 2),
        read_only(int64),
        read_only(int64),
        read_only(int64),
        read_only(int32),
        read_only(int64),
        read_only(uint32),
        read_only(uint8),
        read_only(uint8),
        read_only(int64),
        read_only(int64),
        read_only(uint32),
        read_only(float64),
        read_only(int64),
        read_only(int32),
        float64,
        writable(float64, 2),
    )
)
def write_contributions(
    ranks: Any,
    single_starts: Any,
    product_starts: Any,
    part_starts: Any,
    part_factor: Any,
    test_starts: Any,
    test_column: Any,
    test_cut: Any,
    test_step: Any,
    table_starts: Any,
    slot_starts: Any,
    slot_player: Any,
    tables: Any,
    n_vectors: Any,
    used_features: Any,
    slope: Any,
    out: Any,
) -> None:
    """Write ``slope`` times the contributions of the first rows of a block.

    ``ranks`` is column-major, shape (n_columns, block), ``out`` row-major. The tables
    of one block of leaves serve all tiles of rows before the next ones are read. Single
    tables have the first numbers, product ``p`` the tables ``n_singles + 2 * p`` and
    the next.
    """
    n_rows, n_used = out.shape[0], used_features.shape[0]
    n_tiles = (n_rows + _TILE - 1) // _TILE
    tiles = np.zeros((n_tiles, ranks.shape[0], _TILE), np.uint8)
    sums = np.zeros((n_tiles, (n_used + _LANES) * _TILE))
    _cut_into_tiles(ranks, n_rows, tiles)
    steps = np.empty(_TILE, np.uint8)
    rows = np.empty((2, _TILE), np.int32)
    for is_product in range(2):
        starts = product_starts if is_product else single_starts
        for block in range(starts.shape[0] - 1):
            for tile in range(n_tiles):
                for group in range(starts[block], starts[block + 1]):
                    first = group + is_product * (single_starts[-1] + group)
                    for which in range(1 + is_product):
                        _find_rows(
                            first + which, tiles[tile], part_starts, part_factor,
                            test_starts, test_column, test_cut, test_step, steps,
                            rows[which],
                        )  # fmt: skip
                    if not is_product:
                        _add_table(
                            slot_starts[first], slot_starts[first + 1], slot_player,
                            tables[table_starts[first] :], rows[0], sums[tile],
                        )  # fmt: skip
                        continue
                    for which in range(2):
                        own, other = first + which, first + 1 - which
                        _add_factor(
                            slot_starts[own], slot_starts[own + 1], slot_player,
                            n_vectors[group], tables, table_starts[own], rows[which],
                            table_starts[other], rows[1 - which], sums[tile],
                        )  # fmt: skip
    _write_out(sums, used_features, slope, out)
