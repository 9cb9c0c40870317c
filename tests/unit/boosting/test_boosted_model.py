"""BoostedModel: what is fitted, and the same score from every container."""

from __future__ import annotations

import pickle

import lightgbm as lgb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from scipy.special import expit
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score

import cfscore as cf
from cfscore.boosting import BoostedModel
from cfscore.exceptions import (
    FitError,
    InputError,
    RowFaultError,
    SchemaError,
    UsageError,
)
from tests.unit.boosting.loans import loan_table, quick_model

X, Y = loan_table()


@pytest.fixture(scope="module")
def model():
    return quick_model(monotonic={"age": "descending"}).fit(X, Y)


def raw_of(model, matrix):
    return model.booster_.predict(matrix, raw_score=True)


# ------------------------------------------------------------------ what is fitted


def test_fitted_attributes(model):
    assert cf.BoostedModel is BoostedModel
    assert model.schema_.names == ("age", "debt", "city", "owner", "noise")
    kinds = [field.kind for field in model.schema_.fields]
    assert kinds == ["numeric", "numeric", "categorical", "boolean", "numeric"]
    assert model.categories_ == {"city": ("Bergen", "Oslo", "Rome", "北京")}
    assert model.feature_names_in_.tolist() == list(X)
    assert model.directions_ == {"age": -1}
    assert model.params_["learning_rate"] == 0.2
    assert len(model.training_fingerprint_) == 64
    assert model.booster_.feature_name() == ["f0", "f1", "f2", "f3", "f4"]


def test_the_booster_is_its_text(model):
    assert model.booster_.model_to_string() == model.model_text_
    assert model.booster_.num_trees() == model.best_iteration_


def test_it_learns_what_is_there(model):
    test_X, test_y = loan_table(4000, seed=1)
    found = model.score(test_X, test_y)
    assert found == roc_auc_score(test_y, model.predict_log_odds(test_X))
    assert found > 0.68
    shares = model.feature_importances_
    assert shares.sum() == pytest.approx(1.0)
    assert shares[1] == shares.max()  # debt


def test_log_odds_are_the_raw_score_of_the_encoded_matrix(model):
    codes = X["city"].map({"Bergen": 0.0, "Oslo": 1.0, "Rome": 2.0, "北京": 3.0})
    matrix = X.assign(city=codes, owner=X["owner"].astype(float)).to_numpy(float)
    found = model.predict_log_odds(X)
    assert np.array_equal(found, raw_of(model, matrix))
    assert np.array_equal(model.predict_proba(X)[:, 1], expit(found))
    assert np.array_equal(model.predict_proba(X).sum(axis=1), np.ones(len(X)))
    assert np.array_equal(model.decision_function(X), found)
    assert np.array_equal(model.predict(X), (found > 0).astype(int))


def as_records(frame):
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def as_category(frame):
    return frame.assign(city=frame["city"].astype("category"))


def as_pandas_of_arrow(frame):
    return frame.convert_dtypes(dtype_backend="pyarrow")


def as_polars_categorical(frame):
    return pl.from_pandas(frame).with_columns(pl.col("city").cast(pl.Categorical))


def as_stream(frame):
    return pa.Table.from_pandas(frame, preserve_index=False).to_reader()


def as_mapping(frame):
    return {name: frame[name].to_numpy() for name in frame}


@pytest.mark.parametrize(
    "make",
    [
        as_category,
        as_pandas_of_arrow,
        pl.from_pandas,
        as_polars_categorical,
        as_stream,
        as_records,
        as_mapping,
    ],
)
def test_every_container_gives_the_same_bits(model, make):
    expected = model.predict_log_odds(X)
    assert np.array_equal(model.predict_log_odds(make(X)), expected)
    again = quick_model(monotonic={"age": -1}).fit(make(X), Y)
    assert again.model_text_ == model.model_text_
    assert again.training_fingerprint_ == model.training_fingerprint_


def test_columns_are_matched_by_name(model):
    permuted = X[list(X)[::-1]].assign(extra="x")
    expected = model.predict_log_odds(X)
    assert np.array_equal(model.predict_log_odds(permuted), expected)


def test_a_bare_array_has_the_columns_in_their_order(model):
    expected = model.predict_log_odds(X)
    assert np.array_equal(model.predict_log_odds(X.to_numpy(object)), expected)


def test_a_row_alone_has_the_bits_of_the_batch(model):
    expected = model.predict_log_odds(X)
    for row in (0, 7, 1499):
        assert model.predict_log_odds(X.iloc[[row]])[0] == expected[row]
    assert model.predict_log_odds(X.iloc[:0]).shape == (0,)
    assert model.predict_proba(X.iloc[:0]).shape == (0, 2)


# ------------------------------------------------------------------ special cells


