"""Leaf blocks: up to 64 leaves seen as bits, column by column and state by state.

Leaves ask of a rank column only where it lies between the cuts on their paths. So a
column has as many states as it has cuts plus one, and what a state means to the leaves
of a block is one 64-bit integer: the leaves whose condition on that column it meets.
Any set of leaves is a bit mask then, and two states are the same to it when they agree
under that mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.leaf_groups import MOST_LEAVES
from cfscore.explain._leaf_paths import NO_BOUND, LeafPaths

__all__ = ["LeafBlocks", "leaf_blocks"]

#: Small trees share a block up to so many leaves: 64 would find few better groups in
#: twice the time.
_PACKED_LEAVES: Final = 32
_CUT_BITS: Final = 17
_COLUMN_BITS: Final = 32
_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LeafBlocks:
    """Leaves in blocks; within a block, runs of cuts, one run per rank column.

    Parameters
    ----------
    leaf_starts : array of shape (n_blocks + 1,), int64
        First leaf of each block.
    run_starts : array of shape (n_blocks + 1,), int64
        First run of each block; runs of a block ascend by feature, then by column.
    run_column, run_feature : array of shape (n_runs,), int64
        Rank column of each run and its feature.
    run_leaves : array of shape (n_runs,), uint64
        Leaves of the block that have a condition on the column.
    run_ratio : array of shape (n_runs, 64), float64
        Cover ratio that the feature has for each leaf of the block with a condition.
    run_peers : array of shape (n_runs, 64), uint64
        Leaves that have the same condition and cover ratio as each leaf.
    state_starts : array of shape (n_runs + 1,), int64
        First state of each run.
    state_leaves : array of shape (n_states,), uint64
        Leaves whose condition on the column is met in this state.
    state_cut : array of shape (n_states,), int64
        The cut below the state, -1 for the first state of a run.
    never_met : array of shape (n_blocks,), uint64
        Leaves with a condition that no rank meets.
    """

    leaf_starts: _Ints
    run_starts: _Ints
    run_column: _Ints
    run_feature: _Ints
    run_leaves: NDArray[np.uint64]
    run_ratio: NDArray[np.float64]
    run_peers: NDArray[np.uint64]
    state_starts: _Ints
    state_leaves: NDArray[np.uint64]
    state_cut: _Ints
    never_met: NDArray[np.uint64]

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.leaf_starts) - 1

    @property
    def runs(self) -> tuple[NDArray[Any], ...]:
        """Arrays of the runs, as the kernels take them."""
        return (
            self.run_starts,
            self.run_feature,
            self.run_leaves,
            self.run_peers,
            self.state_starts,
            self.state_leaves,
        )


def leaf_blocks(paths: LeafPaths) -> LeafBlocks:
    """Return leaves in blocks of consecutive ones.

    Small trees share a block; a tree of more than 64 leaves takes several, from left to
    right.
    """
    leaf_starts = _block_starts(np.unique(paths.tree, return_counts=True)[1].tolist())
    n_blocks = len(leaf_starts) - 1
    block_of_leaf = np.repeat(np.arange(n_blocks), np.diff(leaf_starts))
    place = np.arange(paths.n_leaves) - leaf_starts[block_of_leaf]
    leaf = paths.condition_leaf
    block, bit = block_of_leaf[leaf], np.uint64(1) << place[leaf].astype(np.uint64)
    column_key = paths.player_feature[paths.condition_player] << _COLUMN_BITS
    columns, nth_column = np.unique(
        column_key + paths.condition_column, return_inverse=True
    )
    n_columns = max(len(columns), 1)
    cuts = _Cuts.of(block * n_columns + nth_column, paths)
    run_key = columns[cuts.runs % n_columns]
    impossible = paths.condition_low >= paths.condition_high
    never_met = np.zeros(n_blocks, np.uint64)
    np.bitwise_or.at(never_met, block[impossible], bit[impossible])
    run_leaves = np.zeros(len(cuts.runs), np.uint64)
    np.bitwise_or.at(run_leaves, cuts.run, bit)
    run_ratio = np.zeros((len(cuts.runs), MOST_LEAVES))
    run_ratio[cuts.run, place[leaf]] = paths.player_ratio[paths.condition_player]
    run_peers = np.zeros((len(cuts.runs), MOST_LEAVES), np.uint64)
    run_peers[cuts.run, place[leaf]] = _peers(cuts, paths, bit)
    return LeafBlocks(
        leaf_starts=leaf_starts,
        run_starts=np.searchsorted(cuts.runs, np.arange(n_blocks + 1) * n_columns),
        run_column=run_key & ((1 << _COLUMN_BITS) - 1),
        run_feature=run_key >> _COLUMN_BITS,
        run_leaves=run_leaves,
        run_ratio=run_ratio,
        run_peers=run_peers,
        state_starts=cuts.state_starts,
        state_leaves=cuts.state_leaves(np.where(impossible, np.uint64(0), bit)),
        state_cut=cuts.state_cuts(),
        never_met=never_met,
    )


def _peers(
    cuts: _Cuts, paths: LeafPaths, bit: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Return, for each condition, the leaves with the same one and its cover ratio."""
    ratio = paths.player_ratio[paths.condition_player]
    keys = ratio, cuts.end, cuts.begin, cuts.run
    order = np.lexsort(keys)
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
    peers = np.bitwise_or.reduceat(bit[order], np.flatnonzero(is_new))
    found = np.empty_like(bit)
    found[order] = peers[np.cumsum(is_new) - 1]
    return found


