"""Compiling LightGBM models: every kind that has a PD, verified, refused by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import cfscore as cf
from cfscore.compiler import _lightgbm
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import AffineCalibration
from cfscore.scoring import check_golden
from tests.lightgbm_models import (
    CATEGORICAL,
    raw_scores,
    rewritten,
    train,
    training_rows,
)

lightgbm = pytest.importorskip("lightgbm")

ROWS, OUTCOMES = training_rows()
NAMES = [f"Column_{i}" for i in range(7)]


def table(rows=ROWS):
    return {name: rows[:, i] for i, name in enumerate(NAMES)}


def scored(plan, rows=ROWS, **options):
    return cf.Scorer(plan, threads=1).score(table(rows), **options)


@pytest.fixture(scope="module")
def booster():
    return train(ROWS, OUTCOMES, 20)


@pytest.fixture(scope="module")
def plan(booster):
    return cf.compile_plan(booster)


# --- kinds of models


def test_log_odds_are_the_raw_scores_bit_for_bit(booster, plan):
    found = scored(plan)
    assert found.log_odds.tobytes() == raw_scores(booster, ROWS).tobytes()
    np.testing.assert_allclose(found.pd, booster.predict(ROWS), rtol=1e-15)
    assert found.margin is found.log_odds
    assert plan.provenance.verified
    assert plan.provenance.source == "lightgbm"
    assert plan.provenance.versions["lightgbm"] == lightgbm.__version__
    assert plan.forest.event == "bad"
    check_golden(plan)


def test_contributions_are_lightgbm_s(booster, plan):
    found = scored(plan, contributions=True)
    expected = booster.predict(ROWS, pred_contrib=True)
    np.testing.assert_allclose(found.contributions, expected[:, :-1], atol=1e-12)
    assert plan.base_value == pytest.approx(expected[0, -1], abs=1e-12)


def test_booster_path_and_text_give_one_model(booster, plan, tmp_path):
    path = tmp_path / "贷款 model.txt"
    booster.save_model(path)
    plans = [cf.compile_plan(m) for m in (path, str(path), booster.model_to_string())]
    assert [p.name for p in plans] == ["贷款 model", "贷款 model", "forest"]
    assert len({replace(p, name="x").sha256 for p in (plan, *plans)}) == 1
    assert cf.compile_plan(path, name="July").name == "July"


def test_equal_models_give_equal_files_and_hashes(plan):
    again = cf.compile_plan(train(ROWS, OUTCOMES, 20))
    assert again.to_bytes() == plan.to_bytes()


def test_an_event_that_is_good_turns_everything_round(booster, plan):
    good = cf.compile_plan(booster, event="good")
    there, here = scored(good, contributions=True), scored(plan, contributions=True)
    assert there.log_odds.tolist() == (-here.log_odds).tolist()
    np.testing.assert_allclose(there.pd, 1 - booster.predict(ROWS), rtol=1e-12)
    assert there.contributions.tolist() == (-here.contributions).tolist()
    assert good.base_value == -plan.base_value
    assert (np.argsort(there.score) == np.argsort(-here.score)).all()


@pytest.mark.parametrize("sigmoid", [0.5, 2.0])
def test_the_sigmoid_parameter_is_part_of_the_log_odds(sigmoid):
    booster = train(ROWS, OUTCOMES, 10, sigmoid=sigmoid)
    plan = cf.compile_plan(booster)
    found = scored(plan, contributions=True)
    assert found.log_odds.tolist() == (sigmoid * raw_scores(booster, ROWS)).tolist()
    np.testing.assert_allclose(found.pd, booster.predict(ROWS), rtol=1e-15)
    expected = sigmoid * booster.predict(ROWS, pred_contrib=True)
    np.testing.assert_allclose(found.contributions, expected[:, :-1], atol=1e-12)


def test_a_random_forest_is_averaged():
    sampling = {"bagging_freq": 1, "bagging_fraction": 0.6}
    booster = train(ROWS, OUTCOMES, 10, boosting="rf", **sampling)
    plan = cf.compile_plan(booster)
    assert plan.forest.averages
    found = scored(plan, contributions=True)
    # raw scores and pred_contrib are sums, predict averages
    assert found.log_odds.tolist() == (raw_scores(booster, ROWS) / 10).tolist()
    np.testing.assert_allclose(found.pd, booster.predict(ROWS), rtol=1e-15)
    expected = booster.predict(ROWS, pred_contrib=True) / 10
    np.testing.assert_allclose(found.contributions, expected[:, :-1], atol=1e-12)
    assert plan.base_value == pytest.approx(expected[0, -1], abs=1e-12)


@pytest.mark.parametrize(
    "training",
    [
        {"boosting": "dart", "drop_rate": 0.5},
        {"boosting": "gbdt", "data_sample_strategy": "goss"},
        {"objective": "cross_entropy"},
        {"boost_from_average": False},
        {"max_bin": 5000, "num_leaves": 100, "min_data_in_leaf": 1},
        {"monotone_constraints": [1, 0, 0, 0, 0, 0, 0]},
        {"use_missing": False},
        {"zero_as_missing": True},
    ],
    ids=str,
)
def test_other_ways_to_train(training):
    booster = train(ROWS, OUTCOMES, 12, **training)
    found = scored(cf.compile_plan(booster))
    assert found.log_odds.tobytes() == raw_scores(booster, ROWS).tobytes()
    np.testing.assert_allclose(found.pd, booster.predict(ROWS), rtol=1e-15)


def test_an_early_stopped_model_ends_at_its_best_iteration():
    booster = train(ROWS, OUTCOMES, 20)
    booster.best_iteration = 7  # what early stopping sets
    plan = cf.compile_plan(booster)
    assert plan.forest.trees.n_trees == 7 < booster.num_trees()
    expected = booster.predict(ROWS, raw_score=True)
    assert scored(plan).log_odds.tobytes() == expected.tobytes()
    whole = raw_scores(train(ROWS, OUTCOMES, 7), ROWS)
    assert expected.tobytes() == whole.tobytes()


def test_trees_of_a_single_leaf_predict_the_bad_rate():
    booster = train(ROWS, OUTCOMES, 3, min_gain_to_split=1e9)
    plan = cf.compile_plan(booster)
    assert plan.forest.trees.n_nodes == 0
    found = scored(plan, reasons=2, contributions=True)
    assert found.pd[0] == pytest.approx(OUTCOMES.mean(), abs=1e-9)
    assert found.reasons.tolist() == [[None, None]] * len(ROWS)
    assert not found.contributions.any()
    assert plan.base_value == found.log_odds[0]
    one = cf.Scorer(plan).score_row({n: c[0] for n, c in table().items()}, reasons=2)
    assert (one.log_odds, one.reasons) == (found.log_odds[0], ())


def test_constant_and_unused_features_are_read_and_told(plan):
    assert plan.schema.names == tuple(NAMES)
    used = set(np.unique(plan.forest.trees.feature).tolist())
    assert 6 not in used  # the constant column
    assert plan.provenance.notes == (f"{7 - len(used)} of 7 features are in no tree.",)


# --- names and categories

CITIES = ["north", "south", "中部"]
GRADES = ["A", "B", "C", "D"]


def frame() -> pd.DataFrame:
    city = np.take(CITIES, ROWS[:, 4].astype(int) % 3)
    grade = pd.Series(np.take(GRADES, ROWS[:, 4].astype(int) % 4))
    return pd.DataFrame(
        {
            "月 收入": ROWS[:, 0],
            "city name": pd.Categorical(city, CITIES),
            "grade": pd.Categorical(grade.where(ROWS[:, 0] > -1.0), GRADES),
        }
    )


SPLITTING = {"min_data_per_group": 1, "cat_smooth": 0.1}


def test_names_with_spaces_and_chinese_and_categories_of_a_frame():
    booster = train(frame(), OUTCOMES, 10, **SPLITTING)
    assert booster.feature_name() == ["月_收入", "city_name", "grade"]
    plan = cf.compile_plan(booster, feature_names=frame().columns)
    assert plan.schema.names == ("月 收入", "city name", "grade")
    keys = [feature.categories for feature in plan.forest.features]
    assert keys == [(), tuple(CITIES), tuple(GRADES)]
    found = cf.Scorer(plan).score(frame())
    assert found.log_odds.tobytes() == raw_scores(booster, frame()).tobytes()
    # the text's own names are the default
    plain = frame().rename(columns=lambda name: name.replace(" ", "_"))
    again = cf.Scorer(cf.compile_plan(booster)).score(plain)
    assert again.log_odds.tobytes() == found.log_odds.tobytes()


def test_a_category_nobody_saw_scores_as_lightgbm_scores_it():
    booster = train(frame(), OUTCOMES, 10, **SPLITTING)
    plan = cf.compile_plan(booster, feature_names=frame().columns)
    unseen = frame().astype({"city name": object})
    unseen["city name"] = "elsewhere"
    as_known = frame()
    as_known["city name"] = pd.Categorical([None] * len(ROWS), CITIES)
    batch = cf.Scorer(plan).score(unseen)
    assert batch.log_odds.tolist() == raw_scores(booster, as_known).tolist()
    assert batch.log_odds.tolist() == cf.Scorer(plan).score(as_known).log_odds.tolist()


def test_categories_are_named_where_the_text_does_not_say_them():
    booster = train(ROWS, OUTCOMES, 10, CATEGORICAL, **SPLITTING)
    assert cf.compile_plan(booster).schema.fields[4].kind == "numeric"
    cities = [f"city {code}" for code in range(70)]
    plan = cf.compile_plan(
        booster,
        feature_names=["a", "b", "c", "d", "city", "grade", "f"],
        categories={"city": cities, "grade": ["x", "y", "z"]},
    )
    kinds = [field.kind for field in plan.schema.fields]
    assert kinds == ["numeric"] * 4 + ["categorical"] * 2 + ["numeric"]
    columns = dict(zip(plan.schema.names, ROWS.T, strict=True))
    columns["city"] = np.take(cities, ROWS[:, 4].astype(int))
    codes = np.where(np.isnan(ROWS[:, 5]), 3, ROWS[:, 5]).astype(int)
    columns["grade"] = np.take(np.array(["x", "y", "z", None], object), codes)
    found = cf.Scorer(plan).score(columns)
    assert found.log_odds.tobytes() == raw_scores(booster, ROWS).tobytes()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"feature_names": ["a"]}, "expected 7 names, got 1"),
        ({"categories": {"x": ["a"]}}, "'x' is no feature of the model"),
        ({"categories": {"Column_0": ["a"]}}, "splits 'Column_0' as a number"),
        ({"event": "default"}, "event must be 'bad' or 'good'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(booster, options, match):
    with pytest.raises(UsageError, match=match):
        cf.compile_plan(booster, **options)


# --- models that have no PD


@pytest.mark.parametrize(
    ("objective", "code"),
    [
        ("multiclass", "MULTICLASS"),
        ("multiclassova", "MULTICLASS"),
        ("cross_entropy_lambda", "OBJECTIVE"),
        ("poisson", "OBJECTIVE"),
        ("gamma", "OBJECTIVE"),
        ("tweedie", "OBJECTIVE"),
    ],
)
def test_objectives_without_a_pd_are_refused_by_name(objective, code):
    more = {"num_class": 3} if objective.startswith("multi") else {}
    outcomes = OUTCOMES + (objective == "gamma")
    booster = train(ROWS, outcomes, 2, **more, objective=objective)
    with pytest.raises(CompileError, match=objective.partition("ova")[0]) as caught:
        cf.compile_plan(booster)
    assert caught.value.code == code


def squared_error(raw, data):
    return raw - data.get_label(), np.ones_like(raw)


def test_linear_trees_and_custom_objectives_are_refused_by_name():
    linear = train(np.nan_to_num(ROWS, posinf=1.0), OUTCOMES, 2, linear_tree=True)
    with pytest.raises(CompileError, match="linear trees") as caught:
        cf.compile_plan(linear)
    assert caught.value.code == "LINEAR_TREE"
    custom = train(ROWS, OUTCOMES, 2, objective=squared_error)
    with pytest.raises(CompileError, match="custom objective") as caught:
        cf.compile_plan(custom)
    assert caught.value.code == "OBJECTIVE"


@pytest.mark.parametrize("objective", ["regression", "huber", "fair"])
def test_a_regression_needs_a_calibrator(objective):
    booster = train(ROWS, OUTCOMES, 10, objective=objective)
    with pytest.raises(CompileError, match=r"no PD of its own.*calibrator=") as caught:
        cf.compile_plan(booster)
    assert caught.value.code == "NEEDS_CALIBRATOR"
    raw = raw_scores(booster, ROWS)
    calibrator = cf.Calibrator().fit(raw, OUTCOMES)
    found = scored(cf.compile_plan(booster, calibrator))
    line = calibrator.calibration_
    assert found.log_odds.tolist() == [line.apply_one(x) for x in raw.tolist()]
    np.testing.assert_allclose(found.pd, calibrator.predict_pd(raw), rtol=1e-12)


def test_other_models_are_refused(tmp_path):
    with pytest.raises(CompileError, match=r"'none\.txt'") as caught:
        cf.compile_plan(tmp_path / "none.txt")
    assert caught.value.code == "NOT_FOUND"
    with pytest.raises(CompileError, match="no model file") as caught:
        cf.compile_plan(tmp_path)
    assert caught.value.code == "NOT_FOUND"
    with pytest.raises(CompileError, match=r"LGBMClassifier cannot.*lightgbm\.Booster"):
        cf.compile_plan(lightgbm.LGBMClassifier())


# --- calibrators


def test_affine_calibrators_are_folded_into_margin_and_contributions(booster, plan):
    raw = raw_scores(booster, ROWS)
    for method, rate in (("sigmoid", None), ("prior_shift", 0.05), ("long_run", 0.1)):
        calibrator = cf.Calibrator(method, target_rate=rate).fit(raw, OUTCOMES)
        line = calibrator.calibration_
        assert isinstance(line, AffineCalibration)
        made = cf.compile_plan(booster, calibrator)
        found = scored(made, contributions=True)
        assert found.log_odds is found.margin
        assert found.log_odds.tolist() == [line.apply_one(x) for x in raw.tolist()]
        np.testing.assert_allclose(
            found.contributions,
            line.slope * scored(plan, contributions=True).contributions,
            atol=1e-12,
        )
        assert made.base_value == pytest.approx(line.apply_one(plan.base_value))


@pytest.mark.parametrize("method", ["isotonic", "beta"])
def test_other_calibrators_are_a_stage_after_the_margin(booster, plan, method):
    raw = raw_scores(booster, ROWS)
    calibrator = cf.Calibrator(method).fit(raw, OUTCOMES)
    made = cf.compile_plan(booster, calibrator)
    assert made.calibration == calibrator.calibration_
    found, before = (scored(p, contributions=True) for p in (made, plan))
    assert found.margin.tobytes() == before.margin.tobytes() == raw.tobytes()
    assert found.contributions.tobytes() == before.contributions.tobytes()
    assert found.log_odds.tolist() == calibrator.calibration_.apply(raw).tolist()
    np.testing.assert_allclose(found.pd, calibrator.predict_pd(raw), rtol=1e-12)
    assert ((found.pd > 0) & (found.pd < 1)).all()
    expected = made.scale.offset - made.scale.factor * found.log_odds
    assert found.score.tolist() == expected.tolist()
    one = cf.Scorer(made).score_row({n: c[0] for n, c in table().items()})
    assert (one.log_odds, one.score) == (found.log_odds[0], found.score[0])


def test_a_calibrated_plan_is_not_calibrated_again(booster):
    calibrator = cf.Calibrator().fit(raw_scores(booster, ROWS), OUTCOMES)
    made = cf.compile_plan(booster, calibrator)
    with pytest.raises(UsageError, match="calibrated already"):
        cf.compile_plan(made, calibrator)


# --- scale


def test_the_score_is_the_scale_applied_to_log_odds_and_rounded_at_the_end(booster):
    scale = cf.ScoreScale(pdo=40, base_score=700, base_odds=30, rounding="points")
    found = scored(cf.compile_plan(booster, scale=scale))
    raw = raw_scores(booster, ROWS)
    expected = [float(round(scale.score_from_log_odds(x))) for x in raw.tolist()]
    assert found.score.tolist() == expected
    np.testing.assert_allclose(found.pd, booster.predict(ROWS), rtol=1e-15)


# --- verification


def test_a_source_that_disagrees_by_one_bit_is_refused(booster, monkeypatch):
    predict = lightgbm.Booster.predict

    def lying(self, *args, **options):
        found = predict(self, *args, **options)
        found[7] = np.nextafter(found[7], np.inf)
        return found

    monkeypatch.setattr(lightgbm.Booster, "predict", lying)
    for model in (booster, booster.model_to_string()):
        with pytest.raises(
            CompileError, match=r"differs .* on 1 of \d+ rows"
        ) as caught:
            cf.compile_plan(model)
        assert caught.value.code == "NOT_VERIFIED"


def absent(name):
    raise ModuleNotFoundError(name)


def test_a_text_compiled_without_lightgbm_is_unverified(
    booster, plan, tmp_path, monkeypatch
):
    path = tmp_path / "model.txt"
    booster.save_model(path)
    monkeypatch.setattr(_lightgbm, "import_module", absent)
    made = cf.compile_plan(path)
    assert not made.provenance.verified
    assert scored(made).log_odds.tobytes() == scored(plan).log_odds.tobytes()
    made.save(tmp_path / "forest.cfs")
    assert not cf.load_plan(tmp_path / "forest.cfs").provenance.verified
    again = cf.compile_plan(made, name="another")
    assert not again.provenance.verified  # comparing it with itself proves nothing
    assert cf.compile_plan(plan).provenance.verified


def test_lightgbm_gets_the_text_that_was_audited_not_the_file(booster, monkeypatch):
    given = []

    class Recording(lightgbm.Booster):
        def __init__(self, model_str):
            given.append(model_str)
            super().__init__(model_str=model_str)

    monkeypatch.setattr(lightgbm, "Booster", Recording)
    text = booster.model_to_string()
    cf.compile_plan(text)
    assert len(given) == 1
    assert "parameters:" in text
    assert "parameters:" not in given[0]


def test_a_damaged_text_is_refused_before_lightgbm_sees_it(booster, monkeypatch):
    monkeypatch.setattr(_lightgbm, "import_module", absent)
    text = rewritten(booster.model_to_string(), left_child="0 0 0 0 0 0 0")
    with pytest.raises(CompileError) as caught:
        cf.compile_plan(text)
    assert caught.value.code == "TREE"
