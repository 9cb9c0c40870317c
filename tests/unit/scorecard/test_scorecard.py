"""Scorecard: from a raw table to points, in agreement with plans and with itself."""

from __future__ import annotations

import math
import pickle
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from cfscore.binning import Binner
from cfscore.exceptions import (
    FitError,
    InputError,
    RowFaultError,
    SchemaError,
    UsageError,
)
from cfscore.execution import PointsEngine
from cfscore.plan import Development, PointsStage
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import Scorecard, SelectionRules
from cfscore.tables import read_table
from tests.unit.scorecard.cards import (
    W6_BADS,
    W6_GOODS,
    loan_binner,
    loan_table,
    repeated,
)

X, Y = loan_table()


@pytest.fixture(scope="module")
def card():
    return Scorecard(loan_binner()).fit(X, Y)


def chosen(card):
    return card.selection_.characteristic[card.selection_.chosen].tolist()


# ---------------------------------------------------------------- W6, W7, W8


def test_w7_one_characteristic_has_slope_minus_one():
    # P(bad) on ln[(g/G)/(b/B)] is saturated: slope -1, intercept ln(100/1000).
    x, y = repeated(W6_GOODS, W6_BADS)
    binner = Binner(edits={"inq": [1, 2, 3]}, laplace=0, n_jobs=1)
    card = Scorecard(binner).fit({"inq": x}, y)
    assert card.points_.intercept == pytest.approx(math.log(0.1), abs=1e-10)
    assert card.points_.characteristics[0].coefficient == pytest.approx(-1, abs=1e-10)
    # W6: IV = 1.516098
    assert card.selection_.iv[0] == pytest.approx(1.516098, abs=1e-6)
    # The PD of each bin is its bad rate.
    pd_bad = card.predict_proba({"inq": [0, 1, 2, 3]})[:, 1]
    assert pd_bad == pytest.approx([10 / 510, 20 / 320, 30 / 180, 40 / 90], abs=1e-12)


def test_w8_the_score_is_the_scale_applied_to_the_log_odds(card):
    scale = ScoreScale()
    log_odds = card.predict_log_odds(X)
    expected = [scale.score_from_log_odds(value) for value in log_odds]
    assert card.predict_score(X) == pytest.approx(expected, abs=1e-9)


def test_anchor_odds_hit_the_anchor_score():
    scale = ScoreScale(pdo=50, base_score=1000, base_odds=20)
    card = Scorecard(loan_binner(), scale).fit(X, Y)
    odds = np.exp(-card.predict_log_odds(X))
    expected = 1000 + 50 * np.log2(odds / 20)
    assert card.predict_score(X) == pytest.approx(expected, abs=1e-9)


# ---------------------------------------------------------------- one code path


def test_predictions_are_those_of_the_engine_on_the_points_stage(card):
    batch = read_table(X, card.points_.schema)
    scores = PointsEngine(card.points_).run(batch)
    assert np.array_equal(card.predict_log_odds(X), scores.log_odds)
    assert np.array_equal(card.predict_score(X), scores.score)
    assert np.array_equal(card.predict_proba(X)[:, 1], scores.pd)
    assert np.array_equal(card.decision_function(X), scores.log_odds)


def test_the_score_is_the_sum_of_the_points_table_in_column_order(card):
    batch = read_table(X, card.points_.schema)
    total = np.zeros(len(Y))
    for c in card.points_.characteristics:
        column = batch.columns[c.name]
        points = np.array([a.points for a in c.attributes])
        if c.kind == "numeric":
            found = [c.bins.attribute_of(value) for value in column.values]
        else:
            keys = [None if i < 0 else column.keys[i] for i in column.codes]
            found = [c.bins.attribute_of(key) for key in keys]
        total = total + points[found]
    assert np.array_equal(card.predict_score(X), total)


def test_the_log_odds_are_the_regression_on_the_binners_woe(card):
    woe = card.binner_.transform(X)
    names = list(X)
    expected = np.full(len(Y), card.points_.intercept)
    for c in card.points_.characteristics:
        expected += c.coefficient * woe[:, names.index(c.name)]
    assert card.predict_log_odds(X) == pytest.approx(expected, abs=1e-12)


