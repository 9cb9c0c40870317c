"""Leaf groups: which leaves of a block share one table of contributions.

A group of leaves asks of a row one state per rank column; states that are the same to
all its leaves are one class, and the product of the classes is the number of rows of
its table. The more leaves share a table, the fewer look-ups a row costs, and the larger
the table. Groups are merged two by two, best saving first, as long as that pays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, int64, uint64

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

_NOTHING = np.uint64(0)
_ONE = np.uint64(1)
_MOST_CLASSES = 256
_LANES = 4
_BYTES = 8

#: Positions in the array of prices; all but the sizes in nanoseconds a row.
(
    PRICE_OF_GROUP,
    PRICE_OF_TEST,
    PRICE_OF_SLOT,
    PRICE_OF_BYTE,
    PRICE_OF_SLOT_IN_L2,
    PRICE_OF_SLOT_IN_L3,
    PRICE_OF_FACTOR,
    BYTES_OF_L1,
    BYTES_OF_L2,
    MOST_ROWS,
    N_PRICES,
) = range(11)

_BLOCKS = (
    read_only(int64),
    read_only(uint64),
    read_only(int64),
    read_only(uint64),
)


@subroutine
def _count_classes(
    first: Any, last: Any, members: Any, state_leaves: Any
) -> tuple[Any, Any]:
    """Return how many classes and changes of class the states of a run have."""
    n_classes, n_changes = 0, 0
    for s in range(first, last):
        met = state_leaves[s] & members
        is_new = 1
        for earlier in range(first, s):
            if state_leaves[earlier] & members == met:
                is_new = 0
                break
        n_classes += is_new
        if s > first and state_leaves[s - 1] & members != met:
            n_changes += 1
    return n_classes, n_changes


@subroutine
def _measure(
    members: Any,
    first_run: Any,
    last_run: Any,
    run_feature: Any,
    run_leaves: Any,
    state_starts: Any,
    state_leaves: Any,
    most_rows: Any,
) -> tuple[Any, Any, Any, Any]:
    """Return table rows (0 where too many), tests, features and parts of a group.

    A part is a run of columns whose classes multiply to at most 256.
    """
    n_rows, n_tests, n_features, n_parts, in_part = 1, 0, 0, 1, 1
    feature = np.int64(-1)
    for run in range(first_run, last_run):
        if run_leaves[run] & members == _NOTHING:
            continue
        if run_feature[run] != feature:
            feature = run_feature[run]
            n_features += 1
        n_classes, n_changes = _count_classes(
            state_starts[run], state_starts[run + 1], members, state_leaves
        )
        n_tests += n_changes
        n_rows *= n_classes
        if n_classes > _MOST_CLASSES or n_rows > most_rows:
            return 0, 0, 0, 0
        in_part *= n_classes
        if in_part > _MOST_CLASSES:
            in_part = n_classes
            n_parts += 1
    return n_rows, n_tests, n_features, n_parts


@subroutine
def _price(
    members: Any,
    first_run: Any,
    last_run: Any,
    run_feature: Any,
    run_leaves: Any,
    state_starts: Any,
    state_leaves: Any,
    prices: Any,
) -> float:
    """Return what a group's table costs a row, memory included; infinite for none."""
    n_rows, n_tests, n_features, _ = _measure(
        members, first_run, last_run, run_feature, run_leaves, state_starts,
        state_leaves, np.int64(prices[MOST_ROWS]),
    )  # fmt: skip
    if n_rows == 0:
        return np.inf
    slots = (n_features + _LANES - 1) // _LANES * _LANES
    n_bytes = n_rows * slots * _BYTES
    price = prices[PRICE_OF_GROUP] + n_tests * prices[PRICE_OF_TEST]
    price += slots * prices[PRICE_OF_SLOT] + n_bytes * prices[PRICE_OF_BYTE]
    if n_bytes > prices[BYTES_OF_L1]:
        price += slots * prices[PRICE_OF_SLOT_IN_L2]
    if n_bytes > prices[BYTES_OF_L2]:
        price += slots * prices[PRICE_OF_SLOT_IN_L3]
    return price  # type: ignore[no-any-return]


