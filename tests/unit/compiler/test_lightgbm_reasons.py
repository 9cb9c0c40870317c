"""Reasons and development sample of a plan compiled from a LightGBM model."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import cfscore as cf
from cfscore.exceptions import CompileError
from cfscore.plan import CutoffReference, Reason, ReasonCatalogue, SpecialRule
from cfscore.scoring import check_golden
from tests.lightgbm_models import train, training_rows

pytest.importorskip("lightgbm")

ROWS, OUTCOMES = training_rows()
NAMES = [f"Column_{i}" for i in range(7)]


def table(rows=ROWS):
    return {name: rows[:, i] for i, name in enumerate(NAMES)}


def scored(plan, **options):
    return cf.Scorer(plan, threads=1).score(table(), **options)


@pytest.fixture(scope="module")
def booster():
    return train(ROWS, OUTCOMES, 20)


@pytest.fixture(scope="module")
def plan(booster):
    return cf.compile_plan(booster)


def catalogue(**changes):
    reasons = (
        Reason("AGE", "Age of file", "档案时长", actionable=False),
        Reason("USE", "Use of limits", "额度使用"),
        Reason("THIN", "Insufficient credit history", "信用历史不足"),
        Reason("INQ", "Inquiries", "查询次数"),
    )
    features = dict.fromkeys(NAMES, "USE") | {"Column_0": "AGE", "Column_6": None}
    return replace(ReasonCatalogue(reasons, features), **changes)


def grouped(plan, found, rows, rules):
    """Return the harm of each reason of each row, added up in plain Python."""
    codes = [reason.code for reason in plan.catalogue.reasons]
    harm = np.zeros((len(rows), len(codes)))
    for i, row in enumerate(rows):
        for j, name in enumerate(NAMES):
            default = plan.catalogue.features[name]
            label = "MISSING" if math.isnan(row[j]) else f"SPECIAL {row[j]:g}"
            code = rules.get((label, name), rules.get((label, None), default))
            if code is not None:
                harm[i, codes.index(code)] += found.contributions[i, j]
    return harm


def test_reasons_follow_special_rules_and_shared_codes(booster):
    rules = {
        ("MISSING", None): "THIN",
        ("MISSING", "Column_5"): None,
        ("SPECIAL 0", "Column_1"): "AGE",
    }
    made = cf.compile_plan(
        booster,
        reasons=catalogue(
            special_rules=tuple(
                SpecialRule(label, code, name) for (label, name), code in rules.items()
            )
        ),
    )
    found = scored(made, reasons=3, contributions=True)
    harm = grouped(made, found, ROWS, rules)
    for row, cited in zip(harm, found.reason_indices.tolist(), strict=True):
        ranked = [r for r in np.argsort(-row, kind="stable")[:3] if row[r] > 0]
        assert cited == [*ranked, *[-1] * (3 - len(ranked))]
    thin = found.reasons == "THIN"
    assert thin.any()
    assert np.isnan(ROWS[thin.any(axis=1), 0]).all()
    texts = scored(made, reasons=1, language="zh").reason_texts[thin[:, 0], 0]
    assert set(texts) == {"信用历史不足"}


KEYS = (["north", "south", "中部"], ["A", "B", "C", "D"])


def test_unseen_and_special_categories_have_their_own_reasons():
    names = ["income", "city name", "grade"]
    city, grade = (np.take(keys, ROWS[:, 4].astype(int) % len(keys)) for keys in KEYS)
    frame = pd.DataFrame(
        {
            "income": ROWS[:, 0],
            "city name": pd.Categorical(city, KEYS[0]),
            "grade": pd.Categorical(grade, KEYS[1]),
        }
    )
    booster = train(frame, OUTCOMES, 10, min_data_per_group=1, cat_smooth=0.1)
    reasons = ReasonCatalogue(
        (Reason("PLACE"), Reason("NEW"), Reason("GRADE"), Reason("INCOME")),
        dict(zip(names, ("INCOME", "PLACE", "GRADE"), strict=True)),
        special_rules=(
            SpecialRule("UNSEEN", "NEW"),
            SpecialRule("SPECIAL 中部", "NEW", "city name"),
            SpecialRule("SPECIAL ?", "PLACE", "city name"),
        ),
    )
    made = cf.compile_plan(booster, feature_names=names, reasons=reasons)
    scorer = cf.Scorer(made)
    row = dict(zip(names, (0.5, "north", "A"), strict=True))
    for city, code in (
        ("north", "PLACE"),
        ("elsewhere", "NEW"),
        ("中部", "NEW"),
        ("?", "PLACE"),  # unseen, and named by a rule of its own
        (None, "PLACE"),
    ):
        one = {**row, "city name": city}
        batch = scorer.score([one], reasons=4, contributions=True)
        alone = scorer.score_row(one, reasons=4)
        assert [r.code for r in alone.reasons] == [c for c in batch.reasons[0] if c]
        part = batch.contributions[0, 1]
        cited = {r.code: r.contribution for r in alone.reasons}
        assert cited.get(code, part if part <= 0 else None) == part


def test_adverse_inquiries_take_the_last_of_the_places(booster):
    features = {**catalogue().features, "Column_3": "INQ"}
    plain, ruled = (
        cf.compile_plan(booster, reasons=catalogue(features=features, inquiries=code))
        for code in (None, "INQ")
    )
    before, after = scored(plain, reasons=1), scored(ruled, reasons=1)
    harm = grouped(plain, scored(plain, contributions=True), ROWS, {})
    inquiries = harm[:, 3] > 0
    assert (after.reasons[inquiries, 0] == "INQ").all()
    assert (after.reasons[~inquiries] == before.reasons[~inquiries]).all()
    assert (before.reasons[inquiries, 0] != "INQ").any()


def test_small_shortfalls_are_not_cited(booster, plan):
    least = 25.0
    made = cf.compile_plan(
        booster,
        reasons=replace(plan.catalogue, minimum_points=least),
    )
    found = scored(made, reasons=7, contributions=True)
    n_cited = (found.reason_indices >= 0).sum(axis=1)
    points = found.contributions * made.scale.factor
    assert n_cited.tolist() == (points >= least).sum(axis=1).tolist()
    assert 0 < n_cited.sum() < (points > 0).sum()


@pytest.mark.parametrize("reference", ["maximum", CutoffReference(600.0, 20.0)])
def test_other_references_than_the_mean_are_refused(booster, reference):
    with pytest.raises(CompileError, match='Set reference = "mean"'):
        cf.compile_plan(booster, reasons=catalogue(reference=reference))


@pytest.mark.parametrize("attribute", ["UNSEEN", "SPECIAL none"])
def test_a_rule_that_no_number_can_meet_is_refused(booster, attribute):
    rules = (SpecialRule(attribute, "THIN", "Column_1"),)
    with pytest.raises(CompileError, match=f"{attribute!r} of 'Column_1' can never"):
        cf.compile_plan(booster, reasons=catalogue(special_rules=rules))


def test_a_catalogue_that_leaves_a_feature_out_is_refused(booster):
    features = dict.fromkeys(NAMES[1:], "USE")
    with pytest.raises(CompileError, match=r"does not cover: \['Column_0'\]"):
        cf.compile_plan(booster, reasons=catalogue(features=features))


# --- development sample


@pytest.mark.parametrize("known", ["development", "reasons"])
def test_names_with_spaces_are_those_of_the_sample_or_the_reasons(known):
    lightgbm = pytest.importorskip("lightgbm")
    frame = pd.DataFrame({"credit amount": ROWS[:, 0], "age": ROWS[:, 1]})
    data = lightgbm.Dataset(frame, OUTCOMES)
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, data, 5)
    reasons = ReasonCatalogue((Reason("A"),), dict.fromkeys(frame.columns, "A"))
    given = {"development": frame} if known == "development" else {"reasons": reasons}
    plan = cf.compile_plan(booster, **given)
    assert plan.schema.names == ("credit amount", "age")
    raw = booster.predict(frame, raw_score=True)
    assert cf.Scorer(plan).score(frame).log_odds.tobytes() == raw.tobytes()
    assert cf.compile_plan(booster).schema.names == ("credit_amount", "age")


def test_a_development_sample_is_aggregated(booster):
    made = cf.compile_plan(booster, development=(table(), OUTCOMES))
    found = made.development
    assert found.n_rows == len(ROWS) == sum(found.score_counts)
    assert found.bad_rate == pytest.approx(OUTCOMES.mean())
    score = scored(made).score
    edges = [-np.inf, *found.score_edges, np.inf]
    counts = np.histogram(score, edges)[0]
    assert found.score_counts == tuple(counts.tolist())
    low, high = found.ranges["Column_0"]
    finite = ROWS[np.isfinite(ROWS[:, 0]), 0]
    assert low <= finite.min() < finite.max() <= high
    assert "Column_2" in found.ranges  # its infinities are no part of the range
    without = cf.compile_plan(booster, development=table()).development
    assert (without.n_rows, without.bad_rate) == (len(ROWS), None)
    check_golden(made)


def test_another_scale_drops_a_distribution_of_scores(booster):
    made = cf.compile_plan(booster, development=(table(), OUTCOMES))
    again = cf.compile_plan(made, scale=cf.ScoreScale(pdo=40))
    assert again.development.score_counts == ()
    assert again.development.n_rows == len(ROWS)
    assert scored(again).log_odds.tobytes() == scored(made).log_odds.tobytes()


@pytest.mark.parametrize(
    ("target", "match"),
    [(OUTCOMES[:-1], "400 values of 0 or 1"), (OUTCOMES + 1, "of 0 or 1")],
)
def test_a_target_that_does_not_fit_is_refused(booster, target, match):
    with pytest.raises(CompileError, match=match):
        cf.compile_plan(booster, development=(table(), target))