def test_every_container_gives_the_same_bits(card):
    expected = card.predict_log_odds(X)
    rows = [dict(zip(X, row, strict=True)) for row in zip(*X.values(), strict=True)]
    frame = pd.DataFrame(X)
    for table in (
        frame,
        frame[list(frame.columns[::-1])],
        frame.assign(city=frame.city.astype("category"), extra=1),
        pl.DataFrame({**X, "city": X["city"].tolist()}),
        pa.Table.from_pandas(frame),
        pa.Table.from_pandas(frame).to_reader(),
        rows,
    ):
        assert np.array_equal(card.predict_log_odds(table), expected)


def test_rows_do_not_depend_on_each_other(card):
    expected = card.predict_score(X)
    for i in (0, 17, 2999):
        row = {name: values[i : i + 1] for name, values in X.items()}
        assert card.predict_score(row)[0] == expected[i]


def test_no_rows_give_no_scores(card):
    nothing = {name: values[:0] for name, values in X.items()}
    assert card.predict_score(nothing).shape == (0,)
    assert card.predict_proba(nothing).shape == (0, 2)


def test_only_chosen_columns_are_needed(card):
    needed = {name: X[name] for name in chosen(card)}
    assert np.array_equal(card.predict_score(needed), card.predict_score(X))
    assert "noise" not in needed


def test_a_missing_column_is_refused(card):
    without = {name: values for name, values in X.items() if name != "debt"}
    with pytest.raises(SchemaError, match="debt"):
        card.predict_score(without)


def test_a_bare_array_has_the_training_columns_in_their_order():
    columns = np.column_stack([X["noise"], X["debt"], X["income"]])
    card = Scorecard(Binner(n_jobs=1)).fit(columns, Y)
    assert chosen(card) == ["x1", "x2"]
    assert card.n_features_in_ == 3
    assert not hasattr(card, "feature_names_in_")
    named = {"x1": X["debt"], "x2": X["income"]}
    expected = card.predict_score(named)
    assert np.array_equal(card.predict_score(columns), expected)
    assert np.array_equal(card.predict_score(columns.tolist()), expected)
    with pytest.raises(
        InputError, match="X has 2 features, but Scorecard is expecting 3"
    ):
        card.predict_score(columns[:, 1:])


# ---------------------------------------------------------------- fitting


def test_coefficients_are_scikit_learns_where_no_bound_is_active(card):
    names = list(X)
    woe = card.binner_.transform(X)[:, [names.index(name) for name in chosen(card)]]
    judge = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    judge.fit(woe, Y)
    frame = card.coefficients_.set_index("characteristic")
    assert frame.coefficient["(intercept)"] == pytest.approx(
        judge.intercept_[0], abs=1e-8
    )
    assert frame.coefficient[1:].tolist() == pytest.approx(judge.coef_[0], abs=1e-8)


def test_a_penalty_is_scikit_learns():
    names = ["income", "debt"]
    card = Scorecard(loan_binner(), selection=names, C=0.05).fit(X, Y)
    woe = card.binner_.transform(X)[:, :2]
    judge = LogisticRegression(C=0.05, solver="newton-cholesky", tol=1e-12).fit(woe, Y)
    assert card.coefficients_.coefficient.tolist() == pytest.approx(
        [judge.intercept_[0], *judge.coef_[0]], abs=1e-8
    )


def test_noise_and_repetitions_are_rejected(card):
    assert set(chosen(card)) <= {"income", "debt", "city", "owner", "income_again"}
    frame = card.selection_.set_index("characteristic")
    assert frame.index.tolist() == list(X)
    assert frame.rule["noise"] in ("binning", "iv")
    pair = frame.loc[["income", "income_again"]]
    assert pair.chosen.sum() == 1
    assert set(pair.rule) == {"", "correlation"}
    assert (frame.reason.str.len() > 10).all()