@subroutine
def _best_pair(saving: Any, group: Any, n: Any) -> tuple[Any, Any]:
    """Return the first pair of groups that saves most, (0, 0) where none does."""
    best, first, second = 0.0, 0, 0
    for a in range(n):
        if group[a] == _NOTHING:
            continue
        for b in range(a + 1, n):
            if group[b] != _NOTHING and saving[a, b] > best:
                best, first, second = saving[a, b], a, b
    return first, second


@kernel(
    (
        read_only(int64),
        read_only(int64),
        *_BLOCKS,
        read_only(uint64),
        read_only(int64),
        read_only(float64),
        writable(uint64),
        writable(int64, 2),
        writable(int64),
    )
)
def group_leaves(  # noqa: PLR0912 - one loop over blocks, without calls
    leaf_starts: Any,
    run_starts: Any,
    run_feature: Any,
    run_leaves: Any,
    state_starts: Any,
    state_leaves: Any,
    never_met: Any,
    n_players: Any,
    prices: Any,
    members: Any,
    sizes: Any,
    group_starts: Any,
) -> None:
    """Write the groups of every block.

    ``members``, one entry a group, holds its leaves as bits; ``sizes``, shape
    (n_leaves, 4), its table rows, tests, features and parts, all 0 for a leaf without a
    table; ``group_starts`` the first group of each block. The plain form prices all
    pairs of groups anew after every merge and takes the first of the best.
    """
    saving = np.empty((64, 64), np.float64)
    price = np.empty(64, np.float64)
    group = np.empty(64, np.uint64)
    end = np.int64(0)
    for block in range(leaf_starts.shape[0] - 1):
        group_starts[block] = end
        first, last = run_starts[block], run_starts[block + 1]
        n = leaf_starts[block + 1] - leaf_starts[block]
        for g in range(n):
            group[g] = _ONE << np.uint64(g)
            d = n_players[leaf_starts[block] + g]
            price[g] = prices[PRICE_OF_FACTOR] * d * ((d + 1) // 2)
            if group[g] & never_met[block] == _NOTHING:
                table = _price(
                    group[g], first, last, run_feature, run_leaves, state_starts,
                    state_leaves, prices,
                )  # fmt: skip
                price[g] = min(price[g], table)
        changed = np.int64(-1)  # at first all pairs are new
        while True:
            for a in range(n):
                for b in range(a + 1, n):
                    if changed >= 0 and a != changed != b:
                        continue
                    both = group[a] | group[b]
                    saving[a, b] = 0.0
                    if group[a] == _NOTHING or group[b] == _NOTHING:
                        continue
                    if both & never_met[block] == _NOTHING:
                        saving[a, b] = price[a] + price[b] - _price(
                            both, first, last, run_feature, run_leaves, state_starts,
                            state_leaves, prices,
                        )  # fmt: skip
            a, b = _best_pair(saving, group, n)
            if a == b:
                break
            price[a] += price[b] - saving[a, b]
            group[a] |= group[b]
            group[b] = _NOTHING
            changed = a
        for g in range(n):
            if group[g] == _NOTHING:
                continue
            members[end] = group[g]
            d = n_players[leaf_starts[block] + g]
            plain = prices[PRICE_OF_FACTOR] * d * ((d + 1) // 2)
            sizes[end] = 0
            if group[g] & (group[g] - _ONE) != _NOTHING or price[g] < plain:
                rows, tests, features, parts = _measure(
                    group[g], first, last, run_feature, run_leaves, state_starts,
                    state_leaves, np.int64(prices[MOST_ROWS]),
                )  # fmt: skip
                sizes[end, 0], sizes[end, 1] = rows, tests
                sizes[end, 2], sizes[end, 3] = features, parts
            end += 1
    group_starts[leaf_starts.shape[0] - 1] = end
