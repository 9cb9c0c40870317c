"""Leaf tables: what a group of leaves contributes, for every row of its tables.

A leaf of value ``v`` whose path has ``d`` players is worth ``v * prod_j (o_j)`` to a
row that meets the conditions of player ``j`` (``o_j = 1``) or not (``o_j = 0``). With
cover ratios ``z_j`` the path-dependent Shapley value of player ``i`` (Lundberg et al.,
*From local explanations to global understanding with explainable AI for trees*, Nature
Machine Intelligence 2, 2020, doi:10.1038/s42256-019-0138-9) is ::

    v * (o_i - z_i) * integral_0^1 prod_{j != i} (t * o_j + (1 - t) * z_j) dt

because a coalition of ``s`` of the other ``d - 1`` players has the weight
``integral t**s * (1 - t)**(d - 1 - s) dt``. The integrand is a polynomial of degree
``d - 1``, which Gauss-Legendre quadrature of ``ceil(d / 2)`` points sums exactly.

A table holds these sums over the leaves of its group for every combination of classes.
In a *product* the integrand of every leaf is a first factor, its own, times a second
one that all leaves share: each has a table of its values at the quadrature points, and
of their derivatives for each of its players. A player's contribution is the dot product
of its derivative with the other factor's values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int32, int64, uint8, uint32, uint64

from cfscore._kernels.jit import kernel, read_only, subroutine, writable
from cfscore._kernels.leaf_groups import LANES, RUNS, assign_factors

_MOST_CLASSES = 256
_NOTHING = np.uint64(0)
_ONE = np.uint64(1)

_GROUPS = (
    read_only(int64),  # group_block
    read_only(uint64),  # members
    read_only(int64),  # n_tables
    *RUNS,
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
        read_only(int64),
        int64,
        int64,
        writable(int64),
        writable(int32),
        writable(int64),
        writable(uint32),
        writable(uint8),
        writable(uint8),
        writable(int32),
        writable(int32),
    )
)
def lay_out_tests(
    group_block: Any,
    members: Any,
    n_tables: Any,
    run_starts: Any,
    run_feature: Any,
    run_leaves: Any,
    run_peers: Any,
    state_starts: Any,
    state_leaves: Any,
    state_cut: Any,
    run_column: Any,
    widths: Any,
    most_runs: Any,
    most_states: Any,
    part_starts: Any,
    part_factor: Any,
    test_starts: Any,
    test_column: Any,
    test_cut: Any,
    test_step: Any,
    test_jump: Any,
    table_features: Any,
) -> None:
    """Write the tests that lead a row to its row of each table, and its features.

    A test ``rank > cut`` that holds moves the row on by ``jump`` numbers of the table:
    the change of class at that cut, times the stride of its column. ``step`` is the
    same in units of its part, modulo 256: a part's classes multiply to at most 256, so
    bytes hold the sum, and ``part_factor`` times that is the part's share of the way.
    """
    factor = np.empty(most_runs, np.int64)
    state_class = np.empty(most_states, np.int64)
    met = np.empty(_MOST_CLASSES, np.uint64)
    part, test, at, table = np.int64(-1), np.int64(0), np.int64(0), np.int64(0)
    for g in range(group_block.shape[0]):
        block = group_block[g]
        first_run, last_run = run_starts[block], run_starts[block + 1]
        assign_factors(
            n_tables[g] == 2, members[g], first_run, last_run, run_feature,
            run_leaves, run_peers, state_starts, state_leaves, factor,
        )  # fmt: skip
        for which in range(n_tables[g]):
            stride, in_part = widths[table], 1
            part += 1
            part_starts[table], part_factor[part] = part, stride
            test_starts[part] = test
            table += 1
            feature = np.int64(-1)
            for run in range(first_run, last_run):
                if factor[run - first_run] != which:
                    continue
                if run_feature[run] != feature:
                    feature = run_feature[run]
                    table_features[at] = feature
                    at += 1
                first = state_starts[run]
                n_states = state_starts[run + 1] - first
                n_classes = _classify(
                    first, first + n_states, members[g], state_leaves,
                    state_class, met,
                )  # fmt: skip
                if in_part * n_classes > _MOST_CLASSES:
                    in_part = 1
                    part += 1
                    part_factor[part], test_starts[part] = stride, test
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
    part_starts[table], test_starts[part + 1] = part + 1, test


@subroutine
def _find_unmet(
    which: Any,
    members: Any,
    bit: Any,
    place: Any,
    first_run: Any,
    last_run: Any,
    run_feature: Any,
    run_leaves: Any,
    run_ratio: Any,
    state_starts: Any,
    state_leaves: Any,
    factor: Any,
    state_class: Any,
    met: Any,
    unmet: Any,
    slot_of: Any,
    ratio: Any,
) -> tuple[Any, Any]:
    """Return how many rows a factor's table and how many players a leaf has in it.

    Writes for every row the players whose conditions are not met there, as bits, and
    for every player its place among the factor's features and its cover ratio.
    """
    n_rows, n_players, slot = 1, 0, -1
    feature, asking = np.int64(-1), np.int64(-1)
    unmet[0] = 0
    for run in range(first_run, last_run):
        if factor[run - first_run] != which:
            continue
        if run_feature[run] != feature:
            feature = run_feature[run]
            slot += 1
        asks = run_leaves[run] & bit != _NOTHING
        if asks and asking != feature:
            asking = feature
            slot_of[n_players], ratio[n_players] = slot, run_ratio[run, place]
            n_players += 1
        n_classes = _classify(
            state_starts[run], state_starts[run + 1], members, state_leaves,
            state_class, met,
        )  # fmt: skip
        for c in range(n_classes - 1, -1, -1):
            fails = asks and met[c] & bit == _NOTHING
            mask = (1 << (n_players - 1)) if fails else 0
            for row in range(n_rows):
                unmet[c * n_rows + row] = unmet[row] | mask
        n_rows *= n_classes
    return n_rows, n_players


@subroutine
def _multiply(ratio: Any, t: Any, prefix: Any, suffix: Any) -> None:
    """Write the products of the players' factors at ``t``, whoever's conditions fail.

    ``prefix[2**j + bits]`` is the product of the players before ``j``, of which those
    in ``bits`` fail; ``suffix[2**(d - 1 - j) + bits]`` is that of the players behind
    it.
    """
    prefix[1] = suffix[1] = 1.0
    n_players = ratio.shape[0]
    for j in range(n_players):
        size = 1 << j
        z = ratio[j]
        met, unmet = z + t * (1.0 - z), z * (1.0 - t)
        for bits in range(size):
            prefix[2 * size + bits] = prefix[size + bits] * met
            prefix[3 * size + bits] = prefix[size + bits] * unmet
        z = ratio[n_players - 1 - j]
        met, unmet = z + t * (1.0 - z), z * (1.0 - t)
        for bits in range(size):
            suffix[2 * (size + bits)] = suffix[size + bits] * met
            suffix[2 * (size + bits) + 1] = suffix[size + bits] * unmet


@subroutine
def _add_leaf(
    value: Any,
    is_product: Any,
    ratio: Any,
    slot_of: Any,
    unmet: Any,
    width: Any,
    points: Any,
    weights: Any,
    prefix: Any,
    suffix: Any,
    sums: Any,
    own: Any,
) -> None:
    """Add a leaf to all rows of a table.

    A row of a product's table holds the factor's values at the quadrature points, then
    its weighted derivatives for each feature, both filled up to whole vectors.
    """
    d, stride = ratio.shape[0], (points.shape[0] + LANES - 1) // LANES * LANES
    stride += LANES if stride == 3 * LANES else 0
    for at in range(d << d):
        sums[at] = 0.0
    for k in range(points.shape[0]):
        _multiply(ratio, points[k], prefix, suffix)
        for fails in range(1 << d):
            for j in range(d):
                before = prefix[(1 << j) + (fails & ((1 << j) - 1))]
                behind = suffix[(1 << (d - 1 - j)) + (fails >> (j + 1))]
                gain = (1.0 - (fails >> j & 1)) - ratio[j]
                term = value * gain * (weights[k] * before * behind)
                at = fails * d + j
                sums[at] = term if is_product else sums[at] + term
        if is_product:
            for row in range(unmet.shape[0]):
                at = row * width + k
                own[at] += value * prefix[(1 << d) + unmet[row]]
                for j in range(d):
                    own[at + (slot_of[j] + 1) * stride] += sums[unmet[row] * d + j]
    if not is_product:
        for row in range(unmet.shape[0]):
            for j in range(d):
                own[row * width + slot_of[j]] += sums[unmet[row] * d + j]


@kernel(
    (
        *_GROUPS,
        read_only(float64, 2),
        read_only(int64),
        read_only(float64),
        read_only(int64),
        read_only(int64),
        read_only(int64),
        read_only(float64),
        read_only(float64),
        int64,
        int64,
        int64,
        int64,
        writable(float64),
    )
)
def fill_tables(
    group_block: Any,
    members: Any,
    n_tables: Any,
    run_starts: Any,
    run_feature: Any,
    run_leaves: Any,
    run_peers: Any,
    state_starts: Any,
    state_leaves: Any,
    run_ratio: Any,
    leaf_starts: Any,
    leaf_value: Any,
    n_points: Any,
    widths: Any,
    table_starts: Any,
    points: Any,
    weights: Any,
    most_runs: Any,
    most_states: Any,
    most_rows: Any,
    most_players: Any,
    tables: Any,
) -> None:
    """Add the contributions of every leaf to its group's tables, zero at the start.

    ``run_ratio`` is the cover ratio that a run's feature has for each leaf of a block;
    ``points`` and ``weights`` hold the rules of 1, 2, 3, ... points one after another;
    ``n_points`` is the rule of a product, 0 for a group of one table, where each leaf
    has its own. ``most_players`` bounds the players of a factor.
    """
    factor = np.empty(most_runs, np.int64)
    state_class = np.empty(most_states, np.int64)
    met = np.empty(_MOST_CLASSES, np.uint64)
    unmet = np.empty(most_rows, np.int64)
    slot_of, ratio = np.empty(most_players, np.int64), np.empty(most_players)
    prefix, suffix = np.empty(4 << most_players), np.empty(4 << most_players)
    sums = np.empty(most_players << most_players)
    table = np.int64(0)
    for g in range(group_block.shape[0]):
        block = group_block[g]
        assign_factors(
            n_tables[g] == 2, members[g], run_starts[block], run_starts[block + 1],
            run_feature, run_leaves, run_peers, state_starts, state_leaves, factor,
        )  # fmt: skip
        for which in range(n_tables[g]):
            own = tables[table_starts[table] : table_starts[table + 1]]
            for place in range(leaf_starts[block + 1] - leaf_starts[block]):
                bit, leaf = _ONE << np.uint64(place), leaf_starts[block] + place
                if members[g] & bit == _NOTHING:
                    continue
                n_rows, d = _find_unmet(
                    which, members[g], bit, place, run_starts[block],
                    run_starts[block + 1], run_feature, run_leaves, run_ratio,
                    state_starts, state_leaves, factor, state_class, met, unmet,
                    slot_of, ratio,
                )  # fmt: skip
                rule = n_points[g] if n_points[g] > 0 else (d + 1) // 2
                begin = rule * (rule - 1) // 2
                _add_leaf(
                    1.0 if which else leaf_value[leaf], n_points[g] > 0,
                    ratio[:d], slot_of, unmet[:n_rows], widths[table],
                    points[begin : begin + rule], weights[begin : begin + rule],
                    prefix, suffix, sums, own,
                )  # fmt: skip
                if which:  # all members are alike in the shared factor
                    break
            table += 1