def test_selection_by_names_and_none():
    by_name = Scorecard(loan_binner(), selection=["owner", "income"]).fit(X, Y)
    assert by_name.points_.schema.names == ("income", "owner")
    everything = Scorecard(loan_binner(), selection=None).fit(X, Y)
    frame = everything.selection_.set_index("characteristic")
    assert frame.chosen[["income", "debt", "city", "owner", "income_again"]].all()


def test_rules_can_be_set():
    rules = SelectionRules(min_iv=None, max_correlation=None, max_vif=None)
    loose = Scorecard(loan_binner(), selection=rules).fit(X, Y)
    assert "correlation" not in set(loose.selection_.rule)


def suppressed_table():
    """Return two columns of which the second is right only on its own."""
    rng = np.random.default_rng(3)
    first = rng.normal(size=6000)
    second = 0.9 * first + 0.45 * rng.normal(size=6000)
    risk = -1.0 - 1.5 * first + 0.8 * second
    return {"first": first, "second": second}, rng.random(6000) < 1 / (
        1 + np.exp(-risk)
    )


def test_the_sign_bound_is_real_and_reported():
    columns, y = suppressed_table()
    binner = Binner(n_jobs=1)
    free = Scorecard(binner, selection=None, sign="free").fit(columns, y)
    held = Scorecard(binner, selection=None).fit(columns, y)
    slopes = free.coefficients_.set_index("characteristic").coefficient
    assert slopes["second"] > 0.1
    assert not free.coefficients_.bound_active.any()
    assert "more WOE means more risk" in free.selection_.reason[1]
    frame = held.coefficients_.set_index("characteristic")
    assert frame.coefficient["second"] == 0.0
    assert frame.bound_active.tolist() == [False, False, True]
    assert "bound <= 0 active" in held.selection_.reason[1]
    # In the points table it has no effect, and the bins keep their WOE.
    table = held.table().set_index("characteristic").loc["second"]
    assert table.points.nunique() == 1
    assert table.woe.nunique() > 2


def test_the_sign_rule_rejects_it():
    columns, y = suppressed_table()
    rules = SelectionRules(max_correlation=None, max_vif=None)
    card = Scorecard(Binner(n_jobs=1), selection=rules).fit(columns, y)
    frame = card.selection_.set_index("characteristic")
    assert frame.rule["second"] == "sign"
    assert frame.value["second"] > 2.0
    assert chosen(card) == ["first"]


def test_the_binner_is_cloned_and_its_edits_are_kept():
    binner = loan_binner(edits={"income": [-1.0, 0.25]})
    card = Scorecard(binner).fit(X, Y)
    assert not hasattr(binner, "tables_")
    assert card.binner_ is not binner
    assert card.binner_.tables_["income"].bins.edges == (-1.0, 0.25)


def test_a_rebinned_binner_is_refitted_with_its_edit(card):
    edited = card.binner_.rebin("income", edges=[0.0])
    again = Scorecard(edited).fit(X, Y)
    assert again.binner_.tables_["income"].bins.edges == (0.0,)


def test_nothing_selected_says_what_to_do():
    with pytest.raises(FitError, match="No characteristic is left of 1") as caught:
        Scorecard(Binner(n_jobs=1)).fit({"noise": X["noise"]}, Y)
    assert "SelectionRules" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("(intercept)", r"column '\(intercept\)': has the name of the intercept"),
        ("  ", "column '  ': column 2 of the table has a blank name"),
        ("", "column '': column 2 of the table has an empty name"),
    ],
)
def test_names_that_no_plan_can_hold_are_refused(name, found):
    with pytest.raises(SchemaError, match=found):
        Scorecard(Binner(n_jobs=1)).fit({"debt": X["debt"], name: X["income"]}, Y)


@pytest.mark.parametrize("y", [np.where(Y, "bad", "good"), 2 * Y - 1, Y + 1])
def test_other_labels_are_refused(y):
    with pytest.raises(FitError, match="never guessed"):
        Scorecard().fit(X, y)


