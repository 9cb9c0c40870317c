"""Canonical LightGBM text of an audited model, for asking LightGBM itself.

LightGBM must not see text that comes from outside; it sees this. Numbers have their
shortest digits: LightGBM reads thresholds and leaf values correctly rounded (its
``AtofPrecise``), so that every float64 comes back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cfscore.compiler._lightgbm_text import LightGBMText
from cfscore.plan import Trees

__all__ = ["write_lightgbm_text"]

_BITS: Final = 32


def write_lightgbm_text(model: LightGBMText) -> str:
    """Return a text that LightGBM loads with the model's raw scores, bit for bit.

    What no prediction reads (gains, weights, parameters) is left out.
    """
    trees = [_tree(model.trees, number) for number in range(model.trees.n_trees)]
    sizes = _join(map(len, trees))
    lines = [*_header(model), f"tree_sizes={sizes}", "", ""]
    return "\n".join(lines) + "".join(trees) + _tail(model)


def _header(model: LightGBMText) -> Iterator[str]:
    yield "tree"
    yield f"version={model.version}"
    yield "num_class=1"
    yield "num_tree_per_iteration=1"
    yield "label_index=0"
    yield f"max_feature_idx={model.n_features - 1}"
    sigmoid = f" sigmoid:{model.sigmoid!r}" if model.objective == "binary" else ""
    yield f"objective={model.objective}{sigmoid}"
    if model.averages:
        yield "average_output"
    yield f"feature_names={_join(model.feature_names)}"
    if model.monotone_constraints is not None:
        yield f"monotone_constraints={_join(model.monotone_constraints)}"
    yield f"feature_infos={_join(model.feature_infos)}"


def _tail(model: LightGBMText) -> str:
    categories = json.dumps(model.pandas_categorical)
    return f"end of trees\n\nfeature_importances:\n\npandas_categorical:{categories}\n"


def _tree(trees: Trees, number: int) -> str:
    nodes = slice(trees.node_starts[number], trees.node_starts[number + 1])
    leaves = slice(trees.leaf_starts[number], trees.leaf_starts[number + 1])
    sets = [index for index in trees.category_set[nodes].tolist() if index >= 0]
    lines = [
        f"Tree={number}",
        f"num_leaves={leaves.stop - leaves.start}",
        f"num_cat={len(sets)}",
        f"split_feature={_numbers(trees.feature[nodes])}",
        f"threshold={_join(_thresholds(trees, nodes))}",
        f"decision_type={_numbers(trees.decision[nodes])}",
        f"left_child={_numbers(trees.left[nodes])}",
        f"right_child={_numbers(trees.right[nodes])}",
        f"leaf_value={_numbers(trees.leaf_value[leaves])}",
        f"leaf_count={_numbers(trees.leaf_cover[leaves])}",
        f"internal_count={_numbers(trees.node_cover[nodes])}",
        *_sets(trees, sets),
        "is_linear=0",
        "shrinkage=1",
    ]
    return "\n".join(lines) + "\n\n\n"


def _thresholds(trees: Trees, nodes: slice) -> list[float | int]:
    """Return the thresholds, at category splits the position of the set in its tree."""
    limits: list[float | int] = trees.threshold[nodes].tolist()
    splits = np.flatnonzero(trees.is_categorical[nodes]).tolist()
    for position, node in enumerate(splits):
        limits[node] = position
    return limits


def _sets(trees: Trees, sets: Iterable[int]) -> list[str]:
    bitsets = [
        _bitset(trees.set_codes[trees.set_starts[s] : trees.set_starts[s + 1]])
        for s in sets
    ]
    if not bitsets:
        return []
    bounds = np.cumsum([0, *map(len, bitsets)])
    return [
        f"cat_boundaries={_numbers(bounds)}",
        f"cat_threshold={_numbers(np.concatenate(bitsets))}",
    ]


def _bitset(codes: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Return codes as bits of 32-bit words, at least one word."""
    n_words = int(codes.max(initial=0)) // _BITS + 1
    words = np.zeros(n_words, np.uint32)
    bits = np.left_shift(np.uint32(1), (codes % _BITS).astype(np.uint32))
    np.bitwise_or.at(words, codes // _BITS, bits)
    return words


def _numbers(array: NDArray[Any]) -> str:
    return _join(array.tolist())


def _join(items: Iterable[object]) -> str:
    return " ".join(map(str, items))
