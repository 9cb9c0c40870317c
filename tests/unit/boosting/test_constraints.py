"""Constraints: directions in both spellings, interactions as sets of columns."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.boosting._constraints import (
    check_interaction,
    interaction_sets,
    resolve_directions,
)
from cfscore.exceptions import UsageError
from cfscore.tables import InputField, InputSchema

SCHEMA = InputSchema(
    (
        InputField("age", "numeric"),
        InputField("city", "categorical"),
        InputField("owner", "boolean"),
        InputField("debt", "numeric"),
    )
)


def test_both_spellings_mean_the_same():
    words = {"debt": "ascending", "age": "descending", "owner": "none", "city": "none"}
    signs = {"debt": 1, "age": -1, "owner": 0}
    expected = {"age": -1, "debt": 1}
    assert resolve_directions(words, SCHEMA) == expected
    assert list(resolve_directions(words, SCHEMA)) == ["age", "debt"]
    assert resolve_directions(signs, SCHEMA) == expected
    assert resolve_directions({"debt": np.int64(1)}, SCHEMA) == {"debt": 1}


def test_true_is_more_than_false():
    assert resolve_directions({"owner": "descending"}, SCHEMA) == {"owner": -1}


@pytest.mark.parametrize("monotonic", [None, {}])
def test_no_directions(monotonic):
    assert resolve_directions(monotonic, SCHEMA) == {}


@pytest.mark.parametrize(
    ("monotonic", "message"),
    [
        (["age"], "must be a mapping of column to direction, got list"),
        ({"aeg": 1}, r"does not have: \['aeg'\].*Did you mean 'age'"),
        ({"city": 1}, "'city'.*no order"),
        ({"age": "up"}, r"monotonic\['age'\] must be one of .*got 'up'"),
        ({"age": "peak"}, "got 'peak'"),
        ({"age": 2}, "got 2"),
        ({"age": True}, "got True"),
        ({"age": 1.0}, "got 1.0"),
        ({"age": None}, "got None"),
        ({"age": [1]}, r"got \[1\]"),
    ],
)
def test_wrong_directions_are_refused(monotonic, message):
    with pytest.raises(UsageError, match=message):
        resolve_directions(monotonic, SCHEMA)


def test_interactions_are_three_words():
    for word in ("none", "pairs", "free"):
        assert check_interaction(word) == word
    for other in ("pair", None, 2, ["free"]):
        with pytest.raises(UsageError, match="interaction must be one of"):
            check_interaction(other)


def test_sets_of_columns_that_may_meet():
    assert interaction_sets("free", 3) is None
    assert interaction_sets("none", 3) == [[0], [1], [2]]
    assert interaction_sets("pairs", 3) == [[0, 1], [0, 2], [1, 2]]
    assert interaction_sets("pairs", 1) is None