def test_one_class_is_refused():
    with pytest.raises(FitError, match="one class"):
        Scorecard().fit(X, np.zeros(len(Y)))


@pytest.mark.parametrize("parameters", [{"C": 0}, {"selection": ["incme"]}])
def test_wrong_parameters_are_refused_before_the_binner_is_fitted(parameters):
    binner = Binner(max_bins=0)  # fitting it would raise first
    with pytest.raises(UsageError, match=r"C must be|Did you mean 'income'"):
        Scorecard(binner, **parameters).fit(X, Y)


def test_a_wrong_name_is_refused_for_an_array_too():
    array = np.column_stack([X["income"], X["debt"]])
    with pytest.raises(UsageError, match="does not have"):
        Scorecard(Binner(n_jobs=1), selection=["income"]).fit(array, Y)


# ---------------------------------------------------------------- rounding


def test_rounded_points_are_integers_and_pd_is_not_rounded(card):
    rounded = Scorecard(loan_binner(), ScoreScale(rounding="points")).fit(X, Y)
    points = rounded.table().points
    assert (points == points.round()).all()
    score = rounded.predict_score(X)
    assert (score == np.round(score)).all()
    n = len(rounded.points_.characteristics)
    assert np.abs(score - card.predict_score(X)).max() <= n / 2
    assert np.array_equal(rounded.predict_proba(X), card.predict_proba(X))


# ---------------------------------------------------------------- policies


def test_missing_special_and_unseen_have_rows_of_their_own(card):
    table = card.table()
    debt = table[table.characteristic == "debt"].set_index("attribute")
    assert debt.policy["SPECIAL -9"] == "own"
    assert debt["count"]["SPECIAL -9"] == (X["debt"] == -9).sum()
    assert debt.policy["MISSING"] == "neutral"
    assert debt.log_odds["MISSING"] == 0.0
    city = table[table.characteristic == "city"].set_index("attribute")
    assert city.policy["UNSEEN"] == "neutral"
    row = {name: values[:1] for name, values in X.items()}
    neutral = card.predict_log_odds({**row, "debt": [None]})
    special = card.predict_log_odds({**row, "debt": [-9]})
    assert special[0] - neutral[0] == pytest.approx(debt.log_odds["SPECIAL -9"])


def test_a_refused_row_raises_with_counts_and_without_values():
    binner = loan_binner(unseen="error", settings={"debt": {"missing": "error"}})
    card = Scorecard(binner).fit(X, Y)
    table = {name: values[:4].copy() for name, values in X.items()}
    table["city"][1] = "Secretville"
    table["debt"][2:4] = np.nan
    with pytest.raises(RowFaultError) as caught:
        card.predict_score(table)
    assert (caught.value.n_rows, caught.value.n_bad_rows) == (4, 3)
    assert caught.value.counts == {("city", "UNSEEN"): 1, ("debt", "MISSING"): 2}
    assert "Secretville" not in str(caught.value)
    shown = card.table().set_index(["characteristic", "attribute"])
    assert shown.policy["city", "UNSEEN"] == "error"
    assert shown.log_odds["city", "UNSEEN"] == 0.0


def test_an_unreadable_cell_raises_without_its_value(card):
    table = {name: list(values[:3]) for name, values in X.items()}
    table["debt"][1] = "13 Secret Street"
    with pytest.raises(RowFaultError, match=r"debt.*NOT_A_NUMBER") as caught:
        card.predict_score(table)
    assert "Secret" not in str(caught.value)


# ---------------------------------------------------------------- what is kept


def test_labels_and_auc(card):
    assert card.classes_.tolist() == [0, 1]
    labels = card.predict(X)
    assert np.array_equal(labels, card.predict_proba(X).argmax(axis=1))
    expected = roc_auc_score(Y, card.predict_log_odds(X))
    assert card.score(X, Y) == pytest.approx(expected, abs=1e-12)
    weights = np.linspace(0.1, 1, len(Y))
    assert card.score(X, Y, weights) == pytest.approx(
        roc_auc_score(Y, card.predict_log_odds(X), sample_weight=weights), abs=1e-12
    )


