"""Feature names: LightGBM writes ``_`` for a space and Column_0 for none."""

from __future__ import annotations

import re

import pytest

from cfscore.compiler._lightgbm_names import (
    feature_of_key,
    find_feature_names,
    match_feature_names,
)
from cfscore.exceptions import UsageError

WRITTEN = ("age", "monthly_income", "月_收入")


def refused(match: str, function, *arguments) -> None:
    with pytest.raises(UsageError, match=re.escape(match)) as caught:
        function(*arguments)
    assert caught.value.code == "NAMES"


def test_the_texts_names_are_the_default() -> None:
    assert find_feature_names(WRITTEN, ()) == WRITTEN
    assert find_feature_names(WRITTEN, ["id", "Age"]) == WRITTEN


def test_names_are_found_among_those_of_the_lenders_columns() -> None:
    known = ["id", "monthly income", "月 收入", "age", "monthly income"]
    assert find_feature_names(WRITTEN, known) == ("age", "monthly income", "月 收入")
    both = ["monthly income", "monthly_income"]
    assert find_feature_names(WRITTEN, both)[1] == "monthly_income"
    wide = ["a b c", "a_b c"]
    refused("are all written 'a_b_c'", find_feature_names, ("a_b_c",), wide)


def test_names_are_matched_after_spaces_are_underscores() -> None:
    given = ["月 收入", "monthly income", "age"]
    assert match_feature_names(WRITTEN, given) == ("age", "monthly income", "月 收入")
    assert match_feature_names(WRITTEN, iter(WRITTEN)) == WRITTEN


def test_names_of_data_without_names_are_taken_in_order() -> None:
    written = ("Column_0", "Column_1")
    assert match_feature_names(written, ["b", "a b"]) == ("b", "a b")
    refused("expected 2 names, got 3", match_feature_names, written, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (["age", "monthly income"], "1 name(s) are missing: '月_收入'."),
        ([*WRITTEN, "x", "w"], "2 name(s) are no features of the model: 'w', 'x'."),
        ([*WRITTEN, "monthly income"], "two names are the same once a space"),
        ([*WRITTEN, "age"], "a name is given twice"),
        (["age", "", "b"], "must be texts that are not empty"),
        (["age", 3], "must be texts that are not empty"),
        ("age", "2 name(s) are missing"),
    ],
)
def test_other_names_are_refused(given, match: str) -> None:
    refused(match, match_feature_names, WRITTEN, given)


def test_keys_are_the_lenders_names_or_the_texts() -> None:
    names = ("age", "monthly income", "月 收入")
    assert feature_of_key({"monthly income": 1, "月_收入": 2}, WRITTEN, names) == {
        1: 1,
        2: 2,
    }
    refused("'x' is no feature", feature_of_key, {"x": 1}, WRITTEN, names)
    both = {"monthly income": 1, "monthly_income": 2}
    refused("two entries name the feature", feature_of_key, both, WRITTEN, names)
