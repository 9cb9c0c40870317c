"""Trees: what is refused by name, and what the arrays say of themselves."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.plan import MISSING_NAN, MISSING_NONE, MISSING_ZERO, Trees
from tests.forests import random_trees
from tests.unit.plan.example_forest import trees

NAMES = [field.name for field in fields(Trees)]


def changed(**arrays) -> Trees:
    """Return the example with other arrays, each of its own type."""
    example = trees()
    values = {name: getattr(example, name) for name in NAMES}
    for name, array in arrays.items():
        values[name] = np.array(array, values[name].dtype)
    return Trees(**values)


def put(name: str, index: int, value: float) -> dict[str, np.ndarray]:
    """Return an array of the example with one entry replaced."""
    array = getattr(trees(), name).copy()
    array[index] = value
    return {name: array}


def refused(match: str, **arrays) -> None:
    with pytest.raises(UsageError, match=rf"Trees: .*{match}"):
        changed(**arrays)


def test_the_example_describes_itself() -> None:
    found = trees()
    assert (found.n_trees, found.n_nodes, found.n_leaves) == (4, 4, 8)
    assert found.is_categorical.tolist() == [False, True, True, False]
    assert found.default_left.tolist() == [True, False, False, False]
    missing = [MISSING_NAN, MISSING_NONE, MISSING_NONE, MISSING_ZERO]
    assert found.missing_type.tolist() == missing


def test_arrays_cannot_be_written_to() -> None:
    found = trees()
    for name in NAMES:
        with pytest.raises(ValueError, match="read-only"):
            getattr(found, name)[:1] = 0


def test_arrays_of_the_caller_stay_writable() -> None:
    own = trees().threshold.copy()
    changed(threshold=own)
    own[0] = 1.0


@pytest.mark.parametrize("name", NAMES)
def test_another_element_type_is_refused(name) -> None:
    example = trees()
    values = {n: getattr(example, n) for n in NAMES}
    own = values[name]
    for wrong in (own.astype(np.float32), own.tolist(), own.astype(">i8")):
        with pytest.raises(UsageError, match=f"Trees: {name} must be an array of"):
            Trees(**{**values, name: wrong})


@pytest.mark.parametrize(
    "name", ["feature", "threshold", "decision", "left", "category_set", "node_cover"]
)
def test_nodes_have_one_entry_in_every_array(name) -> None:
    refused("must have one entry each", **{name: getattr(trees(), name)[:-1]})
    refused("must have one entry each", **{name: [getattr(trees(), name)]})


@pytest.mark.parametrize("name", ["leaf_value", "leaf_cover"])
def test_leaves_have_one_entry_in_every_array(name) -> None:
    refused("leaf_value, leaf_cover must have one entry each", **{name: [1] * 9})


@pytest.mark.parametrize(
    ("match", "arrays"),
    [
        ("same length", {"node_starts": [0, 4]}),
        ("same length", {"node_starts": [[0, 2, 3, 3, 4]]}),
        ("ascending", {"node_starts": [0, 3, 2, 3, 4]}),
        ("ascending", {"node_starts": [1, 2, 3, 3, 4]}),
        ("ascending", {"node_starts": [0, 2, 3, 3, 5]}),
        ("ascending", {"leaf_starts": [0, 3, 5, 6, 7]}),
        ("ascending", {"node_starts": [], "leaf_starts": []}),
        ("ascending", {"set_starts": [0, 2, 4]}),
        ("ascending", {"set_starts": []}),
        ("ascending", {"set_starts": [[0], [3]]}),
        ("one leaf more", {"leaf_starts": [0, 2, 5, 6, 8]}),
        ("one leaf more", {"leaf_starts": [0, 3, 5, 5, 8]}),
        ("feature index is negative", put("feature", 0, -1)),
        ("unknown bits", put("decision", 0, 12)),
        ("unknown bits", put("decision", 0, 16)),
        ("unknown bits", put("decision", 0, 255)),
        ("threshold is NaN or -inf", put("threshold", 0, np.nan)),
        ("threshold is NaN or -inf", put("threshold", 0, -np.inf)),
        ("leaf values must be finite", put("leaf_value", 3, np.inf)),
        ("leaf values must be finite", put("leaf_value", 3, np.nan)),
        ("covers must not be negative", put("node_cover", 0, -1)),
        ("covers must not be negative", put("leaf_cover", 0, -1)),
    ],
)
def test_lengths_starts_and_numbers(match, arrays) -> None:
    refused(match, **arrays)


@pytest.mark.parametrize(
    ("match", "arrays"),
    [
        ("larger index than its parent", put("right", 0, 0)),
        ("larger index than its parent", put("left", 1, 1)),
        ("outside its tree", put("right", 0, 2)),
        ("outside its tree", put("right", 1, ~3)),
        ("outside its tree", put("left", 2, ~2)),
        ("outside its tree", put("left", 0, -(2**31))),
        ("outside its tree", put("left", 0, 2**31 - 1)),
        ("exactly one parent", put("left", 0, ~1)),  # leaf 1 twice, leaf 0 never
        ("exactly one parent", put("left", 0, 1)),  # node 1 twice
        ("exactly one parent", put("right", 0, ~2)),  # node 1 never
    ],
)
def test_children(match, arrays) -> None:
    refused(match, **arrays)


@pytest.mark.parametrize(
    ("match", "arrays"),
    [
        ("category splits, and only they", put("category_set", 0, 0)),
        ("category splits, and only they", put("category_set", 1, -1)),
        ("category set does not exist", put("category_set", 1, 2)),
        ("must not be negative", put("set_codes", 0, -1)),
        ("strictly ascending within a set", put("set_codes", 1, 0)),
        ("strictly ascending within a set", put("set_codes", 0, 3)),
    ],
)
def test_category_sets(match, arrays) -> None:
    refused(match, **arrays)


def test_sets_may_be_empty_shared_or_unused() -> None:
    changed(set_starts=[0, 0, 3], set_codes=[1, 2, 3])
    changed(category_set=[-1, 0, 0, -1])
    # codes fall from one set to the next, which is no fault
    changed(set_starts=[0, 2, 3], set_codes=[5, 7, 1])


@given(st.integers(0, 2**32), st.booleans())
@settings(max_examples=20)
def test_random_trees_are_proper(seed, categorical) -> None:
    found = random_trees(np.random.default_rng(seed), categorical=categorical)
    sizes = np.diff(found.leaf_starts)
    assert sizes.sum() == found.n_leaves == found.n_nodes + found.n_trees
    roots = found.node_starts[:-1][sizes > 1]
    whole = np.add.reduceat(found.leaf_cover, found.leaf_starts[:-1])
    assert found.node_cover[roots].tolist() == whole[sizes > 1].tolist()
