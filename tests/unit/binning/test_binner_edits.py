"""Manual edits: they survive clone, refit and cross-validation."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline

from cfscore.binning import Binner
from cfscore.exceptions import FitError, UsageError
from tests.unit.binning.applicants import applicants

X, Y = applicants()
#: At most 10 prebins, so that the solver is quick.
QUICK = {"special_codes": {"utilisation": [-7]}, "min_bin_share": 0.1}


@pytest.fixture(scope="module")
def fitted() -> Binner:
    return Binner(**QUICK).fit(X, Y)


def assert_same_tables(one: Binner, other: Binner, names) -> None:
    for name in names:
        assert one.tables_[name].bins == other.tables_[name].bins
        assert_array_equal(one.tables_[name].woe, other.tables_[name].woe)


def test_rebin_is_what_a_refit_with_the_edit_gives(fitted):
    edited = fitted.rebin("age", edges=[25, 35, 50])
    refitted = Binner(**QUICK, edits={"age": [25, 35, 50]}).fit(X, Y)
    assert edited.tables_["age"].bins.edges == (25.0, 35.0, 50.0)
    assert_same_tables(edited, refitted, X)
    assert_array_equal(edited.transform(X), refitted.transform(X))
    assert edited.table("age").equals(refitted.table("age"))
    assert edited.summary().equals(refitted.summary())


def test_booleans_may_be_edited_as_one_and_zero(fitted):
    edited = fitted.rebin("owner", groups=[[1], [0]])
    assert edited.tables_["owner"].bins.groups == (("True",), ("False",))
    refitted = Binner(**QUICK, edits={"owner": [[1], [0]]}).fit(X, Y)
    assert_same_tables(edited, refitted, X)


def test_rebin_leaves_the_first_binner_alone(fitted):
    before = fitted.table("age")
    fitted.rebin("age", edges=[40])
    assert fitted.edits is None
    assert fitted.table("age").equals(before)


def test_edits_add_up_and_survive_a_clone(fitted):
    groups = [["A", "B"], ["C", "D"]]
    edited = fitted.rebin("age", edges=[40]).rebin("city", groups=groups)
    edited = edited.rebin("age", edges=[30, 50])
    assert edited.edits == {"age": {"edges": [30, 50]}, "city": {"groups": groups}}
    refitted = clone(edited).fit(X, Y)
    assert_same_tables(edited, refitted, X)
    assert refitted.tables_["city"].bins.groups == (("A", "B"), ("C", "D"))
    assert refitted.tables_["city"].remarks[0] == "edited by hand"


def test_edits_survive_cross_validation(fitted):
    edited = fitted.rebin("age", edges=[30, 50])
    pipeline = make_pipeline(edited, LogisticRegression())
    folds = cross_validate(
        pipeline, X, Y, cv=3, scoring="roc_auc", return_estimator=True
    )
    for estimator in folds["estimator"]:
        assert estimator[0].tables_["age"].bins.edges == (30.0, 50.0)
    assert min(folds["test_score"]) > 0.6


def test_an_edit_of_a_boolean_and_to_a_single_bin(fitted):
    edited = fitted.rebin("owner", groups=[[True, False]]).rebin("noise", edges=[])
    summary = edited.summary().set_index("characteristic")
    assert summary["reason"]["owner"] == "edited to one bin"
    assert summary["status"]["noise"] == "rejected"


def test_an_edited_zero_cell_needs_smoothing():
    binner = Binner(laplace=0, edits={"x": [1]})
    with pytest.raises(FitError, match=r"Column 'x': 1 bin.s.*WOE is infinite"):
        binner.fit({"x": [0] * 50 + [1] * 50}, [0] * 50 + [0, 1] * 25)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"name": "agee", "edges": [1]}, "no characteristic 'agee'.*'age'"),
        ({"name": "age"}, "exactly one of edges and groups"),
        ({"name": "age", "edges": [1], "groups": [["A"]]}, "exactly one"),
        ({"name": "age", "groups": [["A"]]}, "the one key 'edges'"),
        ({"name": "city", "edges": [1]}, "the one key 'groups'"),
        ({"name": "city", "groups": [["A"]]}, "3 category.ies. of the training"),
        ({"name": "age", "edges": [2, 1]}, "edges must ascend"),
    ],
)
def test_wrong_edits_are_refused(fitted, edit, message):
    with pytest.raises(UsageError, match=message):
        fitted.rebin(**edit)


def test_edits_of_unknown_columns_are_refused_with_a_hint():
    with pytest.raises(UsageError, match=r"edits names columns.*'agee'.*'age'"):
        Binner(edits={"agee": [1]}).fit(X, Y)
    with pytest.raises(UsageError, match="edits must map columns"):
        Binner(edits=[25]).fit(X, Y)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda b: pickle.loads(pickle.dumps(b))]
)
def test_a_copy_without_training_counts_says_what_to_do(fitted, duplicate):
    with pytest.raises(UsageError, match=r"Put the bins into edits=.* fit again"):
        duplicate(fitted).rebin("age", edges=[40])


def test_a_training_category_left_out_in_a_fold_is_no_error():
    # the edit names more categories than a fold may hold
    few = X[X["city"] != "D"], Y[X["city"] != "D"]
    binner = Binner(edits={"city": [["A"], ["B", "C"], ["D"]]}).fit(*few)
    table = binner.tables_["city"]
    assert (table.counts[2], table.policies[2], table.woe[2]) == (0, "neutral", 0.0)


def test_an_edit_asks_no_solver(monkeypatch):
    monkeypatch.setattr("cfscore.binning._trend.solve_bins", None)
    frame = X[["age", "noise"]]
    binner = Binner(edits={"age": [30], "noise": {"edges": [0.0]}}).fit(frame, Y)
    assert binner.tables_["noise"].n_bins == 2
    assert np.isfinite(binner.transform(frame)).all()
