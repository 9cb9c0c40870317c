"""Leaf groups: tables that fill a bound of memory, found without pricing all leaves."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.execution import rank_layout
from cfscore.explain import _leaf_groups
from cfscore.explain._leaf_blocks import leaf_blocks
from cfscore.explain._leaf_groups import group_leaves
from cfscore.explain._leaf_paths import leaf_paths
from cfscore.explain._leaf_tables import LeafTables
from cfscore.explain._rank_windows import rank_windows
from tests.forests import random_trees

N_FEATURES = 12
PLENTY = 2**40


class Leaves:
    """The leaves of random trees of up to 33 leaves, and their blocks."""

    def __init__(self, n_trees: int) -> None:
        trees = random_trees(np.random.default_rng(1), n_trees, 33, N_FEATURES)
        layout = rank_layout(trees, N_FEATURES)
        windows = rank_windows(layout.node_column, layout.node_cut)
        paths = leaf_paths(trees, windows.node_column, windows.node_cut)
        self.n_players = paths.n_players
        self.blocks = leaf_blocks(paths)

    def grouped(self, bound: int) -> _leaf_groups.LeafGroups:
        return group_leaves(self.blocks, self.n_players, bound)

    def priced(self, chosen: np.ndarray, price: float) -> _leaf_groups.LeafGroups:
        return _leaf_groups._priced_groups(self.blocks, self.n_players, chosen, price)


@pytest.fixture(scope="module")
def few() -> Leaves:
    return Leaves(40)


@pytest.fixture(scope="module")
def many() -> Leaves:
    return Leaves(320)


def same(a: _leaf_groups.LeafGroups, b: _leaf_groups.LeafGroups) -> bool:
    names = ("block", "members", "sizes", "n_points")
    return all((getattr(a, name) == getattr(b, name)).all() for name in names)


def test_blocks_are_grouped_by_themselves(few: Leaves) -> None:
    chosen = np.array([1, 4, 9])
    whole = few.priced(np.arange(few.blocks.n_blocks), 1e-3)
    part = few.priced(chosen, 1e-3)
    for block in chosen:
        own = part.members[part.block == block]
        assert own.tolist() == whole.members[whole.block == block].tolist()
    assert set(part.block) == set(chosen)


def test_what_fits_exactly_keeps_all_its_tables(few: Leaves) -> None:
    everything = few.grouped(PLENTY)
    assert same(few.grouped(everything.n_bytes), everything)
    fewer = few.grouped(everything.n_bytes - 1)
    assert 0.7 * everything.n_bytes < fewer.n_bytes < everything.n_bytes


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
def test_a_bound_is_filled_and_kept(
    many: Leaves, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    assert many.blocks.n_blocks > _leaf_groups._SAMPLE
    bound = int(share * many.grouped(PLENTY).n_bytes)
    sizes = []
    priced = _leaf_groups._priced_groups

    def counted(blocks, n_players, chosen, price):
        sizes.append(len(chosen))
        return priced(blocks, n_players, chosen, price)

    monkeypatch.setattr(_leaf_groups, "_priced_groups", counted)
    found = many.grouped(bound)
    assert 0.6 * bound < found.n_bytes <= bound
    assert sizes.count(many.blocks.n_blocks) <= 2  # the sample tells


def test_nothing_fits_in_nothing(few: Leaves, many: Leaves) -> None:
    for leaves in (few, many):
        found = leaves.grouped(0)
        assert found.n_bytes == 0
        assert (found.n_tables == 0).all()


def test_dot_products_come_four_at_a_time() -> None:
    """Two products by hand: factors of 1 and 2 features, and of 1 and 1."""
    tables = LeafTables(
        tests=None,
        slot_starts=np.array([0, 4, 5, 7, 8, 9]),
        slot_player=np.array([0, 1, 2, 3, 0, 1, 2, 3, 0], np.uint32),
        table_starts=np.arange(6),
        tables=np.empty(0),
        n_singles=1,
    )
    own, other, ahead, player, vectors = tables.products_by_four(np.array([1, 2]), 4)
    # Three of one vector, the last one again; two of two vectors, and two more.
    assert own.tolist() == [1, 2, 2, 2, 3, 4, 4, 4]
    assert other.tolist() == [2, 1, 1, 1, 4, 3, 3, 3]
    assert ahead.tolist() == [4, 4, 8, 8, 8, 8, 8, 8]
    assert player.tolist() == [0, 1, 2, 7, 3, 0, 6, 7]
    assert vectors.tolist() == [1, 2]


def test_no_products_have_no_dot_products() -> None:
    starts = np.array([0, 4])
    tables = LeafTables(None, starts, np.zeros(4, np.uint32), starts, np.empty(0), 1)
    found = tables.products_by_four(np.array([], np.int64), 4)
    assert [len(x) for x in found] == [0, 0, 0, 0, 0]