def test_probabilities_add_up_to_one(card):
    found = card.predict_proba(X)
    assert found.shape == (len(Y), 2)
    assert found.sum(axis=1) == pytest.approx(np.ones(len(Y)), abs=1e-15)


def test_the_mean_pd_is_the_bad_rate(card):
    # The score equation of the intercept.
    assert card.predict_proba(X)[:, 1].mean() == pytest.approx(Y.mean(), abs=1e-10)


def test_fitted_attributes(card):
    assert isinstance(card.points_, PointsStage)
    assert isinstance(card.development_, Development)
    assert card.scale_ == ScoreScale()
    assert card.n_features_in_ == len(X)
    assert card.feature_names_in_.tolist() == list(X)
    assert re.fullmatch("[0-9a-f]{64}", card.training_fingerprint_)


def test_development_aggregates(card):
    found = card.development_
    assert found.n_rows == len(Y)
    assert found.bad_rate == pytest.approx(Y.mean())
    assert len(found.score_counts) == 20
    assert sum(found.score_counts) == len(Y)
    low, high = found.ranges["debt"]
    measured = X["debt"][X["debt"] != -9]
    assert 0 <= low <= measured.min()
    assert measured.max() <= high < measured.max() * 1.02
    assert set(found.ranges) <= set(chosen(card))


def test_the_fingerprint_knows_the_data(card):
    again = Scorecard(loan_binner(max_bins=4)).fit(X, Y)
    assert again.training_fingerprint_ == card.training_fingerprint_
    frame = Scorecard(loan_binner(max_bins=4)).fit(pd.DataFrame(X), Y)
    assert frame.training_fingerprint_ == card.training_fingerprint_
    flipped = Y.copy()
    flipped[0] = 1 - flipped[0]
    other = Scorecard(loan_binner(max_bins=4)).fit(X, flipped)
    assert other.training_fingerprint_ != card.training_fingerprint_


def test_the_points_table_is_that_of_the_stage(card):
    table = card.table()
    assert list(table.columns[:7]) == [
        "characteristic",
        "attribute",
        "count",
        "bad_rate",
        "woe",
        "coefficient",
        "points",
    ]
    attributes = [a for c in card.points_.characteristics for a in c.attributes]
    assert table.points.tolist() == [a.points for a in attributes]
    assert table.policy.tolist() == [a.policy for a in attributes]
    counts = table.groupby("characteristic")["count"].sum()
    assert (counts == len(Y)).all()


def test_pickling_keeps_every_bit_and_no_row(card):
    data = pickle.dumps(card)
    again = pickle.loads(data)
    assert np.array_equal(again.predict_score(X), card.predict_score(X))
    assert again.table().equals(card.table())
    assert len(data) < 60_000  # the training table alone has 3,000 x 6 cells


def test_an_unfitted_card_says_so():
    for method in ("predict", "predict_proba", "predict_score", "predict_log_odds"):
        with pytest.raises(NotFittedError):
            getattr(Scorecard(), method)(X)
    with pytest.raises(NotFittedError):
        Scorecard().table()


def test_html_shows_the_points_table_once_fitted(card):
    assert "cfscore-points" not in Scorecard()._repr_html_()
    text = card._repr_html_()
    assert "Scorecard" in text
    assert "cfscore-points" in text
    assert "Nord &amp; &lt;Sør&gt;" in text
    assert "<Sør>" not in text
    bundle = card._repr_mimebundle_()
    assert "cfscore-points" in bundle["text/html"]
    assert "text/plain" in bundle


@pytest.mark.data
def test_german_credit_needs_no_help(public_data):
    frame = pd.read_csv(public_data / "german" / "germancredit.csv")
    y = (frame.pop("creditability") == "bad").to_numpy()
    card = Scorecard().fit(frame, y)
    assert card.score(frame, y) > 0.75
    assert (card.coefficients_.coefficient[1:] < 0).all()
    assert card.selection_.reason.str.len().min() > 5
