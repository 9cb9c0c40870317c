"""One tree of LightGBM's model text, checked, as lists of nodes and leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfscore.compiler._lightgbm_grammar import (
    MAX_INT32,
    Place,
    key_values,
    read_floats,
    read_int,
    read_ints,
    require,
)

__all__ = ["ParsedTree", "read_tree"]

_REQUIRED: Final = frozenset({"num_leaves", "num_cat", "leaf_value", "leaf_count"})
_OF_NODES: Final = frozenset(
    {
        "split_feature",
        "threshold",
        "decision_type",
        "left_child",
        "right_child",
        "internal_count",
    }
)
_OF_SETS: Final = frozenset({"cat_boundaries", "cat_threshold"})
_OF_LINEAR_TREES: Final = frozenset(
    {"leaf_const", "num_features", "leaf_features", "leaf_coeff"}
)
#: What no prediction reads, with an entry for every node or for every leaf.
_UNREAD_OF_NODES: Final = ("split_gain", "internal_value", "internal_weight")
_UNREAD_OF_LEAVES: Final = ("leaf_weight",)
_KNOWN: Final = frozenset(
    {
        *_REQUIRED,
        *_OF_NODES,
        *_OF_SETS,
        *_OF_LINEAR_TREES,
        *_UNREAD_OF_NODES,
        *_UNREAD_OF_LEAVES,
        "is_linear",
        "shrinkage",
    }
)
_CATEGORICAL: Final = 1
_MAX_DECISION: Final = 11  # every flag, and the last of three missing types
_MAX_WORD: Final = 2**32 - 1
_MAX_WORDS: Final = 2**26  # of 32 bits, up to the largest int32


class ParsedTree(NamedTuple):
    """One tree as lists: nodes and leaves in LightGBM's order, codes per set."""

    feature: Sequence[int]
    threshold: Sequence[float]
    decision: Sequence[int]
    left: Sequence[int]
    right: Sequence[int]
    category_set: Sequence[int]
    node_cover: Sequence[int]
    leaf_value: Sequence[float]
    leaf_cover: Sequence[int]
    sets: Sequence[NDArray[np.int32]]


def read_tree(lines: Sequence[str], number: int, n_features: int) -> ParsedTree:
    """Read the ``key=value`` lines of one tree.

    Parameters
    ----------
    lines : sequence of str
        Without the line ``Tree=number``.
    number : int
        Position of the tree, for messages.
    n_features : int
        Features that the header names.

    Returns
    -------
    ParsedTree
        A proper tree: every node but the root and every leaf has one parent.

    Raises
    ------
    CompileError
        Code ``TREE`` or ``LINEAR_TREE``.
    """
    place = Place(f"tree {number}", "TREE")
    found = key_values(lines, _KNOWN, place)
    _refuse_linear(found, place)
    require(found, _REQUIRED, place)
    n_leaves = read_int(found["num_leaves"], place.at("num_leaves"), low=1)
    if n_leaves > 1:
        require(found, _OF_NODES, place)
    fields = _Fields(found, place, n_nodes=n_leaves - 1)
    fields.check_unread()
    left, right = _read_children(fields)
    decision = fields.node_ints("decision_type", high=_MAX_DECISION)
    threshold, category_set, sets = _read_tests(fields, decision)
    return ParsedTree(
        feature=fields.node_ints("split_feature", high=n_features - 1),
        threshold=threshold,
        decision=decision,
        left=left,
        right=right,
        category_set=category_set,
        node_cover=fields.node_ints("internal_count"),
        leaf_value=fields.floats("leaf_value", n_leaves),
        leaf_cover=fields.ints("leaf_count", n_leaves),
        sets=sets,
    )


