"""optbinning's Scorecard as a source: its PD to 1e-12, its scale where it has one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import cfscore as cf
from cfscore.exceptions import CompileError

optbinning = pytest.importorskip("optbinning")

N_ROWS = 3_000
PDO = {
    "scaling_method": "pdo_odds",
    "scaling_method_params": {"pdo": 30, "odds": 20, "scorecard_points": 500},
}
MIN_MAX = {
    "scaling_method": "min_max",
    "scaling_method_params": {"min": 300, "max": 850},
}


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "use": rng.choice([np.nan, -1, -2, *rng.uniform(0, 1, 50)], N_ROWS),
            "code": rng.integers(1, 6, N_ROWS),
            "城市": rng.choice(["north", "south, east", "中部"], N_ROWS),
        }
    )
    risk = -2 + table.use.fillna(1.5) + 0.4 * table.code - (table["城市"] == "north")
    y = (rng.random(N_ROWS) < 1 / (1 + np.exp(-risk))).astype(int)
    return table, pd.Series(y)


def fitted(sample, metric=0, special_codes=None, target=None, **options):
    table, y = sample
    process = optbinning.BinningProcess(
        list(table.columns),
        categorical_variables=["code", "城市"],
        special_codes=special_codes,
    )
    model = optbinning.Scorecard(
        binning_process=process, estimator=LogisticRegression(), **options
    )
    return model.fit(
        table,
        y if target is None else target,
        metric_special=metric,
        metric_missing=metric,
    )


@pytest.mark.parametrize("metric", [0, "empirical", 0.25])
@pytest.mark.parametrize("special_codes", [None, [-1, -2], {"a": [-1], "b": -2}])
def test_pd_is_reproduced_for_every_way_of_missing_and_special(
    sample, metric, special_codes
):
    model = fitted(sample, metric, special_codes)
    table = pd.concat([sample[0], sample[0].head(4).assign(use=[-1, -2, np.nan, 9])])
    found = cf.Scorer(cf.compile_plan(model)).score(table)
    expected = model.predict_proba(table)[:, 1]
    np.testing.assert_allclose(found.pd, expected, rtol=0, atol=1e-12)


def test_codes_that_no_float_equals_are_refused(sample):
    model = fitted(sample, special_codes=[-1, 2**53 + 1])
    with pytest.raises(CompileError, match=r"variable 'use': .* 1 whole-number code"):
        cf.compile_plan(model)


@pytest.mark.parametrize("scaling", [PDO, MIN_MAX], ids=["pdo_odds", "min_max"])
@pytest.mark.parametrize("options", [{}, {"intercept_based": True}])
def test_scores_are_on_the_model_s_own_scale(sample, scaling, options):
    model = fitted(sample, "empirical", [-1, -2], **scaling, **options)
    plan = cf.compile_plan(model)
    found = cf.Scorer(plan).score(sample[0])
    np.testing.assert_allclose(found.score, model.score(sample[0]), rtol=0, atol=1e-8)
    assert plan.provenance.source == "optbinning.Scorecard"


def test_rounded_points_are_the_model_s_own(sample):
    model = fitted(sample, "empirical", rounding=True, **PDO)
    found = cf.Scorer(cf.compile_plan(model)).score(sample[0])
    assert (found.score == model.score(sample[0])).all()


def test_a_score_that_runs_the_other_way_is_reported(sample):
    model = fitted(sample, reverse_scorecard=True, **PDO)
    plan = cf.compile_plan(model)
    assert plan.scale == cf.ScoreScale()
    assert any("other way" in note for note in plan.provenance.notes)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scaling_method": None}, "It has no points of its own"),
        ({"reverse_scorecard": True, **PDO}, "Its own points run the other way"),
    ],
)
def test_the_default_scale_is_noted_unless_another_is_given(sample, options, said):
    model = fitted(sample, **options)
    plan = cf.compile_plan(model)
    assert plan.scale == cf.ScoreScale()
    (note,) = [n for n in plan.provenance.notes if "default scale" in n]
    assert note.startswith(said)
    given = cf.compile_plan(model, scale=cf.ScoreScale(pdo=40))
    assert not any("default scale" in n for n in given.provenance.notes)
    again = cf.compile_plan(plan, scale=cf.ScoreScale(pdo=40))
    assert not any("default scale" in n for n in again.provenance.notes)
    assert note in cf.compile_plan(plan).provenance.notes


def test_a_model_with_a_scale_has_no_such_note(sample):
    plan = cf.compile_plan(fitted(sample, **PDO))
    assert not any("default scale" in note for note in plan.provenance.notes)


def test_a_model_of_good_is_turned_round(sample):
    model = fitted(sample, "empirical", target=1 - sample[1])
    plan = cf.compile_plan(model, event="good")
    found = cf.Scorer(plan).score(sample[0])
    expected = 1 - model.predict_proba(sample[0])[:, 1]
    np.testing.assert_allclose(found.pd, expected, rtol=0, atol=1e-12)
    bad = np.mean([a.bad_rate for a in plan.points.characteristics[2].attributes[:3]])
    assert bad == pytest.approx(sample[1].mean(), abs=0.15)


def test_reference_is_the_mean_of_its_training_sample(sample):
    plan = cf.compile_plan(fitted(sample, "empirical"))
    found = cf.Scorer(plan).score(sample[0], contributions=True)
    np.testing.assert_allclose(found.contributions.mean(axis=0), 0, atol=1e-12)


def test_integer_categories_are_read_as_text_too(sample):
    model = fitted(sample)
    scorer = cf.Scorer(cf.compile_plan(model))
    as_text = sample[0].assign(code=sample[0].code.astype(str))
    a, b = scorer.score(sample[0]), scorer.score(as_text)
    assert a.pd.tobytes() == b.pd.tobytes()


def test_models_that_have_no_pd_are_refused(sample):
    table, y = sample
    process = optbinning.BinningProcess(["use", "code"])
    model = optbinning.Scorecard(process, LinearRegression())
    with pytest.raises(CompileError, match="not fitted"):
        cf.compile_plan(model)
    model.fit(table[["use", "code"]], y * 1.5 + np.linspace(0, 1, N_ROWS))
    with pytest.raises(CompileError, match="not a binary logistic"):
        cf.compile_plan(model)
