"""Tree SHAP: contributions of every row, looked up in tables of leaf groups.

A row's ranks lead to one row of each group's table, which holds what the group's leaves
contribute to each of its features; a row costs one index and a few vector additions a
group. Leaves whose path is too long for a table are summed by quadrature (see
``leaf_tables``). Tables come first, in group order, then the other leaves, in theirs:
that is the order of summation of every feature on every path through this module, so
all rows have the same bits, alone or in a block of any size.
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
    dot_product,
    prefetch,
)

#: Rows that are looked up together; sums of a tile stay in the first-level cache.
_TILE: Final = 64
_LANES: Final = 4
_AHEAD: Final = 32
_NONE = np.uint8(0)
_ONE = np.uint64(1)  # unsigned: an index that cannot be negative needs no test


_LOOKUPS = (
    read_only(int64),  # block_starts
    read_only(int64),  # group_starts
    read_only(int64),  # n_vectors
    read_only(int64),  # part_starts
    read_only(int32),  # part_factor
    read_only(int64),  # test_starts
    read_only(uint32),  # test_column
    read_only(uint8),  # test_cut
    read_only(uint8),  # test_step
    read_only(int32),  # test_jump
    read_only(int64),  # slot_starts
    read_only(uint32),  # slot_player
    read_only(int64),  # table_starts
    read_only(float64),  # tables
    read_only(int64),  # leaf_starts
    read_only(float64),  # leaf_value
    read_only(int32),  # player_feature
    read_only(float64),  # player_ratio
    read_only(int64),  # condition_starts
    read_only(int32),  # condition_column
    read_only(int32),  # condition_low
    read_only(int32),  # condition_high
    read_only(float64),  # points
    read_only(float64),  # weights
    read_only(int32),  # used_features
    int64,  # most_players
)


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
def _add_long_leaf(  # noqa: PLR0912 - short loops that the compiler vectorises
    ranks: Any,
    n_rows: Any,
    value: Any,
    player_feature: Any,
    player_ratio: Any,
    condition_starts: Any,
    condition_column: Any,
    condition_low: Any,
    condition_high: Any,
    points: Any,
    weights: Any,
    gain: Any,
    before: Any,
    total: Any,
    product: Any,
    sums: Any,
) -> None:
    """Add one leaf's contributions to the sums of a tile by quadrature.

    ``gain`` is ``o_j - z_j`` of each player, so that its factor is ``z + t * gain``.
    """
    n_players = player_ratio.shape[0]
    stride = gain.shape[1]
    for j in range(n_players):
        for i in range(n_rows):
            gain[j, i] = 1.0 - player_ratio[j]
            total[j, i] = 0.0
        for k in range(condition_starts[j], condition_starts[j + 1]):
            column = ranks[condition_column[k]]
            low, high = condition_low[k], condition_high[k]
            for i in range(n_rows):
                rank = np.int32(column[i])
                met = (rank > low) & (rank <= high)
                gain[j, i] = gain[j, i] if met else -player_ratio[j]
    for k in range(points.shape[0]):
        t = points[k]
        for i in range(n_rows):
            product[i] = weights[k]
        for j in range(n_players):
            z = player_ratio[j]
            for i in range(n_rows):
                before[j, i] = product[i]
                product[i] *= z + t * gain[j, i]
        for i in range(n_rows):
            product[i] = 1.0
        for j in range(n_players - 1, -1, -1):
            z = player_ratio[j]
            for i in range(n_rows):
                total[j, i] += before[j, i] * product[i]
                product[i] *= z + t * gain[j, i]
    for j in range(n_players):
        own = sums[stride * player_feature[j] : stride * (player_feature[j] + 1)]
        for i in range(n_rows):
            own[i] += value * gain[j, i] * total[j, i]


@kernel((read_only(uint8, 2), *_LOOKUPS, float64, writable(float64, 2)))
def write_contributions(  # noqa: PLR0912 - one loop per kind of group
    ranks: Any,
    block_starts: Any,
    group_starts: Any,
    n_vectors: Any,
    part_starts: Any,
    part_factor: Any,
    test_starts: Any,
    test_column: Any,
    test_cut: Any,
    test_step: Any,
    test_jump: Any,
    slot_starts: Any,
    slot_player: Any,
    table_starts: Any,
    tables: Any,
    leaf_starts: Any,
    leaf_value: Any,
    player_feature: Any,
    player_ratio: Any,
    condition_starts: Any,
    condition_column: Any,
    condition_low: Any,
    condition_high: Any,
    points: Any,
    weights: Any,
    used_features: Any,
    most_players: Any,
    slope: Any,
    out: Any,
) -> None:
    """Write ``slope`` times the contributions of the first rows of a block.

    ``ranks`` is column-major, shape (n_columns, block), ``out`` row-major. The tables
    of one block of leaves serve all tiles of rows before the next ones are read.
    """
    n_rows, n_columns, n_used = out.shape[0], ranks.shape[0], used_features.shape[0]
    n_tiles = (n_rows + _TILE - 1) // _TILE
    tiles = np.zeros((n_tiles, n_columns, _TILE), np.uint8)
    sums = np.zeros((n_tiles, (n_used + 1) * _TILE))
    for tile in range(n_tiles):
        start = tile * _TILE
        for c in range(n_columns):
            for i in range(min(_TILE, n_rows - start)):
                tiles[tile, c, i] = ranks[c, start + i]
    steps = np.empty(_TILE, np.uint8)
    rows = np.empty((2, _TILE), np.int32)
    for block in range(block_starts.shape[0] - 1):
        for tile in range(n_tiles):
            for g in range(block_starts[block], block_starts[block + 1]):
                first, last = group_starts[g], group_starts[g + 1]
                for table in range(first, last):
                    _find_rows(
                        table, tiles[tile], part_starts, part_factor, test_starts,
                        test_column, test_cut, test_step, steps, rows[table - first],
                    )  # fmt: skip
                if last - first == 1:
                    _add_table(
                        slot_starts[first], slot_starts[last], slot_player,
                        tables[table_starts[first] :], rows[0], sums[tile],
                    )  # fmt: skip
                for table in range(first, last if last - first == 2 else first):
                    other = first + last - 1 - table
                    _add_factor(
                        slot_starts[table], slot_starts[table + 1], slot_player,
                        n_vectors[g], tables, table_starts[table], rows[table - first],
                        table_starts[other], rows[other - first], sums[tile],
                    )  # fmt: skip
    gain, before = np.empty((most_players, _TILE)), np.empty((most_players, _TILE))
    total, product = np.empty((most_players, _TILE)), np.empty(_TILE)
    for leaf in range(leaf_value.shape[0]):
        first, last = leaf_starts[leaf], leaf_starts[leaf + 1]
        rule = (last - first + 1) // 2
        begin = rule * (rule - 1) // 2
        for tile in range(n_tiles):
            _add_long_leaf(
                tiles[tile], _TILE, leaf_value[leaf], player_feature[first:last],
                player_ratio[first:last], condition_starts[first : last + 1],
                condition_column, condition_low, condition_high,
                points[begin : begin + rule], weights[begin : begin + rule],
                gain, before, total, product, sums[tile],
            )  # fmt: skip
    for i in range(n_rows):
        own = sums[i // _TILE, i % _TILE :]
        out[i] = 0.0
        for f in range(n_used):
            out[i, used_features[f]] = slope * own[f * _TILE]


@kernel((read_only(uint8), *_LOOKUPS, float64, writable(float64)))
def write_contributions_one(
    ranks: Any,
    block_starts: Any,
    group_starts: Any,
    n_vectors: Any,
    part_starts: Any,
    part_factor: Any,
    test_starts: Any,
    test_column: Any,
    test_cut: Any,
    test_step: Any,
    test_jump: Any,
    slot_starts: Any,
    slot_player: Any,
    table_starts: Any,
    tables: Any,
    leaf_starts: Any,
    leaf_value: Any,
    player_feature: Any,
    player_ratio: Any,
    condition_starts: Any,
    condition_column: Any,
    condition_low: Any,
    condition_high: Any,
    points: Any,
    weights: Any,
    used_features: Any,
    most_players: Any,
    slope: Any,
    out: Any,
) -> None:
    """Write ``slope`` times the contributions of one row of ranks, (n_columns,)."""
    n_groups, n_used = group_starts.shape[0] - 1, used_features.shape[0]
    sums = np.zeros(n_used + 1)
    row = np.empty(2 * _AHEAD, np.int64)
    for start in range(0, n_groups, _AHEAD):
        end = min(start + _AHEAD, n_groups)
        base = np.uint64(group_starts[start])
        for table in range(base, np.uint64(group_starts[end])):
            at = table_starts[table]
            tests = part_starts[table], part_starts[table + _ONE]
            for test in range(
                np.uint64(test_starts[tests[0]]), np.uint64(test_starts[tests[1]])
            ):
                fails = np.int64(ranks[test_column[test]] > test_cut[test])
                at += np.int64(test_jump[test]) & -fails  # no branch to mispredict
            row[table - base] = at
            prefetch(tables, at)
            prefetch(tables, at + 8)
        for g in range(start, end):
            first, last = np.uint64(group_starts[g]), np.uint64(group_starts[g + 1])
            width = np.uint64(n_vectors[g] * _LANES)
            for table in range(first, last):
                slots = (
                    np.uint64(slot_starts[table]),
                    np.uint64(slot_starts[table + _ONE]),
                )
                at = np.uint64(row[table - base])
                if last - first == _ONE:
                    for slot in range(slots[0], slots[1]):
                        sums[slot_player[slot]] += tables[at + (slot - slots[0])]
                    continue
                other = np.uint64(row[first + last - _ONE - table - base])
                for slot in range(slots[0], slots[1]):
                    at += width
                    sums[slot_player[slot]] += dot_product(tables, at, other, width)
    gain, before = np.empty((most_players, 1)), np.empty((most_players, 1))
    total, product = np.empty((most_players, 1)), np.empty(1)
    for leaf in range(leaf_value.shape[0]):
        first, last = leaf_starts[leaf], leaf_starts[leaf + 1]
        rule = (last - first + 1) // 2
        begin = rule * (rule - 1) // 2
        _add_long_leaf(
            ranks.reshape((ranks.shape[0], 1)), 1, leaf_value[leaf],
            player_feature[first:last], player_ratio[first:last],
            condition_starts[first : last + 1],
            condition_column, condition_low, condition_high,
            points[begin : begin + rule], weights[begin : begin + rule],
            gain, before, total, product, sums,
        )  # fmt: skip
    out[:] = 0.0
    for f in range(n_used):
        out[used_features[f]] = slope * sums[f]
