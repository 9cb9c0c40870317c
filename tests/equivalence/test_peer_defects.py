"""Silent wrong scores known from other packages, each a promise kept here.

Where optbinning is installed its own numbers stand beside ours.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import cfscore as cf
from cfscore.exceptions import CompileError, SchemaError

N_ROWS = 4_000


@pytest.fixture(scope="module")
def sample():
    """Return (table, y): a number with missing and special codes, a text, a flag."""
    rng = np.random.default_rng(5)
    use = rng.uniform(0, 1, N_ROWS)
    city = rng.choice(["north", "south, east", "中部"], N_ROWS)
    flag = rng.random(N_ROWS) < 0.3
    unknown = rng.random(N_ROWS) < 0.1
    risk = -2.2 + 2.5 * use + 0.8 * (city == "north") + 0.7 * flag + 1.5 * unknown
    y = (rng.random(N_ROWS) < 1 / (1 + np.exp(-risk))).astype(int)
    use[rng.random(N_ROWS) < 0.1] = np.nan
    use[rng.random(N_ROWS) < 0.1] = -9991
    city = np.where(unknown, None, city)
    return pd.DataFrame({"use": use, "city": city, "flag": flag}), y


@pytest.fixture(scope="module")
def card(sample):
    table, y = sample
    binner = cf.Binner(special_codes={"use": [-9991]}, max_bins=4)
    return cf.Scorecard(binner=binner, selection=None).fit(table, y)


@pytest.fixture(scope="module")
def scorer(card):
    return cf.Scorer(cf.compile_plan(card))


def peer(sample, **options):
    """Return a fitted optbinning Scorecard of the same columns."""
    optbinning = pytest.importorskip("optbinning")
    table, y = sample
    table = table.assign(flag=table.flag.astype(str))
    process = optbinning.BinningProcess(
        ["use", "city", "flag"],
        categorical_variables=["city", "flag"],
        special_codes=[-9991],
        binning_transform_params=options.get("transform"),
    )
    model = optbinning.Scorecard(
        binning_process=process,
        estimator=LogisticRegression(),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    )
    metrics = {"metric_special": "empirical", "metric_missing": "empirical"}
    return model.fit(table, pd.Series(y), **metrics), table


def table_points(card, characteristic, attribute):
    table = card.table()
    row = table[
        (table.characteristic == characteristic) & (table.attribute == attribute)
    ]
    return float(row.points.iloc[0])


def test_1_points_are_looked_up_by_attribute_not_by_truncated_woe(sample):
    # optbinning issue 412: with a "metric" per variable its score uses int(WOE) as row
    right, table = peer(sample)
    broken, _ = peer(sample, transform={"use": {"metric": "woe"}})
    np.testing.assert_array_equal(
        right.predict_proba(table), broken.predict_proba(table)
    )
    assert np.abs(right.score(table) - broken.score(table)).max() > 1
    plan = cf.compile_plan(broken)
    found = cf.Scorer(plan).score(table)
    np.testing.assert_allclose(found.score, right.score(table), rtol=0, atol=1e-9)
    assert any("issue 412" in note for note in plan.provenance.notes)


def test_1_metrics_that_are_not_woe_are_refused(sample):
    broken, _ = peer(sample, transform={"use": {"metric": "event_rate"}})
    with pytest.raises(CompileError, match="contradicts itself") as caught:
        cf.compile_plan(broken)
    assert caught.value.code == "CONTRADICTION"


@pytest.mark.parametrize(
    ("cell", "attribute"),
    [(np.nan, "MISSING"), (None, "MISSING"), (-9991, "SPECIAL -9991")],
)
def test_2_missing_and_special_are_the_same_in_table_score_and_pd(
    card, scorer, cell, attribute
):
    row = {"use": cell, "city": "north", "flag": True}
    found = scorer.score_row(row)
    points = [table_points(card, "use", attribute)]
    points += [table_points(card, "city", "north"), table_points(card, "flag", "True")]
    assert found.score == pytest.approx(sum(points), abs=1e-9)
    assert found.pd == pytest.approx(card.scale_.pd_from_score(found.score), abs=1e-12)
    whole = pd.DataFrame([row] * 3).astype({"use": float})
    assert card.predict_proba(whole)[:, 1].tolist() == [found.pd] * 3


def test_2_missing_has_its_own_points_not_zero_woe(card):
    table = card.table().set_index(["characteristic", "attribute"])
    assert table.loc[("use", "MISSING"), "policy"] == "own"
    assert table.loc[("use", "MISSING"), "woe"] != 0


@pytest.mark.parametrize("flag", [True, 1, 1.0, "True", "true", np.True_])
def test_3_true_is_one_value_alone_and_in_a_frame(scorer, flag):
    row = {"use": 0.5, "city": "north", "flag": flag}
    alone = scorer.score_row(row)
    mixed = [{**row, "flag": True}, {**row, "flag": "True"}, row]
    assert scorer.score(mixed).score.tolist() == [alone.score] * 3


def test_4_a_saved_card_keeps_its_scale(card, sample, tmp_path):
    scale = cf.ScoreScale(pdo=40, base_score=700, base_odds=30)
    plan = cf.compile_plan(card, scale=scale)
    plan.save(tmp_path / "card.cfs")
    loaded = cf.load_plan(tmp_path / "card.cfs", expect_sha256=plan.sha256)
    assert loaded.scale == scale
    before, after = (cf.Scorer(p).score(sample[0]) for p in (plan, loaded))
    assert before.score.tobytes() == after.score.tobytes()
    assert before.pd.tobytes() == after.pd.tobytes()


def test_5_points_never_run_against_weight_of_evidence():
    # b copies a with noise; the free fit gives one of them a positive coefficient
    rng = np.random.default_rng(1)
    a = rng.normal(size=N_ROWS)
    b = a + rng.normal(scale=0.3, size=N_ROWS)
    y = (rng.random(N_ROWS) < 1 / (1 + np.exp(1.5 - 1.5 * a + 0.8 * b))).astype(int)
    table = {"a": a, "b": b}
    free = cf.Scorecard(selection=None, sign="free").fit(table, y)
    assert free.coefficients_.coefficient.iloc[1:].max() > 0
    bounded = cf.Scorecard(selection=None).fit(table, y)
    assert bounded.coefficients_.coefficient.iloc[1:].max() <= 0
    assert bounded.coefficients_.bound_active.any()
    own = bounded.table().query("policy == 'own' and coefficient < 0")
    for _, rows in own.groupby("characteristic"):
        ordered = rows.sort_values("woe").points.to_numpy()
        assert (np.diff(ordered) >= 0).all()


def test_6_unseen_category_has_its_own_row_with_equal_score_and_pd(card, scorer):
    found = scorer.score_row({"use": 0.5, "city": "west", "flag": True})
    unseen = table_points(card, "city", "UNSEEN")
    missing = scorer.score_row({"use": 0.5, "city": None, "flag": True})
    assert found.pd == pytest.approx(card.scale_.pd_from_score(found.score), abs=1e-12)
    gap = unseen - table_points(card, "city", "MISSING")
    assert gap != 0
    assert found.score - missing.score == pytest.approx(gap, abs=1e-9)


def test_6_optbinning_contradicts_itself_on_unseen_and_the_plan_says_so(sample):
    model, table = peer(sample)
    unseen = table.head(50).assign(city="west")
    pd_by_score = [cf.ScoreScale().pd_from_score(s) for s in model.score(unseen)]
    assert np.abs(model.predict_proba(unseen)[:, 1] - pd_by_score).max() > 1e-3
    plan = cf.compile_plan(model)
    found = cf.Scorer(plan).score(unseen)
    np.testing.assert_allclose(
        found.pd, model.predict_proba(unseen)[:, 1], rtol=0, atol=1e-12
    )
    np.testing.assert_allclose(
        found.pd, [plan.scale.pd_from_score(s) for s in found.score], atol=1e-12
    )
    assert any(note.startswith("city: for an unseen") for note in plan.provenance.notes)


def test_7_columns_are_matched_by_name(scorer, sample):
    table = sample[0]
    expected = scorer.score(table)
    permuted = scorer.score(table[["flag", "use", "city"]].assign(extra=1))
    assert permuted.score.tobytes() == expected.score.tobytes()
    with pytest.raises(SchemaError, match="'use'"):
        scorer.score(table.drop(columns="use"))


def test_8_a_category_is_one_text_whatever_holds_it():
    rng = np.random.default_rng(2)
    code = rng.integers(1, 4, N_ROWS)
    y = (rng.random(N_ROWS) < 0.08 * code).astype(int)
    binner = cf.Binner(categorical=["code"])
    card = cf.Scorecard(binner=binner, selection=None).fit({"code": code}, y)
    scorer = cf.Scorer(cf.compile_plan(card))
    expected = scorer.score({"code": [1, 2, 3, 99, None]}).score.tolist()
    floats = [1.0, 2.0, 3.0, 99.0, np.nan]
    texts = ["1", "2", "3", "99", ""]
    for cells in (floats, texts, pd.Categorical([*texts[:4], None])):
        assert scorer.score(pd.DataFrame({"code": cells})).score.tolist() == expected
    assert expected[3] == expected[4] == scorer.score_row({"code": "new"}).score
