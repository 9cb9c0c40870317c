"""Compiling a Scorecard: verified, with stated references, refused by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import cfscore as cf
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import CutoffReference, Reason, ReasonCatalogue, SpecialRule
from cfscore.scoring import check_golden

N_ROWS = 3_000


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "use": rng.uniform(0, 1, N_ROWS),
            "city": rng.choice(["north", "south"], N_ROWS),
            "noise": rng.normal(size=N_ROWS),
        }
    )
    risk = -2.5 + 2 * table.use + 0.7 * (table.city == "north")
    return table, (rng.random(N_ROWS) < 1 / (1 + np.exp(-risk))).astype(int)


@pytest.fixture(scope="module")
def card(sample):
    return cf.Scorecard().fit(*sample)


def test_a_plan_scores_as_its_card_bit_for_bit(card, sample):
    plan = cf.compile_plan(card, name="demo card")
    found = cf.Scorer(plan).score(sample[0])
    assert found.log_odds.tobytes() == card.predict_log_odds(sample[0]).tobytes()
    assert found.score.tobytes() == card.predict_score(sample[0]).tobytes()
    assert (plan.name, plan.provenance.verified) == ("demo card", True)
    assert plan.provenance.training_fingerprint == card.training_fingerprint_
    assert "noise" not in plan.schema.names
    check_golden(plan)


def test_equal_models_give_equal_files_and_hashes(card, sample):
    again = cf.Scorecard().fit(*sample)
    assert cf.compile_plan(card).to_bytes() == cf.compile_plan(again).to_bytes()


def test_mean_reference_is_the_development_mean(card, sample):
    plan = cf.compile_plan(card)
    found = cf.Scorer(plan).score(sample[0], contributions=True)
    np.testing.assert_allclose(found.contributions.mean(axis=0), 0, atol=1e-12)
    assert plan.base_value == pytest.approx(found.log_odds.mean(), abs=1e-12)


def test_maximum_reference_makes_every_contribution_adverse_or_zero(card, sample):
    catalogue = with_reference(card, "maximum")
    plan = cf.compile_plan(card, reasons=catalogue)
    found = cf.Scorer(plan).score(sample[0], contributions=True)
    assert found.contributions.min() == 0


def test_cutoff_reference_is_the_mean_just_above_the_cutoff(card, sample):
    table, y = sample
    score = card.predict_score(table)
    low = float(np.quantile(score, 0.4))
    catalogue = with_reference(card, CutoffReference(low, 20.0))
    plan = cf.compile_plan(card, reasons=catalogue, development=(table, y))
    found = cf.Scorer(plan).score(table, contributions=True)
    inside = (score >= low) & (score < low + 20)
    np.testing.assert_allclose(found.contributions[inside].mean(axis=0), 0, atol=1e-12)


def test_cutoff_reference_needs_a_sample_with_rows_in_the_band(card, sample):
    catalogue = with_reference(card, CutoffReference(600.0, 20.0))
    with pytest.raises(CompileError, match="needs the development sample"):
        cf.compile_plan(card, reasons=catalogue)
    far = with_reference(card, CutoffReference(9_000.0, 1.0))
    with pytest.raises(CompileError, match="No development case"):
        cf.compile_plan(card, reasons=far, development=sample[0])


def with_reference(card, reference):
    names = card.points_.schema.names
    default = ReasonCatalogue.one_per_feature(names)
    return ReasonCatalogue(default.reasons, default.features, reference=reference)


def test_development_sample_is_aggregated(card, sample):
    table, y = sample
    half = table.iloc[: N_ROWS // 2]
    plan = cf.compile_plan(card, development=(half, y[: N_ROWS // 2]))
    assert plan.development.n_rows == len(half)
    assert plan.development.bad_rate == pytest.approx(y[: N_ROWS // 2].mean())
    assert sum(plan.development.score_counts) == len(half)
    counts = [sum(a.count for a in c.attributes) for c in plan.points.characteristics]
    assert set(counts) == {len(half)}
    without_target = cf.compile_plan(card, development=half)
    assert without_target.development.bad_rate is None


@pytest.mark.parametrize("y", [[0, 1], np.full(N_ROWS, 2)])
def test_a_development_target_that_does_not_fit_is_refused(card, sample, y):
    with pytest.raises(CompileError, match="values of 0 or 1"):
        cf.compile_plan(card, development=(sample[0], y))


def test_another_scale_changes_points_and_nothing_else(card, sample):
    scale = cf.ScoreScale(pdo=40, base_score=700, base_odds=30, rounding="points")
    plan = cf.compile_plan(card, scale=scale)
    found = cf.Scorer(plan).score(sample[0])
    assert found.log_odds.tobytes() == card.predict_log_odds(sample[0]).tobytes()
    points = [a.points for c in plan.points.characteristics for a in c.attributes]
    assert all(p == round(p) for p in points)
    exact = scale.offset - scale.factor * found.log_odds
    n = len(plan.points.characteristics)
    assert np.abs(found.score - exact).max() <= n / 2


def test_a_plan_is_reissued_with_other_reasons(card, sample):
    first = cf.compile_plan(card)
    names = first.schema.names
    catalogue = ReasonCatalogue((Reason("ALL"),), dict.fromkeys(names, "ALL"))
    second = cf.compile_plan(first, reasons=catalogue, name="new words")
    assert first.sha256 in " ".join(second.provenance.notes)
    before, after = (cf.Scorer(p).score(sample[0], reasons=1) for p in (first, second))
    assert before.log_odds.tobytes() == after.log_odds.tobytes()
    assert set(after.reasons.ravel()) <= {"ALL", None}


def ruled(**rule):
    reasons = (Reason("USE"), Reason("PLACE"), Reason("THIN"))
    features = {"use": "USE", "city": "PLACE", "noise": "USE"}
    return ReasonCatalogue(reasons, features, (SpecialRule(code="THIN", **rule),))


@pytest.mark.parametrize(
    ("attribute", "feature"),
    [("SPECIAL -1", "use"), ("UNSEEN", "use"), ("SPECIAL none", "city")],
)
def test_a_rule_for_what_a_characteristic_cannot_have_is_refused(
    card, attribute, feature
):
    with pytest.raises(CompileError, match=f"{attribute!r} of {feature!r} can never"):
        cf.compile_plan(card, reasons=ruled(attribute=attribute, feature=feature))


@pytest.mark.parametrize(
    ("attribute", "feature"),
    [
        ("SPECIAL -1", None),
        ("SPECIAL -1", "noise"),  # of another model, perhaps
        ("MISSING", "use"),
        ("UNSEEN", "city"),
    ],
)
def test_rules_may_speak_of_more_than_a_card_has(card, attribute, feature):
    catalogue = ruled(attribute=attribute, feature=feature)
    assert cf.compile_plan(card, reasons=catalogue).catalogue == catalogue


@pytest.mark.parametrize("spelt", ["SPECIAL -1", "SPECIAL -1.0"])
def test_a_rule_s_number_is_the_card_s_however_it_is_spelt(sample, spelt):
    table, y = sample
    table = table.assign(use=table.use.mask(np.arange(N_ROWS) % 9 == 0, -1.0))
    card = cf.Scorecard(cf.Binner(special_codes={"use": [-1]})).fit(table, y)
    catalogue = replace(ruled(attribute=spelt, feature="use"), reference="maximum")
    plan = cf.compile_plan(card, reasons=catalogue)
    found = cf.Scorer(plan).score_row({"use": -1.0, "city": "north"}, reasons=4)
    cited = [reason.code for reason in found.reasons]
    assert "THIN" in cited
    assert "USE" not in cited


@pytest.mark.parametrize("trend", ["ascending", "descending", "none"])
def test_directions_that_a_card_keeps_in_every_interval(trend):
    rng = np.random.default_rng(5)
    use = rng.uniform(0, 1, N_ROWS)
    sign = {"ascending": 1, "descending": -1, "none": 0}[trend]
    risk = -1.5 + 2 * sign * use + 6 * (sign == 0) * (use - 0.5) ** 2
    y = (rng.random(N_ROWS) < 1 / (1 + np.exp(-risk))).astype(int)
    table = {"use": use, "noise": rng.normal(size=N_ROWS)}
    card = cf.Scorecard(cf.Binner(monotonic=trend), selection=None).fit(table, y)
    for direction, kept in (("higher", "ascending"), ("lower", "descending")):
        reasons = replace(
            ruled(attribute="MISSING", feature="use"),
            directions={"use": direction, "city": "higher"},
        )
        if trend == kept:
            plan = cf.compile_plan(card, reasons=reasons)
            assert plan.catalogue.directions["use"] == direction
            continue
        message = rf"'use' calls {direction} values adverse, but .* is riskier than "
        with pytest.raises(CompileError, match=message) as error:
            cf.compile_plan(card, reasons=reasons)
        assert error.value.code == "DIRECTION"


def test_a_direction_of_what_has_no_order_is_refused(card):
    reasons = ruled(attribute="MISSING", feature="use")
    with pytest.raises(
        CompileError, match="'city' calls higher values adverse, but it"
    ):
        cf.compile_plan(card, reasons=replace(reasons, directions={"city": "higher"}))


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Use less and you will be approved."), ("zh", "还清后可以通过审批。")],
)
def test_a_consumer_text_that_promises_is_refused(card, language, text):
    promising = Reason("USE", **{f"consumer_text_{language}": text})
    catalogue = ReasonCatalogue((promising,), dict.fromkeys(("use", "city"), "USE"))
    with pytest.raises(CompileError, match="'USE' promises a decision: '") as error:
        cf.compile_plan(card, reasons=catalogue)
    assert error.value.code == "PROMISE"


def test_reasons_that_miss_a_feature_are_refused(card):
    with pytest.raises(CompileError, match=r"does not cover.*'city'"):
        cf.compile_plan(card, reasons=ReasonCatalogue((Reason("A"),), {"use": "A"}))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"calibrator": object()}, "calibrator"),
        ({"event": "maybe"}, "event"),
        ({"event": "good"}, "foreign models only"),
        ({"feature_names": ["a"]}, "feature_names"),
    ],
)
def test_arguments_that_do_not_apply_are_refused(card, arguments, message):
    with pytest.raises(UsageError, match=message):
        cf.compile_plan(card, **arguments)


def test_unknown_models_are_refused():
    with pytest.raises(CompileError, match="LogisticRegression cannot be compiled"):
        cf.compile_plan(LogisticRegression())


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (cf.Scorecard(), "Scorecard"),
        (cf.BoostedModel(), "BoostedModel"),
    ],
)
def test_unfitted_models_are_refused(model, name):
    with pytest.raises(CompileError, match=f"The {name} is not fitted") as caught:
        cf.compile_plan(model)
    assert caught.value.hint == "Call fit first."


def test_unfitted_calibrators_are_refused(card):
    with pytest.raises(CompileError, match="The Calibrator is not fitted"):
        cf.compile_plan(card, calibrator=cf.Calibrator())


def test_a_plan_that_differs_from_its_source_is_refused(sample):
    card = cf.Scorecard().fit(*sample)
    card.coefficients_.loc[1, "coefficient"] *= 1.001
    with pytest.raises(CompileError, match="differs from its source") as caught:
        cf.compile_plan(card)
    assert caught.value.code == "NOT_VERIFIED"