@dataclass(frozen=True)
class _Fields:
    """The lines of one tree, read by key; a missing line has no entries."""

    found: Mapping[str, str]
    place: Place
    n_nodes: int

    def node_ints(self, key: str, *, low: int = 0, high: int = MAX_INT32) -> list[int]:
        return self.ints(key, self.n_nodes, low=low, high=high)

    def ints(
        self, key: str, n: int, *, low: int = 0, high: int = MAX_INT32
    ) -> list[int]:
        text = self.found.get(key, "")
        return read_ints(text, n, self.place.at(key), low=low, high=high)

    def floats(self, key: str, n: int) -> list[float]:
        return read_floats(self.found.get(key, ""), n, self.place.at(key))

    def thresholds(self) -> list[float]:
        """Return the thresholds; inf is one that parts missing from other values."""
        text = self.found.get("threshold", "")
        place = self.place.at("threshold")
        return read_floats(text, self.n_nodes, place, or_inf=True)

    def check_unread(self) -> None:
        """Check what no prediction reads; a single leaf may lack some of it."""
        for key in _UNREAD_OF_NODES:
            if key in self.found:
                self.floats(key, self.n_nodes)
        for key in _UNREAD_OF_LEAVES:
            if self.found.get(key) or (self.n_nodes > 0 and key in self.found):
                self.floats(key, self.n_nodes + 1)
        if "shrinkage" in self.found:
            self.floats("shrinkage", 1)


def _refuse_linear(found: Mapping[str, str], place: Place) -> None:
    if found.get("is_linear", "0") != "0" or not _OF_LINEAR_TREES.isdisjoint(found):
        place.refuse(
            "linear trees cannot be compiled",
            code="LINEAR_TREE",
            hint="Train with linear_tree=false.",
        )


def _read_children(fields: _Fields) -> tuple[list[int], list[int]]:
    """Return the children of every node, found to be a proper tree.

    Distinct children within range are exactly the ``n - 1`` other nodes and the
    ``n + 1`` leaves; indices larger than the parent's exclude cycles.
    """
    n = fields.n_nodes
    left = fields.node_ints("left_child", low=-n - 1, high=n - 1)
    right = fields.node_ints("right_child", low=-n - 1, high=n - 1)
    for children in (left, right):
        if any(0 <= child <= node for node, child in enumerate(children)):
            fields.place.refuse("a child node does not come after its parent")
    if len({*left, *right}) != 2 * n:
        fields.place.refuse("a node or leaf has more than one parent")
    return left, right


def _read_tests(
    fields: _Fields, decision: Sequence[int]
) -> tuple[list[float], list[int], list[NDArray[np.int32]]]:
    """Return thresholds, set index and sets; a category split's threshold is 0."""
    n_sets = fields.ints("num_cat", 1, high=fields.n_nodes)[0]
    threshold = fields.thresholds()
    category_set = [
        _set_index(limit, n_sets, fields.place) if kind & _CATEGORICAL else -1
        for limit, kind in zip(threshold, decision, strict=True)
    ]
    if sorted(i for i in category_set if i >= 0) != list(range(n_sets)):
        fields.place.refuse("category splits must name every category set once")
    limits = [
        0.0 if index >= 0 else limit
        for limit, index in zip(threshold, category_set, strict=True)
    ]
    return limits, category_set, _read_sets(fields, n_sets)


def _set_index(limit: float, n_sets: int, place: Place) -> int:
    if not (limit.is_integer() and 0 <= limit < n_sets):
        place.refuse("the threshold of a category split names no category set")
    return int(limit)


def _read_sets(fields: _Fields, n_sets: int) -> list[NDArray[np.int32]]:
    """Return the codes of every bitset, ascending."""
    if n_sets == 0:
        if not _OF_SETS.isdisjoint(fields.found):
            fields.place.refuse("category sets, but num_cat is 0")
        return []
    require(fields.found, _OF_SETS, fields.place)
    bounds = fields.ints("cat_boundaries", n_sets + 1)
    widths = [stop - start for start, stop in pairwise(bounds)]
    if bounds[0] != 0 or min(widths) < 1 or max(widths) > _MAX_WORDS:
        fields.place.at("cat_boundaries").refuse("entries must ascend from 0")
    words = np.array(fields.ints("cat_threshold", bounds[-1], high=_MAX_WORD), "<u4")
    return [_codes(words[start:stop]) for start, stop in pairwise(bounds)]


def _codes(words: NDArray[np.uint32]) -> NDArray[np.int32]:
    bits = np.unpackbits(words.view(np.uint8), bitorder="little")
    return np.flatnonzero(bits).astype(np.int32)