def test_unseen_and_missing_categories_go_right():
    rng = np.random.default_rng(0)
    city = rng.choice(list("ABCD"), 1000)
    y = rng.random(1000) < np.where(np.isin(city, ["A", "B"]), 0.1, 0.6)
    model = quick_model({"num_iterations": 3, "early_stopping_round": 0})
    model.fit({"city": city}, y)
    found = model.predict_log_odds({"city": ["unseen", None, "", "a"]})
    assert len(set(found)) == 1
    codes = np.array([[-1.0], [np.nan], [4.0], [1e9]])
    assert set(raw_of(model, codes)) == set(found)


def test_infinite_values_are_beyond_every_threshold(model):
    rows = X.iloc[[3] * 4].assign(debt=[np.inf, 1e12, -np.inf, -1e12])
    found = model.predict_log_odds(rows)
    assert found[0] == found[1]
    assert found[2] == found[3]


def test_infinite_values_can_be_trained_on():
    debt = np.where(X["debt"] > 3, np.inf, X["debt"])
    found = quick_model().fit(X.assign(debt=debt), Y)
    assert np.isfinite(found.predict_log_odds(X.assign(debt=np.inf))).all()


def test_numbers_can_be_read_as_categories():
    table = {"branch": np.random.default_rng(0).integers(0, 30, 1500)}
    y = np.isin(table["branch"], [3, 7, 8, 21]) ^ (np.arange(1500) % 10 == 0)
    model = quick_model(categorical=["branch"]).fit(table, y)
    assert model.categories_["branch"][:3] == ("0", "1", "10")
    assert model.score({"branch": table["branch"].astype(str)}, y) > 0.8


# ------------------------------------------------------------------ training


def test_threads_and_repetition_change_nothing():
    def trees(threads):
        params = {"num_threads": threads, "num_iterations": 4}
        found = quick_model(params | {"early_stopping_round": 0}).fit(X, Y)
        return found.model_text_.partition("\nparameters:")[0]

    assert trees(1) == trees(1) == trees(2)


def test_the_seed_changes_what_is_drawn():
    texts = {
        quick_model({"seed": seed, "bagging_fraction": 0.7, "bagging_freq": 1})
        .fit(X, Y)
        .model_text_
        for seed in (1, 2)
    }
    assert len(texts) == 2


def test_refit_trains_the_same_number_of_trees_on_all_rows():
    alone = quick_model(refit=False).fit(X, Y)
    both = quick_model().fit(X, Y)
    assert alone.best_iteration_ == both.best_iteration_ < 40
    assert alone.evals_result_ == both.evals_result_
    losses = both.evals_result_["binary_logloss"]
    assert int(np.argmin(losses)) == both.best_iteration_ - 1
    n_rows = [
        model.booster_.dump_model()["tree_info"][0]["tree_structure"]["internal_count"]
        for model in (alone, both)
    ]
    assert n_rows == [1200, 1500]


def test_an_evaluation_set_is_never_trained_on():
    later_X, later_y = loan_table(800, seed=5)
    found = quick_model().fit(X, Y, eval_set=(later_X, later_y))
    tree = found.booster_.dump_model()["tree_info"][0]["tree_structure"]
    assert tree["internal_count"] == len(X)


def test_without_early_stopping_every_tree_is_trained():
    stopped = quick_model().fit(X, Y)
    found = quick_model({"early_stopping_round": 0}).fit(X, Y)
    assert found.best_iteration_ == 40
    assert found.evals_result_ == {}
    # The model that stopped early and was trained again has the first of these trees.
    row = np.zeros((1, 5))
    first = found.booster_.predict(
        row, raw_score=True, num_iteration=stopped.best_iteration_
    )
    assert raw_of(stopped, row) == first


def test_evaluation_weights_count():
    later_X, later_y = loan_table(800, seed=5)
    plain = quick_model().fit(X, Y, eval_set=[(later_X, later_y)])
    none = quick_model().fit(X, Y, eval_set=(later_X, later_y, np.ones(800)))
    assert plain.evals_result_ == none.evals_result_
    weights = np.where(later_X["owner"], 5.0, 0.1)
    other = quick_model().fit(X, Y, eval_set=(later_X, later_y, weights))
    assert other.evals_result_ != plain.evals_result_


def test_weights_zero_leave_rows_out():
    keep = np.arange(len(X)) % 3 > 0
    params = {"early_stopping_round": 0, "num_iterations": 5}
    weighted = quick_model(params).fit(X, Y, sample_weight=keep.astype(float))
    alone = quick_model(params).fit(X[keep], Y[keep])
    assert weighted.model_text_ == alone.model_text_
    assert weighted.training_fingerprint_ != alone.training_fingerprint_


def test_weights_move_the_log_odds():
    params = {"early_stopping_round": 0, "num_iterations": 60}
    plain = quick_model(params).fit(X, Y).predict_proba(X)[:, 1].mean()
    doubled = quick_model(params).fit(X, Y, sample_weight=1.0 + Y)
    rate = 2 * Y.mean() / (1 + Y.mean())
    assert doubled.predict_proba(X)[:, 1].mean() > plain
    mean = np.average(doubled.predict_proba(X)[:, 1], weights=1.0 + Y)
    assert mean == pytest.approx(rate, abs=0.01)


