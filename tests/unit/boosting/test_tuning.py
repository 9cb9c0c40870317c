"""Tuning: the model's own parameters first, the best of all fitted."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score

from cfscore.boosting import SEARCH_SPACE, BoostedModel
from cfscore.boosting._tuning import _candidates
from cfscore.exceptions import UsageError
from tests.unit.boosting.loans import loan_table, quick_model

X, Y = loan_table(900)
MODEL = quick_model({"num_iterations": 10}, monotonic={"age": -1})


def test_the_best_candidate_is_fitted():
    best = MODEL.tune(X, Y, n_candidates=4, cv=3)
    trials = best.trials_
    assert list(trials) == [*SEARCH_SPACE, "auc_mean", "auc_std", "rank"]
    assert len(trials) == 4
    assert trials["auc_mean"].is_monotonic_decreasing
    assert best.params["num_leaves"] == trials["num_leaves"][0]
    assert best.directions_ == {"age": -1}
    assert best.params["learning_rate"] == 0.2
    score = cross_val_score(BoostedModel({"age": -1}, params=best.params), X, Y, cv=3)
    assert score.mean() == pytest.approx(trials["auc_mean"][0], abs=1e-12)
    again = BoostedModel({"age": -1}, params=best.params).fit(X, Y)
    assert again.model_text_ == best.model_text_
    assert not hasattr(MODEL, "trials_")


def test_the_own_parameters_are_the_first_candidate():
    first, second = _candidates(MODEL, 2, 1e4)
    assert first["num_iterations"] == 10
    assert first["min_sum_hessian_in_leaf"] == 10.0
    assert all(second[name] in values for name, values in SEARCH_SPACE.items())
    assert second["learning_rate"] == 0.2
    assert len(_candidates(MODEL, 10**6, 1e4)) == 1 + np.prod(
        [len(values) for values in SEARCH_SPACE.values()]
    )


def test_candidates_follow_the_seed_and_do_not_repeat():
    def draw(seed):
        return _candidates(quick_model({"seed": seed}), 30, 1e4)

    assert draw(1) == draw(1)
    assert draw(1)[1:] != draw(2)[1:]
    assert len({str(sorted(c.items())) for c in draw(1)}) == 30


@pytest.mark.parametrize(
    ("expected_bads", "expected"), [(300, {3.0, 10.0, 30.0}), (99, {3.0}), (5, {10.0})]
)
def test_leaves_are_no_larger_than_the_sample_allows(expected_bads, expected):
    drawn = _candidates(MODEL, 10**6, expected_bads)[1:]
    assert {c["min_sum_hessian_in_leaf"] for c in drawn} == expected


@pytest.mark.parametrize("make", [dict, lambda f: f.to_dict("records")])
def test_tables_whose_rows_cannot_be_picked_are_tuned_too(make):
    table = make(X[["age", "debt"]])
    best = quick_model({"num_iterations": 3}).tune(table, Y, n_candidates=1, cv=2)
    assert best.schema_.names == ("age", "debt")


def test_weights_are_handed_to_every_fold():
    weights = np.where(X["owner"], 3.0, 0.0)
    plain, weighted = (
        quick_model({"num_iterations": 5}).tune(
            X, Y, n_candidates=1, cv=2, sample_weight=w
        )
        for w in (None, weights)
    )
    assert weighted.trials_["auc_mean"][0] != plain.trials_["auc_mean"][0]


@pytest.mark.parametrize("n_candidates", [0, -1, 2.0, True, None])
def test_a_wrong_number_of_candidates_is_refused(n_candidates):
    with pytest.raises(UsageError, match="n_candidates must be a positive whole"):
        MODEL.tune(X, Y, n_candidates=n_candidates)