def _block_starts(leaves_of_tree: list[int]) -> _Ints:
    """Return the first leaf of each block, and the number of leaves."""
    starts, end = [0], 0
    for n_leaves in leaves_of_tree:
        if end > starts[-1] and end + n_leaves - starts[-1] > _PACKED_LEAVES:
            starts.append(end)
        if n_leaves > MOST_LEAVES:
            n_parts = -(-n_leaves // MOST_LEAVES)
            starts += [end + n_leaves * part // n_parts for part in range(1, n_parts)]
        end += n_leaves
    return np.array([*starts, end] if end > starts[-1] else starts)


@dataclass(frozen=True, eq=False)
class _Cuts:
    """The distinct cuts of every run as sorted keys, with each condition's ends.

    A run of ``k`` cuts has ``k + 1`` states: state ``s`` lies above cut ``s - 1``.
    """

    keys: _Ints
    runs: _Ints
    run: _Ints
    begin: _Ints
    end: _Ints

    @classmethod
    def of(cls, run_key: _Ints, paths: LeafPaths) -> _Cuts:
        """Return the cuts of conditions that belong to the runs of ``run_key``."""
        low = (run_key << _CUT_BITS) + paths.condition_low
        high = (run_key << _CUT_BITS) + paths.condition_high
        has_low = paths.condition_low >= 0
        has_high = paths.condition_high < NO_BOUND
        keys = np.unique(np.concatenate([low[has_low], high[has_high]]))
        runs = np.unique(keys >> _CUT_BITS)
        run = np.searchsorted(runs, run_key)
        first = np.searchsorted(keys, run_key << _CUT_BITS)
        last = np.searchsorted(keys, (run_key + 1) << _CUT_BITS)
        begin = np.where(has_low, np.searchsorted(keys, low) + 1, first) + run
        end = np.where(has_high, np.searchsorted(keys, high), last) + run + 1
        return cls(keys, runs, run, begin, end)

    @property
    def state_starts(self) -> _Ints:
        """First state of each run, and the number of states."""
        first = np.searchsorted(self.keys, self.runs << _CUT_BITS)
        return np.append(first, len(self.keys)) + np.arange(len(self.runs) + 1)

    def state_cuts(self) -> _Ints:
        """Return the cut below each state, -1 for the first of a run."""
        starts = self.state_starts
        cuts = np.full(int(starts[-1]), -1)
        is_first = np.zeros(len(cuts), np.bool_)
        is_first[starts[:-1]] = True
        cuts[~is_first] = self.keys & ((1 << _CUT_BITS) - 1)
        return cuts

    def state_leaves(self, bit: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the leaves whose condition is met in each state."""
        toggles = np.zeros(int(self.state_starts[-1]) + 1, np.uint64)
        np.bitwise_xor.at(toggles, self.begin, bit)
        np.bitwise_xor.at(toggles, self.end, bit)
        return np.bitwise_xor.accumulate(toggles)[:-1]
