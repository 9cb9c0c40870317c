"""All trees of LightGBM's model text, cut out of it and joined into flat arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cfscore.compiler._lightgbm_grammar import Place
from cfscore.compiler._lightgbm_tree import ParsedTree, read_tree
from cfscore.plan import Trees

__all__ = ["FIRST_KEY", "read_trees"]

#: A tree's first line is this and its number.
FIRST_KEY: Final = "Tree="
_CODE: Final = "TREE"


def read_trees(text: str, sizes: tuple[int, ...] | None, n_features: int) -> Trees:
    """Read the part of a text from the first tree to the line before its end.

    Parameters
    ----------
    text : str
        Begins with ``Tree=0``.
    sizes : tuple of int or None
        Bytes of every tree as the header says them.
    n_features : int
        Features that the header names.

    Raises
    ------
    CompileError
        Code ``TREE`` or ``LINEAR_TREE``.
    """
    if not text.isascii():
        Place("trees", _CODE).refuse("expected ASCII only")
    chunks = text.removeprefix(FIRST_KEY).split("\n" + FIRST_KEY)
    if sizes is not None:
        _check_sizes(chunks, sizes)
    trees = [
        read_tree(_tree_lines(chunk, number), number, n_features)
        for number, chunk in enumerate(chunks)
    ]
    return _join(trees)


def _check_sizes(chunks: Sequence[str], sizes: tuple[int, ...]) -> None:
    place = Place("header, tree_sizes", "HEADER")
    hint = "The text was changed or cut after LightGBM wrote it."
    if len(sizes) != len(chunks):
        fault = f"expected {len(chunks)} entries, one per tree, found {len(sizes)}"
        place.refuse(fault, hint=hint)
    for number, (chunk, size) in enumerate(zip(chunks, sizes, strict=True)):
        found = len(FIRST_KEY) + len(chunk) + 1
        if found != size:
            fault = f"tree {number} has {found} bytes, not {size}"
            place.refuse(fault, hint=hint)


def _tree_lines(chunk: str, number: int) -> list[str]:
    """Return the ``key=value`` lines of one tree."""
    first, *lines = chunk.rstrip("\n").split("\n")
    if first != str(number):
        Place("trees", _CODE).refuse(f"tree {number} is not where it should be")
    if not chunk.endswith("\n"):
        Place(f"tree {number}", _CODE).refuse("no blank line after it")
    return lines


def _join(trees: Sequence[ParsedTree]) -> Trees:
    sets = list(chain.from_iterable(tree.sets for tree in trees))
    return Trees(
        node_starts=_starts(len(tree.feature) for tree in trees),
        leaf_starts=_starts(len(tree.leaf_value) for tree in trees),
        feature=_flat((tree.feature for tree in trees), np.int32),
        threshold=_flat((tree.threshold for tree in trees), np.float64),
        decision=_flat((tree.decision for tree in trees), np.uint8),
        left=_flat((tree.left for tree in trees), np.int32),
        right=_flat((tree.right for tree in trees), np.int32),
        category_set=_flat(_numbered_sets(trees), np.int32),
        set_starts=_starts(map(len, sets)),
        set_codes=np.concatenate([np.empty(0, np.int32), *sets]),
        leaf_value=_flat((tree.leaf_value for tree in trees), np.float64),
        node_cover=_flat((tree.node_cover for tree in trees), np.int64),
        leaf_cover=_flat((tree.leaf_cover for tree in trees), np.int64),
    )


def _numbered_sets(trees: Sequence[ParsedTree]) -> Iterable[list[int]]:
    """Yield the set of every node, numbered over all trees, by tree."""
    first = 0
    for tree in trees:
        yield [first + own if own >= 0 else -1 for own in tree.category_set]
        first += len(tree.sets)


def _starts(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(accumulate(lengths, initial=0), np.int64)


def _flat(lists: Iterable[Sequence[float]], dtype: Any) -> NDArray[Any]:
    return np.fromiter(chain.from_iterable(lists), dtype)