def test_the_sigmoid_parameter_scales_the_raw_score():
    found = quick_model({"sigmoid": 0.5}).fit(X, Y)
    matrix = np.zeros((1, 5))
    row = {"age": [0], "debt": [0], "city": ["Bergen"], "owner": [False], "noise": [0]}
    assert found.predict_log_odds(row)[0] == 0.5 * raw_of(found, matrix)[0]
    assert found.predict_proba(row)[0, 1] == pytest.approx(
        found.booster_.predict(matrix)[0]
    )


def test_a_random_forest_is_an_average():
    params = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
    found = quick_model(params).fit(X, Y)
    own = lgb.Booster(model_str=found.model_text_)
    row = {"age": [0], "debt": [0], "city": ["Bergen"], "owner": [False], "noise": [0]}
    expected = own.predict(np.zeros((1, 5)))[0]
    assert found.predict_proba(row)[0, 1] == pytest.approx(expected, rel=1e-12)


def test_dart_trains_without_early_stopping():
    found = quick_model({"boosting": "dart", "num_iterations": 12}).fit(X, Y)
    assert found.best_iteration_ == 12


def test_a_pickled_model_scores_the_same(model):
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_log_odds(X), model.predict_log_odds(X))


def test_nothing_is_printed(capfd):
    quick_model({"early_stopping_round": 3}).fit(X, Y).predict(X)
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == ""


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"interaction": "triples"}, "interaction must be one of"),
        ({"monotonic": {"ages": 1}}, "Did you mean 'age'"),
        ({"categorical": ["towns"]}, "'towns', which is not a column"),
        ({"validation_share": 2}, "validation_share"),
        ({"params": {"num_leafs": 2}}, "LightGBM does not know"),
        ({"params": {"monotone_constraints": [0] * 5}}, "use monotonic"),
    ],
)
def test_wrong_parameters_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        BoostedModel(**arguments).fit(X, Y)


@pytest.mark.parametrize(
    ("X", "y", "kind", "message"),
    [
        (X, Y[:-1], FitError, r"X has 1500 row\(s\) but the target y has 1499"),
        (X, 1 + Y, FitError, "other labels"),
        (X, 0 * Y, FitError, "only one class"),
        ({"a": [1, "x"] * 750}, Y, SchemaError, "mixed|MIXED_TYPES"),
        ({"a": [2**53 + 1] * 1500}, Y, RowFaultError, "INT_LOSSY"),
        ({"a": np.zeros(1500)}, Y, FitError, "No split of any column"),
        (np.zeros(3), Y, InputError, "2D"),
    ],
)
def test_wrong_data_are_refused(X, y, kind, message):
    with pytest.raises(kind, match=message):
        quick_model().fit(X, y)


def test_too_few_bads_to_hold_out_are_refused():
    with pytest.raises(FitError, match=r"1500 rows, 1 of them bad.*eval_set") as error:
        quick_model().fit(X, np.arange(1500) == 3)
    assert error.value.code == "FEW_CASES"


def test_what_lightgbm_refuses_is_named(capfd):
    with pytest.raises(FitError, match=r"LightGBM refused to train: .*num_leaves"):
        quick_model({"num_leaves": 1}).fit(X, Y)
    with pytest.raises(FitError, match="LightGBM refused to train"):
        quick_model({"metric": "None"}).fit(X, Y)
    assert capfd.readouterr().out == ""


def test_tables_that_lack_a_column_are_refused(model):
    with pytest.raises(SchemaError, match="'debt': is missing"):
        model.predict_log_odds(X.drop(columns="debt"))
    with pytest.raises(InputError, match="has 4 features, but BoostedModel is expect"):
        model.predict_log_odds(X.drop(columns="debt").to_numpy(object))
    with pytest.raises(RowFaultError, match="NOT_A_NUMBER"):
        model.predict_log_odds(X.assign(debt="secret"))


def test_blank_names_are_refused():
    with pytest.raises(SchemaError, match="column 1 of the table has a blank name"):
        quick_model().fit({" ": X["debt"]}, Y)


def test_it_must_be_fitted_first():
    for use in ("predict_log_odds", "predict_proba"):
        with pytest.raises(NotFittedError):
            getattr(BoostedModel(), use)(X)
    with pytest.raises(NotFittedError):
        _ = BoostedModel().feature_importances_


def test_refitting_forgets_names():
    model = quick_model().fit(X[["age", "debt"]], Y)
    model.fit(X[["age", "noise"]].to_numpy(), Y)
    assert not hasattr(model, "feature_names_in_")
    assert model.schema_.names == ("x0", "x1")
