"""Leaf groups: which leaves of a block are looked up together, and how.

A group of leaves asks of a row one state per rank column; states that are the same to
all its leaves are one class, and the product of the classes is the number of rows of
its table. The more leaves share a table, the fewer look-ups a row costs, and the larger
the table. Where it grows too large, a group may have two smaller ones, its *factors*:
features that ask the same of all its leaves can be split off, because they multiply
what the others give (see ``leaf_tables``). Groups are merged two by two, best saving
first, as long as that pays.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import float64, int64, uint64

from cfscore._kernels.jit import kernel, read_only, subroutine, writable

#: Leaves of a block.
MOST_LEAVES: Final = 64
#: Slots of a table row come in multiples of a vector of float64.
LANES: Final = 4

#: Quadrature points of a product fill 1, 2 or 4 vectors.
MOST_POINTS: Final = 16

#: Positions in the array of prices; all but the bounds in nanoseconds a row.
(
    PRICE_OF_TABLE,
    PRICE_OF_SLOT,
    PRICE_OF_SLOT_IN_L2,
    PRICE_OF_SLOT_IN_L3,
    PRICE_OF_PRODUCT,
    PRICE_OF_VECTOR,
    PRICE_OF_VECTOR_IN_L3,
    PRICE_OF_FACTOR,
    PRICE_OF_TEST,
    PRICE_OF_BYTE,
    BYTES_OF_L1,
    BYTES_OF_L2,
    MOST_TABLE_ROWS,
    MOST_FACTOR_ROWS,
    N_PRICES,
) = range(15)

#: Positions in the sizes of a factor.
ROWS, TESTS, FEATURES, PARTS, N_SIZES = range(5)

_MOST_CLASSES = 256
_MANY = 1 << 30
_BYTES = 8
_NOTHING = np.uint64(0)
_ONE = np.uint64(1)
_PLACES = np.uint64(63)
_PAIRS = np.uint64(0x5555555555555555)
_NIBBLES = np.uint64(0x3333333333333333)
_OCTETS = np.uint64(0x0F0F0F0F0F0F0F0F)
_SUM_OF_OCTETS = np.uint64(0x0101010101010101)

#: Types of the arrays that describe the columns of leaf blocks.
RUNS: Final = (
    read_only(int64),  # run_starts
    read_only(int64),  # run_feature
    read_only(uint64),  # run_leaves
    read_only(uint64, 2),  # run_peers
    read_only(int64),  # state_starts
    read_only(uint64),  # state_leaves
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
def assign_factors(  # noqa: PLR0912 - one loop over features and their runs
    is_product: Any,
    members: Any,
    first_run: Any,
    last_run: Any,
    run_feature: Any,
    run_leaves: Any,
    run_peers: Any,
    state_starts: Any,
    state_leaves: Any,
    factor: Any,
) -> None:
    """Write the factor of each run of a block: 0 or 1, -1 where the group asks nothing.

    A table has the one factor 0. In a product, features that do not ask the same of all
    members have factor 0, and each other feature joins the factor that has fewer rows
    so far. ``run_peers`` says of each leaf which ones ask the same.
    """
    rows, lowest = 1, 0
    while members >> np.uint64(lowest) & _ONE == _NOTHING:
        lowest += 1
    for run in range(first_run, last_run):
        factor[run - first_run] = 0 if run_leaves[run] & members else -1
    if not is_product:
        return
    for is_shared_turn in range(2):
        first = first_run
        other_rows = 1
        while first < last_run:
            last = first + 1
            while last < last_run and run_feature[last] == run_feature[first]:
                last += 1
            shared, n_rows = True, 1
            for run in range(first, last):
                if factor[run - first_run] >= 0:
                    shared &= run_peers[run, lowest] & members == members
                    n_rows *= _count_classes(
                        state_starts[run], state_starts[run + 1], members, state_leaves
                    )[0]
            if shared == (is_shared_turn == 1):
                if shared and other_rows < rows:
                    other_rows = min(other_rows * n_rows, _MANY)
                    for run in range(first, last):
                        if factor[run - first_run] >= 0:
                            factor[run - first_run] = 1
                else:
                    rows = min(rows * n_rows, _MANY)
            first = last


@subroutine
def _measure_factor(
    which: Any,
    members: Any,
    first_run: Any,
    last_run: Any,
    run_feature: Any,
    state_starts: Any,
    state_leaves: Any,
    factor: Any,
    most_rows: Any,
    size: Any,
) -> None:
    """Write the sizes of a factor, no rows where they are too many.

    A part is a series of columns whose classes multiply to at most 256.
    """
    n_rows, n_tests, n_features, n_parts, in_part = 1, 0, 0, 1, 1
    feature = np.int64(-1)
    size[ROWS] = 0
    for run in range(first_run, last_run):
        if factor[run - first_run] != which:
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
            return
        in_part *= n_classes
        if in_part > _MOST_CLASSES:
            in_part = n_classes
            n_parts += 1
    size[ROWS], size[TESTS], size[FEATURES], size[PARTS] = (
        n_rows, n_tests, n_features, n_parts,
    )  # fmt: skip


@subroutine
def _table_price(size: Any, prices: Any) -> float:
    """Return what a table costs a row, memory included; infinite for none."""
    if size[ROWS] == 0:
        return np.inf
    slots = (size[FEATURES] + LANES - 1) // LANES * LANES
    n_bytes = size[ROWS] * slots * _BYTES
    price = prices[PRICE_OF_TABLE] + size[TESTS] * prices[PRICE_OF_TEST]
    price += slots * prices[PRICE_OF_SLOT] + n_bytes * prices[PRICE_OF_BYTE]
    if n_bytes > prices[BYTES_OF_L1]:
        price += slots * prices[PRICE_OF_SLOT_IN_L2]
    if n_bytes > prices[BYTES_OF_L2]:
        price += slots * prices[PRICE_OF_SLOT_IN_L3]
    return price  # type: ignore[no-any-return]


@subroutine
def _product_price(sizes: Any, n_points: Any, prices: Any) -> float:
    """Return what a product costs a row, memory included; infinite for none."""
    if sizes[0, ROWS] == 0 or sizes[1, ROWS] == 0 or sizes[1, FEATURES] == 0:
        return np.inf
    if n_points > MOST_POINTS:
        return np.inf
    vectors = (n_points + LANES - 1) // LANES
    vectors += vectors == 3
    price = prices[PRICE_OF_PRODUCT]
    for which in range(2):
        size = sizes[which]
        numbers = (size[FEATURES] + 1) * vectors * LANES
        price += size[TESTS] * prices[PRICE_OF_TEST]
        price += size[FEATURES] * vectors * prices[PRICE_OF_VECTOR]
        n_bytes = size[ROWS] * numbers * _BYTES
        price += n_bytes * prices[PRICE_OF_BYTE]
        if n_bytes > prices[BYTES_OF_L2]:
            price += size[FEATURES] * vectors * prices[PRICE_OF_VECTOR_IN_L3]
    return price  # type: ignore[no-any-return]


@subroutine
def _least_price(features: Any, prices: Any, size: Any) -> float:
    """Return a bound of what any group of these features, given as bits, can cost."""
    pairs = features - (features >> np.uint64(1) & _PAIRS)
    nibbles = (pairs & _NIBBLES) + (pairs >> np.uint64(2) & _NIBBLES)
    octets = (nibbles + (nibbles >> np.uint64(4))) & _OCTETS
    n_features = np.int64(octets * _SUM_OF_OCTETS >> np.uint64(56))
    size[ROWS] = np.int64(1) << min(n_features, np.int64(40))
    size[TESTS] = n_features
    size[FEATURES], size[PARTS] = n_features, 1
    product = n_features * (prices[PRICE_OF_VECTOR] + prices[PRICE_OF_TEST])
    product += prices[PRICE_OF_PRODUCT]
    return min(_table_price(size, prices), product)  # type: ignore[no-any-return]


@subroutine
def _most_players(members: Any, first_leaf: Any, n_players: Any) -> Any:
    """Return the players of the longest path of a group."""
    most = np.int64(0)
    for place in range(MOST_LEAVES):
        if members >> np.uint64(place) & _ONE:
            most = max(most, n_players[first_leaf + place])
    return most


@subroutine
def _price(
    members: Any,
    first_leaf: Any,
    first_run: Any,
    last_run: Any,
    run_feature: Any,
    run_leaves: Any,
    run_peers: Any,
    state_starts: Any,
    state_leaves: Any,
    n_players: Any,
    prices: Any,
    factor: Any,
    sizes: Any,
) -> float:
    """Return what a group costs a row as a table or as a product, infinite as neither.

    Writes the sizes of its factors, shape (2, N_SIZES). A small table is not compared
    with a product, which cannot be cheaper.
    """
    price, is_product = np.inf, False
    for turn in range(2):
        most_rows = np.int64(prices[MOST_FACTOR_ROWS if turn else MOST_TABLE_ROWS])
        assign_factors(
            turn == 1, members, first_run, last_run, run_feature, run_leaves,
            run_peers, state_starts, state_leaves, factor,
        )  # fmt: skip
        for which in range(2):
            _measure_factor(
                which, members, first_run, last_run, run_feature, state_starts,
                state_leaves, factor, most_rows, sizes[2 * turn + which],
            )  # fmt: skip
        if turn == 0:
            price = _table_price(sizes[0], prices)
            if price < prices[PRICE_OF_PRODUCT]:
                break
        else:
            most = _most_players(members, first_leaf, n_players)
            product = _product_price(sizes[2:], (most + 1) // 2, prices)
            if product < price:
                price, is_product = product, True
    for which in range(2):
        for kind in range(N_SIZES):
            if is_product:
                sizes[which, kind] = sizes[2 + which, kind]
            elif which:
                sizes[which, kind] = 0
    return price


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


@subroutine
def _keep_price(
    a: Any,
    grouped: Any,
    group: Any,
    players: Any,
    prices: Any,
    found: Any,
    price: Any,
    size: Any,
) -> None:
    """Keep what a group costs and the sizes of its factors; 0 without a table.

    A leaf by itself has none where its factors are cheaper multiplied for each row.
    """
    price[a], scale = grouped, 1
    if group[a] & (group[a] - _ONE) == _NOTHING:
        plain = prices[PRICE_OF_FACTOR] * players * ((players + 1) // 2)
        if plain <= grouped:
            price[a], scale = plain, 0
    for kind in range(2 * N_SIZES):
        size[a, kind] = scale * found[kind // N_SIZES, kind % N_SIZES]


@subroutine
def _start_groups(
    first_run: Any,
    end_run: Any,
    run_feature: Any,
    run_leaves: Any,
    n: Any,
    group: Any,
    features: Any,
) -> None:
    """Make each leaf of a block a group, and write its features as bits."""
    for g in range(n):
        group[g] = _ONE << np.uint64(g)
        features[g] = _NOTHING
    feature = np.uint64(0)
    for run in range(first_run, end_run):
        if run > first_run and run_feature[run] != run_feature[run - 1]:
            feature += _ONE
        for g in range(n):
            if run_leaves[run] & group[g] != _NOTHING:
                features[g] |= _ONE << (feature & _PLACES)


@subroutine
def _write_groups(
    group: Any,
    size: Any,
    n: Any,
    first_leaf: Any,
    n_players: Any,
    end: Any,
    members: Any,
    sizes: Any,
    n_points: Any,
) -> Any:
    """Write the groups of a block from place ``end`` on; return where they end."""
    for g in range(n):
        if group[g] == _NOTHING:
            continue
        members[end], n_points[end] = group[g], 0
        for kind in range(2 * N_SIZES):
            sizes[end, kind // N_SIZES, kind % N_SIZES] = size[g, kind]
        if sizes[end, 1, ROWS] > 0:
            most = _most_players(group[g], first_leaf, n_players)
            n_points[end] = (most + 1) // 2
        end += 1
    return end


@kernel(
    (
        read_only(int64),
        read_only(int64),
        *RUNS,
        read_only(uint64),
        read_only(int64),
        int64,
        read_only(float64),
        writable(uint64),
        writable(int64, 3),
        writable(int64),
        writable(int64),
    )
)
def group_leaves(
    chosen: Any,
    leaf_starts: Any,
    run_starts: Any,
    run_feature: Any,
    run_leaves: Any,
    run_peers: Any,
    state_starts: Any,
    state_leaves: Any,
    never_met: Any,
    n_players: Any,
    most_runs: Any,
    prices: Any,
    members: Any,
    sizes: Any,
    n_points: Any,
    group_starts: Any,
) -> None:
    """Write the groups of chosen blocks.

    ``members``, one entry a group, holds its leaves as bits; ``sizes``, shape
    (n_leaves, 2, N_SIZES), the sizes of its factors: all 0 for a leaf without a table,
    the second all 0 where the group has a single table; ``n_points`` the quadrature
    points of a product, else 0; ``group_starts`` the first group of each chosen block.
    The plain form prices all pairs of groups anew after every merge and takes the first
    of the best.
    """
    saving = np.empty((MOST_LEAVES, MOST_LEAVES), np.float64)
    price = np.empty(MOST_LEAVES, np.float64)
    group = np.empty(MOST_LEAVES, np.uint64)
    features = np.empty(MOST_LEAVES, np.uint64)
    least = np.empty(N_SIZES, np.int64)
    size = np.empty((MOST_LEAVES, 2 * N_SIZES), np.int64)
    factor = np.empty(most_runs, np.int64)
    found = np.zeros((4, N_SIZES), np.int64)
    end = np.int64(0)
    for i in range(chosen.shape[0]):
        block = chosen[i]
        group_starts[i] = end
        first_leaf = leaf_starts[block]
        n = leaf_starts[block + 1] - first_leaf
        _start_groups(
            run_starts[block], run_starts[block + 1], run_feature, run_leaves, n,
            group, features,
        )  # fmt: skip
        changed = np.int64(-1)  # at first all groups are new
        while True:
            for turn in range(2):  # the groups by themselves, then two by two
                for a in range(n):
                    for b in range(a + turn, n if turn else a + 1):
                        if changed >= 0 and a != changed != b:
                            continue
                        saving[a, b] = 0.0
                        if group[a] == _NOTHING or group[b] == _NOTHING:
                            continue
                        both = group[a] | group[b]
                        if turn and price[a] + price[b] <= _least_price(
                            features[a] | features[b], prices, least
                        ):
                            continue
                        grouped = np.inf
                        if both & never_met[block] == _NOTHING:
                            grouped = _price(
                                both, first_leaf, run_starts[block],
                                run_starts[block + 1], run_feature, run_leaves,
                                run_peers, state_starts, state_leaves, n_players,
                                prices, factor, found,
                            )  # fmt: skip
                        if turn:
                            saving[a, b] = price[a] + price[b] - grouped
                            continue
                        players = n_players[first_leaf + a]
                        _keep_price(
                            a, grouped, group, players, prices, found, price, size
                        )
            a, b = _best_pair(saving, group, n)
            if a == b:
                break
            group[a] |= group[b]
            features[a] |= features[b]
            group[b] = _NOTHING
            changed = a
        end = _write_groups(
            group, size, n, first_leaf, n_players, end, members, sizes, n_points
        )
    group_starts[chosen.shape[0]] = end
