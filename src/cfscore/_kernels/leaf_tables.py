"""Leaf tables: the contributions of a group of leaves for every row of its table.

A leaf of value ``v`` whose path has ``d`` players is worth ``v * prod_j (o_j)`` to a
row that meets the conditions of player ``j`` (``o_j = 1``) or not (``o_j = 0``). With
cover ratios ``z_j`` the path-dependent Shapley value of player ``i`` (Lundberg et al.,
*From local explanations to global understanding with explainable AI for trees*, Nature
Machine Intelligence 2, 2020, doi:10.1038/s42256-019-0138-9) is ::

    v * (o_i - z_i) * integral_0^1 prod_{j != i} (t * o_j + (1 - t) * z_j) dt

because a coalition of ``s`` of the other ``d - 1`` players has the weight
``integral t**s * (1 - t)**(d - 1 - s) dt``. The integrand is a polynomial of degree
``d - 1``, which Gauss-Legendre quadrature of ``ceil(d / 2)`` points sums exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int32, int64, uint8, uint64

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

_NOTHING = np.uint64(0)
_ONE = np.uint64(1)
_MOST_CLASSES = 256

_GROUPS = (
    read_only(int64),  # group_starts
    read_only(uint64),  # members
    read_only(int64, 2),  # sizes
    read_only(int64),  # run_starts
    read_only(int64),  # run_feature
    read_only(uint64),  # run_leaves
    read_only(int64),  # state_starts
    read_only(uint64),  # state_leaves
)


@subroutine
def _classify(
    first: Any, last: Any, members: Any, state_leaves: Any, state_class: Any, met: Any
) -> Any:
    """Return the number of classes of a run's states.

    Writes the class of each state, numbered as they appear, and the members whose
    condition each class meets.
    """
    n_classes = 0
    for s in range(first, last):
        leaves = state_leaves[s] & members
        c = 0
        while c < n_classes and met[c] != leaves:
            c += 1
        if c == n_classes:
            met[c] = leaves
            n_classes += 1
        state_class[s - first] = c
    return n_classes


@kernel(
    (
        *_GROUPS,
        read_only(int64),
        read_only(int64),
        int64,
        int64,
        writable(int64),
        writable(int32),
        writable(int64),
        writable(int32),
        writable(int32),
        writable(uint8),
        writable(int32),
        writable(int32),
    )
)
def lay_out_tests(
    group_starts: Any,
    members: Any,
    sizes: Any,
    run_starts: Any,
    run_feature: Any,
    run_leaves: Any,
    state_starts: Any,
    state_leaves: Any,
    state_cut: Any,
    run_column: Any,
    lanes: Any,
    most_states: Any,
    part_starts: Any,
    part_factor: Any,
    test_starts: Any,
    test_column: Any,
    test_cut: Any,
    test_step: Any,
    test_jump: Any,
    slot_feature: Any,
) -> None:
    """Write the tests that lead a row to its row of each group's table.

    A test ``rank > cut`` that holds moves the row on by ``jump`` numbers of the table:
    the change of class at that cut, times the stride of its column. ``step`` is the
    same in units of its part, modulo 256: a part's classes multiply to at most 256, so
    bytes hold the sum, and ``factor`` times that is the part's share of the way.
    ``slot_feature`` names the group's features, -1 in slots that fill up a vector.
    """
    state_class = np.empty(most_states, np.int64)
    met = np.empty(_MOST_CLASSES, np.uint64)
    part, test, slot = np.int64(-1), np.int64(0), np.int64(0)
    for block in range(group_starts.shape[0] - 1):
        for g in range(group_starts[block], group_starts[block + 1]):
            slots = (sizes[g, 2] + lanes - 1) // lanes * lanes
            stride, in_part = slots, _MOST_CLASSES
            feature = np.int64(-1)
            part_starts[g] = part + 1
            if sizes[g, 0] > 0:
                in_part = 1
                part += 1
                part_factor[part] = stride
                test_starts[part] = test
            for run in range(run_starts[block], run_starts[block + 1]):
                if sizes[g, 0] == 0 or run_leaves[run] & members[g] == _NOTHING:
                    continue
                if run_feature[run] != feature:
                    feature = run_feature[run]
                    slot_feature[slot] = feature
                    slot += 1
                    slots -= 1
                first = state_starts[run]
                n_states = state_starts[run + 1] - first
                n_classes = _classify(
                    first, first + n_states, members[g], state_leaves, state_class, met
                )
                if in_part * n_classes > _MOST_CLASSES:
                    in_part = 1
                    part += 1
                    part_factor[part] = stride
                    test_starts[part] = test
                for s in range(1, n_states):
                    change = state_class[s] - state_class[s - 1]
                    if change != 0:
                        test_column[test] = run_column[run]
                        test_cut[test] = state_cut[first + s]
                        test_step[test] = (change * in_part) & 255
                        test_jump[test] = change * stride
                        test += 1
                in_part *= n_classes
                stride *= n_classes
            for _ in range(slots):
                slot_feature[slot] = -1
                slot += 1
    part_starts[members.shape[0]] = part + 1
    test_starts[part + 1] = test


@subroutine
def _fill_leaf(
    ratio: Any,
    value: Any,
    points: Any,
    weights: Any,
    prefix: Any,
    suffix: Any,
    out: Any,
) -> None:
    """Write a leaf's contributions for all patterns of conditions met.

    ``out[pattern * d + j]`` is player ``j``'s, bit ``i`` of ``pattern`` set where the
    conditions of player ``i`` are *not* met. ``prefix[2**j + bits]`` is the product of
    the players before ``j``, ``suffix[2**(d - 1 - j) + bits]`` of those behind it.
    """
    d = ratio.shape[0]
    n_patterns = 1 << d
    for at in range(n_patterns * d):
        out[at] = 0.0
    for k in range(points.shape[0]):
        t = points[k]
        prefix[1] = weights[k]
        suffix[1] = 1.0
        for j in range(d - 1):
            size = 1 << j
            met, unmet = ratio[j] + t * (1.0 - ratio[j]), ratio[j] * (1.0 - t)
            for bits in range(size):
                prefix[2 * size + bits] = prefix[size + bits] * met
                prefix[3 * size + bits] = prefix[size + bits] * unmet
            z = ratio[d - 1 - j]
            met, unmet = z + t * (1.0 - z), z * (1.0 - t)
            for bits in range(size):
                suffix[2 * (size + bits)] = suffix[size + bits] * met
                suffix[2 * (size + bits) + 1] = suffix[size + bits] * unmet
        for pattern in range(n_patterns):
            for j in range(d):
                before = prefix[(1 << j) + (pattern & ((1 << j) - 1))]
                behind = suffix[(1 << (d - 1 - j)) + (pattern >> (j + 1))]
                out[pattern * d + j] += before * behind
    for pattern in range(n_patterns):
        for j in range(d):
            met = 1.0 - (pattern >> j & 1)
            out[pattern * d + j] *= value * (met - ratio[j])


@kernel(
    (
        *_GROUPS,
        read_only(int64),
        read_only(int64),
        read_only(int64),
        read_only(float64),
        read_only(float64),
        read_only(float64),
        read_only(float64),
        read_only(int64),
        int64,
        int64,
        int64,
        int64,
        writable(float64),
    )
)
def fill_tables(  # noqa: PLR0912 - one loop over groups and their leaves
    group_starts: Any,
    members: Any,
    sizes: Any,
    run_starts: Any,
    run_feature: Any,
    run_leaves: Any,
    state_starts: Any,
    state_leaves: Any,
    leaf_starts: Any,
    player_starts: Any,
    player_feature: Any,
    player_ratio: Any,
    leaf_value: Any,
    points: Any,
    weights: Any,
    table_starts: Any,
    lanes: Any,
    most_states: Any,
    most_rows: Any,
    most_players: Any,
    table: Any,
) -> None:
    """Add the contributions of every leaf to its group's table, zero at the start.

    ``points`` and ``weights`` hold the rules of 1, 2, 3, ... points one after another.
    The plain form of a table row takes any row of data that leads to it.
    """
    state_class = np.empty(most_states, np.int64)
    met = np.empty(_MOST_CLASSES, np.uint64)
    unmet = np.empty(most_rows, np.int64)
    slot_of = np.empty(most_players, np.int64)
    prefix = np.empty(2 << most_players)
    suffix = np.empty(2 << most_players)
    contributions = np.empty(most_players << most_players)
    for block in range(group_starts.shape[0] - 1):
        for g in range(group_starts[block], group_starts[block + 1]):
            slots = (sizes[g, 2] + lanes - 1) // lanes * lanes
            own = table[table_starts[g] : table_starts[g + 1]]
            for nth in range(leaf_starts[block + 1] - leaf_starts[block]):
                bit = _ONE << np.uint64(nth)
                if sizes[g, 0] == 0 or members[g] & bit == _NOTHING:
                    continue
                leaf = leaf_starts[block] + nth
                first_player = player_starts[leaf]
                d = player_starts[leaf + 1] - first_player
                unmet[0] = 0
                n, slot, player = 1, np.int64(-1), np.int64(0)
                feature = np.int64(-1)
                for run in range(run_starts[block], run_starts[block + 1]):
                    if run_leaves[run] & members[g] == _NOTHING:
                        continue
                    if run_feature[run] != feature:
                        feature = run_feature[run]
                        slot += 1
                    asks = run_leaves[run] & bit != _NOTHING
                    if asks:
                        while player_feature[first_player + player] != feature:
                            player += 1
                        slot_of[player] = slot
                    n_classes = _classify(
                        state_starts[run], state_starts[run + 1], members[g],
                        state_leaves, state_class, met,
                    )  # fmt: skip
                    for c in range(n_classes - 1, -1, -1):
                        fails = asks and met[c] & bit == _NOTHING
                        mask = (1 << player) if fails else 0
                        for row in range(n):
                            unmet[c * n + row] = unmet[row] | mask
                    n *= n_classes
                rule = (d + 1) // 2
                begin = rule * (rule - 1) // 2
                _fill_leaf(
                    player_ratio[first_player : first_player + d], leaf_value[leaf],
                    points[begin : begin + rule], weights[begin : begin + rule],
                    prefix, suffix, contributions,
                )  # fmt: skip
                for row in range(n):
                    for j in range(d):
                        at = row * slots + slot_of[j]
                        own[at] += contributions[unmet[row] * d + j]
