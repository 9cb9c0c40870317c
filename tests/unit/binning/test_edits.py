"""Manual edits: what becomes bins, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.binning._edits import edited_bins
from cfscore.binning._special_codes import special_codes_of
from cfscore.exceptions import UsageError
from cfscore.plan import CategoricalBins, NumericBins
from cfscore.tables import InputField

AGE = InputField("age", "numeric")
CITY = InputField("city", "categorical")
OWNER = InputField("owner", "boolean")


@pytest.mark.parametrize("edit", [[25, 35.5], (25, 35.5), {"edges": [25, 35.5]}])
def test_edges_in_every_spelling(edit):
    assert edited_bins(AGE, edit, (-7.0, "XNA")) == NumericBins((25.0, 35.5), (-7.0,))


def test_edges_may_be_an_array_or_none_at_all():
    assert edited_bins(AGE, np.array([1, 2]), ()) == NumericBins((1.0, 2.0))
    assert edited_bins(AGE, [], ()) == NumericBins(())


def test_minus_zero_becomes_zero():
    assert str(edited_bins(AGE, [-0.0], ()).edges[0]) == "0.0"


@pytest.mark.parametrize("edit", [[["A", "B"], ["C"]], {"groups": [("A", "B"), {"C"}]}])
def test_groups_in_every_spelling(edit):
    bins = edited_bins(CITY, edit, ("XNA", -7.0), ["A", "C", "XNA"])
    assert bins == CategoricalBins((("A", "B"), ("C",)), ("XNA", "-7"))


def test_keys_may_be_numbers_and_booleans():
    bins = edited_bins(InputField("code", "categorical"), [[1, 2.0], ["3"]], ())
    assert bins.groups == (("1", "2"), ("3",))
    assert edited_bins(OWNER, [[True], [False]], ()).groups == (("True",), ("False",))


@pytest.mark.parametrize("number", [99999999999999999, np.int64(99999999999999999)])
def test_keys_of_large_whole_numbers_have_all_digits(number):
    # float64 knows only 99999999999999984 and 100000000000000000
    bins = edited_bins(CITY, [[number, 1], [2]], (), ["99999999999999999", "1", "2"])
    assert bins.groups == (("99999999999999999", "1"), ("2",))


@pytest.mark.parametrize(
    ("field", "edit", "message"),
    [
        (AGE, [35, 25], "edges must ascend"),
        (AGE, [25, 25.0], "an edge is repeated"),
        (AGE, [0.0, -0.0], "an edge is repeated"),
        (AGE, [25, np.inf], "every edge must be a finite number"),
        (AGE, [25, np.nan], "every edge must be a finite number"),
        (AGE, [25, None], "every edge must be a finite number"),
        (AGE, ["25"], "every edge must be a finite number"),
        (AGE, [True], "every edge must be a finite number"),
        (AGE, [["A"], ["B"]], "the column is numeric"),
        (AGE, {"groups": [["A"]]}, r"the one key 'edges' \(numeric column\)"),
        (AGE, {"edges": [1], "groups": []}, "the one key 'edges'"),
        (AGE, 25, "edges must be a list, found int"),
        (AGE, "25", "edges must be a list, found str"),
        (CITY, [1, 2], "needs a list of groups"),
        (CITY, ["A", "B"], "needs a list of groups"),
        (CITY, {"edges": [1]}, "the one key 'groups'"),
        (CITY, [["A"], []], "a group is empty"),
        (CITY, [["A"], ["A", "B"]], "1 category key.s. stand in two places"),
        (CITY, [["A", "A"]], "1 category key.s. stand in two places"),
        (CITY, [["A", "XNA"]], "1 category key.s. stand in two places"),
        (CITY, [["A", " "]], "every category must be non-blank text"),
        (CITY, [["A", None]], "every category must be non-blank text"),
        (CITY, [["A", 10**400]], "every category must be non-blank text"),
        (CITY, [["A"]], "2 category.ies. of the training sample stand in no group"),
        (OWNER, [["False"]], "1 category.ies. of the training sample"),
    ],
)
def test_no_partition_no_edit(field, edit, message):
    training = {"city": ["A", "B", "C", "XNA"], "owner": ["False", "True"]}
    with pytest.raises(UsageError, match=f"Edit of column '{field.name}': .*{message}"):
        edited_bins(field, edit, ("XNA",), training.get(field.name, ()))


def test_no_category_is_quoted():
    with pytest.raises(UsageError) as caught:
        edited_bins(CITY, [["Secret"]], (), ["Hidden"])
    assert not {"Secret", "Hidden"} & set(str(caught.value).replace(".", " ").split())


def test_special_codes_by_kind():
    codes = (-7.0, "XNA", 0.5)
    assert special_codes_of(AGE, codes) == (-7.0, 0.5)
    assert special_codes_of(CITY, codes) == ("-7", "XNA", "0.5")
    assert special_codes_of(OWNER, codes) == ()


def test_a_code_given_as_number_and_as_text_is_one_key():
    assert special_codes_of(CITY, (-7.0, "-7")) == ("-7",)


@pytest.mark.parametrize("yes", [True, np.bool_(True), "True", "true", 1, 1.0, "1"])
@pytest.mark.parametrize("no", [False, np.bool_(False), "False", "false", 0, "0"])
def test_boolean_keys_are_spelt_as_the_cells_of_tables(yes, no):
    bins = edited_bins(OWNER, [[yes], [no]], (), ["False", "True"])
    assert bins.groups == (("True",), ("False",))


@pytest.mark.parametrize("other", ["yes", 2, 0.5, None, "A", -1])
def test_other_keys_of_booleans_are_refused(other):
    with pytest.raises(
        UsageError, match=r"'owner': every .* True or False \(or 1, 0\)"
    ):
        edited_bins(OWNER, [[True], [other]], (), ["False", "True"])


def test_one_boolean_in_two_spellings_is_one_key():
    with pytest.raises(UsageError, match="1 category key"):
        edited_bins(OWNER, [[True, 1], [False]], ())
