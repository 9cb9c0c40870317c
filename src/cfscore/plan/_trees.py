"""Trees: the decision trees of an ensemble as flat arrays, with LightGBM's rules.

Nodes and leaves of all trees stand one after the other, tree by tree. A node is one
test; its children are nodes (``>= 0``) or leaves (``~leaf``), both numbered within
their tree. The rules at a node (Ke et al., *LightGBM*, NeurIPS 2017; ``tree.h``):

* A value within ``ZERO_BOUND`` of 0 counts as 0.
* NaN counts as 0 unless the node's missing type is ``NAN``.
* A missing value (NaN with type ``NAN``, 0 with type ``ZERO``) takes the default side;
  any other value goes left when it is ``<= threshold``.
* At a category split the value, cut to its integer, goes left when the node's set
  holds it; NaN, negative and unknown codes go right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import UsageError

__all__ = [
    "CATEGORICAL",
    "DEFAULT_LEFT",
    "MISSING_NAN",
    "MISSING_NONE",
    "MISSING_SHIFT",
    "MISSING_ZERO",
    "ZERO_BOUND",
    "Trees",
]

#: Bits of a node's ``decision``: category split, default side, then the missing type.
CATEGORICAL: Final = 1
DEFAULT_LEFT: Final = 2
MISSING_SHIFT: Final = 2
MISSING_NONE, MISSING_ZERO, MISSING_NAN = range(3)
#: Values no further from 0 than this count as 0 (a float32 constant of LightGBM).
ZERO_BOUND: Final = float(np.float32(1e-35))

_DTYPES: Final = {
    "node_starts": np.int64,
    "leaf_starts": np.int64,
    "feature": np.int32,
    "threshold": np.float64,
    "decision": np.uint8,
    "left": np.int32,
    "right": np.int32,
    "category_set": np.int32,
    "set_starts": np.int64,
    "set_codes": np.int32,
    "leaf_value": np.float64,
    "node_cover": np.int64,
    "leaf_cover": np.int64,
}
_PER_NODE = (
    "feature",
    "threshold",
    "decision",
    "left",
    "right",
    "category_set",
    "node_cover",
)
_PER_LEAF = ("leaf_value", "leaf_cover")


@dataclass(frozen=True, eq=False)
class Trees:
    """All trees of an ensemble.

    Parameters
    ----------
    node_starts, leaf_starts : array of shape (n_trees + 1,), int64
        First node and first leaf of each tree; a tree of ``m`` nodes has ``m + 1``
        leaves, ``m`` may be 0.
    feature : array of shape (n_nodes,), int32
        Feature index tested.
    threshold : array of shape (n_nodes,), float64
        Largest value that goes left, ``+inf`` where only missing values may go right;
        0 at category splits.
    decision : array of shape (n_nodes,), uint8
        Bit 0 category split, bit 1 default left, bits 2-3 missing type.
    left, right : array of shape (n_nodes,), int32
        Child node within the tree, or ``~leaf``; a child node has a larger index than
        its parent.
    category_set : array of shape (n_nodes,), int32
        Index of the set of codes that go left, -1 at numeric splits.
    set_starts : array of shape (n_sets + 1,), int64
        First code of each set.
    set_codes : array of shape (n_codes,), int32
        Codes, ascending within each set.
    leaf_value : array of shape (n_leaves,), float64
        Value added to the raw score.
    node_cover, leaf_cover : array, int64
        Training cases that met the node or leaf.

    Raises
    ------
    UsageError
        When lengths, indices or numbers do not describe proper trees.
    """

    node_starts: NDArray[np.int64]
    leaf_starts: NDArray[np.int64]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    decision: NDArray[np.uint8]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    category_set: NDArray[np.int32]
    set_starts: NDArray[np.int64]
    set_codes: NDArray[np.int32]
    leaf_value: NDArray[np.float64]
    node_cover: NDArray[np.int64]
    leaf_cover: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check every array and keep a read-only view of it."""
        for name, dtype in _DTYPES.items():
            array = getattr(self, name)
            if not isinstance(array, np.ndarray) or array.dtype != dtype:
                msg = f"Trees: {name} must be an array of {np.dtype(dtype).name}."
                raise UsageError(msg)
            view = np.ascontiguousarray(array).view()
            view.setflags(write=False)
            object.__setattr__(self, name, view)
        fault = self._first_fault()
        if fault is not None:
            msg = f"Trees: {fault}."
            raise UsageError(msg)

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.node_starts) - 1

    @property
    def n_nodes(self) -> int:
        """Number of inner nodes of all trees."""
        return len(self.feature)

    @property
    def n_leaves(self) -> int:
        """Number of leaves of all trees."""
        return len(self.leaf_value)

    @property
    def is_categorical(self) -> NDArray[np.bool_]:
        """Whether each node is a category split; shape (n_nodes,)."""
        return (self.decision & CATEGORICAL).astype(np.bool_)

    @property
    def default_left(self) -> NDArray[np.bool_]:
        """Whether a missing value goes left at each node; shape (n_nodes,)."""
        return (self.decision & DEFAULT_LEFT).astype(np.bool_)

    @property
    def missing_type(self) -> NDArray[np.uint8]:
        """Missing type of each node, one of ``MISSING_*``; shape (n_nodes,)."""
        return ((self.decision >> MISSING_SHIFT) & 3).astype(np.uint8)

    def _first_fault(self) -> str | None:
        """Return what is wrong first; later checks rely on earlier ones."""
        for check in (
            self._length_fault,
            self._start_fault,
            self._node_fault,
            self._child_fault,
            self._set_fault,
        ):
            fault = check()
            if fault is not None:
                return fault
        return None

    def _length_fault(self) -> str | None:
        for names in (_PER_NODE, _PER_LEAF):
            lengths = {getattr(self, name).shape for name in names}
            if len(lengths) > 1 or len(next(iter(lengths))) != 1:
                return f"{', '.join(names)} must have one entry each"
        if self.node_starts.ndim != 1 or self.node_starts.shape != (
            self.leaf_starts.shape
        ):
            return "node_starts and leaf_starts must have the same length"
        return None

    def _start_fault(self) -> str | None:
        for starts, total in (
            (self.node_starts, self.n_nodes),
            (self.leaf_starts, self.n_leaves),
            (self.set_starts, len(self.set_codes)),
        ):
            if not _is_partition(starts, total):
                return "the starts must cover all entries in ascending order"
        if (np.diff(self.leaf_starts) != np.diff(self.node_starts) + 1).any():
            return "a tree must have one leaf more than nodes"
        return None

    def _node_fault(self) -> str | None:
        if (self.feature < 0).any():
            return "a feature index is negative"
        if (self.decision >> 4).any() or (self.missing_type > MISSING_NAN).any():
            return "a decision has unknown bits"
        if not (self.threshold > -np.inf).all():
            return "a threshold is NaN or -inf"
        if not np.isfinite(self.leaf_value).all():
            return "leaf values must be finite"
        if (self.node_cover < 0).any() or (self.leaf_cover < 0).any():
            return "covers must not be negative"
        return None

    def _child_fault(self) -> str | None:
        """Every node but the root and every leaf is the child of one earlier node."""
        sizes = np.diff(self.node_starts)
        tree = np.repeat(np.arange(self.n_trees), sizes)
        own = np.arange(self.n_nodes) - self.node_starts[tree]
        nodes = np.zeros(self.n_nodes, np.int64)
        nodes[self.node_starts[:-1][sizes > 0]] = 1
        leaves = np.zeros(self.n_leaves, np.int64)
        leaves[self.leaf_starts[:-1][sizes == 0]] = 1
        for child in (self.left, self.right):
            inner = child >= 0
            if (child[inner] <= own[inner]).any():
                return "a child node must have a larger index than its parent"
            leaf = ~child[~inner].astype(np.int64)
            if (child[inner] >= sizes[tree[inner]]).any() or (
                leaf > sizes[tree[~inner]]
            ).any():
                return "a child lies outside its tree"
            np.add.at(nodes, self.node_starts[tree[inner]] + child[inner], 1)
            np.add.at(leaves, self.leaf_starts[tree[~inner]] + leaf, 1)
        if (nodes != 1).any() or (leaves != 1).any():
            return "every node and leaf must have exactly one parent"
        return None

    def _set_fault(self) -> str | None:
        n_sets = len(self.set_starts) - 1
        if ((self.category_set >= 0) != self.is_categorical).any():
            return "category splits, and only they, must name a set"
        if (self.category_set >= n_sets).any():
            return "a category set does not exist"
        if (self.set_codes < 0).any():
            return "category codes must not be negative"
        rising = np.diff(self.set_codes) > 0
        inner = np.setdiff1d(np.arange(1, len(self.set_codes)), self.set_starts)
        if not rising[inner - 1].all():
            return "category codes must be strictly ascending within a set"
        return None


def _is_partition(starts: NDArray[np.int64], total: int) -> bool:
    return bool(
        starts.ndim == 1
        and len(starts) > 0
        and starts[0] == 0
        and starts[-1] == total
        and (np.diff(starts) >= 0).all()
    )
