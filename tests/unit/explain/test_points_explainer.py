"""Reasons of a points table: W10 by hand, the references, and the special rules."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.explain import PointsExplainer, reason_harm
from cfscore.plan import (
    Attribute,
    Characteristic,
    NumericBins,
    PointsStage,
    Provenance,
    Reason,
    ReasonCatalogue,
    ScoringPlan,
    SpecialRule,
)
from cfscore.score_scale import ScoreScale
from cfscore.scoring import Scorer

# W10: points of the applicant, largest and mean points of each characteristic
W10 = {
    "delinquency": (80, 100, 90),
    "utilisation": (45 - 5, 80, 55),
    "inquiries": (25, 60, 50),
    "oldest_account": (45, 90, 50),
}
NAMES = tuple(W10)
# one point is one unit of log-odds: a pdo of ln 2 makes the factor 1
SCALE = ScoreScale(pdo=float(np.log(2)), base_score=0, base_odds=1)


def characteristic(name, applicant, best):
    """Return two intervals: below 0 the applicant's points, above the best ones."""
    bins = NumericBins((0.0,), (-9991.0,))
    points = (applicant, best, applicant, applicant)
    rows = tuple(
        Attribute(label, role, "own", 1, 0.1, 0.0, -float(p), float(p))
        for label, role, p in zip(bins.labels, bins.roles, points, strict=True)
    )
    return Characteristic(name, "numeric", bins, rows, -1.0)


def plan_of(reference, **catalogue):
    stage = PointsStage(0.0, tuple(characteristic(n, *W10[n][:2]) for n in NAMES))
    whole = {
        "reasons": tuple(Reason(n) for n in NAMES),
        "features": {n: n for n in NAMES},
    }
    return ScoringPlan(
        name="W10",
        model=stage,
        scale=SCALE,
        catalogue=ReasonCatalogue(**(whole | catalogue)),
        reference=tuple(-float(r) for r in reference),
        provenance=Provenance("test", verified=False),
    )


def explained(plan, k, cell=-1.0):
    found = Scorer(plan).score_row(dict.fromkeys(NAMES, cell), reasons=k)
    return [(r.code, round(r.contribution, 9)) for r in found.reasons]


def test_w10_shortfall_against_the_maximum():
    plan = plan_of([W10[n][1] for n in NAMES])
    assert explained(plan, 4) == [
        ("oldest_account", 45),
        ("utilisation", 40),
        ("inquiries", 35),
        ("delinquency", 20),
    ]


def test_w10_shortfall_against_the_mean_is_another_order():
    plan = plan_of([W10[n][2] for n in NAMES])
    assert explained(plan, 4) == [
        ("inquiries", 25),
        ("utilisation", 15),
        ("delinquency", 10),
        ("oldest_account", 5),
    ]


def test_only_adverse_reasons_are_cited():
    plan = plan_of([W10[n][2] for n in NAMES])
    assert explained(plan, 4, cell=1.0) == []


def test_characteristics_of_one_reason_are_merged():
    reasons = (Reason("CREDIT"), Reason("INQ"))
    features = dict.fromkeys(NAMES, "CREDIT") | {"inquiries": "INQ"}
    plan = plan_of([W10[n][2] for n in NAMES], reasons=reasons, features=features)
    # 15 + 10 + 5 of the other three
    assert explained(plan, 4) == [("CREDIT", 30), ("INQ", 25)]


def test_excluded_features_are_never_cited():
    features = {n: n for n in NAMES} | {"inquiries": None}
    plan = plan_of([W10[n][2] for n in NAMES], features=features)
    assert "inquiries" not in dict(explained(plan, 4))


def test_no_bureau_hit_is_insufficient_history_not_behaviour():
    reasons = (*(Reason(n) for n in NAMES), Reason("THIN"))
    rules = (SpecialRule("SPECIAL -9991", "THIN"),)
    plan = plan_of([W10[n][2] for n in NAMES], reasons=reasons, special_rules=rules)
    assert explained(plan, 4, cell=-9991.0) == [("THIN", 55)]


def test_small_shortfalls_are_left_out():
    plan = plan_of([W10[n][2] for n in NAMES], minimum_points=10.0)
    assert [code for code, _ in explained(plan, 4)] == [
        "inquiries",
        "utilisation",
        "delinquency",
    ]


def test_inquiries_may_take_the_last_place():
    # against the maximum inquiries is third, beyond the first two
    plan = plan_of([W10[n][1] for n in NAMES], inquiries="inquiries")
    assert explained(plan, 2) == [("oldest_account", 45), ("inquiries", 35)]
    assert len(explained(plan, 1)) == 1


def test_ties_follow_the_order_of_the_catalogue():
    names = tuple(reversed(NAMES))
    plan = plan_of(
        [W10[n][0] + 10 for n in NAMES], reasons=tuple(Reason(n) for n in names)
    )
    assert [code for code, _ in explained(plan, 4)] == list(names)


def test_harm_of_one_row_is_the_sum_per_reason():
    plan = plan_of([W10[n][2] for n in NAMES])
    harm = reason_harm(np.zeros(4, np.uint16), PointsExplainer(plan))
    assert harm.tolist() == [10.0, 15.0, 25.0, 5.0]


@pytest.mark.parametrize("k", [0, 1, 2, 4, 6])
def test_row_and_batch_cite_the_same(k):
    plan = plan_of([W10[n][1] for n in NAMES], inquiries="delinquency")
    scorer = Scorer(plan)
    row = dict.fromkeys(NAMES, -1.0)
    alone = [r.code for r in scorer.score_row(row, reasons=k).reasons]
    batch = scorer.score([row], reasons=k).reasons
    assert batch.shape == (1, k)
    assert batch[0].tolist() == alone + [None] * (k - len(alone))
